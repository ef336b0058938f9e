"""What the typology jobs must find, said again by brute force: every window, every split, every subset."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, pairwise, product
from typing import Any

from graph.events import Movement
from tests.cypher.worlds import Model

Found = set[tuple[Any, ...]]
Pair = tuple[str, str]


def hubs(own: list[Movement], *, max_degree: int) -> set[str]:
    """Accounts that deal with more than `max_degree` others."""
    names = {name for each in own for name in (each.source, each.target)}
    return {name for name in names if len(_others(own, name)) > max_degree}


def without(own: list[Movement], names: set[str]) -> list[Movement]:
    """Movements in which none of `names` takes part."""
    return [each for each in own if each.source not in names and each.target not in names]


def scatter_gather(own: list[Movement], *, window_ms: int, min_middle: int) -> Found:
    """(source, target, most accounts in between in any window)."""
    names = sorted({name for each in own for name in (each.source, each.target)})
    found: Found = set()
    for source, target in product(names, names):
        if source == target:
            continue
        most = 0
        for start in {each.ts for each in own if each.source == source}:
            inside = [each for each in own if start <= each.ts <= start + window_ms]
            middles = {
                into.target
                for into in inside
                for out in inside
                if (into.source, out.target) == (source, target)
                and into.target == out.source
                and into.ts < out.ts
                and into.target not in (source, target)
            }
            most = max(most, len(middles))
        if most >= min_middle:
            found.add((source, target, most))
    return found


def gather_scatter(own: list[Movement], *, window_ms: int, min_payers: int, min_payees: int) -> Found:
    """(account, most accounts it paid after enough had paid it, in any window)."""
    found: Found = set()
    for account in {each.target for each in own}:
        received = [each for each in own if each.target == account]
        most = 0
        for start in {each.ts for each in received}:
            for split in {each.ts for each in received if start <= each.ts <= start + window_ms}:
                payers = {each.source for each in received if start <= each.ts <= split}
                payees = {
                    each.target for each in own if each.source == account and split < each.ts <= start + window_ms
                }
                if len(payers) >= min_payers:
                    most = max(most, len(payees))
        if most >= min_payees:
            found.add((account, most))
    return found


def windows(own: list[Movement], *, window_ms: int, max_degree: int) -> Iterable[list[Movement]]:
    """Movements of every window that begins at a multiple of half its length, without the accounts crowded in it."""
    step = window_ms // 2
    starts = {start * step for each in own for start in (each.ts // step, each.ts // step - 1)}
    for start in sorted(starts):
        inside = [each for each in own if start <= each.ts < start + 2 * step]
        yield without(inside, hubs(inside, max_degree=max_degree))


def groups(inside: list[Movement], *, payers: int, payees: int) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Every complete group that can be widened on neither side, its sides apart, by trying every set of payers."""
    paid: dict[str, set[str]] = {}
    for each in inside:
        paid.setdefault(each.source, set()).add(each.target)
    found = set()
    for size in range(payers, len(paid) + 1):
        for chosen in combinations(sorted(paid), size):
            common = set.intersection(*(paid[name] for name in chosen))
            all_who = tuple(name for name in sorted(paid) if common <= paid[name])
            if len(common) >= payees and all_who == chosen and common.isdisjoint(chosen):
                found.add((chosen, tuple(sorted(common))))
    return found


def bipartite(own: list[Movement], *, window_ms: int, min_payers: int, min_payees: int, max_degree: int) -> Found:
    """(payers, payees)."""
    return {
        group
        for inside in windows(own, window_ms=window_ms, max_degree=max_degree)
        for group in groups(inside, payers=min_payers, payees=min_payees)
    }


def stack(own: list[Movement], *, window_ms: int, min_layer: int, max_degree: int) -> Found:
    """(payers, middle, payees)."""
    found: Found = set()
    for inside in windows(own, window_ms=window_ms, max_degree=max_degree):
        complete = groups(inside, payers=min_layer, payees=min_layer)
        for (top, one), (two, bottom) in product(complete, complete):
            middle = tuple(
                name
                for name in sorted({*one} & {*two})
                if min(each.ts for each in inside if each.source in top and each.target == name)
                < max(each.ts for each in inside if each.source == name and each.target in bottom)
            )
            apart = len({*top, *middle, *bottom}) == len(top) + len(middle) + len(bottom)
            if len(middle) >= min_layer and apart:
                found.add((top, middle, bottom))
    return found


def structuring(own: list[Movement], *, threshold_cents: int, margin_bp: int, window_ms: int, min_times: int) -> Found:
    """(account, side, most such payments in any window)."""
    floor = threshold_cents - threshold_cents * margin_bp // 10_000
    near = [each for each in own if floor <= each.amount_cents < threshold_cents]
    sides: dict[str, Callable[[Movement], str]] = {"sent": lambda m: m.source, "received": lambda m: m.target}
    found: Found = set()
    for side, of in sides.items():
        for account in {of(each) for each in near}:
            times = [each.ts for each in near if of(each) == account]
            most = max(sum(start <= ts <= start + window_ms for ts in times) for start in times)
            if most >= min_times:
                found.add((account, side, most))
    return found


def dormant(own: list[Movement], *, dormant_ms: int, window_ms: int, min_count: int, min_cents: int) -> Found:
    """(account, movements after its first waking, their cents, when it woke)."""
    found: Found = set()
    for account in {name for each in own for name in (each.source, each.target)}:
        times = sorted({each.ts for each in own if account in (each.source, each.target)})
        for before, woke in pairwise(times):
            awake = [
                each for each in own if account in (each.source, each.target) and woke <= each.ts <= woke + window_ms
            ]
            cents = sum(each.amount_cents for each in awake)
            if woke - before >= dormant_ms and len(awake) >= min_count and cents >= min_cents:
                found.add((account, len(awake), cents, woke))
                break
    return found


def deposit_withdraw(
    own: list[Movement], *, window_ms: int, min_cents: int, min_share_bp: int, max_bet_share_bp: int
) -> Found:
    """(account, paid in, came back, staked) of the first window that fits."""
    found: Found = set()
    for account in {each.source for each in own if each.kind == "deposit"}:
        mine = [each for each in own if each.source == account]
        for start in sorted({each.ts for each in mine if each.kind == "deposit"}):
            end = start + window_ms
            came = sum(each.amount_cents for each in mine if each.kind == "deposit" and start <= each.ts <= end)
            bet = sum(each.amount_cents for each in mine if each.kind == "bet" and start <= each.ts <= end)
            back = sum(
                each.amount_cents
                for each in own
                if each.target == account and each.kind in ("payout", "withdrawal", "refund") and start < each.ts <= end
            )
            if came >= min_cents and back * 10_000 >= came * min_share_bp and bet * 10_000 <= came * max_bet_share_bp:
                found.add((account, came, back, bet))
                break
    return found


def opposite_bets(model: Model, *, lo: int, hi: int, gap_ms: int, min_similar_bp: int, min_times: int) -> Found:
    """(two accounts, markets on which they met)."""
    bets = [
        (each, dict(each.attributes))
        for each in model.sent
        if each.kind == "bet" and each.attributes and lo <= each.ts < hi
    ]
    met: dict[Pair, set[str]] = {}
    for (one, says), (other, replies) in product(bets, bets):
        small, large = sorted((one.amount_cents, other.amount_cents))
        fits = small * 10_000 >= large * min_similar_bp and abs(one.ts - other.ts) <= gap_ms
        if (
            one.source < other.source
            and says["market"] == replies["market"]
            and says["side"] != replies["side"]
            and fits
        ):
            met.setdefault((one.source, other.source), set()).add(says["market"])
    return {(pair, tuple(sorted(markets))) for pair, markets in met.items() if len(markets) >= min_times}


def upstream(model: Model, own: list[Movement], *, min_blocked: int) -> Found:
    """(account, blocked accounts it paid, how often, cents)."""
    blocked = {
        source[1]
        for kind, source, target in model.links
        if kind == "FLAGGED_BY" and source[0] == "Account" and model.nodes[target]["list_kind"] == "block"
    }
    found: Found = set()
    for account in {each.source for each in own}:
        mine = [each for each in own if each.source == account and each.target in blocked]
        paid = tuple(sorted({each.target for each in mine}))
        if len(paid) >= min_blocked:
            found.add((account, paid, len(mine), sum(each.amount_cents for each in mine)))
    return found


def flow(sent: list[Movement], account: str, *, lo: int, hi: int, max_hops: int, min_share_bp: int) -> Found:
    """(hop, source, target, count, cents) of links that carry their share of what came in."""
    found: Found = set()
    arrived: dict[str, tuple[int, int | None]] = {account: (lo - 1, None)}
    seen = {account}
    for hop in range(1, max_hops + 1):
        following: dict[str, tuple[int, int | None]] = {}
        for name, (moment, came) in arrived.items():
            out = [each for each in sent if each.source == name and moment < each.ts < hi]
            whole = sum(each.amount_cents for each in out) if came is None else came
            for other in {each.target for each in out}:
                link = [each for each in out if each.target == other]
                cents = sum(each.amount_cents for each in link)
                if cents * 10_000 < whole * min_share_bp:
                    continue
                found.add((hop, name, other, len(link), cents))
                if other not in seen:
                    first, total = following.get(other, (min(each.ts for each in link), 0))
                    following[other] = (min(first, min(each.ts for each in link)), (total or 0) + cents)
        seen |= set(following)
        arrived = following
    return found


def links(model: Model, *, lo: int, hi: int, max_holders: int) -> set[tuple[str, str, str, str]]:
    """(account, other account, how, thing) of everything that joins two accounts, both ways."""
    found = set()
    for each in model.sent:
        if lo <= each.ts < hi and each.source != each.target:
            found |= {(each.source, each.target, "SENT", ""), (each.target, each.source, "RECEIVED", "")}
    uses = [key for key in model.links if key[0] in ("USED_DEVICE", "FROM_IP", "HAS_IDENTIFIER")]
    for (how, one, thing), (_, other, shared) in product(uses, uses):
        holders = sum(target == thing for _, _, target in uses)
        if thing == shared and one != other and holders <= max_holders:
            found.add((one[1], other[1], how, thing[1]))
    return found


def distance(joined: set[tuple[str, str, str, str]], source: str, target: str, *, max_hops: int) -> int | None:
    """Fewest links from one to the other, by widening all that is reached."""
    reached = {source}
    for hop in range(1, max_hops + 1):
        reached |= {other for one, other, _, _ in joined if one in reached}
        if target in reached:
            return hop
    return None


def rotation(model: Model, *, overlap_ms: int, gap_ms: int) -> dict[tuple[str, str], int]:
    """Length of the longest chain of sites behind each operator and address, by trying every way on."""
    behind: dict[tuple[str, str], set[str]] = {}
    for kind, source, target in model.links:
        if kind == "OWNS":
            behind.setdefault(("Operator", source[1]), set()).add(target[1])
        if kind == "RESOLVES_TO":
            behind.setdefault(("Ip", target[1]), set()).add(source[1])

    def longest(at: str, sites: set[str]) -> int:
        here = model.nodes["Domain", at]
        best = 1
        for site in sites:
            there = model.nodes["Domain", site]
            follows = here["last_seen"] - overlap_ms <= there["first_seen"] <= here["last_seen"] + gap_ms
            if follows and here["first_seen"] < there["first_seen"] and here["last_seen"] < there["last_seen"]:
                best = max(best, 1 + longest(site, sites))
        return best

    return {thing: max(longest(site, sites) for site in sites) for thing, sites in behind.items()}


def _others(own: list[Movement], name: str) -> set[str]:
    return {each.source for each in own if each.target == name} | {each.target for each in own if each.source == name}
