"""`tarrafa operators`: who stands behind whom, and which blocked site came back under a new name."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.formats import Language
from reports.phrases import phrase
from rings.continuity import ALERT, Tied
from service.settings import load_settings
from service.show import show_rows
from service.site_desk import SiteDesk
from service.terminal import Home, StoreOption, complaints, console, opened

operator_app = typer.Typer(
    help="Operators: links between them, and blocked sites that came back.", no_args_is_help=True
)
Speech = Annotated[Language, typer.Option("--language", help="Language of the reasons.")]


@operator_app.command("links")
def links(
    operator_id: Annotated[str, typer.Argument(metavar="OPERATOR", help="Id of the operator.")],
    language: Speech = Language.EN,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show the operators joined to one behind the scenes, with reasons, points and innocent explanations."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        _show(SiteDesk(service).links(operator_id), "operator", language)


@operator_app.command("returned")
def returned(
    domain: Annotated[str | None, typer.Argument(metavar="DOMAIN", help="Only of this blocked site.")] = None,
    least: Annotated[float, typer.Option("--least", min=0, max=100, help="Lowest score shown.")] = ALERT,
    language: Speech = Language.EN,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show sites that look like blocked ones under a new name, surest first."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        _show(SiteDesk(service).returns(least=least, domain=domain), "blocked site", language)


def _show(found: tuple[Tied, ...], what: str, language: Language) -> None:
    rows = [
        (
            tie.one,
            tie.other,
            f"{tie.score:g}",
            " ".join(f"({points:+g}) {phrase(reason, language)}" for points, reason in tie.reasons),
            " ".join(phrase(reason, language) for reason in tie.innocent),
        )
        for tie in found
    ]
    show_rows(console, (what, "linked to", "score", "why", "rule out first"), rows)
    if not rows:
        complaints.print("nothing found", highlight=False)
