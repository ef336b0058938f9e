"""Answers kept under idempotency keys, so that a call sent again gets what it got."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from ledger.dialect import insert_new
from ledger.records import KeptAnswer
from ledger.tables import kept_answers


def write_answers(connection: Connection, answers: Sequence[KeptAnswer]) -> None:
    """Keep the answers; one that is there already under its scope and key stays."""
    rows = [
        {
            "scope": answer.scope,
            "key": answer.key,
            "fingerprint": answer.fingerprint,
            "body": answer.body,
            "until_ms": answer.until_ms,
        }
        for answer in answers
    ]
    insert_new(connection, kept_answers, rows)


def find_answer(connection: Connection, scope: str, key: str, *, now_ms: int) -> KeptAnswer | None:
    """The answer kept under a key, or None when there is none or its time is over."""
    row = connection.execute(
        select(kept_answers).where(
            kept_answers.c.scope == scope, kept_answers.c.key == key, kept_answers.c.until_ms > now_ms
        )
    ).fetchone()
    return None if row is None else KeptAnswer(row.scope, row.key, row.fingerprint, row.body, row.until_ms)


def forget_answers(connection: Connection, *, now_ms: int) -> None:
    """Remove the answers whose time is over."""
    connection.execute(delete(kept_answers).where(kept_answers.c.until_ms <= now_ms))
