"""What every FinBench-derived read must answer, by brute force over the plain tables of finbench-small."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bench.finbench_world import FinBench, Money

Answer = list[tuple[Any, ...]]
HOPS = 3


class Oracle:
    """The reads over dictionaries of lists; `extra` are transfers inserted after the snapshot."""

    def __init__(self, world: FinBench, *, extra: tuple[Money, ...] = ()) -> None:
        self.world = world
        self.out: dict[str, list[Money]] = defaultdict(list)
        self.into: dict[str, list[Money]] = defaultdict(list)
        for each in (*world.transfers, *extra):
            self.out[each.source].append(each)
            self.into[each.target].append(each)

    def _inside(self, moves: list[Money], lo: int, hi: int, least: int = -1) -> list[Money]:
        return [each for each in moves if lo <= each.ts < hi and each.cents > least]

    def tcr1(self, account: str, lo: int, hi: int) -> Answer:
        hops: dict[str, int] = {}
        ways = [(account, lo - 1)]
        for hop in range(1, HOPS + 1):
            ways = list({(m.target, m.ts) for name, ts in ways for m in self.out[name] if ts < m.ts < hi})
            for name, _ in ways:
                hops.setdefault(name, hop)
        hops.pop(account, None)
        spans: dict[tuple[str, str], list[int]] = defaultdict(list)
        for medium, name, ts in self.world.sign_ins:
            if name in hops and self.world.media[medium][1]:
                spans[medium, name].append(ts)
        return sorted(
            (hops[name], name, medium)
            for (medium, name), times in spans.items()
            if max(times) >= lo and min(times) < hi
        )

    def tcr2(self, person: str, lo: int, hi: int) -> Answer:
        own = self.world.owns[person]
        found: set[str] = set()
        ways = [(name, hi) for name in own]
        for _ in range(HOPS):
            ways = list({(m.source, m.ts) for name, ts in ways for m in self.into[name] if lo <= m.ts < ts})
            found |= {name for name, _ in ways}
        rows = []
        for name in found - set(own):
            loans = {each.source for each in self.world.deposits if each.target == name and lo <= each.ts < hi}
            if loans:
                rows.append(
                    (
                        name,
                        sum(self.world.loans[loan][2] for loan in loans),
                        sum(self.world.loans[loan][3] for loan in loans),
                    )
                )
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def tcr3(self, source: str, target: str, lo: int, hi: int) -> Answer:
        reached, hops = {source}, 0
        while target not in reached:
            more = reached | {m.target for name in reached for m in self.out[name] if lo <= m.ts < hi}
            if more == reached:
                return [(-1,)]
            reached, hops = more, hops + 1
        return [(hops,)]

    def tcr4(self, source: str, target: str, lo: int, hi: int) -> Answer:
        if not any(m.target == target for m in self._inside(self.out[source], lo, hi)):
            return []
        rows = []
        for third in {m.target for m in self.out[target]} - {source, target}:
            back = [m.cents for m in self._inside(self.out[third], lo, hi) if m.target == source]
            on = [m.cents for m in self._inside(self.out[target], lo, hi) if m.target == third]
            if back and on:
                rows.append((third, len(back), sum(back), max(back), len(on), sum(on), max(on)))
        return sorted(rows, key=lambda row: (-row[2], -row[5], row[0]))

    def tcr5(self, person: str, lo: int, hi: int) -> Answer:
        traces: set[tuple[str, ...]] = set()

        def grow(way: tuple[str, ...], moment: int) -> None:
            if len(way) > 1:
                traces.add(way)
            if len(way) <= HOPS:
                for m in self.out[way[-1]]:
                    if max(moment, lo - 1) < m.ts < hi and m.target not in way:
                        grow((*way, m.target), m.ts)

        for name in self.world.owns[person]:
            grow((name,), lo - 1)
        return sorted(traces, key=lambda way: (-len(way), way))

    def tcr6(self, card: str, lo: int, hi: int, min_in: int, min_out: int) -> Answer:
        rows = []
        taken: dict[str, int] = defaultdict(int)
        for each in self.world.withdrawals:
            if each.target == card and lo <= each.ts < hi and each.cents > min_out:
                taken[each.source] += each.cents
        for name, cents in taken.items():
            came = self._inside(self.into[name], lo, hi, min_in)
            if len({m.source for m in came}) > 3:
                rows.append((name, sum(m.cents for m in came), cents))
        return sorted(rows, key=lambda row: (-row[2], row[0]))

    def tcr7(self, account: str, lo: int, hi: int, least: int) -> Answer:
        came, went = (self._inside(side[account], lo, hi, least) for side in (self.into, self.out))
        out = sum(m.cents for m in went)
        ratio = round(sum(m.cents for m in came) / out, 3) if out else -1
        return [(len({m.source for m in came}), len({m.target for m in went}), ratio)]

    def tcr8(self, loan: str, lo: int, hi: int, share_bp: int) -> Answer:
        here: dict[str, int] = defaultdict(int)
        for each in self.world.deposits:
            if each.source == loan and lo <= each.ts < hi:
                here[each.target] += each.cents
        amount, found = sum(here.values()), {name: (cents, 1) for name, cents in here.items()}
        for hop in range(2, HOPS + 2):
            following: dict[str, int] = defaultdict(int)
            for name, came in here.items():
                pairs: dict[str, int] = defaultdict(int)
                for each in (*self.out[name], *(w for w in self.world.withdrawals if w.source == name)):
                    if lo <= each.ts < hi:
                        pairs[each.target] += each.cents
                for other, cents in pairs.items():
                    if cents * 10_000 > came * share_bp and other not in found:
                        following[other] += cents
            found |= {name: (cents, hop) for name, cents in following.items()}
            here = following
        rows = [(name, round(cents / amount, 3), hop) for name, (cents, hop) in found.items()]
        return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))

    def tcr9(self, account: str, lo: int, hi: int, least: int) -> Answer:
        sums = [
            sum(m.cents for m in moves if lo <= m.ts < hi and m.cents > least)
            for moves in (
                [m for m in self.world.deposits if m.target == account],
                [m for m in self.world.repayments if m.source == account],
                self.into[account],
                self.out[account],
            )
        ]
        deposit, repay, came, went = sums

        def ratio(above: int, below: int) -> float:
            return round(above / below, 3) if below else -1

        return [(ratio(deposit, repay), ratio(deposit, went), ratio(came, went))]

    def tcr10(self, one: str, other: str, lo: int, hi: int) -> Answer:
        first, second = (
            {tie.target for tie in self.world.invests if tie.source == name and lo <= tie.ts < hi}
            for name in (one, other)
        )
        return [(round(len(first & second) / len(first | second), 3) if first | second else 0,)]

    def tcr11(self, person: str, lo: int, hi: int) -> Answer:
        chain = {person}
        while True:
            more = chain | {tie.target for tie in self.world.guarantees if tie.source in chain and lo <= tie.ts < hi}
            if more == chain:
                break
            chain = more
        loans = [loan for loan in self.world.loans.values() if loan[0] in chain - {person}]
        return [(sum(loan[2] for loan in loans), len(loans))]

    def tcr12(self, person: str, lo: int, hi: int) -> Answer:
        companies = {
            account
            for party, accounts in self.world.owns.items()
            if party.startswith("company:")
            for account in accounts
        }
        totals: dict[str, int] = defaultdict(int)
        for name in self.world.owns[person]:
            for m in self._inside(self.out[name], lo, hi):
                if m.target in companies:
                    totals[m.target] += m.cents
        return sorted(totals.items(), key=lambda row: (-row[1], row[0]))

    def tsr1(self, account: str) -> Answer:
        return [(True, account in self.world.blocked)]

    def tsr2(self, account: str, lo: int, hi: int) -> Answer:
        row: list[int] = []
        for side in (self.out, self.into):
            cents = [m.cents for m in self._inside(side[account], lo, hi)]
            row += [sum(cents), max(cents, default=-1), len(cents)]
        return [tuple(row)]

    def tsr3(self, account: str, lo: int, hi: int, least: int) -> Answer:
        came = self._inside(self.into[account], lo, hi, least)
        bad = sum(m.source in self.world.blocked for m in came)
        return [(round(bad / len(came), 3) if came else -1,)]

    def tsr4(self, account: str, lo: int, hi: int, least: int) -> Answer:
        return _by_other([(m.target, m.cents) for m in self._inside(self.out[account], lo, hi, least)])

    def tsr5(self, account: str, lo: int, hi: int, least: int) -> Answer:
        return _by_other([(m.source, m.cents) for m in self._inside(self.into[account], lo, hi, least)])

    def tsr6(self, account: str, lo: int, hi: int) -> Answer:
        payers = {m.source for m in self._inside(self.into[account], lo, hi)}
        paid = {m.target for name in payers for m in self._inside(self.out[name], lo, hi)} - {account}
        return [(name,) for name in sorted(paid & self.world.blocked.keys())]


def _by_other(pairs: list[tuple[str, int]]) -> Answer:
    totals: dict[str, list[int]] = {}
    for name, cents in pairs:
        total = totals.setdefault(name, [0, 0])
        total[0] += 1
        total[1] += cents
    return sorted(((name, *total) for name, total in totals.items()), key=lambda row: (-row[2], row[0]))
