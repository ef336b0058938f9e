"""Reading calls: health and metrics, rings as JSON, reports as files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal, cast, get_args

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from api.context import AppContext, NotFound, PartHealth, ReportForm
from api.language import parse_language
from graph.errors import RejectedRecord
from graph.evidence import Ring, RingKind
from reports.formats import Language

MEDIA_TYPES: dict[ReportForm, str] = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
#: What a score needs: the log takes the event, the window answers about it.
NEEDED = frozenset({"log", "window"})
#: A report is a finished page of its own: its styles stand inside it, and it never needs a script.
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"


def routes(context: AppContext) -> APIRouter:
    """The reading calls over `context`."""
    router = APIRouter()

    @router.get("/health/live", tags=["health"])
    def live() -> dict[str, str]:
        """Whether this process answers; needs no credential."""
        return {"status": "ok"}

    @router.get("/health", tags=["health"])
    def health() -> JSONResponse:
        """State of each dependency; 503 when one that is needed is down."""
        parts = list(context.health.health())
        down = any(part.state == "down" for part in parts)
        return JSONResponse(health_body(parts), status_code=503 if down else 200)

    @router.get("/health/ready", tags=["health"])
    def ready() -> JSONResponse:
        """Whether transactions can be scored: 503 with what it waits for when not. Graph store, ledger and broker may
        be down meanwhile; `/health` says so, and what they should hold waits in the log."""
        waits = [part.name for part in context.health.health() if part.name in NEEDED and part.state == "down"]
        body = {"status": "waiting" if waits else "ready", "waits_for": waits}
        return JSONResponse(body, status_code=503 if waits else 200)

    @router.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """Numbers in Prometheus text format; docs/operations.md says what each means."""
        content, form = context.watching.scrape()
        return Response(content, headers={"content-type": form})

    @router.get("/api/rings", tags=["rings"])
    def rings(
        kind: RingKind | None = None,
        min_score: float | None = Query(None, ge=0, le=100),
        after: str | None = None,
        limit: int = Query(50, ge=1, le=500),
    ) -> dict[str, Any]:
        """Rings by falling score. `next` continues with `after`."""
        page = context.rings.rings(kind=kind, min_score=min_score, after=after, limit=limit)
        return {"items": [ring_summary(ring) for ring in page.items], "next": page.next}

    @router.get("/api/rings/{ring_id:path}", tags=["rings"])
    def ring(ring_id: str) -> dict[str, Any]:
        """One ring whole: members, links, evidence. A ring merged away answers with its survivor."""
        return asdict(find_ring(context, ring_id))

    @router.get("/api/reports/{subject}/{name:path}", tags=["reports"])
    def report(subject: Literal["ring", "operator"], name: str, language: str = "pt-BR") -> Response:
        """A report as `{id}.pdf`, `{id}.html` or `{id}.json`."""
        subject_id, dot, form = name.rpartition(".")
        if not dot or form not in get_args(ReportForm):
            raise RejectedRecord(
                "unknown_form", field="form", value=name, cure="end the address in .pdf, .html or .json"
            )
        return report_file(context, subject, subject_id, form=cast(ReportForm, form), language=parse_language(language))

    return router


def find_ring(context: AppContext, ring_id: str) -> Ring:
    """The ring (or the survivor it was merged into); raise `NotFound`."""
    found = context.rings.ring(ring_id)
    if found is None:
        raise NotFound("ring", ring_id)
    return found


def report_file(
    context: AppContext, subject: Literal["ring", "operator"], subject_id: str, *, form: ReportForm, language: Language
) -> Response:
    """Make the report and send it; raise `NotFound` when nothing is known of the subject."""
    make = context.reports.ring_report if subject == "ring" else context.reports.operator_report
    content = make(subject_id, language=language, form=form)
    if content is None:
        raise NotFound(subject, subject_id)
    safe_id = "".join(char if char.isascii() and char.isalnum() else "-" for char in subject_id)[:80]
    place = "inline" if form == "html" else "attachment"
    headers = {
        "content-disposition": f'{place}; filename="{subject}-{safe_id}-{language}.{form}"',
        "content-security-policy": REPORT_POLICY,
    }
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def ring_summary(ring: Ring) -> dict[str, Any]:
    """A ring without its members and links."""
    return {
        "ring_id": ring.ring_id,
        "kind": ring.kind,
        "kinds": list(ring.kinds),
        "score": ring.score,
        "size": len(ring.members),
        "in_cents": ring.in_cents,
        "out_cents": ring.out_cents,
        "retained_cents": ring.retained_cents,
        "first_ts": ring.first_ts,
        "last_ts": ring.last_ts,
        "truncated": list(ring.truncated),
    }


def health_body(parts: list[PartHealth]) -> dict[str, Any]:
    """The health answer: `ok` while nothing needed is down."""
    down = [part.name for part in parts if part.state == "down"]
    return {"status": "down" if down else "ok", "parts": {part.name: asdict(part) for part in parts}}
