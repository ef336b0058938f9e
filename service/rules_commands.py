"""`tarrafa rules`: writing, approving, running and trying the rules that people make."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from graph.days import parse_moment
from graph.errors import ConfigurationError
from graph.events import EARLIEST_TS, LATEST_TS
from ledger.records import RuleState, RuleVersion
from scoring.rules.backtest import Backtest
from scoring.rules.compile import FUNCTIONS
from scoring.rules.fields import fields
from scoring.rules.rule import Rule, read_rule
from service.rule_desk import RuleDesk
from service.run import iso, progress_bar
from service.settings import load_settings
from service.show import money, show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

rules_app = typer.Typer(
    help="Rules over the features: draft, approval by another person, trial, live, retired; and backtests.",
    no_args_is_help=True,
)

RuleId = Annotated[str, typer.Argument(metavar="RULE", help="Id of the rule.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="TOML file with id, pt, en, when, and severity or points.")]
By = Annotated[str | None, typer.Option("--by", help="Who does this; the person logged in, when not given.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line.")]


@rules_app.command("list")
def list_rules(
    state: Annotated[RuleState | None, typer.Option("--state", help="Only versions in this state.")] = None,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """List every version of every rule."""
    with _desk(home, store, work=False) as desk:
        rows = [_row(found, desk) for found in desk.versions(state=state)]
        show_rows(console, ("rule", "version", "state", "points", "trial hits", "author", "approver", "when"), rows)


@rules_app.command("show")
def show(rule_id: RuleId, home: Home = None, store: StoreOption = None) -> None:
    """Show the versions of a rule, what was done with it, and what its trials held for."""
    with _desk(home, store, work=False) as desk:
        versions = desk.versions(rule_id)
        if not versions:
            raise ConfigurationError(f"no rule is called {rule_id}", cure="list them with tarrafa rules list")
        for found in versions:
            _show_version(found, desk)
        steps = [
            (iso(step.at_ms), str(step.version), step.action, step.person, step.reason)
            for step in desk.history(rule_id)
        ]
        show_rows(console, ("when", "version", "what", "who", "why"), steps)


@rules_app.command("fields")
def list_fields() -> None:
    """List every name that a rule can use."""
    rows = [
        (
            field.name,
            str(field.type),
            field.unit,
            field.meaning + (f": {', '.join(field.values)}" if field.values else ""),
        )
        for field in fields().values()
    ]
    rows += [(f"{name}()", "function", "", meaning) for name, (_, _, meaning) in FUNCTIONS.items()]
    show_rows(console, ("name", "type", "unit", "meaning"), rows)


@rules_app.command("check")
def check(file: File) -> None:
    """Say whether a rule can be read, and where not."""
    rule = read_rule(_text(file))
    console.print(f"{rule.id} can be read: {rule.weight:+g} points", highlight=False, markup=False)


@rules_app.command("draft")
def draft(file: File, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Keep a rule as a draft; an open draft of the same id is edited, and loses its approval."""
    text = _text(file)
    read_rule(text)
    with _desk(home, store, work=False) as desk:
        _say(desk.draft(text, by=_who(by), reason=reason))


@rules_app.command("submit")
def submit(rule_id: RuleId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Hand the newest draft to another person for approval."""
    with _desk(home, store, work=False) as desk:
        _say(desk.submit(rule_id, by=_who(by), reason=reason))


@rules_app.command("approve")
def approve(rule_id: RuleId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Approve what somebody else wrote."""
    with _desk(home, store, work=False) as desk:
        _say(desk.approve(rule_id, by=_who(by), reason=reason))


@rules_app.command("return")
def send_back(
    rule_id: RuleId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None
) -> None:
    """Return what was submitted to its author."""
    with _desk(home, store, work=False) as desk:
        _say(desk.send_back(rule_id, by=_who(by), reason=reason))


@rules_app.command("activate")
def activate(
    rule_id: RuleId,
    version: Annotated[int | None, typer.Option("--version", min=1, help="An approved version; the newest.")] = None,
    by: By = None,
    reason: Reason = "",
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Let an approved version give points, from the very next score on."""
    with _desk(home, store) as desk:
        _say(desk.activate(rule_id, by=_who(by), reason=reason, version=version))


@rules_app.command("retire")
def retire(rule_id: RuleId, by: By = None, reason: Reason = "", home: Home = None, store: StoreOption = None) -> None:
    """Take a rule out of force, from the very next score on."""
    with _desk(home, store) as desk:
        _say(desk.retire(rule_id, by=_who(by), reason=reason))


@rules_app.command("shadow")
def shadow(
    rule_id: RuleId,
    stop: Annotated[bool, typer.Option("--stop", help="End the trial; its counts stay.")] = False,
    by: By = None,
    reason: Reason = "",
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Try the newest version beside live traffic: counted, without points."""
    with _desk(home, store) as desk:
        change = desk.stop_shadow if stop else desk.start_shadow
        _say(change(rule_id, by=_who(by), reason=reason))


@rules_app.command("backtest")
def backtest(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id, id@version, or a TOML file.")],
    since: Annotated[str | None, typer.Option("--from", help="First day, or ISO 8601 time with zone.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Up to this day or time, itself not included.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="Time budget.")] = 300.0,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Say what a rule would have done over a past range of the log; nothing is written."""
    tried = _text(Path(rule)) if rule.endswith(".toml") else rule
    lo = EARLIEST_TS if since is None else parse_moment(since, field="from")
    hi = LATEST_TS if until is None else parse_moment(until, field="to")
    with opened(load_settings(home=home, store=store), work=False) as service:
        with progress_bar() as bar:
            found = RuleDesk(service).backtest(
                tried, since=lo, until=hi, seconds=seconds, progress=_progress(bar, service.log.head())
            )
        _show_backtest(found)
    if found.truncated:
        complaints.print(f"truncated: the time was over after {found.events} events; raise --seconds", highlight=False)


@contextmanager
def _desk(home: Path | None, store: str | None, *, work: bool = True) -> Iterator[RuleDesk]:
    with opened(load_settings(home=home, store=store), work=work) as service:
        yield RuleDesk(service)


def _who(by: str | None) -> str:
    return getpass.getuser() if by is None else by


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not text", cure="give a TOML file in UTF-8") from error


def _say(found: RuleVersion) -> None:
    trial = ", on trial" if found.shadow else ""
    console.print(f"{found.rule_id} version {found.version}: {found.state}{trial}", highlight=False, markup=False)


def _row(found: RuleVersion, desk: RuleDesk) -> tuple[str, ...]:
    rule = _rule(found)
    hits = desk.shadow_count(found.rule_id, found.version).hits
    state = f"{found.state}, on trial" if found.shadow else str(found.state)
    points = f"{rule.weight:+g}" if rule else "?"
    when = " ".join(rule.when.split()) if rule else "cannot be read by this program"
    return (
        found.rule_id,
        str(found.version),
        state,
        points,
        str(hits) if hits or found.shadow else "",
        found.author,
        found.approver,
        when,
    )


def _rule(found: RuleVersion) -> Rule | None:
    """The rule of a version; None where a field it reads is no more."""
    try:
        return read_rule(found.content)
    except ConfigurationError:
        return None


def _show_version(found: RuleVersion, desk: RuleDesk) -> None:
    rule, count = _rule(found), desk.shadow_count(found.rule_id, found.version)
    state = f"{found.state}, on trial" if found.shadow else str(found.state)
    rows = [("state", state), ("author", found.author), ("approver", found.approver)]
    if rule is not None:
        rows += [("pt", rule.pt), ("en", rule.en), ("when", rule.when.strip()), ("points", f"{rule.weight:+g}")]
        rows += [("tenant", rule.tenant)] if rule.tenant else []
    else:
        rows.append(("content", found.content))
    if count.hits or found.shadow:
        by_decision = ", ".join(f"{decision} {number}" for decision, number in count.decisions.items() if number)
        rows += [("trial hits", f"{count.hits} ({by_decision})"), ("newest", " ".join(count.newest))]
    show_rows(console, (f"{found.rule_id} version {found.version}", ""), rows)


def _progress(bar: Progress, head: int) -> Callable[[int], None]:
    task = bar.add_task("replaying the log", total=head)
    return lambda done: bar.update(task, completed=done)


def _show_backtest(found: Backtest) -> None:
    rows = [
        ("movements", f"{found.movements:,}"),
        ("hits", f"{found.hits:,}"),
        *((f"hits: {decision}", f"{number:,}") for decision, number in found.decisions.items()),
        *((f"would change: {change}", f"{number:,}") for change, number in found.changed.items()),
        ("labelled hits", f"{found.labelled:,}"),
        ("precision at them", _share(found.precision)),
        ("recall of labelled fraud", _share(found.recall)),
    ]
    show_rows(console, (found.rule, ""), rows)
    overlap = [(one.signal, f"{one.together:,}", f"{one.total:,}") for one in found.overlap]
    show_rows(console, ("live signal", "together", "in all"), overlap)
    examples = [
        (
            one.tx_id,
            iso(one.ts),
            money(one.amount_cents),
            f"{one.score:g} > {one.score_with:g}",
            str(one.decision) if one.decision is one.decision_with else f"{one.decision} > {one.decision_with}",
            {None: "", 0: "honest", 1: "fraud"}[one.label],
            one.facts,
        )
        for one in found.examples
    ]
    show_rows(console, ("example", "when", "amount", "score", "decision", "label", "because"), examples)


def _share(value: float | None) -> str:
    return "not known: no labels" if value is None else f"{value:.1%}"
