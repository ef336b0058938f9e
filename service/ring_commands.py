"""`tarrafa rings`: rings as they stand and stood, where they went, and what people decide about them."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from graph.days import parse_moment
from graph.errors import ConfigurationError, RejectedRecord
from graph.evidence import Evidence, Ring, Standing
from graph.lineage import RingVersion
from reports.formats import Language
from reports.phrases import phrase
from service.bootstrap import Service
from service.ring_desk import RingDesk
from service.run import iso
from service.settings import load_settings
from service.show import money, show_rows
from service.terminal import Home, KnownOn, StoreOption, complaints, console, opened, opened_for_reading

ring_app = typer.Typer(
    help="Rings: how they stand and stood, where they went, and what people decide about them.", no_args_is_help=True
)

RingId = Annotated[str, typer.Argument(metavar="RING", help="Id of the ring.")]
Accounts = Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Members of the ring.")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; the person logged in, when not given.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line.")]
Moment = Annotated[str | None, typer.Option("--at", help="Day or ISO 8601 time of the events' own clock.")]
Speech = Annotated[Language, typer.Option("--language", help="Language of the reasons.")]


@ring_app.command("list")
def list_rings(
    standing: Annotated[Standing | None, typer.Option("--standing", help="Only rings that stand so.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Most rings.")] = 50,
    as_known_on: KnownOn = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """List rings, highest score first; dismissed ones only when asked for."""
    wanted = set(Standing) - {Standing.DISMISSED} if standing is None else {standing}
    with opened_for_reading(load_settings(home=home, store=store), as_known_on) as service:
        page = service.ledger.rings(standing=wanted, limit=limit)
        rows = [_row(ring) for ring in page.items]
        show_rows(console, ("ring", "kind", "score", "size", "in", "out", "last", "standing", "by"), rows)
        if page.next is not None:
            complaints.print(f"there are more than {limit}; raise --limit", highlight=False)


@ring_app.command("show")
def show(
    ring_id: RingId,
    at: Moment = None,
    known: Annotated[str | None, typer.Option("--known", help="Day or time of the log's clock: as known then.")] = None,
    position: Annotated[int | None, typer.Option("--position", min=0, help="Offset of the log.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole record.")] = False,
    language: Speech = Language.EN,
    as_known_on: KnownOn = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show a ring as it stands, or as it stood at a moment; an id that was merged away shows its survivor."""
    with opened_for_reading(load_settings(home=home, store=store), as_known_on) as service:
        desk = RingDesk(service)
        if at is None and known is None and position is None:
            ring = service.ledger.ring(ring_id)
        else:
            version = desk.ring_at(ring_id, ts=_moment(at, "at"), known=_moment(known, "known"), position=position)
            ring = None if version is None else version.ring
            if version is not None:
                complaints.print(_version_line(version), highlight=False, markup=False)
        if ring is None:
            raise ConfigurationError(
                f"no ring is known as {ring_id}{' then' if at or known or position is not None else ''}",
                cure="see tarrafa rings list and tarrafa rings history",
            )
        if as_json:
            typer.echo(json.dumps(asdict(ring), ensure_ascii=False))
        else:
            _show_ring(ring, language)


@ring_app.command("history")
def history(ring_id: RingId, language: Speech = Language.EN, home: Home = None, store: StoreOption = None) -> None:
    """Show every version of a ring: when, what changed, and why."""
    with _desk(home, store, work=False) as (service, desk):
        versions = desk.versions(ring_id)
        current = service.ledger.ring(ring_id)
        if not versions and current is None:
            raise ConfigurationError(f"no ring is known as {ring_id}", cure="list them with tarrafa rings list")
        rows = [
            (
                str(one.version),
                iso(one.ts),
                str(one.position),
                ", ".join(change.replace("_", " ") for change in one.changes),
                "" if one.ring is None else str(len(one.ring.members)),
                "" if one.ring is None else f"{one.ring.score:g}",
                _reasons(one.because, language),
            )
            for one in versions
        ]
        show_rows(console, ("version", "events up to", "log entry", "what", "size", "score", "why"), rows)
        if current is not None and current.ring_id != ring_id:
            complaints.print(f"now part of {current.ring_id}", highlight=False)
        elif current is not None and (not versions or versions[-1].ring != current):
            complaints.print("changed since its last version; the next step of the log writes one", highlight=False)


@ring_app.command("diff")
def diff(
    ring_id: RingId,
    since: Annotated[str, typer.Option("--from", help="Day or ISO 8601 time with zone.")],
    until: Annotated[str | None, typer.Option("--to", help="Day or time; now, when not given.")] = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show what is different between a ring at two moments."""
    with _desk(home, store, work=False) as (service, desk):
        before = desk.ring_at(ring_id, ts=_moment(since, "from"))
        if until is None:
            after = service.ledger.ring(ring_id)
        else:
            later = desk.ring_at(ring_id, ts=_moment(until, "to"))
            after = None if later is None else later.ring
        if before is None and after is None:
            raise ConfigurationError(f"no ring was known as {ring_id} at either moment", cure="see its history")
        found = desk.diff(None if before is None else before.ring, after)
        rows = [
            ("members joined", ", ".join(member.account for member in found.joined)),
            ("members left", ", ".join(member.account for member in found.left)),
            ("roles", ", ".join(f"{one.account}: {one.before} > {one.after}" for one in found.roles)),
            ("links", f"+{len(found.links_added)} -{len(found.links_removed)}"),
            ("in", money(found.in_cents)),
            ("out", money(found.out_cents)),
            ("retained", money(found.retained_cents)),
            ("score", f"{found.score:+g}"),
            (
                "reasons",
                " ".join([*(f"+{one}" for one in found.reasons_added), *(f"-{one}" for one in found.reasons_removed)]),
            ),
        ]
        show_rows(console, (ring_id, "difference"), rows)


@ring_app.command("lineage")
def lineage(ring_id: RingId, home: Home = None, store: StoreOption = None) -> None:
    """Show where a ring came from, and where its members are now."""
    with _desk(home, store, work=False) as (_, desk):
        found = desk.lineage(ring_id)
        rows = [
            (iso(tie.ts), tie.source, tie.kind, tie.target, f"{tie.shared} of {tie.source_size}") for tie in found.ties
        ]
        show_rows(console, ("events up to", "ring", "what", "into", "accounts"), rows)
        held = [(one.ring_id or "no ring", str(len(one.accounts)), ", ".join(one.accounts[:8])) for one in found.now]
        show_rows(console, ("its members are now in", "how many", "which"), held)
        if found.truncated:
            complaints.print("truncated: more rings are tied to it than are followed", highlight=False)


@ring_app.command("verdicts")
def verdicts(
    ring_id: Annotated[str | None, typer.Argument(metavar="RING", help="Only of this ring.")] = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """List what people decided, newest first."""
    with _desk(home, store, work=False) as (_, desk):
        rows = [
            (
                one.event_id,
                iso(one.ts),
                one.verdict.act,
                one.verdict.ring,
                ", ".join(one.verdict.accounts[:5]) + (" ..." if len(one.verdict.accounts) > 5 else ""),
                one.author,
                one.approver,
                one.reason,
                "undone" if one.undone_by else "",
            )
            for one in desk.verdicts(ring_id, limit=500).items
        ]
        show_rows(console, ("verdict", "when", "what", "ring", "accounts", "author", "approver", "why", ""), rows)


@ring_app.command("confirm")
def confirm(ring_id: RingId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Say that it is a ring: it stays, and its members are labelled as fraud for training."""
    with _desk(home, store) as (_, desk):
        _say(desk.confirm(ring_id, by=_who(by), reason=reason))


@ring_app.command("dismiss")
def dismiss(ring_id: RingId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Say that it is none; counts once another person approved it."""
    with _desk(home, store) as (_, desk):
        _say(desk.dismiss(ring_id, by=_who(by), reason=reason))


@ring_app.command("approve")
def approve(ring_id: RingId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Agree to a dismissal that somebody else proposed."""
    with _desk(home, store) as (_, desk):
        _say(desk.approve(ring_id, by=_who(by), reason=reason))


@ring_app.command("pin")
def pin(ring_id: RingId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Let it keep its id and stay, whatever becomes of its score and age."""
    with _desk(home, store) as (_, desk):
        _say(desk.pin(ring_id, by=_who(by), reason=reason))


@ring_app.command("remove")
def remove(
    ring_id: RingId,
    accounts: Accounts,
    by: By = None,
    reason: Reason = "",
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Say that these accounts do not belong to it, now and later."""
    with _desk(home, store) as (_, desk):
        _say(desk.remove_members(ring_id, accounts, by=_who(by), reason=reason))


@ring_app.command("split")
def split(
    ring_id: RingId,
    accounts: Accounts,
    by: By = None,
    reason: Reason = "",
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Say that these accounts are a ring of their own, now and later."""
    with _desk(home, store) as (_, desk):
        _say(desk.split(ring_id, accounts, by=_who(by), reason=reason))


@ring_app.command("merge")
def merge(
    ring_id: RingId,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Id of the other ring.")],
    by: By = None,
    reason: Reason = "",
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Say that the two are one ring."""
    with _desk(home, store) as (_, desk):
        _say(desk.merge(ring_id, other, by=_who(by), reason=reason))


@ring_app.command("undo")
def undo(
    verdict: Annotated[str, typer.Argument(metavar="VERDICT", help="Id of the verdict, see tarrafa rings verdicts.")],
    by: By = None,
    reason: Reason = "",
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Take an earlier decision back, with the labels that it gave."""
    with _desk(home, store) as (_, desk):
        _say(desk.undo(verdict, by=_who(by), reason=reason))


@contextmanager
def _desk(home: Path | None, store: str | None, *, work: bool = True) -> Iterator[tuple[Service, RingDesk]]:
    with opened(load_settings(home=home, store=store), work=work) as service:
        yield service, RingDesk(service)


def _who(by: str | None) -> str:
    return getpass.getuser() if by is None else by


def _moment(text: str | None, field: str) -> int | None:
    try:
        return None if text is None else parse_moment(text, field=field)
    except RejectedRecord as error:
        raise ConfigurationError(str(error), cure="see --help") from error


def _row(ring: Ring) -> tuple[str, ...]:
    standing = ring.standing
    return (
        ring.ring_id,
        ring.kind.replace("_", " "),
        f"{ring.score:.0f}",
        str(len(ring.members)),
        money(ring.in_cents),
        money(ring.out_cents),
        iso(ring.last_ts)[:10],
        f"{standing.state}{', pinned' if standing.pinned else ''}",
        standing.author,
    )


def _show_ring(ring: Ring, language: Language) -> None:
    show_rows(console, ("ring", "kind", "score", "size", "in", "out", "last", "standing", "by"), [_row(ring)])
    rows = [
        (
            member.account,
            f"{member.role.replace('_', ' ')} ({member.role_certainty:.0%} sure)",
            f"{member.score:.2f}",
            money(member.in_cents),
            money(member.out_cents),
            _reasons(member.reasons, language),
        )
        for member in ring.members
    ]
    show_rows(console, ("account", "role", "strength", "in", "out", "why"), rows)
    show_rows(
        console,
        ("points", "why"),
        [(f"{signal.points:+g}", phrase(signal.evidence, language)) for signal in ring.contributions],
    )
    for reason in ring.standing.changed:
        console.print(phrase(reason, language), highlight=False, markup=False)


def _reasons(reasons: tuple[Evidence, ...], language: Language) -> str:
    return " ".join(phrase(reason, language) for reason in reasons)


def _version_line(version: RingVersion) -> str:
    what = ", ".join(change.replace("_", " ") for change in version.changes)
    closed = "; closed" if version.closed else ""
    return f"{version.ring_id} version {version.version} ({what}{closed}), events up to {iso(version.ts)}"


def _say(ring: Ring | None) -> None:
    if ring is None:
        console.print("what is left is no ring any more", highlight=False)
        return
    standing = ring.standing
    approver = f" and {standing.approver}" if standing.approver else ""
    said = f" by {standing.author}{approver}" if standing.author else ""
    pinned = ", pinned" if standing.pinned else ""
    console.print(
        f"{ring.ring_id}: {standing.state}{said}{pinned}, {len(ring.members)} members", highlight=False, markup=False
    )
