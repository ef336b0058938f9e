"""The rule book: drafts, who approved them, what became of every version of every rule, and who did what when and why.

What runs is said by the log; `follow` brings the book to it, in the transaction that records the log. The steps before
that (draft, submit, approve) are the book's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, select

from graph.errors import RejectedRecord
from graph.events import GovernanceChanged
from ledger.dialect import among, insert_new, upsert
from ledger.engine import Database
from ledger.records import RuleState, RuleStep, RuleVersion
from ledger.tables import rule_history, rule_versions

PART: Final = "rules"

DRAFTED, EDITED, SUBMITTED, APPROVED, RETURNED = "drafted", "edited", "submitted", "approved", "returned"
ACTIVATED, RETIRED, SHADOWED, UNSHADOWED = "activated", "retired", "shadow started", "shadow stopped"
WRITING: Final = (DRAFTED, EDITED)

_STEPS: Final = {
    SUBMITTED: ((RuleState.DRAFT,), RuleState.SUBMITTED, "edit it, or take a draft"),
    APPROVED: ((RuleState.SUBMITTED,), RuleState.APPROVED, "submit it first"),
    RETURNED: ((RuleState.SUBMITTED, RuleState.APPROVED), RuleState.DRAFT, "only what is submitted can be returned"),
}
_OPEN = (RuleState.DRAFT, RuleState.SUBMITTED, RuleState.APPROVED)


class RuleBook:
    """The book in one ledger database; safe to share between threads.

    Guarantees: every step is whole or not at all and stands in the history with its person, time and reason; nobody
    approves what they wrote; an unknown id gives nothing; a version that ran is never edited.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def draft(self, rule_id: str, content: str, *, by: str, at_ms: int, reason: str = "") -> RuleVersion:
        """Keep `content` as the newest version: the open draft where there is one that never ran, else a new one."""
        with self._database.writing() as connection:
            newest = _newest(connection, rule_id)
            edits = newest is not None and newest.state in _OPEN and not newest.shadow
            version = newest.version + (not edits) if newest else 1
            made = RuleVersion(
                rule_id=rule_id,
                version=version,
                state=RuleState.DRAFT,
                shadow=False,
                content=content,
                author=newest.author if newest is not None and edits else by,
                approver="",
                changed_at=at_ms,
            )
            _keep(connection, made)
            _note(connection, made, EDITED if edits else DRAFTED, by=by, at_ms=at_ms, reason=reason)
            return made

    def step(self, rule_id: str, action: str, *, by: str, at_ms: int, reason: str = "") -> RuleVersion:
        """Submit, approve or return the newest version; refuse what its state or the four-eyes rule does not allow."""
        with self._database.writing() as connection:
            found = _newest(connection, rule_id)
            if found is None:
                raise _refused("unknown_rule", rule_id, "draft it first")
            allowed, then, cure = _STEPS[action]
            if found.state not in allowed:
                raise _refused("wrong_state", f"{rule_id} version {found.version} is {found.state}", cure)
            if action == APPROVED and by.casefold() in _writers(connection, found):
                raise _refused("own_rule", f"{by} wrote {rule_id}", "let another person approve it")
            approver = by if action == APPROVED else "" if action == RETURNED else found.approver
            moved = replace(found, state=then, approver=approver, changed_at=at_ms)
            _keep(connection, moved)
            _note(connection, moved, action, by=by, at_ms=at_ms, reason=reason)
            return moved

    def version(self, rule_id: str, version: int | None = None) -> RuleVersion | None:
        """A version of a rule, the newest where none is named; None when there is none."""
        with self._database.reading() as connection:
            if version is None:
                return _newest(connection, rule_id)
            rows = connection.execute(
                select(rule_versions).where(
                    among(connection, rule_versions.c.rule_id, (rule_id,)), rule_versions.c.version == version
                )
            ).fetchall()
            return _restored(rows[0]) if rows else None

    def versions(self, rule_id: str | None = None, *, state: RuleState | None = None) -> list[RuleVersion]:
        """Versions by (id, version), of one rule or in one state where that is asked for."""
        wanted = select(rule_versions)
        if state is not None:
            wanted = wanted.where(rule_versions.c.state == str(state))
        with self._database.reading() as connection:
            if rule_id is not None:
                wanted = wanted.where(among(connection, rule_versions.c.rule_id, (rule_id,)))
            rows = connection.execute(wanted.order_by(rule_versions.c.rule_id, rule_versions.c.version))
            return [_restored(row) for row in rows]

    def history(self, rule_id: str) -> list[RuleStep]:
        """Everything that was done with a rule, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(rule_history)
                .where(among(connection, rule_history.c.rule_id, (rule_id,)))
                .order_by(rule_history.c.seq)
            )
            return [RuleStep(row.rule_id, row.version, row.action, row.person, row.at_ms, row.reason) for row in rows]


def follow(connection: Connection, events: Iterable[GovernanceChanged]) -> None:
    """Let the book say what runs according to `events` (log order); repeating them changes nothing."""
    for event in events:
        if event.part == PART:
            _follow_one(connection, event)


def _follow_one(connection: Connection, event: GovernanceChanged) -> None:
    held = {(row.rule_id, row.version): row for row in map(_restored, connection.execute(select(rule_versions)))}
    running = {(rule["id"], rule["version"]): rule for rule in msgspec.json.decode(event.content)["rules"]}
    for key in sorted(held.keys() | running.keys()):
        before = held.get(key)
        now = _now(before, running.get(key), event.ts)
        if before is not None and now == before:
            continue
        _keep(connection, now)
        _note(
            connection,
            now,
            _what_happened(before, now),
            by=event.author,
            at_ms=event.ts,
            reason=event.reason,
            event_id=event.event_id,
        )


def _now(before: RuleVersion | None, rule: dict[str, Any] | None, at_ms: int) -> RuleVersion:
    """What a version is when it runs as `rule` says, or (None) does not; the log wins over what the book held."""
    if rule is None:
        assert before is not None
        if before.state is not RuleState.ACTIVE and not before.shadow:
            return before
        state = RuleState.RETIRED if before.state is RuleState.ACTIVE else before.state
        return replace(before, state=state, shadow=False, changed_at=at_ms)
    shadow = rule["mode"] == "shadow"
    approver = rule.get("approver", "")
    waiting = before.state if before is not None else RuleState.APPROVED if approver else RuleState.DRAFT
    now = RuleVersion(
        rule_id=rule["id"],
        version=rule["version"],
        state=waiting if shadow else RuleState.ACTIVE,
        shadow=shadow,
        content=_content(rule),
        author=rule["author"],
        approver=before.approver if shadow and before is not None else approver,
        changed_at=at_ms,
    )
    return before if before is not None and replace(now, changed_at=before.changed_at) == before else now


def _what_happened(before: RuleVersion | None, now: RuleVersion) -> str:
    if now.state is RuleState.ACTIVE:
        return ACTIVATED
    if now.shadow:
        return SHADOWED
    return RETIRED if before is not None and before.state is RuleState.ACTIVE else UNSHADOWED


def _content(rule: dict[str, Any]) -> str:
    """A rule without what only says how it runs, as the desk writes it."""
    outside = ("version", "mode", "author", "approver")
    return msgspec.json.encode({name: rule[name] for name in rule if name not in outside}, order="sorted").decode()


def _newest(connection: Connection, rule_id: str) -> RuleVersion | None:
    rows = connection.execute(
        select(rule_versions)
        .where(among(connection, rule_versions.c.rule_id, (rule_id,)))
        .order_by(rule_versions.c.version.desc())
        .limit(1)
    ).fetchall()
    return _restored(rows[0]) if rows else None


def _writers(connection: Connection, found: RuleVersion) -> Collection[str]:
    """Everyone who wrote this version, however they write their name."""
    rows = connection.execute(
        select(rule_history.c.person)
        .where(rule_history.c.rule_id == found.rule_id, rule_history.c.version == found.version)
        .where(rule_history.c.action.in_(WRITING))
    )
    return {person.casefold() for person in (found.author, *(person for (person,) in rows))}


def _keep(connection: Connection, version: RuleVersion) -> None:
    upsert(connection, rule_versions, [asdict(version) | {"state": str(version.state)}])


def _note(
    connection: Connection,
    version: RuleVersion,
    action: str,
    *,
    by: str,
    at_ms: int,
    reason: str,
    event_id: str | None = None,
) -> None:
    row = {
        "rule_id": version.rule_id,
        "version": version.version,
        "action": action,
        "person": by,
        "at_ms": at_ms,
        "reason": reason.replace("\0", "").encode("utf-8", "backslashreplace").decode(),
        "event_id": event_id,
    }
    if event_id is None:
        connection.execute(insert(rule_history).values(row))
    else:
        insert_new(connection, rule_history, [row])


def _restored(row: Row[Any]) -> RuleVersion:
    return RuleVersion(
        rule_id=row.rule_id,
        version=row.version,
        state=RuleState(row.state),
        shadow=row.shadow,
        content=row.content,
        author=row.author,
        approver=row.approver,
        changed_at=row.changed_at,
    )


def _refused(code: str, value: str, cure: str) -> RejectedRecord:
    return RejectedRecord(code, field="rule", value=value, cure=cure)
