"""What every job must find, said again by brute force over all events."""

from __future__ import annotations

from typing import Any

from graph.events import Movement
from tests.cypher.oracle_reads import operator_things
from tests.cypher.worlds import Model

Found = set[tuple[Any, ...]]


def moved(model: Model, *, lo: int, hi: int, kind: str | None) -> list[Movement]:
    """Movements that count: inside the span, of the kind, between different accounts, no bare links."""
    return sorted(
        (
            each
            for each in model.sent
            if lo <= each.ts < hi and each.source != each.target and each.kind != "link" and kind in (None, each.kind)
        ),
        key=lambda each: (each.ts, each.tx_id),
    )


def shared(model: Model, *, label: str, lo: int, hi: int, min_accounts: int, max_accounts: int) -> Found:
    """(thing, its accounts)."""
    found: Found = set()
    for thing in model.ids(label):
        accounts = tuple(
            sorted(
                source[1]
                for (kind, source, target), link in model.links.items()
                if target == (label, thing)
                and kind in ("USED_DEVICE", "FROM_IP", "HAS_IDENTIFIER", "BET_AT")
                and link["last_seen"] >= lo
                and link["first_seen"] < hi
            )
        )
        if min_accounts <= len(accounts) <= max_accounts:
            found.add((thing, accounts))
    return found


def fan(own: list[Movement], *, inward: bool, window_ms: int, min_others: int) -> Found:
    """(account, most distinct others in any window) by trying every start and end."""
    found: Found = set()
    for account in {each.target if inward else each.source for each in own}:
        mine = [each for each in own if (each.target if inward else each.source) == account]
        most = max(
            len(
                {each.source if inward else each.target for each in mine if start.ts <= each.ts <= start.ts + window_ms}
            )
            for start in mine
        )
        if most >= min_others:
            found.add((account, most))
    return found


def cycles(own: list[Movement], *, lengths: range, window_ms: int, min_cents: int, tolerance_bp: int | None) -> Found:
    """(accounts, earliest transactions, how often) by walking every way between few enough accounts."""
    big = [each for each in own if each.amount_cents >= min_cents]
    pairs: dict[tuple[str, str], list[Movement]] = {}
    for each in big:
        pairs.setdefault((each.source, each.target), []).append(each)

    def follows(before: Movement, after: Movement) -> bool:
        close = tolerance_bp is None or (
            abs(after.amount_cents - before.amount_cents) * 10_000 <= before.amount_cents * tolerance_bp
        )
        return after.ts > before.ts and close

    found: Found = set()
    walks: list[tuple[str, ...]] = [(name,) for name in sorted({each.source for each in big})]
    for length in range(2, lengths.stop):
        walks = [(*walk, other) for walk in walks for one, other in pairs if one == walk[-1] and other not in walk]
        for accounts in walks if length in lengths else ():
            hops = list(zip(accounts, (*accounts[1:], accounts[0]), strict=True))
            if hops[-1] not in pairs:
                continue
            chains: list[tuple[Movement, ...]] = [(each,) for each in pairs[hops[0]]]
            for hop in hops[1:]:
                chains = [
                    (*chain, each)
                    for chain in chains
                    for each in pairs[hop]
                    if follows(chain[-1], each) and each.ts - chain[0].ts <= window_ms
                ]
            if chains:
                first = min(chains, key=lambda chain: (chain[0].ts, *(each.tx_id for each in chain)))
                found.add((accounts, tuple(each.tx_id for each in first), len(chains)))
    return found


def pass_through(
    own: list[Movement], *, window_ms: int, min_cents: int, min_share_bp: int, max_share_bp: int, min_times: int
) -> Found:
    """(account, times, in cents, out cents) by walking each account's incoming moments in order."""
    found: Found = set()
    for account in {each.target for each in own}:
        times, came_all, went_all, free_from = 0, 0, 0, -1
        for start in sorted({each.ts for each in own if each.target == account}):
            end = start + window_ms
            came = sum(each.amount_cents for each in own if each.target == account and start <= each.ts <= end)
            went = sum(each.amount_cents for each in own if each.source == account and start < each.ts <= end)
            share_fits = min_share_bp * came <= went * 10_000 <= max_share_bp * came
            if start > free_from and came >= min_cents and share_fits:
                times, came_all, went_all, free_from = times + 1, came_all + came, went_all + went, end
        if times >= min_times:
            found.add((account, times, came_all, went_all))
    return found


def operators(model: Model, *, min_operators: int, max_operators: int) -> Found:
    """(footprint, label, thing, its operators)."""
    return {
        (footprint, label, thing, tuple(sorted(names)))
        for (footprint, label, thing), names in operator_things(model).items()
        if min_operators <= len(names) <= max_operators
    }
