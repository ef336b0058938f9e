"""Jobs about betting money: paid in and taken out with hardly a bet, and two accounts that bet against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cypher.anchored import anchored
from cypher.job import HOUR_MS, Job, JobParam, JobRun, hours
from cypher.movement_params import READS_ALL, WINDOW, span_params
from cypher.movements import ACCOUNTS_PER_PAGE, I64, Movements, read_movements
from graph.events import MovementKind, NodeKind
from graph.evidence import EVIDENCE_LIMIT, Evidence, RingKind

BASIS_POINTS = 10_000
#: Earlier bets of others on one market that a bet is compared with.
BESIDE = 64
_BACK = (str(MovementKind.PAYOUT), str(MovementKind.WITHDRAWAL), str(MovementKind.REFUND))


def deposit_withdraw(run: JobRun) -> None:
    """Fill `run` with accounts that paid in and got it back with few bets in between; most money first."""
    table = read_movements(run)
    kinds = np.array(table.kinds, dtype=object)
    paid_in = kinds == str(MovementKind.DEPOSIT)
    staked = kinds == str(MovementKind.BET)
    back = np.isin(kinds.astype(str), _BACK)
    found = []
    for account in np.unique(table.source[paid_in]).tolist():
        if run.stopped():
            break
        sent, received = table.sent[account], table.received[account]
        best = _turnover(table, sent[paid_in[sent]], received[back[received]], sent[staked[sent]], run)
        if best is not None:
            found.append((-best.in_cents, account, best))
    for _, account, best in sorted(found, key=lambda each: each[:2]):
        name = table.names[account]
        places = best.places
        first, last = int(table.ts[places[0]]), int(table.ts[places[-1]])
        row = {
            "id": name,
            "in_cents": best.in_cents,
            "out_cents": best.out_cents,
            "bet_cents": best.bet_cents,
            "first_ts": first,
            "last_ts": last,
        }
        finding = Evidence(
            "deposit_withdraw",
            (
                ("amount_cents", best.in_cents),
                ("share", round(best.out_cents / best.in_cents, 4)),
                ("bet_share", round(best.bet_cents / best.in_cents, 4)),
                ("hours", hours(last - first)),
            ),
            table.event_ids(places),
            len(places),
            ((str(NodeKind.ACCOUNT), name),),
        )
        if not run.keep(row, finding):
            return


@dataclass(frozen=True, slots=True)
class _Turnover:
    places: list[int]
    in_cents: int
    out_cents: int
    bet_cents: int


def _turnover(table: Movements, paid_in: I64, back: I64, staked: I64, run: JobRun) -> _Turnover | None:
    """The first window, from a deposit on, in which enough came back and little enough was staked."""
    for start in np.unique(table.ts[paid_in]).tolist():
        end = start + run.number("window_ms")
        deposits, bets = _inside(table, paid_in, start, end), _inside(table, staked, start, end)
        returned = _inside(table, back, start + 1, end)
        came, went, bet = (int(table.cents[each].sum()) for each in (deposits, returned, bets))
        enough = came >= run.number("min_cents") and went * BASIS_POINTS >= came * run.number("min_share_bp")
        if enough and bet * BASIS_POINTS <= came * run.number("max_bet_share_bp"):
            return _Turnover(sorted([*deposits.tolist(), *returned.tolist(), *bets.tolist()]), came, went, bet)
    return None


def _inside(table: Movements, places: I64, start: int, end: int) -> I64:
    times = table.ts[places]
    return places[np.searchsorted(times, start) : np.searchsorted(times, end, side="right")]


@dataclass(frozen=True, slots=True)
class _Bet:
    account: str
    tx_id: str
    ts: int
    cents: int
    side: str


def opposite_bets(run: JobRun) -> None:
    """Fill `run` with pairs that bet against each other on `min_times` markets or more; the most often first."""
    meetings: dict[tuple[str, str], dict[str, tuple[_Bet, _Bet]]] = defaultdict(dict)
    for market, bets in sorted(_markets(run).items()):
        _meet(run, market, bets, meetings)
    pairs = [(pair, met) for pair, met in meetings.items() if len(met) >= run.number("min_times")]
    for pair, met in sorted(pairs, key=lambda each: (-len(each[1]), each[0])):
        bets = sorted({bet.tx_id: bet for both in met.values() for bet in both}.values(), key=lambda b: (b.ts, b.tx_id))
        cents = sum(bet.cents for bet in bets)
        row = {
            "accounts": list(pair),
            "markets": sorted(met),
            "count": len(bets),
            "sum_cents": cents,
            "first_ts": bets[0].ts,
            "last_ts": bets[-1].ts,
        }
        finding = Evidence(
            "opposite_bets",
            (
                ("count", len(bets)),
                ("hours", hours(bets[-1].ts - bets[0].ts)),
                ("amount_cents", cents),
                ("accounts", 2),
            ),
            tuple(f"tx:{bet.tx_id}" for bet in bets[:EVIDENCE_LIMIT]),
            len(bets),
            tuple((str(NodeKind.ACCOUNT), account) for account in pair),
        )
        if not run.keep(row, finding):
            return


def _markets(run: JobRun) -> dict[str, list[_Bet]]:
    """Bets by market, those with enough bettors' sides to meet on; each by (ts, tx_id)."""
    markets: dict[str, list[_Bet]] = defaultdict(list)
    after = ""
    span = {"lo": run.params["lo"], "hi": run.params["hi"]}
    while page := run.ask("jobs/account_page", {"after": after, "limit": ACCOUNTS_PER_PAGE}):
        after = page[-1]["id"]
        for account, rows in anchored(run, "jobs/bets", [row["id"] for row in page], span, batch=2_000):
            for row in rows:
                bet = _Bet(account, row["tx_id"], row["ts"], row["amount_cents"], row["side"])
                markets[row["market"]].append(bet)
    return {name: sorted(bets, key=lambda bet: (bet.ts, bet.tx_id)) for name, bets in markets.items()}


def _meet(
    run: JobRun, market: str, bets: Sequence[_Bet], meetings: dict[tuple[str, str], dict[str, tuple[_Bet, _Bet]]]
) -> None:
    gap, similar = run.number("gap_ms"), run.number("min_similar_bp")
    start = 0
    for index, bet in enumerate(bets):
        while bet.ts - bets[start].ts > gap:
            start += 1
        if index - start > BESIDE:
            run.cut("crowded_market")
        for other in bets[max(start, index - BESIDE) : index]:
            if other.account == bet.account or other.side == bet.side:
                continue
            if min(bet.cents, other.cents) * BASIS_POINTS < max(bet.cents, other.cents) * similar:
                continue
            pair = (other.account, bet.account) if other.account < bet.account else (bet.account, other.account)
            meetings[pair].setdefault(market, (other, bet))


DEPOSIT_WITHDRAW = Job(
    "deposit_withdraw",
    1,
    "accounts that pay in, hardly bet, and take the money out again",
    READS_ALL,
    (
        *span_params(),
        JobParam("window_ms", 72 * HOUR_MS, WINDOW, low=1),
        JobParam("min_cents", 50_000, "least money paid in (cents)", low=1),
        JobParam("min_share_bp", 8_000, "least share of it that came back, in hundredths of a percent", low=1),
        JobParam("max_bet_share_bp", 1_000, "largest share of it that was staked, in hundredths of a percent"),
    ),
    ("jobs/account_page", "jobs/movements"),
    deposit_withdraw,
    telling=True,
)
OPPOSITE_BETS = Job(
    "opposite_bets",
    1,
    "pairs of accounts that time and again bet on opposite sides of one market",
    "reads every bet that names its market once, in pages",
    (
        *span_params()[:2],
        JobParam("gap_ms", 15 * 60_000, "longest time between the two bets (ms)", low=0),
        JobParam("min_similar_bp", 5_000, "smaller stake as a share of the larger, at least", low=1, high=BASIS_POINTS),
        JobParam("min_times", 3, "fewest markets on which they met", low=1),
    ),
    ("jobs/account_page", "jobs/bets"),
    opposite_bets,
    kind=RingKind.OPPOSITE_BETS,
)
