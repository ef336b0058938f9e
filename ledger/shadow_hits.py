"""What rules on trial would have said: which movements they held for, kept beside every write of decisions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select

from graph.evidence import Decision, Score
from ledger.dialect import among, insert_new
from ledger.records import ShadowCount
from ledger.tables import decisions, shadow_hits

SAMPLES = 10


def write_hits(connection: Connection, scores: Sequence[Score], *, replace: bool) -> None:
    """Keep the hits of `scores`; call before the scores are written.

    With `replace` they stand in place of those that a transaction had; else only those of unknown transactions count.
    """
    tx_ids = [score.tx_id for score in scores]
    if replace:
        if connection.execute(select(shadow_hits.c.tx_id).limit(1)).first() is not None:
            connection.execute(delete(shadow_hits).where(among(connection, shadow_hits.c.tx_id, tx_ids)))
        known: set[str] = set()
    else:
        known = set(connection.scalars(select(decisions.c.tx_id).where(among(connection, decisions.c.tx_id, tx_ids))))
    last = {score.tx_id: score for score in scores if score.tx_id not in known}
    rows = [{"rule": rule, "tx_id": tx_id, "ts": score.ts} for tx_id, score in last.items() for rule in score.shadow]
    insert_new(connection, shadow_hits, rows)


def count_hits(connection: Connection, rule: str) -> ShadowCount:
    """How often "id@version" held, by the decision that was made without it, and its newest transactions."""
    of_rule = among(connection, shadow_hits.c.rule, (rule,))
    found = connection.execute(
        select(decisions.c.decision, func.count())
        .join(shadow_hits, shadow_hits.c.tx_id == decisions.c.tx_id)
        .where(of_rule)
        .group_by(decisions.c.decision)
    ).all()
    counts = {str(kind): 0 for kind in Decision} | dict(found)
    newest = connection.execute(
        select(shadow_hits.c.tx_id)
        .where(of_rule)
        .order_by(shadow_hits.c.ts.desc(), shadow_hits.c.tx_id.desc())
        .limit(SAMPLES)
    )
    return ShadowCount(rule, sum(counts.values()), counts, tuple(tx_id for (tx_id,) in newest))


def forget_hits(connection: Connection) -> None:
    """Remove every hit."""
    connection.execute(delete(shadow_hits))
