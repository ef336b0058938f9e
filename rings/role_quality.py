"""How often the roles of found rings are those that were planted or are known: by role, and in all."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.evidence import Ring, Role
from rings.evaluate import Match


@dataclass(frozen=True, slots=True)
class RoleQuality:
    """Members of matched rings whose role is known: how many there are, how many of them are right, and what was said
    of each known role, most often first."""

    known: int
    right: int
    said: Mapping[Role, Sequence[tuple[Role, int]]]

    @property
    def accuracy(self) -> float:
        """Share that is right, 0 to 1; 1 where nothing is known."""
        return self.right / self.known if self.known else 1.0


def read_roles(path: Path) -> dict[str, dict[str, Role]]:
    """Return {true ring id: {account: role}} of a truth file (CSV with `ring_id, account_id, role`)."""
    roles: dict[str, dict[str, Role]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            roles.setdefault(row["ring_id"], {})[row["account_id"]] = Role(row["role"])
    return roles


def role_quality(
    rings: Iterable[Ring], matches: Iterable[Match], roles: Mapping[str, Mapping[str, Role]]
) -> RoleQuality:
    """Compare the roles of found rings with `roles` (account to role, by true ring id) over rings that `matches` pairs.

    Accounts that the found ring lacks are a matter of finding and do not count here.
    """
    found = {ring.ring_id: ring for ring in rings}
    counts: dict[Role, Counter[Role]] = {}
    for match in matches:
        known = roles.get(match.truth, {})
        for member in found[match.found].members:
            if member.account in known:
                counts.setdefault(known[member.account], Counter())[member.role] += 1
    said = {role: counts[role].most_common() for role in sorted(counts)}
    return RoleQuality(
        known=sum(sum(counter.values()) for counter in counts.values()),
        right=sum(counter[role] for role, counter in counts.items()),
        said=said,
    )
