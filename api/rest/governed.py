"""Policy, typologies and alerts over HTTP."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from api.context import AppContext
from graph.days import day_of, parse_day
from ledger.records import Alert, Document

API = "api"
Content = Annotated[dict[str, Any], Body()]
Author = Annotated[str, Query(min_length=1, max_length=100)]


def routes(context: AppContext) -> APIRouter:
    """The calls over `context`."""
    router = APIRouter(tags=["governance"])

    @router.get("/api/v1/alerts")
    def alerts(
        day: str | None = None,
        tenant: str = "",
        after: str | None = None,
        limit: int = Query(50, ge=1, le=500),
    ) -> dict[str, Any]:
        """One tenant's alerts of a day (São Paulo; today when not given), best first and within its budget."""
        wanted = day_of(context.clock()) if day is None else parse_day(day)
        page = context.alerts.alerts(tenant=tenant, day=wanted, after=after, limit=limit)
        return {
            "day": wanted.isoformat(),
            "tenant": tenant,
            "items": [_alert(alert) for alert in page.items],
            "next": page.next,
        }

    @router.get("/api/v1/policy")
    def policy() -> dict[str, Any]:
        """The decision bands and alert budgets in force, and who set them."""
        return _document(context.governing.document("policy"))

    @router.put("/api/v1/policy")
    def set_policy(body: Content, author: Author = API, reason: str = "") -> dict[str, Any]:
        """Put a whole new policy in force, from the very next score on; refused with words when its bands cross."""
        return _document(context.governing.set_document("policy", json.dumps(body), author=author, reason=reason))

    @router.get("/api/v1/typologies")
    def typologies() -> dict[str, Any]:
        """The typologies in force, and who set them."""
        return _document(context.governing.document("typologies"))

    @router.put("/api/v1/typologies")
    def set_typologies(body: Content, author: Author = API, reason: str = "") -> dict[str, Any]:
        """Put whole new typologies in force, from the very next score on; refused with words when they cannot work."""
        return _document(context.governing.set_document("typologies", json.dumps(body), author=author, reason=reason))

    return router


def _document(document: Document) -> dict[str, Any]:
    return {
        "part": document.part,
        "version": document.version,
        "content": json.loads(document.content),
        "author": document.author,
        "since": document.changed_ts,
        "reason": document.reason,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    score = alert.score
    return {
        "rank": alert.rank,
        "transaction_id": score.tx_id,
        "risk_score": score.value,
        "decision": score.decision,
        "timestamp": score.ts,
        "signals": [signal.name for signal in score.signals if signal.points],
    }
