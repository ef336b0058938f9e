"""What is different between a ring at two moments: members, links, money, score."""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Member, Ring, RingLink, Role


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A member whose part became another."""

    account: str
    before: Role
    after: Role


@dataclass(frozen=True, slots=True)
class RingDiff:
    """What came, what went, what became more; amounts and points are after minus before. A ring that was not there
    at a moment counts as empty."""

    joined: tuple[Member, ...]
    left: tuple[Member, ...]
    roles: tuple[RoleChange, ...]
    links_added: tuple[RingLink, ...]
    links_removed: tuple[RingLink, ...]
    in_cents: int
    out_cents: int
    retained_cents: int
    score: float
    reasons_added: tuple[str, ...]  # names of contributions
    reasons_removed: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing differs in any of these."""
        return self == _NOTHING


def diff_of(before: Ring | None, after: Ring | None) -> RingDiff:
    """Compare two states of a ring; each list is in the order of the rings' own."""
    old = {} if before is None else {member.account: member for member in before.members}
    new = {} if after is None else {member.account: member for member in after.members}
    old_links = {} if before is None else {(link.kind, link.source, link.target): link for link in before.links}
    new_links = {} if after is None else {(link.kind, link.source, link.target): link for link in after.links}
    reasons = [
        set() if ring is None else {signal.name for signal in ring.contributions if signal.points}
        for ring in (before, after)
    ]
    return RingDiff(
        joined=tuple(member for account, member in new.items() if account not in old),
        left=tuple(member for account, member in old.items() if account not in new),
        roles=tuple(
            RoleChange(account, old[account].role, member.role)
            for account, member in new.items()
            if account in old and old[account].role is not member.role
        ),
        links_added=tuple(link for key, link in new_links.items() if key not in old_links),
        links_removed=tuple(link for key, link in old_links.items() if key not in new_links),
        in_cents=(after.in_cents if after else 0) - (before.in_cents if before else 0),
        out_cents=(after.out_cents if after else 0) - (before.out_cents if before else 0),
        retained_cents=(after.retained_cents if after else 0) - (before.retained_cents if before else 0),
        score=round((after.score if after else 0.0) - (before.score if before else 0.0), 2),
        reasons_added=tuple(sorted(reasons[1] - reasons[0])),
        reasons_removed=tuple(sorted(reasons[0] - reasons[1])),
    )


_NOTHING = diff_of(None, None)
