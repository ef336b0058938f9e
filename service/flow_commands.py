"""`tarrafa flow` and `tarrafa rings plan`: where money went, and what to block so that it no longer arrives."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from reports.formats import Language
from reports.words_names import name
from rings.flow import Rule, Way
from service.money_desk import MoneyDesk
from service.run import iso
from service.settings import load_settings
from service.show import money, show_rows
from service.terminal import Home, StoreOption, complaints, console, opened


def flow(
    subject: Annotated[str, typer.Argument(metavar="TX|ACCOUNT", help="Transaction, or account with all it paid.")],
    back: Annotated[bool, typer.Option("--back", help="Where it came from, instead of where it went.")] = False,
    rule: Annotated[
        Rule, typer.Option("--rule", help="How money paid out is attributed to money received.")
    ] = Rule.FIFO,
    days: Annotated[int, typer.Option("--days", help="Days around the transaction that count.")] = 30,
    hops: Annotated[int, typer.Option("--hops", help="Most movements in a row.")] = 6,
    limit: Annotated[int, typer.Option("--limit", help="Most movements in all.")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole trace.")] = False,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Follow the money of a transaction or an account, by a named rule, to where it ends."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        way = Way.BACK if back else Way.FORWARD
        found = MoneyDesk(service).trace(subject, rule=rule, way=way, days=days, hops=hops, movements=limit)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    rows = [
        (
            "  " * step.hop + step.move.event_id.removeprefix("tx:"),
            iso(step.move.ts),
            step.move.source,
            step.move.target,
            money(step.move.cents),
            money(step.traced_cents),
        )
        for step in found.steps
    ]
    show_rows(console, ("transaction", "when", "from", "to", "amount", f"traced ({found.rule})"), rows)
    ends = [(one.account, one.kind, money(one.cents)) for one in found.exits]
    show_rows(console, ("ends at", "why", "amount"), ends)
    console.print(f"{money(found.seed_cents)} followed {found.way}", highlight=False)
    if found.truncated:
        complaints.print(f"truncated: {', '.join(found.truncated)}", highlight=False)


def plan(
    ring_id: Annotated[str, typer.Argument(metavar="RING", help="Id of the ring.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the plans.")] = False,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Say what to block so that the ring's money no longer arrives, and whom it would hit besides."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        plans = MoneyDesk(service).plans(ring_id)
    if as_json:
        typer.echo(json.dumps([{**asdict(one), "stopped_share": one.stopped_share} for one in plans]))
        return
    for place, one in enumerate(plans, 1):
        rows = [
            (
                f"{target.node[0]} {target.node[1]}",
                name(target.role, Language.EN) if target.role else f"stops {len(target.stops)}",
                money(target.through_cents),
                str(target.collateral_accounts),
                money(target.collateral_cents),
            )
            for target in one.targets
        ]
        said = "nothing arrives any more" if one.breaks else f"stops {one.stopped_share:.0%} of the money"
        title = f"{place}. {one.kind.replace('_', ' ')}: {said}"
        show_rows(console, (title, "part", "money through it", "others hit", "their money"), rows)
        if one.truncated:
            complaints.print(f"not looked at whole: {', '.join(one.truncated)}", highlight=False)
    if not plans:
        complaints.print("nothing that may be blocked breaks this ring", highlight=False)
