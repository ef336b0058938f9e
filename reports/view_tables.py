"""The sections of a report that are mostly tables, one function each, as blocks of `reports.cells`."""

from __future__ import annotations

from reports import formats
from reports.cells import Block, Writer, figures, sentences, table
from reports.diagram import flow_svg
from reports.record import Hop, MoneyFlow, ReportRecord


def members(record: ReportRecord, write: Writer) -> list[Block]:
    return [
        table(
            write.heads(
                ("number", "account", "role", "membership", "in", "out", "role_reason"),
                (0.7, 2.7, 2.1, 1.1, 1.8, 1.8, 4.8),
            ),
            (
                (
                    f"M{row.number}",
                    (
                        write.text(f"M{row.number}"),
                        write.id(row.account),
                        write.text(write.name(row.role)),
                        write.text(formats.percent(row.score, write.language)),
                        write.money(row.in_cents),
                        write.money(row.out_cents),
                        write.said(row.reasons)
                        | ({"note": f"{write.name('listed')}: {', '.join(row.listed)}"} if row.listed else {}),
                    ),
                )
                for row in record.members
            ),
        )
    ]


def flow(record: ReportRecord, write: Writer) -> list[Block]:
    blocks = [sentences(write.sentence(item) for item in record.flow.statements)]
    if record.flow.hops:
        figure = {"type": "figure", "svg": flow_svg(record.flow, record.members, write.language)}
        blocks.append(figure | {"alt": write.name("flow_figure")})
        blocks.append(
            table(
                write.heads(("layer", "accounts", "in", "out", "largest"), (1, 1, 2, 2, 6)),
                (
                    (
                        "",
                        (
                            write.number(layer.number),
                            write.number(layer.accounts),
                            write.money(layer.in_cents),
                            write.money(layer.out_cents),
                            write.names(layer.largest),
                        ),
                    )
                    for layer in record.flow.layers
                ),
            )
        )
        blocks.append(
            table(
                write.heads(
                    ("first", "from", "to", "layers", "count", "amount", "evidence"), (2.2, 3, 3, 1.3, 0.8, 1.8, 1.9)
                ),
                (
                    (
                        "",
                        (
                            write.local(hop.first_ts),
                            write.id(hop.source),
                            write.id(hop.target),
                            write.text(f"{hop.source_layer} \u2192 {hop.target_layer}"),
                            write.number(hop.count),
                            write.money(hop.sum_cents),
                            write.evidence(hop.evidence_ids, hop.total_events),
                        ),
                    )
                    for hop in _largest(record.flow)
                ),
            )
        )
    return blocks


def _largest(flow: MoneyFlow) -> list[Hop]:
    """The hops that the table lists, in order of time."""
    ranked = sorted(range(len(flow.hops)), key=lambda place: (-flow.hops[place].sum_cents, place))
    return [flow.hops[place] for place in sorted(ranked[: flow.listed])]


def technical(record: ReportRecord, write: Writer) -> list[Block]:
    rows = [
        (
            "",
            (
                write.text(write.name(row.label)),
                write.id(row.id)
                | ({"note": f"{write.name('ports')}: {', '.join(map(str, row.ports))}"} if row.ports else {}),
                write.number(row.account_count),
                write.number(row.count),
                write.local(row.first_ts),
                write.local(row.last_ts),
                write.names(row.listed),
                write.evidence(row.evidence_ids, row.total_events, row.basis),
            ),
        )
        for row in record.technical.means
    ]
    weights = (1.7, 2.8, 1.1, 0.8, 2.3, 2.3, 1.6, 1.9)
    return [
        sentences(write.sentence(item) for item in record.technical.statements),
        table(write.heads(("kind", "item", "accounts", "count", "first", "last", "listed", "evidence"), weights), rows),
    ]


def connections(record: ReportRecord, write: Writer) -> list[Block]:
    return [
        table(
            write.heads(("kind", "item", "through", "what_shows"), (1.2, 3, 4, 5)),
            (
                (
                    "",
                    (
                        write.text(write.name(row.label)),
                        write.id(row.id),
                        write.names(row.through) | {"note": write.name(row.through_label)},
                        write.said((row.statement,)),
                    ),
                )
                for row in record.connections
            ),
        )
    ]


def typologies(record: ReportRecord, write: Writer) -> list[Block]:
    return [
        table(
            write.heads(("indicator", "value", "points", "what_shows"), (2.2, 1.3, 1.1, 7)),
            (
                (
                    "",
                    (
                        write.id(row.name),
                        write.number(row.value, places=2),
                        write.number(row.points, places=2),
                        write.said((row.statement,)) | ({"note": row.missing} if row.missing else {}),
                    ),
                )
                for row in record.typologies
            ),
        )
    ]


def recommendations(record: ReportRecord, write: Writer) -> list[Block]:
    return [
        table(
            write.heads(("number", "measure", "what_shows", "targets"), (0.7, 2.3, 5, 4)),
            (
                (
                    "",
                    (
                        write.text(number),
                        write.text(write.name(row.action)) | {"style": "strong"},
                        write.said((row.statement,)),
                        write.names([target for _, target in row.targets], limit=30),
                    ),
                )
                for number, row in enumerate(record.recommendations, 1)
            ),
        )
    ]


def links(record: ReportRecord, write: Writer) -> list[Block]:
    return [
        table(
            write.heads(
                ("kind", "from", "to", "count", "amount", "first", "last", "evidence"),
                (1.5, 2.6, 2.6, 0.8, 1.8, 2.3, 2.3, 1.9),
            ),
            (
                (
                    "",
                    (
                        write.text(write.name(row.kind)),
                        write.id(row.source[1]),
                        write.id(row.target[1]),
                        write.number(row.count),
                        write.money(row.sum_cents),
                        write.local(row.first_ts),
                        write.local(row.last_ts),
                        write.evidence(row.evidence_ids, row.total_events, row.basis),
                    ),
                )
                for row in record.links
            ),
        )
    ]


def digests(record: ReportRecord, write: Writer) -> Block:
    return figures((f"{write.name(row.name)} ({row.algorithm})", write.id(row.value)) for row in record.digests)


def transactions(record: ReportRecord, write: Writer) -> Block:
    return table(
        write.heads(
            ("number", "tx_id", "kind", "time_utc", "time_local", "from", "to", "amount", "position", "hash"),
            (0.9, 3, 1.6, 2.2, 2.2, 2.8, 2.8, 2, 1.1, 3.2),
        ),
        (
            (
                f"T{row.number}",
                (
                    write.text(f"T{row.number}"),
                    write.id(row.event_id.removeprefix("tx:")),
                    write.text(write.name(row.kind)),
                    write.utc(row.ts),
                    write.local(row.ts),
                    write.id(row.source),
                    write.id(row.target),
                    write.money(row.amount_cents, currency=row.currency),
                    write.number(row.offset),
                    write.id(row.content_hash),
                ),
            )
            for row in record.transactions
        ),
    )


def facts(record: ReportRecord, write: Writer) -> Block:
    return table(
        write.heads(
            ("number", "event", "kind", "time_utc", "time_local", "content", "position", "hash"),
            (0.9, 2.4, 2, 2.2, 2.2, 6, 1.1, 3.2),
        ),
        (
            (
                f"F{row.number}",
                (
                    write.text(f"F{row.number}"),
                    write.id(row.event_id),
                    write.text(write.name(row.kind)),
                    write.utc(row.ts),
                    write.local(row.ts),
                    write.id("; ".join(f"{field}: {value}" for field, value in row.content)),
                    write.number(row.offset),
                    write.id(row.content_hash),
                ),
            )
            for row in record.facts
        ),
    )
