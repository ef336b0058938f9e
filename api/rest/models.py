"""Learnt models over HTTP: which there are, which one is in force, how it does; and labels that teach the next one."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from api.context import AppContext, NotFound
from graph.days import parse_moment
from graph.errors import RejectedRecord
from graph.events import LabelGiven

MOST_LABELS = 1_000


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChangeIn(_Body):
    """Who changes which model is in force, and why."""

    by: str = Field(min_length=1, max_length=100)
    reason: str = Field("", max_length=1_000)


class ShadowIn(ChangeIn):
    """A model to record beside the one in force; null ends it."""

    version: str | None = Field(max_length=100)


class LabelIn(_Body):
    """What a transaction or an account was: label 1 is fraud, 0 honest; `known_at` is a day or an ISO time."""

    transaction_id: str | None = Field(None, min_length=1, max_length=250)
    account: str | None = Field(None, min_length=1, max_length=250)
    label: int = Field(ge=0, le=1)
    ring: str = Field("", max_length=256)
    known_at: str | None = None


class LabelsIn(_Body):
    """Labels, and the source they come from: what one source gives counts up to a share."""

    labels: list[LabelIn] = Field(min_length=1, max_length=MOST_LABELS)
    by: str = Field(min_length=1, max_length=100)


def routes(context: AppContext) -> APIRouter:
    """The calls over `context`."""
    router = APIRouter(tags=["models"])
    models = context.models

    @router.get("/api/v1/models")
    def listed() -> dict[str, Any]:
        """Every saved model, the newest training first; `state` says which one is in force."""
        return {"items": [asdict(record) for record in models.models()]}

    @router.get("/api/v1/models/drift")
    def drift(version: str | None = None) -> dict[str, Any]:
        """How far the newest transactions are from what a model (the one in force) was trained on."""
        return asdict(models.drift(version))

    @router.get("/api/v1/models/compare")
    def compare(first: Annotated[str, Query()], second: Annotated[str, Query()]) -> dict[str, Any]:
        """Two models: their own tests, and the transactions that both of them scored."""
        return asdict(models.compare(first, second))

    @router.post("/api/v1/models/rollback")
    def rollback(body: ChangeIn) -> dict[str, Any]:
        """Put back what was in force before; `model` is null where that was none."""
        found = models.rollback(by=body.by, reason=body.reason)
        return {"model": None if found is None else asdict(found)}

    @router.post("/api/v1/models/shadow")
    def shadow(body: ShadowIn) -> dict[str, Any]:
        """Record a model's scores beside those of the one in force, without points."""
        found = models.shadow(body.version, by=body.by, reason=body.reason)
        return {"model": None if found is None else asdict(found)}

    @router.get("/api/v1/models/{version}")
    def model(version: str) -> dict[str, Any]:
        """Everything that is said of a model."""
        found = models.model(version)
        if found is None:
            raise NotFound("model", version)
        return dict(found)

    @router.get("/api/v1/models/{version}/card", response_class=PlainTextResponse)
    def card(version: str) -> PlainTextResponse:
        """The model card, Markdown."""
        found = models.card(version)
        if found is None:
            raise NotFound("model", version)
        return PlainTextResponse(found, media_type="text/markdown")

    @router.post("/api/v1/models/{version}/promote")
    def promote(version: str, body: ChangeIn) -> dict[str, Any]:
        """Put a model in force from the very next score on; refused with words when it is damaged or does not fit."""
        return {"model": asdict(models.promote(version, by=body.by, reason=body.reason))}

    @router.post("/api/v1/labels")
    def labels(body: LabelsIn) -> dict[str, Any]:
        """Say what transactions or accounts were; the next training learns from it, scores do not read it."""
        now = context.clock()
        given = [_label(one, place, body.by, now) for place, one in enumerate(body.labels)]
        return {"accepted": models.give_labels(given)}

    return router


def _label(given: LabelIn, place: int, by: str, now: int) -> LabelGiven:
    """The event of a label. The same label said again at the same time by the same source is the same event."""
    if (given.transaction_id is None) == (given.account is None):
        raise RejectedRecord(
            "bad_subject", field=f"labels.{place}", cure="give transaction_id or account, one of the two"
        )
    subject, subject_id = ("tx", given.transaction_id) if given.transaction_id else ("account", given.account or "")
    ts = now if given.known_at is None else parse_moment(given.known_at, field=f"labels.{place}.known_at")
    if ts > now:
        raise RejectedRecord("bad_time", field=f"labels.{place}.known_at", value=ts, cure="give a time that has been")
    said = f"{subject}\0{subject_id}\0{given.label}\0{given.ring}\0{ts}\0{by}"
    return LabelGiven(
        event_id=f"label:{blake2b(said.encode(), digest_size=16).hexdigest()}",
        ts=ts,
        subject=subject,
        subject_id=subject_id,
        label=given.label,
        ring=given.ring,
        given_by=by,
    )
