"""A report record as a page: sections of sentences, figures, tables and one drawing, all in the record's language.

The result is plain JSON data; the HTML and the PDF template print it and decide nothing but its look.
"""

from __future__ import annotations

from typing import Any

from reports import formats, view_tables
from reports.cells import Block, Writer, figures, groups, sentences, table
from reports.record import OperatorSection, ReportRecord

Section = dict[str, Any]


def page_of(record: ReportRecord) -> dict[str, Any]:
    """The page: title, envelope and numbered sections. Empty sections say so instead of being dropped."""
    write = Writer.of(record)
    sections = [_section("summary", _summary(record, write), write)]
    if record.operator is not None:
        sections.append(_section("subject_operator", _operator(record.operator, write), write))
    sections += [
        _section("members", view_tables.members(record, write), write),
        _section("flow", view_tables.flow(record, write), write),
        _section("technical", view_tables.technical(record, write), write),
        _section("connections", view_tables.connections(record, write), write),
    ]
    if record.operator is None:
        sections.append(_section("typologies", view_tables.typologies(record, write), write))
    sections += [
        _section("recommendations", view_tables.recommendations(record, write), write),
        _section("links", view_tables.links(record, write), write),
        _section("method", [sentences(write.sentence(item) for item in record.method)], write),
        _section("limits", [sentences(write.sentence(item) for item in record.limits)], write),
        _section("gaps", [sentences(write.sentence(item) for item in record.gaps)], write),
        _section("digests", [view_tables.digests(record, write)], write),
        _section("annex_transactions", [view_tables.transactions(record, write)], write, wide=True),
        _section("annex_facts", [view_tables.facts(record, write)], write, wide=True),
    ]
    for number, section in enumerate(sections, 1):
        section["number"] = number
    envelope = record.envelope
    return {
        "language": str(envelope.language),
        "title": write.name(f"title_{envelope.kind}"),
        "subject": envelope.subject_id,
        "report_id": envelope.report_id,
        "notice": write.name("notice"),
        "as_of_ts": envelope.as_of.ts,
        "words": {key: write.name(key) for key in ("page", "of", "none_found", "code_points")},
        "envelope": _envelope(record, write),
        "sections": sections,
    }


def _section(key: str, blocks: list[Block], write: Writer, *, wide: bool = False) -> Section:
    return {"key": key, "title": write.name(key), "wide": wide, "blocks": blocks}


def _envelope(record: ReportRecord, write: Writer) -> Block:
    envelope, language = record.envelope, record.envelope.language
    place = write.name("as_of_value").format(
        log=envelope.as_of.log_id, position=formats.whole(envelope.as_of.position, language)
    )
    window = [formats.utc_time(ts, language) for ts in (envelope.window_first_ts, envelope.window_last_ts) if ts]
    versions = ", ".join(f"{part} {version}" for part, version in envelope.versions)
    return figures(
        (
            (write.name("report_id"), write.id(envelope.report_id)),
            (write.name("subject"), write.id(envelope.subject_id)),
            (write.name("as_of"), write.text(f"{place}; {formats.utc_time(envelope.as_of.ts, language)} UTC")),
            (write.name("window"), write.text(" - ".join(window) + " UTC" if window else None)),
            (write.name("versions"), write.text(versions)),
        )
    )


def _summary(record: ReportRecord, write: Writer) -> list[Block]:
    summary, totals = record.summary, record.summary.totals
    score = (
        ""
        if summary.confidence_score is None
        else f" ({formats.decimal(summary.confidence_score, write.language)} {write.name('of_100')})"
    )
    asked = [(write.name(answer.question), map(write.sentence, answer.statements)) for answer in summary.answers]
    asked.append((write.name("confidence"), map(write.sentence, summary.confidence_reasons)))
    asked.append((write.name("not_known"), map(write.sentence, summary.unknown)))
    return [
        figures(
            (
                (write.name("in"), write.money(totals.in_cents)),
                (write.name("out"), write.money(totals.out_cents)),
                (write.name("retained"), write.money(totals.retained_cents)),
                (write.name("moved"), write.money(totals.moved_cents)),
                (write.name("transactions"), write.number(totals.transactions)),
                (write.name("accounts"), write.number(totals.accounts)),
                (write.name("payers"), write.number(totals.payers)),
                (write.name("confidence"), write.text(write.name(summary.confidence) + score)),
                (write.name("first"), write.local(totals.first_ts)),
                (write.name("last"), write.local(totals.last_ts)),
            )
        ),
        groups(asked),
    ]


def _operator(operator: OperatorSection, write: Writer) -> list[Block]:
    domains = table(
        write.heads(
            ("item", "registered", "age_days", "first", "last", "listed", "evidence"), (2.8, 2.3, 1.2, 2.3, 2.3, 1.8, 2)
        ),
        (
            (
                "",
                (
                    write.id(row.domain),
                    write.local(row.registered_ts),
                    write.number(row.age_days),
                    write.local(row.first_ts),
                    write.local(row.last_ts),
                    write.names(row.listed),
                    write.evidence(row.source.evidence_ids, row.source.total_events, row.source.basis),
                ),
            )
            for row in operator.domains
        ),
    )
    collectors = table(
        write.heads(
            ("account", "count", "collected", "payers", "first", "last", "rings", "evidence"),
            (2.5, 0.8, 1.8, 1.4, 2.3, 2.3, 2, 1.9),
        ),
        (
            (
                "",
                (
                    write.id(row.account),
                    write.number(row.count),
                    write.money(row.collected_cents),
                    write.number(row.payers),
                    write.local(row.first_ts),
                    write.local(row.last_ts),
                    write.names(row.rings),
                    write.evidence(row.source.evidence_ids, row.source.total_events, row.source.basis),
                ),
            )
            for row in operator.collectors
        ),
    )
    said = sentences(write.sentence(item) for item in (operator.licence, *operator.identity))
    return [said, domains, collectors]
