"""What people set apart: one component of findings cut along the walls that they put between accounts.

A pure function of the component and the walls. Parts grow from the findings in the order of their keys, so the oldest
findings choose first what lies between two sides; a finding over a wall goes to the side with more of its core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from rings.findings import Finding, Key


@dataclass(frozen=True, slots=True)
class Wall:
    """Accounts of `stay` and of `leave` are never in one ring."""

    stay: frozenset[str]
    leave: frozenset[str]


@dataclass(slots=True)
class Part:
    """Findings of one ring by name, the accounts that join them, and those kept out by a wall."""

    findings: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    out: set[str] = field(default_factory=set)


def parts_of(
    component: Iterable[str],
    findings: Mapping[str, Finding],
    walls: Sequence[Wall],
    *,
    joined: Callable[[str], Iterable[str]],
) -> list[Part]:
    """Cut `component` (names of `findings`); without a wall through it, it is one part.

    `joined` gives the accounts that an account is joined to other than through a finding.
    """
    names = set(component)
    order: list[tuple[Key, str]] = sorted((findings[name].key, name) for name in names)
    of_account: dict[str, list[tuple[Key, str]]] = {}
    for item in order:
        for account in findings[item[1]].core:
            of_account.setdefault(account, []).append(item)
    placed: set[str] = set()
    parts: list[Part] = []
    for seed in order:
        if seed[1] in placed:
            continue
        part = Part()
        waiting = [seed]
        while waiting:
            item = heappop(waiting)
            if item[1] in placed:
                continue
            found = findings[item[1]]
            _choose_sides(part, found.core, walls)
            core = found.core - part.out
            if not core:
                continue
            placed.add(item[1])
            part.findings.add(item[1])
            for account in _reach(part, core, of_account, walls, joined):
                for other in of_account[account]:
                    if other[1] not in placed:
                        heappush(waiting, other)
        parts.append(part)
    return parts


def _choose_sides(part: Part, core: frozenset[str], walls: Sequence[Wall]) -> None:
    """Where `core` lies over a wall on which the part stands on neither side yet, let the larger share decide."""
    for wall in walls:
        inside = core - part.out
        stay, leave = len(inside & wall.stay), len(inside & wall.leave)
        if stay and leave:
            part.out |= wall.leave if stay >= leave else wall.stay


def _reach(
    part: Part,
    core: frozenset[str],
    of_account: Mapping[str, object],
    walls: Sequence[Wall],
    joined: Callable[[str], Iterable[str]],
) -> list[str]:
    """Add `core`, and all that is joined to it otherwise, to the part; return the accounts that are new to it."""
    new: list[str] = []
    waiting = sorted(core)
    while waiting:
        account = waiting.pop(0)
        if account in part.accounts or account in part.out or account not in of_account:
            continue
        part.accounts.add(account)
        new.append(account)
        for wall in walls:
            if account in wall.stay:
                part.out |= wall.leave
            elif account in wall.leave:
                part.out |= wall.stay
        waiting.extend(sorted(joined(account)))
    return new
