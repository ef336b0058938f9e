"""Alerts: the decisions of a day that are within the alert budget they were made under, best first.

An alert is a decision with a rank, not a copy of one: when a late event changes scores, the day's alerts follow.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, and_, func, or_, select

from ledger.decisions import find_scores
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import Alert
from ledger.tables import decisions

_ORDER = "alerts"


def page_of_alerts(connection: Connection, *, tenant: str, day: date, after: str | None, limit: int) -> Page[Alert]:
    """One tenant's alerts of a day (see `graph.days`): highest score first, equal ones by transaction id.

    A decision is one of them while fewer candidates of its day and tenant stand before it than its budget allows.
    """
    best = (decisions.c.score.desc(), decisions.c.tx_id)
    ranked = (
        select(
            decisions.c.tx_id,
            decisions.c.score,
            decisions.c.alert_budget,
            func.row_number().over(order_by=best).label("rank"),
        )
        .where(decisions.c.tenant == tenant, decisions.c.day == day.toordinal(), decisions.c.alert_budget > 0)
        .subquery()
    )
    wanted = select(ranked.c.tx_id, ranked.c.score, ranked.c.rank).where(ranked.c.rank <= ranked.c.alert_budget)
    if after is not None:
        score, tx_id = read_cursor(_ORDER, after, tuple[float, str])
        wanted = wanted.where(or_(ranked.c.score < score, and_(ranked.c.score == score, ranked.c.tx_id > tx_id)))
    rows = connection.execute(wanted.order_by(ranked.c.rank).limit(limit + 1)).fetchall()
    scores = find_scores(connection, (row.tx_id for row in rows[:limit]))
    more = make_cursor(_ORDER, rows[limit - 1].score, rows[limit - 1].tx_id) if len(rows) > limit else None
    return Page(tuple(Alert(row.rank, day, tenant, scores[row.tx_id]) for row in rows[:limit]), more)


def days_with_alerts(connection: Connection, *, tenant: str, limit: int) -> list[date]:
    """The newest days on which a tenant has alerts."""
    rows = connection.execute(
        select(decisions.c.day)
        .where(decisions.c.tenant == tenant, decisions.c.alert_budget > 0)
        .group_by(decisions.c.day)
        .order_by(decisions.c.day.desc())
        .limit(limit)
    )
    return [date.fromordinal(day) for (day,) in rows]
