"""Rings over HTTP: what people decide about them, how one was at a moment, what differs, where its members went."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.context import AppContext, NotFound
from api.ring_lives import RingLives
from graph.days import parse_moment
from graph.errors import RejectedRecord
from graph.evidence import Ring
from graph.lineage import RingVersion
from ledger.records import RingVerdict

PAGE = 50


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DecisionIn(_Body):
    """Who decides and why; `accounts` of a removal or split those who leave, `other` of a merge the other ring."""

    by: str = Field(min_length=1, max_length=100)
    reason: str = Field("", max_length=1_000)
    accounts: list[str] = Field([], max_length=50_000)
    other: str = Field("", max_length=256)


class Decision(StrEnum):
    """What can be decided about a ring."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    APPROVE = "approve"
    PIN = "pin"
    REMOVE = "remove"
    SPLIT = "split"
    MERGE = "merge"


def routes(context: AppContext) -> APIRouter:
    """The calls about lives of rings over `context`."""
    router = APIRouter(prefix="/api/v1/rings", tags=["rings"])
    lives = context.lives

    @router.get("/verdicts")
    def verdicts(ring: str | None = None, after: str | None = None) -> dict[str, Any]:
        """What people decided, newest first; of one ring where it is named."""
        page = lives.verdicts(ring, after=after, limit=PAGE)
        return {"items": [verdict_body(found) for found in page.items], "next": page.next}

    @router.post("/verdicts/{event_id}/undo")
    def undo(event_id: str, body: DecisionIn) -> dict[str, Any]:
        """Take an earlier decision back, with the labels that it gave."""
        return ring_body(lives.undo(event_id, by=body.by, reason=body.reason))

    @router.get("/{ring_id}/history")
    def history(ring_id: str) -> dict[str, Any]:
        """The versions of a ring with what each brought and why, oldest first."""
        found = lives.versions(ring_id)
        if not found and context.rings.ring(ring_id) is None:
            raise NotFound("ring", ring_id)
        return {"items": [version_body(version) for version in found]}

    @router.get("/{ring_id}/at")
    def at(
        ring_id: str, moment: str | None = None, known: str | None = None, position: int | None = None
    ) -> dict[str, Any]:
        """How it stood at a `moment` of the events' own time, at one of the log's clock (`known`), or at a `position`
        of the log; of several the earliest counts."""
        found = _at(lives, ring_id, moment=moment, known=known, position=position)
        if found is None:
            raise NotFound("ring at that moment", ring_id)
        return {**version_body(found), "ring": None if found.ring is None else asdict(found.ring)}

    @router.get("/{ring_id}/diff")
    def diff(ring_id: str, since: str, until: str | None = None) -> dict[str, Any]:
        """What differs between two moments of the events' own time; up to now where `until` is left out."""
        before = _at(lives, ring_id, moment=since)
        after = context.rings.ring(ring_id) if until is None else _ring_of(_at(lives, ring_id, moment=until))
        return asdict(lives.diff(_ring_of(before), after))

    @router.get("/{ring_id}/lineage")
    def lineage(ring_id: str) -> dict[str, Any]:
        """Rings that it came from and that came from it, and in which rings its members are now."""
        return asdict(lives.lineage(ring_id))

    @router.post("/{ring_id}/{decision}")
    def decide(ring_id: str, decision: Decision, body: DecisionIn) -> dict[str, Any]:
        """Confirm, dismiss (another person approves), approve, pin, remove members, split, or merge with another."""
        return ring_body(_decide(lives, ring_id, decision, body))

    return router


def ring_body(ring: Ring | None) -> dict[str, Any]:
    """What a decision left of a ring: its id, members and how it stands; null where it is none any more."""
    if ring is None:
        return {"ring": None}
    return {
        "ring": ring.ring_id,
        "score": ring.score,
        "members": [member.account for member in ring.members],
        "standing": asdict(ring.standing),
    }


def version_body(version: RingVersion) -> dict[str, Any]:
    """A version as callers see it, without the ring itself."""
    return {
        "ring_id": version.ring_id,
        "version": version.version,
        "position": version.position,
        "timestamp": version.ts,
        "learned_at": version.learned_at,
        "changes": list(version.changes),
        "because": [asdict(reason) for reason in version.because],
        "closed": version.closed,
        "size": None if version.ring is None else len(version.ring.members),
        "score": None if version.ring is None else version.ring.score,
    }


def verdict_body(found: RingVerdict) -> dict[str, Any]:
    """A verdict as callers see it."""
    verdict = found.verdict
    return {
        "id": found.event_id,
        "decision": verdict.act,
        "ring": verdict.ring,
        "other": verdict.other,
        "accounts": list(verdict.accounts),
        "of": verdict.of,
        "timestamp": found.ts,
        "author": found.author,
        "reason": found.reason,
        "approver": found.approver,
        "undone_by": found.undone_by,
    }


def _at(
    lives: RingLives,
    ring_id: str,
    *,
    moment: str | None = None,
    known: str | None = None,
    position: int | None = None,
) -> RingVersion | None:
    return lives.ring_at(
        ring_id,
        position=position,
        ts=None if moment is None else parse_moment(moment, field="moment"),
        known=None if known is None else parse_moment(known, field="known"),
    )


def _ring_of(version: RingVersion | None) -> Ring | None:
    return None if version is None else version.ring


def _decide(lives: RingLives, ring_id: str, decision: Decision, body: DecisionIn) -> Ring | None:
    who = {"by": body.by, "reason": body.reason}
    if decision in (Decision.REMOVE, Decision.SPLIT):
        act = lives.remove_members if decision is Decision.REMOVE else lives.split
        return act(ring_id, body.accounts, **who)
    if body.accounts:
        raise RejectedRecord("not_about_accounts", field="accounts", value=decision, cure="leave the accounts out")
    if decision is Decision.MERGE:
        if not body.other:
            raise RejectedRecord("no_other_ring", field="other", value="", cure="name the other ring")
        return lives.merge(ring_id, body.other, **who)
    acts = {
        Decision.CONFIRM: lives.confirm,
        Decision.DISMISS: lives.dismiss,
        Decision.APPROVE: lives.approve,
        Decision.PIN: lives.pin,
    }
    return acts[decision](ring_id, **who)
