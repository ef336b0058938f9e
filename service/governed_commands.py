"""`tarrafa policy`, `tarrafa typologies` and `tarrafa alerts`: what decides, and what it raises."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer

from graph.days import day_of, parse_day
from reports.formats import Language
from reports.phrases import phrase
from scoring.policy import PART as POLICY
from scoring.typologies import PART as TYPOLOGIES
from service.bootstrap import now_ms
from service.governing import Governed
from service.run import iso
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

policy_app = typer.Typer(help="Decision bands and alert budgets, per tenant and profile.", no_args_is_help=True)
typology_app = typer.Typer(help="Weighted combinations of signals with thresholds.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="TOML or JSON file with the whole new state.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line.")]
Author = Annotated[str | None, typer.Option("--author", help="Who says so; you, when not given.")]


@policy_app.command("show")
def show_policy(home: Home = None, store: StoreOption = None) -> None:
    """Print the policy in force as JSON."""
    _show(POLICY, home, store)


@policy_app.command("set")
def set_policy(
    file: File, reason: Reason = "", author: Author = None, home: Home = None, store: StoreOption = None
) -> None:
    """Put a policy in force for everything that arrives from now on."""
    _set(POLICY, file, reason, author, home, store)


@typology_app.command("show")
def show_typologies(home: Home = None, store: StoreOption = None) -> None:
    """Print the typologies in force as JSON."""
    _show(TYPOLOGIES, home, store)


@typology_app.command("set")
def set_typologies(
    file: File, reason: Reason = "", author: Author = None, home: Home = None, store: StoreOption = None
) -> None:
    """Put typologies in force for everything that arrives from now on."""
    _set(TYPOLOGIES, file, reason, author, home, store)


def alerts(
    day: Annotated[str | None, typer.Option("--day", help="YYYY-MM-DD; today when not given.")] = None,
    tenant: Annotated[str, typer.Option("--tenant", help="Whose; movements that name no tenant when not given.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most alerts.")] = 50,
    language: Annotated[Language, typer.Option("--language", help="Language of the reasons.")] = Language.EN,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show the alerts of a day, best first, within the budget of the policy."""
    wanted = day_of(now_ms()) if day is None else parse_day(day)
    with opened(load_settings(home=home, store=store), work=False) as service:
        page = service.ledger.alerts(tenant=tenant, day=wanted, limit=limit)
        rows = [
            (
                str(alert.rank),
                alert.score.tx_id,
                f"{alert.score.value:g}",
                alert.score.decision,
                iso(alert.score.ts),
                " ".join(phrase(signal.evidence, language) for signal in alert.score.signals[:3]),
            )
            for alert in page.items
        ]
        show_rows(console, ("rank", "transaction", "score", "decision", "when", "why"), rows)
        if page.next is not None:
            complaints.print(f"there are more than {limit}; raise --limit", highlight=False)
        days = ", ".join(map(str, service.ledger.alert_days(tenant=tenant, limit=5)))
        if not rows and days:
            complaints.print(f"none on {wanted}; newest days with alerts: {days}", highlight=False)


def _show(part: str, home: Path | None, store: str | None) -> None:
    with opened(load_settings(home=home, store=store), work=False) as service:
        document = Governed(service).document(part)
        typer.echo(json.dumps(json.loads(document.content), indent=2, ensure_ascii=False))
        since = "" if document.changed_ts is None else f" by {document.author} since {iso(document.changed_ts)}"
        complaints.print(f"version {document.version}{since}", highlight=False, markup=False)


def _set(part: str, file: Path, reason: str, author: str | None, home: Path | None, store: str | None) -> None:
    text = file.read_text(encoding="utf-8")
    with opened(load_settings(home=home, store=store)) as service:
        document = Governed(service).set_document(part, text, author=author or getpass.getuser(), reason=reason)
        console.print(f"{part} version {document.version}", highlight=False)
