"""Decisions: the score given to each transaction, its counts, and the ways to find it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, tuple_

from graph.days import day_of
from graph.evidence import Decision, Score
from ledger.dialect import among, insert_new, upsert
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import canonical, check_finite, restore
from ledger.tables import decision_counts, decisions

DEGRADED = "degraded"
STREAM_ROWS = 2_000

_NEWEST = "scores"


class _Key(NamedTuple):
    ts: int
    tx_id: str


class Given(NamedTuple):
    """A score as it stood: value, decision and whole record."""

    value: float
    decision: str
    record: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What writing scores did: the records that are new or another now, and what stood before in place of them."""

    changed: dict[str, bytes]
    before: dict[str, Given]


def write_scores(connection: Connection, scores: Sequence[Score], *, replace: bool) -> Written:
    """Keep the scores; with `replace` a transaction's new score stands in place of its old one, else the old stays.

    The counts move by the difference between the rows before and after, so that repeating a batch changes nothing.
    """
    by_id = {score.tx_id: score for score in scores}
    if not by_id:
        return Written({}, {})
    for score in by_id.values():
        check_finite(score)
    records = {tx_id: canonical(score) for tx_id, score in by_id.items()}
    rows = [
        {
            "tx_id": score.tx_id,
            "ts": score.ts,
            "score": score.value,
            "decision": str(score.decision),
            "degraded": bool(score.degraded),
            "record": records[score.tx_id],
            "tenant": score.tenant,
            "day": day_of(score.ts).toordinal() if score.alert_budget else 0,
            "alert_budget": score.alert_budget,
        }
        for score in by_id.values()
    ]
    standing = _standing(connection, by_id)
    before = _counted(connection, by_id)
    if replace:
        upsert(connection, decisions, rows)
    else:
        insert_new(connection, decisions, rows)
    after = _counted(connection, by_id)
    _add_to_counts(connection, {name: after[name] - before[name] for name in after | before})
    changed = {
        tx_id: record
        for tx_id, record in records.items()
        if tx_id not in standing or (replace and standing[tx_id].record != record)
    }
    return Written(changed, standing)


def find_score(connection: Connection, tx_id: str) -> Score | None:
    """The score of one transaction, or None."""
    return find_scores(connection, (tx_id,)).get(tx_id)


def find_scores(connection: Connection, tx_ids: Iterable[str]) -> dict[str, Score]:
    """The scores of those transactions that have one."""
    found = connection.execute(
        select(decisions.c.tx_id, decisions.c.record).where(among(connection, decisions.c.tx_id, tx_ids))
    )
    return {tx_id: _score(tx_id, record) for tx_id, record in found}


def page_of_scores(connection: Connection, *, decision: Decision | None, after: str | None, limit: int) -> Page[Score]:
    """Newest first by (ts, tx_id); both parts of the order are in the index, so a page costs the same anywhere."""
    wanted = select(decisions.c.ts, decisions.c.tx_id, decisions.c.record)
    if decision is not None:
        wanted = wanted.where(decisions.c.decision == str(decision))
    if after is not None:
        wanted = wanted.where(tuple_(decisions.c.ts, decisions.c.tx_id) < tuple_(*read_cursor(_NEWEST, after, _Key)))
    rows = connection.execute(
        wanted.order_by(decisions.c.ts.desc(), decisions.c.tx_id.desc()).limit(limit + 1)
    ).fetchall()
    more = make_cursor(_NEWEST, *rows[limit - 1][:2]) if len(rows) > limit else None
    return Page(tuple(_score(tx_id, record) for _, tx_id, record in rows[:limit]), more)


def highest_scores(connection: Connection, limit: int) -> list[Score]:
    """The highest scores first; equal ones by transaction id, descending."""
    rows = connection.execute(
        select(decisions.c.tx_id, decisions.c.record)
        .order_by(decisions.c.score.desc(), decisions.c.tx_id.desc())
        .limit(limit)
    )
    return [_score(tx_id, record) for tx_id, record in rows]


def decision_counters(connection: Connection) -> dict[str, int]:
    """How many decisions of each kind there are, and how many were made degraded; every kind is named."""
    found = dict(connection.execute(select(decision_counts.c.name, decision_counts.c.count)).all())
    return {name: found.get(name, 0) for name in (*map(str, Decision), DEGRADED)}


def score_records(connection: Connection) -> Iterator[bytes]:
    """Every score's canonical bytes, streamed in no particular order."""
    rows = connection.execution_options(yield_per=STREAM_ROWS).execute(select(decisions.c.record))
    return (bytes(record) for (record,) in rows)


def forget_scores(connection: Connection) -> None:
    """Remove every decision and its counts."""
    connection.execute(delete(decisions))
    connection.execute(delete(decision_counts))


def _standing(connection: Connection, tx_ids: Iterable[str]) -> dict[str, Given]:
    """The scores that stand for these transactions; nearly always none, when they are new."""
    columns = decisions.c.tx_id, decisions.c.score, decisions.c.decision, decisions.c.record
    found = connection.execute(select(*columns).where(among(connection, decisions.c.tx_id, tx_ids)))
    return {tx_id: Given(value, decision, bytes(record)) for tx_id, value, decision, record in found}


def _counted(connection: Connection, tx_ids: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for decision, degraded, count in connection.execute(
        select(decisions.c.decision, decisions.c.degraded, func.count())
        .where(among(connection, decisions.c.tx_id, tx_ids))
        .group_by(decisions.c.decision, decisions.c.degraded)
    ):
        counts[decision] += count
        if degraded:
            counts[DEGRADED] += count
    return counts


def _add_to_counts(connection: Connection, differences: dict[str, int]) -> None:
    insert_new(connection, decision_counts, [{"name": name, "count": 0} for name in differences])
    for name, difference in differences.items():
        connection.execute(
            decision_counts.update()
            .where(decision_counts.c.name == name)
            .values(count=decision_counts.c.count + difference)
        )


def _score(tx_id: str, record: bytes) -> Score:
    return restore(Score, record, name=f"the score of {tx_id}")
