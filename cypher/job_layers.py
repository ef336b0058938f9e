"""Jobs: a group of accounts that all pay another group (bipartite), and such groups in a row (stack).

Time is cut into windows of `window_ms` that begin every half window, so whatever happens within half a window lies
whole in one of them. In each window accounts with more than `max_degree` counterparties are left out (shops, sites and
employers pay everybody), and every maximal complete group is enumerated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from cypher.groups import Group, closed_groups
from cypher.job import HOUR_MS, Job, JobParam, JobRun, hours
from cypher.movement_params import READS_ALL, span_params
from cypher.movements import I64, Movements, read_movements
from graph.events import NodeKind
from graph.evidence import Evidence, RingKind
from graph.store.protocol import Row

GROUPS_OF_A_WINDOW = 2_000  # groups of one window that are joined into stacks


@dataclass(frozen=True, slots=True)
class _Slice:
    """One window: its movements by pair, in time order."""

    pairs: dict[tuple[int, int], list[int]]

    def places(self, payers: Sequence[int], payees: Sequence[int]) -> list[int]:
        return sorted(place for pair in product(payers, payees) for place in self.pairs[pair])


def bipartite(run: JobRun) -> None:
    """Fill `run` with groups of `min_payers` or more that all pay the same `min_payees` or more, largest first."""
    table = read_movements(run)
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for window in _slices(run, table):
        for group in _groups(run, window, run.number("min_payers"), run.number("min_payees")):
            found.setdefault((group.payers, group.payees), window.places(group.payers, group.payees))
    for payers, payees in sorted(found, key=lambda each: (-len(each[0]) * len(each[1]), each)):
        if not run.keep(*_result(table, "bipartite", (payers, payees), found[payers, payees])):
            return


def stack(run: JobRun) -> None:
    """Fill `run` with three groups in a row, each of `min_layer` accounts or more, the middle paying on what it got."""
    table = read_movements(run)
    least = run.number("min_layer")
    found: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for window in _slices(run, table):
        groups = _groups(run, window, least, least)
        if len(groups) > GROUPS_OF_A_WINDOW:
            run.cut("groups")
            groups = groups[:GROUPS_OF_A_WINDOW]
        by_payer: dict[int, list[int]] = {}
        for index, group in enumerate(groups):
            for payer in group.payers:
                by_payer.setdefault(payer, []).append(index)
        for upper in groups:
            if run.stopped():
                return
            following = sorted({index for payee in upper.payees for index in by_payer.get(payee, ())})
            for lower in (groups[index] for index in following):
                layers = _layers(table, window, upper, lower)
                if layers is not None and len(layers[1]) >= least and layers not in found:
                    places = window.places(layers[0], layers[1]) + window.places(layers[1], layers[2])
                    found[layers] = sorted(places)
    for layers in sorted(found, key=lambda each: (-sum(map(len, each)), each)):
        if not run.keep(*_result(table, "stack", layers, found[layers])):
            return


def _layers(table: Movements, window: _Slice, upper: Group, lower: Group) -> tuple[tuple[int, ...], ...] | None:
    """(payers, those in the middle, payees) when the three are apart and money can have gone through; else None."""
    middle = tuple(
        account
        for account in sorted({*upper.payees} & {*lower.payers})
        if min(table.ts[window.pairs[payer, account][0]] for payer in upper.payers)
        < max(table.ts[window.pairs[account, payee][-1]] for payee in lower.payees)
    )
    apart = {*upper.payers}.isdisjoint(lower.payees) and {*upper.payers, *lower.payees}.isdisjoint(middle)
    return (upper.payers, middle, lower.payees) if apart and middle else None


def _groups(run: JobRun, window: _Slice, payers: int, payees: int) -> list[Group]:
    search = closed_groups(window.pairs, payers=payers, payees=payees)
    if not search.complete:
        run.cut("group_steps")
    return [group for group in search.groups if {*group.payers}.isdisjoint(group.payees)]


def _slices(run: JobRun, table: Movements) -> Iterator[_Slice]:
    """Yield the windows that hold anything, in time order."""
    span = run.number("window_ms")
    step = max(1, span // 2)
    if not len(table):
        return
    starts: I64 = np.unique(np.concatenate((table.ts // step, table.ts // step - 1))) * step
    for start in starts.tolist():
        if run.stopped():
            return
        low, high = np.searchsorted(table.ts, [start, start + 2 * step]).tolist()
        run.progress(f"{high:,} of {len(table):,} movements searched")
        source, target = table.source[low:high], table.target[low:high]
        count = len(table.names)
        both = np.unique(np.concatenate((source * count + target, target * count + source)))
        accounts, degrees = np.unique(both // count, return_counts=True)
        crowded = accounts[degrees > run.number("max_degree")]
        inside = np.flatnonzero(~np.isin(source, crowded) & ~np.isin(target, crowded))
        pairs: dict[tuple[int, int], list[int]] = {}
        for place, payer, payee in zip(
            (inside + low).tolist(), source[inside].tolist(), target[inside].tolist(), strict=True
        ):
            pairs.setdefault((payer, payee), []).append(place)
        yield _Slice(pairs)


def _result(
    table: Movements, code: str, layers: Sequence[tuple[int, ...]], places: Sequence[int]
) -> tuple[Row, Evidence]:
    names = [[table.names[account] for account in layer] for layer in layers]
    first, last = int(table.ts[places[0]]), int(table.ts[places[-1]])
    cents = int(table.cents[list(places)].sum())
    everyone = [name for layer in names for name in layer]
    finding = Evidence(
        code,
        (("count", len(places)), ("hours", hours(last - first)), ("amount_cents", cents), ("accounts", len(everyone))),
        table.event_ids(places),
        len(places),
        tuple((str(NodeKind.ACCOUNT), name) for name in everyone),
    )
    shape = {"payers": names[0], **({"middle": names[1]} if len(names) == 3 else {}), "payees": names[-1]}
    return {**shape, "count": len(places), "sum_cents": cents, "first_ts": first, "last_ts": last}, finding


_WINDOW = JobParam("window_ms", 72 * HOUR_MS, "length of a window (ms); a new one begins every half", low=2)
_CROWD = JobParam(
    "max_degree", 60, "accounts with more counterparties than this in one window are hubs and left out there", low=2
)
BIPARTITE = Job(
    "bipartite",
    1,
    "groups of accounts that all pay the same accounts",
    READS_ALL,
    (
        *span_params(),
        _WINDOW,
        JobParam("min_payers", 3, "fewest accounts that pay", low=2),
        JobParam("min_payees", 3, "fewest accounts that all of them pay", low=2),
        _CROWD,
    ),
    ("jobs/account_page", "jobs/movements"),
    bipartite,
    kind=RingKind.BIPARTITE,
)
STACK = Job(
    "stack",
    1,
    "groups of accounts in a row, the middle paying on what it received",
    READS_ALL,
    (
        *span_params(),
        _WINDOW,
        JobParam("min_layer", 2, "fewest accounts in each group", low=2),
        _CROWD,
    ),
    ("jobs/account_page", "jobs/movements"),
    stack,
    kind=RingKind.STACK,
)
