"""Every group of payers that all pay the same payees: maximal complete bipartite groups of a small set of links.

What cannot take part - a payer with too few payees, a payee with too few payers - is pruned first, again and again;
what is left falls into parts, and in each the closed sets of payees are enumerated once each (Close-by-One), as bit
sets. Exponential in the worst case, so the number of steps is bounded and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

STEPS = 20_000  # sets tried in one call


@dataclass(slots=True)
class Group:
    """Payers and payees, all of the first pay all of the second; sorted, and neither can be widened."""

    payers: tuple[int, ...]
    payees: tuple[int, ...]


@dataclass(slots=True)
class Search:
    """The groups found, and whether the search came to its end."""

    groups: list[Group] = field(default_factory=list)
    complete: bool = True


def closed_groups(links: Iterable[tuple[int, int]], *, payers: int, payees: int, steps: int = STEPS) -> Search:
    """Return every maximal group with at least so many payers and payees, by (payers, payees)."""
    of_payer, of_payee = _pruned(links, payers, payees)
    search = Search()
    left = steps
    for part in _parts(of_payer, of_payee):
        left = _enumerate(part, of_payee, payers, payees, left, search)
        if left <= 0:
            search.complete = False
            break
    search.groups.sort(key=lambda group: (group.payers, group.payees))
    return search


def _pruned(
    links: Iterable[tuple[int, int]], payers: int, payees: int
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    of_payer: dict[int, set[int]] = {}
    of_payee: dict[int, set[int]] = {}
    for payer, payee in links:
        of_payer.setdefault(payer, set()).add(payee)
        of_payee.setdefault(payee, set()).add(payer)
    waiting = [(of_payer, of_payee, payees, each) for each in of_payer]
    waiting += [(of_payee, of_payer, payers, each) for each in of_payee]
    while waiting:
        own, other, least, name = waiting.pop()
        if name not in own or len(own[name]) >= least:
            continue
        for each in own.pop(name):
            other[each].discard(name)
            waiting.append((other, own, payers if own is of_payer else payees, each))
    return of_payer, of_payee


def _parts(of_payer: dict[int, set[int]], of_payee: dict[int, set[int]]) -> Iterator[list[int]]:
    """Yield the payees of each connected part, sorted."""
    seen: set[int] = set()
    for first in sorted(of_payee):
        if first in seen:
            continue
        part, frontier = {first}, [first]
        while frontier:
            for payer in of_payee[frontier.pop()]:
                for payee in of_payer[payer]:
                    if payee not in part:
                        part.add(payee)
                        frontier.append(payee)
        seen |= part
        yield sorted(part)


def _enumerate(
    part: list[int], of_payee: dict[int, set[int]], payers: int, payees: int, left: int, search: Search
) -> int:
    """Add the groups of one part; return the steps that are left."""
    people = sorted({payer for payee in part for payer in of_payee[payee]})
    bit = {payer: 1 << place for place, payer in enumerate(people)}
    paid_by = [sum(bit[payer] for payer in of_payee[payee]) for payee in part]

    def closure(common: int) -> list[int]:
        return [place for place, who in enumerate(paid_by) if who & common == common]

    stack = [((1 << len(people)) - 1, closure((1 << len(people)) - 1), 0)]
    while stack and left > 0:
        common, inside, next_place = stack.pop()
        if len(inside) >= payees:
            group = Group(
                tuple(payer for payer in people if bit[payer] & common), tuple(part[place] for place in inside)
            )
            search.groups.append(group)
        held = set(inside)
        for place in range(next_place, len(part)):
            if place in held:
                continue
            left -= 1
            narrower = common & paid_by[place]
            if narrower.bit_count() < payers:
                continue
            closed = closure(narrower)
            if all(each in held for each in closed if each < place):  # otherwise it is found on another way
                stack.append((narrower, closed, place + 1))
    return left
