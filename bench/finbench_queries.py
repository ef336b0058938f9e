"""The FinBench-derived reads over a store: 12 complex and 6 simple ones, hop by hop where the number of hops varies.

Windows are lo <= ts < hi in epoch ms, amounts cents, thresholds exclusive. Answers are plain lists in a fixed order, so
that they can be compared with the oracle's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cypher.catalog import Catalog
from graph.store.protocol import GraphReader, Row

HOPS = 3
Answer = list[tuple[Any, ...]]


class Reads:
    """Every read by its name, `tcr1` to `tcr12` and `tsr1` to `tsr6`."""

    def __init__(self, catalog: Catalog, store: GraphReader) -> None:
        self._catalog, self._store = catalog, store

    def _ask(self, name: str, **params: object) -> list[Row]:
        return self._catalog.read(self._store, f"finbench/{name}", **params)

    def _accounts(self, party: str) -> list[str]:
        return [row["id"] for row in self._ask("accounts_of", id=party)]

    def tcr1(self, account: str, lo: int, hi: int) -> Answer:
        """(account, hops, medium): reached by rising transfers within 3 hops and signed in from a blocked medium."""
        hops = self._reached(account, lo, hi)
        media = self._ask("blocked_sign_ins", ids=sorted(hops), lo=lo, hi=hi) if hops else []
        return sorted((hops[row["id"]], row["id"], row["medium"]) for row in media)

    def _reached(self, account: str, lo: int, hi: int) -> dict[str, int]:
        here = {account: lo - 1}
        found: dict[str, int] = {}
        for hop in range(1, HOPS + 1):
            rows = self._ask("hop_out", rows=[{"id": name, "ts": ts} for name, ts in here.items()], hi=hi)
            here = _earliest((row["other"], row["first_ts"]) for row in rows)
            for name in here:
                found.setdefault(name, hop)
            if not here:
                break
        found.pop(account, None)
        return found

    def tcr2(self, person: str, lo: int, hi: int) -> Answer:
        """(account, loan amount, loan balance) of accounts that fed the person's within 3 hops in order of time."""
        own = self._accounts(person)
        here, found = dict.fromkeys(own, hi), set()
        for _ in range(HOPS):
            if not here:
                break
            rows = self._ask("hop_in", rows=[{"id": name, "ts": ts} for name, ts in here.items()], lo=lo)
            here = {}
            for row in rows:
                here[row["other"]] = max(here.get(row["other"], lo), row["last_ts"])
            found |= set(here)
        loans = self._ask("loans_into", ids=sorted(found - set(own)), lo=lo, hi=hi)
        totals: dict[str, list[int]] = {}
        for row in loans:
            total = totals.setdefault(row["id"], [0, 0])
            total[0] += row["cents"]
            total[1] += row["balance_cents"]
        return sorted(((name, *total) for name, total in totals.items()), key=lambda row: (-row[1], row[0]))

    def tcr3(self, source: str, target: str, lo: int, hi: int) -> Answer:
        """Length of a shortest transfer path inside the window, -1 when there is none; searched from both ends."""
        ahead, behind = {source}, {target}
        outward, inward, hops = [source], [target], 0
        while outward and inward and ahead.isdisjoint(behind):
            hops += 1
            if len(outward) <= len(inward):
                rows = self._ask("hop_out", rows=[{"id": name, "ts": lo - 1} for name in outward], hi=hi)
                outward = sorted({row["other"] for row in rows} - ahead)
                ahead |= set(outward)
            else:
                rows = self._ask("hop_in", rows=[{"id": name, "ts": hi} for name in inward], lo=lo)
                inward = sorted({row["other"] for row in rows} - behind)
                behind |= set(inward)
        return [(-1 if ahead.isdisjoint(behind) else hops,)]

    def tcr4(self, source: str, target: str, lo: int, hi: int) -> Answer:
        """(third account, its transfers to source, those from target), when source paid target in the window."""
        paid = self._ask("transfers", ids=[source], lo=lo, hi=hi)
        if not any(row["other"] == target for row in paid):
            return []
        rows = self._ask("closing", source=source, target=target, lo=lo, hi=hi)
        names = ("id", "out_count", "out_cents", "out_max", "in_count", "in_cents", "in_max")
        return [tuple(row[name] for name in names) for row in rows]

    def tcr5(self, person: str, lo: int, hi: int) -> Answer:
        """Every trace of distinct accounts over 1 to 3 rising transfers out of the person's accounts."""
        traces: set[tuple[str, ...]] = set()
        ways: set[tuple[tuple[str, ...], int]] = {((name,), lo - 1) for name in self._accounts(person)}
        for _ in range(HOPS):
            if not ways:
                break
            ends = sorted({way[-1] for way, _ in ways})
            out: dict[str, list[tuple[str, int]]] = {}
            for row in self._ask("transfers", ids=ends, lo=lo, hi=hi):
                out.setdefault(row["id"], []).append((row["other"], row["ts"]))
            ways = {
                ((*way, other), ts)
                for way, moment in ways
                for other, ts in out.get(way[-1], ())
                if ts > moment and other not in way
            }
            traces |= {way for way, _ in ways}
        return sorted(traces, key=lambda way: (-len(way), way))

    def tcr6(self, card: str, lo: int, hi: int, min_in: int, min_out: int) -> Answer:
        """(account, pooled, withdrawn) of accounts that pooled from more than 3 and were withdrawn to the card."""
        rows = self._ask("pooled", id=card, lo=lo, hi=hi, min_in_cents=min_in, min_out_cents=min_out)
        return [(row["id"], row["in_cents"], row["out_cents"]) for row in rows]

    def tcr7(self, account: str, lo: int, hi: int, least: int) -> Answer:
        """(distinct sources, distinct targets, money in / money out), the ratio -1 when nothing went out."""
        for row in self._ask("in_and_out", id=account, lo=lo, hi=hi, min_cents=least):
            ratio = round(row["in_cents"] / row["out_cents"], 3) if row["out_cents"] else -1
            return [(row["sources"], row["targets"], ratio)]
        return [(0, 0, -1)]

    def tcr8(self, loan: str, lo: int, hi: int, share_bp: int) -> Answer:
        """(account, share of the loan, hops) along hops that carry more than a share of what came in before."""
        paid_out = self._ask("flow", ids=[loan], lo=lo, hi=hi, kinds=["deposit"])
        here = {row["other"]: row["cents"] for row in paid_out}
        amount = sum(here.values())
        found = {name: (cents, 1) for name, cents in here.items()}
        for hop in range(2, HOPS + 2):
            if not here:
                break
            following: dict[str, int] = {}
            for row in self._ask("flow", ids=sorted(here), lo=lo, hi=hi, kinds=["transfer", "withdrawal"]):
                if row["cents"] * 10_000 > here[row["id"]] * share_bp and row["other"] not in found:
                    following[row["other"]] = following.get(row["other"], 0) + row["cents"]
            found |= {name: (cents, hop) for name, cents in following.items()}
            here = following
        rows = [(name, round(cents / amount, 3), hop) for name, (cents, hop) in found.items()]
        return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))

    def tcr9(self, account: str, lo: int, hi: int, least: int) -> Answer:
        """(deposits / repayments, deposits / transfers out, transfers in / transfers out), -1 where it has no sense."""
        for row in self._ask("loan_money", id=account, lo=lo, hi=hi, min_cents=least):
            deposit, out = row["deposit_cents"], row["out_cents"]
            return [(_ratio(deposit, row["repay_cents"]), _ratio(deposit, out), _ratio(row["in_cents"], out))]
        return [(-1, -1, -1)]

    def tcr10(self, one: str, other: str, lo: int, hi: int) -> Answer:
        """Jaccard similarity of the companies that two persons invested in."""
        rows = self._ask("party_links", ids=[one, other], channel="invest", lo=lo, hi=hi)
        first, second = ({row["other"] for row in rows if row["id"] == name} for name in (one, other))
        return [(round(len(first & second) / len(first | second), 3) if first | second else 0,)]

    def tcr11(self, person: str, lo: int, hi: int) -> Answer:
        """(sum of loans, how many) of everybody along the guarantee chain of a person."""
        seen, here = {person}, [person]
        while here:
            rows = self._ask("party_links", ids=here, channel="guarantee", lo=lo, hi=hi)
            here = sorted({row["other"] for row in rows} - seen)
            seen |= set(here)
        loans = self._ask("loans_of", ids=sorted(seen - {person}))
        return [(sum(row["cents"] for row in loans), len(loans))]

    def tcr12(self, person: str, lo: int, hi: int) -> Answer:
        """(account of a company, what the person's accounts transferred to it), most money first."""
        rows = self._ask("to_companies", ids=self._accounts(person), lo=lo, hi=hi)
        return [(row["id"], row["cents"]) for row in rows]

    def tsr1(self, account: str) -> Answer:
        """Whether the account is known, and whether it is blocked."""
        known = self._catalog.read(self._store, "read/account", id=account)
        return [(bool(known), bool(self._ask("blocked_among", ids=[account])))]

    def tsr2(self, account: str, lo: int, hi: int) -> Answer:
        """(sum, largest, count) of transfers out and in; -1 for the largest of none."""
        for row in self._ask("in_and_out", id=account, lo=lo, hi=hi, min_cents=-1):
            ways = [(row[f"{way}_cents"], row[f"{way}_max"], row[f"{way}_count"]) for way in ("out", "in")]
            return [tuple(-1 if value is None else value for way in ways for value in way)]
        return [(0, -1, 0, 0, -1, 0)]

    def tsr3(self, account: str, lo: int, hi: int, least: int) -> Answer:
        """Share of the incoming transfers above a bound that came from blocked accounts; -1 when there is none."""
        rows = self._ask("counterparts_in", id=account, lo=lo, hi=hi, min_cents=least)
        if not rows:
            return [(-1,)]
        bad = {row["id"] for row in self._ask("blocked_among", ids=[row["id"] for row in rows])}
        count = sum(row["count"] for row in rows)
        return [(round(sum(row["count"] for row in rows if row["id"] in bad) / count, 3),)]

    def tsr4(self, account: str, lo: int, hi: int, least: int) -> Answer:
        """(account, count, sum) of transfers out above a bound, most money first."""
        rows = self._ask("counterparts_out", id=account, lo=lo, hi=hi, min_cents=least)
        return [(row["id"], row["count"], row["cents"]) for row in rows]

    def tsr5(self, account: str, lo: int, hi: int, least: int) -> Answer:
        """(account, count, sum) of transfers in above a bound, most money first."""
        rows = self._ask("counterparts_in", id=account, lo=lo, hi=hi, min_cents=least)
        return [(row["id"], row["count"], row["cents"]) for row in rows]

    def tsr6(self, account: str, lo: int, hi: int) -> Answer:
        """Blocked accounts that share a payer with this one."""
        return [(row["id"],) for row in self._ask("blocked_beside", id=account, lo=lo, hi=hi)]


def _earliest(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, ts in pairs:
        found[name] = min(found.get(name, ts), ts)
    return found


def _ratio(above: int, below: int) -> float:
    return round(above / below, 3) if below else -1
