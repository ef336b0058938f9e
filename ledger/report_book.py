"""Reports that were made: about whom, as of when, and the hash by which a copy is recognised."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, tuple_

from ledger.dialect import among, upsert
from ledger.paging import Page, make_cursor, read_cursor
from ledger.records import ReportMade, canonical, restore
from ledger.tables import reports

_ORDER = "reports"
_PATHS = tuple[tuple[str, str], ...]


class _Key(NamedTuple):
    made_at: int
    report_id: str


def write_report(connection: Connection, report: ReportMade) -> None:
    """Keep the report; made again under the same id, the newer one stands."""
    row = {
        "report_id": report.report_id,
        "subject_kind": report.subject_kind,
        "subject_id": report.subject_id,
        "as_of": report.as_of,
        "language": report.language,
        "sha256": report.sha256,
        "paths": canonical(report.paths),
        "made_at": report.made_at,
    }
    upsert(connection, reports, [row])


def page_of_reports(
    connection: Connection, *, subject_kind: str | None, subject_id: str | None, after: str | None, limit: int
) -> Page[ReportMade]:
    """Newest first by (made_at, report_id)."""
    wanted = select(reports)
    if subject_kind is not None:
        wanted = wanted.where(among(connection, reports.c.subject_kind, (subject_kind,)))
    if subject_id is not None:
        wanted = wanted.where(among(connection, reports.c.subject_id, (subject_id,)))
    if after is not None:
        key = read_cursor(_ORDER, after, _Key)
        wanted = wanted.where(tuple_(reports.c.made_at, reports.c.report_id) < tuple_(*key))
    rows = connection.execute(
        wanted.order_by(reports.c.made_at.desc(), reports.c.report_id.desc()).limit(limit + 1)
    ).fetchall()
    last = rows[limit - 1] if len(rows) > limit else None
    more = make_cursor(_ORDER, last.made_at, last.report_id) if last is not None else None
    return Page(tuple(_report(row) for row in rows[:limit]), more)


def _report(row: Row[Any]) -> ReportMade:
    return ReportMade(
        report_id=row.report_id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        as_of=row.as_of,
        language=row.language,
        sha256=row.sha256,
        paths=restore(_PATHS, row.paths, name=f"report {row.report_id}"),
        made_at=row.made_at,
    )
