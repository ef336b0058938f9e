"""Rings of an open service as objects with a life: what people decide, how a ring was at a moment, where it went."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from uuid import uuid4

from graph.errors import RejectedRecord
from graph.events import GovernanceChanged, LabelGiven
from graph.evidence import Ring, Role, Standing
from graph.lineage import Change, LineageGraph, RingVersion, Tie, Whereabouts
from graph.verdicts import GIVEN_BY, PART, Act, Verdict, content_of
from ledger.paging import Page
from ledger.records import RingVerdict
from rings.diff import RingDiff, diff_of
from rings.verdicts import moved_cents
from service.bootstrap import Service, now_ms

MAX_PERSON = 100
#: A member with at least this strength stands at the core of its ring.
CORE = 0.85
#: Rings that a lineage is followed over.
MAX_LINEAGE = 500


class RingDesk:
    """Lives of rings over an open service. Reading needs no pipeline, deciding does.

    Guarantees: an unknown ring is refused by name; a decision that is refused changes nothing; one that is taken is in
    the log before the call returns and is read back at once; an id that was merged away answers for its survivor.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ledger = service.ledger
        self._deciding = threading.RLock()

    # --- deciding -------------------------------------------------------------------------------------------------

    def confirm(self, ring_id: str, *, by: str, reason: str) -> Ring:
        """It is a ring: it stays whatever its score, and its members are labelled as fraud, victims left out."""
        with self._deciding:
            ring = self._found(ring_id)
            return self._judge(self._whole(ring, Act.CONFIRM), by=by, reason=reason, label=1, ring=ring)

    def dismiss(self, ring_id: str, *, by: str, reason: str) -> Ring:
        """It is none: counts, and labels its members as honest, once another person approved it."""
        with self._deciding:
            ring = self._found(ring_id)
            if ring.standing.state in (Standing.PROPOSED, Standing.DISMISSED):
                raise _refused("already_dismissed", ring.ring_id, f"it is {ring.standing.state} already")
            if not reason.strip():
                raise _refused("no_reason", ring.ring_id, "say why it is no ring")
            return self._judge(self._whole(ring, Act.DISMISS), by=by, reason=reason)

    def approve(self, ring_id: str, *, by: str, reason: str = "") -> Ring:
        """Agree to a dismissal that somebody else proposed."""
        with self._deciding:
            ring = self._found(ring_id)
            standing = ring.standing
            if standing.state is not Standing.PROPOSED:
                raise _refused("nothing_to_approve", ring.ring_id, "its dismissal was not proposed")
            if standing.author == _person(by):
                raise _refused(
                    "same_person", ring.ring_id, f"{standing.author} proposed it; another person has to agree"
                )
            proposed = self._ledger.ring_verdict(standing.event_id)
            accounts = set(proposed.verdict.accounts) if proposed is not None else set()
            verdict = Verdict(Act.APPROVE, ring.ring_id, of=standing.event_id)
            return self._judge(verdict, by=by, reason=reason, label=0, ring=ring, labelled=accounts)

    def pin(self, ring_id: str, *, by: str, reason: str) -> Ring:
        """It keeps its id when rings merge, and is neither dropped for its score nor closed for its age."""
        with self._deciding:
            ring = self._found(ring_id)
            return self._judge(Verdict(Act.PIN, ring.ring_id, _core(ring)), by=by, reason=reason)

    def remove_members(self, ring_id: str, accounts: Collection[str], *, by: str, reason: str) -> Ring | None:
        """These accounts do not belong to it, now and later; None where too little is left for a ring."""
        return self._set_apart(Act.REMOVE, ring_id, accounts, by=by, reason=reason)

    def split(self, ring_id: str, accounts: Collection[str], *, by: str, reason: str) -> Ring | None:
        """These accounts are a ring of their own, now and later; return what keeps the id, if it is still a ring."""
        return self._set_apart(Act.SPLIT, ring_id, accounts, by=by, reason=reason)

    def merge(self, ring_id: str, other_id: str, *, by: str, reason: str) -> Ring:
        """The two are one ring."""
        with self._deciding:
            ring, other = self._found(ring_id), self._found(other_id)
            if ring.ring_id == other.ring_id:
                raise _refused("same_ring", ring.ring_id, "name two different rings")
            one, two = _core(ring), set(_core(other))
            verdict = Verdict(Act.MERGE, ring.ring_id, one, tuple(sorted(two - set(one))), other.ring_id)
            return self._judge(verdict, by=by, reason=reason)

    def undo(self, event_id: str, *, by: str, reason: str) -> Ring | None:
        """Take an earlier decision back, with the labels that it gave; return the ring it was about, if it still is."""
        with self._deciding:
            found = self._ledger.ring_verdict(event_id)
            if found is None or found.verdict.act in (Act.UNDO, Act.APPROVE):
                raise RejectedRecord(
                    "unknown_verdict", field="verdict", value=event_id, cure="list the ring's verdicts"
                )
            if found.undone_by:
                raise _refused("already_undone", found.verdict.ring, f"{event_id} was taken back in {found.undone_by}")
            verdict = Verdict(Act.UNDO, found.verdict.ring, of=event_id)
            self._govern(verdict, by=by, reason=reason)
            return self._ledger.ring(found.verdict.ring)

    def _set_apart(self, act: Act, ring_id: str, accounts: Collection[str], *, by: str, reason: str) -> Ring | None:
        with self._deciding:
            ring = self._found(ring_id)
            members = {member.account for member in ring.members}
            leave = set(accounts)
            unknown = sorted(leave - members)
            if unknown:
                raise RejectedRecord("no_member", field="accounts", value=unknown[0], cure="name members of the ring")
            if not leave or leave == members:
                raise _refused("nobody_left", ring.ring_id, "name some of its members, not all and not none")
            verdict = Verdict(act, ring.ring_id, tuple(sorted(leave)), tuple(sorted(members - leave)))
            self._govern(verdict, by=by, reason=reason)
            return self._ledger.ring(ring.ring_id)

    def _whole(self, ring: Ring, act: Act) -> Verdict:
        accounts = tuple(member.account for member in ring.members)
        return Verdict(act, ring.ring_id, accounts, kinds=ring.kinds, money_cents=moved_cents(ring))

    def _judge(
        self,
        verdict: Verdict,
        *,
        by: str,
        reason: str,
        label: int | None = None,
        ring: Ring | None = None,
        labelled: Collection[str] | None = None,
    ) -> Ring:
        labels: list[str] = []
        if ring is not None and label is not None:
            labels = [
                member.account
                for member in ring.members
                if member.role is not Role.VICTIM and (labelled is None or member.account in labelled)
            ]
        self._govern(verdict, by=by, reason=reason, labels=labels, label=label or 0)
        return self._found(verdict.ring)

    def _govern(
        self, verdict: Verdict, *, by: str, reason: str, labels: Sequence[str] = (), label: int = 0
    ) -> GovernanceChanged:
        if not reason.isprintable():
            raise _refused("bad_reason", verdict.ring, "write the reason in one line")
        event = GovernanceChanged(
            event_id=f"governance:{uuid4().hex}",
            ts=now_ms(),
            part=PART,
            content=content_of(verdict),
            author=_person(by),
            reason=reason.strip(),
        )
        given_by = GIVEN_BY + (
            verdict.of or event.event_id
        )  # of a dismissal: what was proposed, so that undoing it counts
        self._service.running.govern(
            event,
            labels=[
                LabelGiven(
                    event_id=f"label:{event.event_id}:{number}",
                    ts=event.ts,
                    subject="account",
                    subject_id=account,
                    label=label,
                    ring=verdict.ring,
                    given_by=given_by,
                )
                for number, account in enumerate(labels)
            ],
        )
        self._service.running.flush(settle=False)  # who asks next reads it
        return event

    # --- reading --------------------------------------------------------------------------------------------------

    def verdicts(self, ring_id: str | None = None, *, after: str | None = None, limit: int) -> Page[RingVerdict]:
        """What people decided, newest first, about one ring where that is asked for."""
        return self._ledger.ring_verdicts(ring_id, after=after, limit=limit)

    def versions(self, ring_id: str, *, limit: int = 200) -> list[RingVersion]:
        """The newest versions of exactly this id, oldest first."""
        return self._ledger.ring_versions(ring_id, limit=limit)

    def ring_at(
        self, ring_id: str, *, position: int | None = None, ts: int | None = None, known: int | None = None
    ) -> RingVersion | None:
        """How it stood at a log offset, at a moment of the events' time, or at one of the log's clock (epoch ms).

        Before an id went into another one it answers for itself, afterwards for the survivor; None before its birth.
        """
        at, seen = ring_id, {ring_id}
        while True:
            found = self._ledger.ring_at(at, position=position, ts=ts, known=known)
            if found is None or found.ring is not None or found.changes[-1] is Change.DISSOLVED:
                return found
            ties = [tie for tie in self._ledger.ring_ties([at]) if tie.source == at and tie.position == found.position]
            largest = max(ties, key=lambda tie: (tie.shared, tie.target), default=None)
            if largest is None or largest.target in seen:
                return found
            at = largest.target
            seen.add(at)

    def diff(self, before: Ring | None, after: Ring | None) -> RingDiff:
        """What is different between two states."""
        return diff_of(before, after)

    def lineage(self, ring_id: str, *, limit: int = MAX_LINEAGE) -> LineageGraph:
        """Every ring that it came from or that came from it, and in which rings its members are now."""
        versions = self._ledger.ring_versions(ring_id)
        current = self._ledger.ring(ring_id)
        if not versions and current is None:
            raise RejectedRecord("unknown_ring", field="ring", value=ring_id, cure="list the rings")
        known, frontier, cut = {ring_id}, [ring_id], False
        ties: dict[tuple[str, str, int], Tie] = {}
        while frontier and not cut:
            found = self._ledger.ring_ties(frontier, limit=limit + 1)
            ties.update(((tie.source, tie.target, tie.position), tie) for tie in found)
            reached = {end for tie in found for end in (tie.source, tie.target)} - known
            known |= reached
            frontier = sorted(reached)
            cut = len(found) > limit or len(known) > limit or len(ties) > limit
        ordered = sorted(ties.values(), key=lambda tie: (tie.position, tie.source, tie.target))[:limit]
        last = next((version.ring for version in reversed(versions) if version.ring is not None), current)
        return LineageGraph(tuple(sorted(known)[:limit]), tuple(ordered), self._whereabouts(last), cut)

    def _whereabouts(self, ring: Ring | None) -> tuple[Whereabouts, ...]:
        """In which rings the members are now: each is told in the one that holds most of them."""
        accounts = [member.account for member in ring.members] if ring is not None else []
        rings_of = self._ledger.rings_of(accounts)
        counts = Counter(ring_id for found in rings_of.values() for ring_id in found)
        held: dict[str | None, list[str]] = {}
        for account in accounts:
            best = min(rings_of[account], key=lambda ring_id: (-counts[ring_id], ring_id), default=None)
            held.setdefault(best, []).append(account)
        order = sorted(held, key=lambda ring_id: (ring_id is None, -len(held[ring_id]), ring_id or ""))
        return tuple(Whereabouts(ring_id, tuple(held[ring_id])) for ring_id in order)

    def _found(self, ring_id: str) -> Ring:
        ring = self._ledger.ring(ring_id)
        if ring is None:
            raise RejectedRecord("unknown_ring", field="ring", value=ring_id, cure="list the rings")
        return ring


def _core(ring: Ring) -> tuple[str, ...]:
    """Accounts at the core of a ring, all of its members where none is."""
    core = tuple(member.account for member in ring.members if member.score >= CORE)
    return core or tuple(member.account for member in ring.members)


def _person(by: str) -> str:
    name = " ".join(by.split())
    if not name or len(name) > MAX_PERSON or not name.isprintable():
        raise RejectedRecord("nobody", field="by", value=by, cure=f"name the person in 1 to {MAX_PERSON} characters")
    return name


def _refused(code: str, ring_id: str, cure: str) -> RejectedRecord:
    return RejectedRecord(code, field="ring", value=ring_id, cure=cure)
