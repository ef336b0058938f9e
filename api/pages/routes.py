"""The analysts' pages."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.context import AppContext, NotFound
from api.language import choose_language
from api.pages import chart
from api.pages.render import Pages, url_part
from api.pages.ring_graph import LABEL_SHAPES, ROLE_COLOURS, drawn_count, graph_json
from api.ring_list import list_rings
from api.ring_money import money_over_time, movements_of
from graph.days import day_of, parse_day
from graph.errors import RejectedRecord
from graph.events import EARLIEST_TS, LATEST_TS, Movement
from graph.evidence import Ring, RingKind
from reports.sources import Limits
from rings.continuity import ALERT
from rings.flow import Rule, Way

E = TypeVar("E", bound=StrEnum)

PAGE = 25
ROWS = 50  # of a table on an account's page
VERSIONS = 30  # of a ring's history
DAYS = 14  # offered on the page of alerts
FOOTPRINT = Limits().footprint


def routes(context: AppContext, pages: Pages) -> APIRouter:
    """Every page over `context`."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/")
    def home(request: Request) -> Response:
        asked = request.query_params
        kind = _kind(asked.get("kind", ""))
        min_score = _score(asked.get("min_score", ""))
        account = asked.get("account", "").strip() or None
        page = list_rings(
            context.rings,
            kind=kind,
            min_score=min_score,
            account=account,
            dismissed="dismissed" in asked,
            after=asked.get("after") or None,
            limit=PAGE,
        )
        return pages.page(
            request,
            "rings.html",
            rings=page.items,
            next=page.next,
            paged="after" in asked,
            dismissed="dismissed" in asked,
            kinds=list(RingKind),
            filter={"kind": kind or "", "min_score": asked.get("min_score", ""), "account": account or ""},
            summary=context.decisions.summary(),
        )

    @router.get("/rings/{ring_id:path}")
    def ring(request: Request, ring_id: str) -> Response:
        found = context.rings.ring(ring_id) or _last_seen(ring_id, context)
        if found is None:
            raise NotFound("ring", ring_id)
        if found.ring_id != ring_id:  # merged away: its survivor has the page
            return RedirectResponse(f"/rings/{url_part(found.ring_id)}", status_code=307)
        return pages.page(request, "ring.html", **_ring_values(found, context, request))

    @router.get("/operators")
    def operators(request: Request) -> Response:
        after = request.query_params.get("after", "")
        rows = context.graph.read("read/operators", limit=PAGE + 1, after=after)
        following = rows[PAGE - 1]["id"] if len(rows) > PAGE else None
        return pages.page(request, "operators.html", operators=rows[:PAGE], next=following, paged=bool(after))

    @router.get("/operators/{operator_id:path}")
    def operator(request: Request, operator_id: str) -> Response:
        rows = context.graph.read("read/operator", id=operator_id)
        if not rows:
            raise NotFound("operator", operator_id)
        footprint = context.graph.read("read/operator_footprint", id=operator_id, limit=FOOTPRINT)
        collectors = [row for row in footprint if row["label"] == "Account"]
        return pages.page(
            request,
            "operator.html",
            operator=rows[0],
            domains=[row for row in footprint if row["label"] == "Domain"],
            collectors=collectors,
            traces=[row for row in footprint if row["label"] not in ("Domain", "Account")],
            rings=_rings_of([row["id"] for row in collectors], context),
            flags=context.graph.read("read/flagged", label="Operator", id=operator_id),
            full=len(footprint) >= FOOTPRINT,
            ties=context.sites.links(operator_id),
        )

    @router.get("/accounts/{account_id:path}")
    def account(request: Request, account_id: str) -> Response:
        rows = context.graph.read("read/account", id=account_id)
        if not rows:
            raise NotFound("account", account_id)
        recent = context.graph.read(
            "read/account_transactions", id=account_id, lo=EARLIEST_TS, hi=LATEST_TS, limit=ROWS
        )
        return pages.page(
            request,
            "account.html",
            account=rows[0],
            rings=_rings_of([account_id], context),
            means=context.graph.read("read/account_means", id=account_id, limit=ROWS),
            counterparties=context.graph.read("read/counterparties", id=account_id, limit=ROWS),
            flags=context.graph.read("read/flagged", label="Account", id=account_id),
            transactions=recent,
            scores=context.decisions.scores_of([row["tx_id"] for row in recent]),
        )

    @router.get("/transactions/{tx_id:path}")
    def transaction(request: Request, tx_id: str) -> Response:
        entry = context.events.event(f"tx:{tx_id}")
        if entry is None or not isinstance(entry.event, Movement):
            raise NotFound("transaction", tx_id)
        score = context.decisions.score(tx_id)
        return pages.page(request, "transaction.html", movement=entry.event, score=score)

    @router.get("/alerts")
    def alerts(request: Request) -> Response:
        asked = request.query_params
        tenant = asked.get("tenant", "").strip()
        days = list(context.alerts.alert_days(tenant=tenant, limit=DAYS))
        day = parse_day(asked["day"]) if asked.get("day") else days[0] if days else day_of(context.clock())
        page = context.alerts.alerts(tenant=tenant, day=day, after=asked.get("after") or None, limit=PAGE)
        return pages.page(
            request,
            "alerts.html",
            alerts=page.items,
            next=page.next,
            paged="after" in asked,
            day=day.isoformat(),
            days=[one.isoformat() for one in days],
            tenant=tenant,
            returned=context.sites.returns(least=ALERT),
        )

    @router.get("/flow")
    def flow(request: Request) -> Response:
        given = {"subject": "", "way": "forward", "rule": "fifo", "days": "30", "hops": "6"} | dict(
            request.query_params
        )
        trace = None
        if given["subject"].strip():
            trace = context.money.trace(
                given["subject"].strip(),
                rule=_one_of(Rule, given["rule"], field="rule"),
                way=_one_of(Way, given["way"], field="way"),
                days=_whole(given["days"], field="days"),
                hops=_whole(given["hops"], field="hops"),
            )
        return pages.page(request, "flow.html", trace=trace, asked=given, ways=list(Way), rules=list(Rule))

    @router.get("/search")
    def search(request: Request) -> Response:
        wanted = request.query_params.get("q", "").strip()
        return RedirectResponse(_place_of(wanted, context), status_code=303)

    return router


def _ring_values(ring: Ring, context: AppContext, request: Request) -> dict[str, Any]:
    language = choose_language(request)
    series = money_over_time(ring, movements_of(ring, context.events))
    shown, total = drawn_count(ring)
    versions = context.lives.versions(ring.ring_id, limit=VERSIONS)
    ended = context.rings.ring(ring.ring_id) is None
    return {
        "ring": ring,
        "ended": ended,
        "plans": () if ended else context.money.plans(ring.ring_id),
        "closed": bool(versions) and versions[-1].closed,
        "versions": list(reversed(versions)),
        "lineage": context.lives.lineage(ring.ring_id),
        "verdicts": context.lives.verdicts(ring.ring_id, limit=ROWS).items,
        "members": sorted(ring.members, key=lambda m: (-m.score, -(m.in_cents + m.out_cents), m.account)),
        "graph_json": graph_json(ring, language),
        "drawn": shown,
        "drawable": total,
        "series": series,
        "chart": chart.draw(series, language),
        "chart_size": (chart.WIDTH, chart.HEIGHT, chart.LEFT, chart.RIGHT),
        "colours": {role: ROLE_COLOURS[role] for role in dict.fromkeys(str(m.role) for m in ring.members)},
        "labels": sorted({end[0] for link in ring.links for end in (link.source, link.target)} & set(LABEL_SHAPES)),
    }


def _last_seen(ring_id: str, context: AppContext) -> Ring | None:
    """A ring that is no more, as it was in its last version that was kept."""
    versions = context.lives.versions(ring_id, limit=VERSIONS)
    return next((version.ring for version in reversed(versions) if version.ring is not None), None)


def _rings_of(accounts: list[str], context: AppContext) -> list[Ring]:
    ids = {ring_id for ring_ids in context.rings.rings_of(accounts).values() for ring_id in ring_ids}
    found = {ring.ring_id: ring for ring in map(context.rings.ring, sorted(ids)) if ring is not None}
    return sorted(found.values(), key=lambda ring: (-ring.score, ring.ring_id))


def _place_of(wanted: str, context: AppContext) -> str:
    """Address of the page about what was typed."""
    if not wanted:
        return "/"
    if context.rings.ring(wanted) is not None:
        return f"/rings/{url_part(wanted)}"
    tx_id = wanted.removeprefix("tx:")
    if context.events.event(f"tx:{tx_id}") is not None:
        return f"/transactions/{url_part(tx_id)}"
    if context.graph.read("read/operator", id=wanted):
        return f"/operators/{url_part(wanted)}"
    return f"/accounts/{url_part(wanted)}"


def _one_of(kinds: type[E], text: str, *, field: str) -> E:
    try:
        return kinds(text)
    except ValueError as error:
        raise RejectedRecord(
            f"unknown_{field}", field=field, value=text, cure=f"give one of {', '.join(kinds)}"
        ) from error


def _whole(text: str, *, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise RejectedRecord("bad_number", field=field, value=text, cure="give a whole number")
    return int(text)


def _kind(text: str) -> RingKind | None:
    if not text:
        return None
    try:
        return RingKind(text)
    except ValueError as error:
        raise RejectedRecord(
            "unknown_kind", field="kind", value=text, cure=f"give one of {', '.join(RingKind)}"
        ) from error


def _score(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise RejectedRecord("bad_number", field="min_score", value=text, cure="give a number from 0 to 100") from error
