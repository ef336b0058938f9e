"""The ledger's tables, as SQLAlchemy knows them; `ledger/migrations` brings a database to this shape.

Records are canonical JSON bytes, the columns beside them only serve to find, order and count. Ids compare byte by
byte on both databases (collation "C" on Postgres), so that pages come in the same order on both.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData()

Id = Text().with_variant(Text(collation="C"), "postgresql")
Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows itself only for INTEGER

progress = Table(
    "progress", metadata, Column("log_id", Id, primary_key=True), Column("position", BigInteger, nullable=False)
)

decisions = Table(
    "decisions",
    metadata,
    Column("tx_id", Id, primary_key=True),
    Column("ts", BigInteger, nullable=False),
    Column("score", Double, nullable=False),
    Column("decision", Id, nullable=False),
    Column("degraded", Boolean, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("tenant", Id, nullable=False, server_default=text("''")),
    Column("day", Integer, nullable=False, server_default="0"),
    Column("alert_budget", Integer, nullable=False, server_default="0"),
    Index("decisions_newest", "ts", "tx_id"),
    Index("decisions_newest_of_kind", "decision", "ts", "tx_id"),
    Index("decisions_highest", "score", "tx_id"),
    Index(
        "decisions_alerts",
        "tenant",
        "day",
        "score",
        "tx_id",
        "alert_budget",
        sqlite_where=text("alert_budget > 0"),
        postgresql_where=text("alert_budget > 0"),
    ),
)

decision_features = Table(
    "decision_features",
    metadata,
    Column("tx_id", Id, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

#: How many decisions of each kind there are, and how many are degraded: kept beside every write of `decisions`.
decision_counts = Table(
    "decision_counts", metadata, Column("name", Id, primary_key=True), Column("count", BigInteger, nullable=False)
)

rings = Table(
    "rings",
    metadata,
    Column("ring_id", Id, primary_key=True),
    Column("kind", Id, nullable=False),
    Column("score", Double, nullable=False),
    Column("size", Integer, nullable=False),
    Column("in_cents", BigInteger, nullable=False),
    Column("out_cents", BigInteger, nullable=False),
    Column("retained_cents", BigInteger, nullable=False),
    Column("first_ts", BigInteger, nullable=False),
    Column("last_ts", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("standing", Id, nullable=False, server_default=text("'open'")),
    Index("rings_highest", "score", "ring_id"),
    Index("rings_highest_of_kind", "kind", "score", "ring_id"),
)

ring_members = Table(
    "ring_members",
    metadata,
    Column("ring_id", Id, primary_key=True),
    Column("account", Id, primary_key=True),
    Column("role", Id, nullable=False),
    Column("score", Double, nullable=False),
    Index("ring_members_by_account", "account", "ring_id"),
)

#: How rings looked at the steps of the log: `record` is None where the ring was no more, or was thinned out.
ring_versions = Table(
    "ring_versions",
    metadata,
    Column("ring_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("learned_at", BigInteger, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=True),
)

#: How rings became one another.
ring_ties = Table(
    "ring_ties",
    metadata,
    Column("source", Id, primary_key=True),
    Column("target", Id, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Id, nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("shared", Integer, nullable=False),
    Column("source_size", Integer, nullable=False),
    Column("target_size", Integer, nullable=False),
    Index("ring_ties_into", "target", "position"),
)

#: What people decided about rings, in log order; `undone_by` is the event that took it back.
ring_verdicts = Table(
    "ring_verdicts",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("event_id", Id, nullable=False),
    Column("ring_id", Id, nullable=False),
    Column("act", Id, nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("author", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("approver", Id, nullable=False),
    Column("undone_by", Id, nullable=False),
    Column("undone_ts", BigInteger, nullable=True),
    UniqueConstraint("event_id", name="ring_verdicts_once"),
    Index("ring_verdicts_of", "ring_id", "seq"),
)

ring_aliases = Table(
    "ring_aliases", metadata, Column("gone", Id, primary_key=True), Column("survivor", Id, nullable=True)
)

labels = Table(
    "labels",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("subject", Id, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("label", Integer, nullable=False),
    Column("ring", Id, nullable=False),
    Column("known_ts", BigInteger, nullable=False),
    Column("given_by", Id, nullable=False),
    Index("labels_by_subject", "subject", "subject_id"),
)

set_aside = Table(
    "set_aside",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("source", Id, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("reason", Id, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("message", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("raw_length", BigInteger, nullable=False),
    UniqueConstraint("source", "line", "reason", "hash", name="set_aside_once"),
    Index("set_aside_by_reason", "reason"),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("run_id", Serial, primary_key=True, autoincrement=True),
    Column("name", Id, nullable=False),
    Column("version", Id, nullable=False),
    Column("params", LargeBinary, nullable=False),
    Column("status", Id, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger, nullable=True),
    Column("rows", BigInteger, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("findings", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("caller", Id, nullable=False, server_default=text("''")),
    Column("query", Text, nullable=False, server_default=text("''")),
    Column("row_budget", BigInteger, nullable=False, server_default="0"),
    Column("time_budget_ms", BigInteger, nullable=False, server_default="0"),
    Column("publish", Boolean, nullable=False, server_default=false()),
    Column("progress", Text, nullable=False, server_default=text("''")),
    Column("cut", Text, nullable=False, server_default=text("''")),
    Column("published", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="1"),
    Column("cancel", Boolean, nullable=False, server_default=false()),
    Column("result", Text, nullable=False, server_default=text("''")),
    Index("job_runs_by_name", "name", "run_id"),
    Index("job_runs_by_status", "status", "run_id"),
)

#: Cypher that analysts saved as jobs; what each run ran stands in `job_runs`.
saved_queries = Table(
    "saved_queries",
    metadata,
    Column("name", Id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("author", Id, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
)

job_schedules = Table(
    "job_schedules",
    metadata,
    Column("name", Id, primary_key=True),
    Column("params", LargeBinary, nullable=False),
    Column("every_ms", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("publish", Boolean, nullable=False),
    Column("author", Id, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("report_id", Id, primary_key=True),
    Column("subject_kind", Id, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("language", Id, nullable=False),
    Column("sha256", Id, nullable=False),
    Column("paths", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Index("reports_newest", "made_at", "report_id"),
    Index("reports_by_subject", "subject_kind", "subject_id"),
)

#: Entries of lists that stand now.
list_entries = Table(
    "list_entries",
    metadata,
    Column("list_name", Id, primary_key=True),
    Column("kind", Id, primary_key=True),
    Column("value", Id, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("author", Id, nullable=False),
    Column("added_ts", BigInteger, nullable=False),
    Column("expires_ts", BigInteger, nullable=True),
    Column("event_id", Id, nullable=False),
)

#: Every state of the parts that are governed as a whole, such as the policy.
documents = Table(
    "documents",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("event_id", Id, nullable=False),
    Column("part", Id, nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("author", Id, nullable=False),
    Column("approver", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("event_id", name="documents_once"),
    Index("documents_newest", "part", "seq"),
)

#: Answers under idempotency keys: `scope` is the path that was called.
kept_answers = Table(
    "kept_answers",
    metadata,
    Column("scope", Id, primary_key=True),
    Column("key", Id, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Index("kept_answers_over", "until_ms"),
)

rule_versions = Table(
    "rule_versions",
    metadata,
    Column("rule_id", Id, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("state", Id, nullable=False),
    Column("shadow", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    Column("author", Id, nullable=False),
    Column("approver", Id, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

#: Steps that came through the log carry its event's id, so that reading it again adds nothing.
rule_history = Table(
    "rule_history",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("rule_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", Id, nullable=False),
    Column("person", Id, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("event_id", Id, nullable=True),
    UniqueConstraint("event_id", "rule_id", "version", "action", name="rule_history_once"),
    Index("rule_history_of", "rule_id", "seq"),
)

#: Movements for which a rule on trial ("id@version") held.
shadow_hits = Table(
    "shadow_hits",
    metadata,
    Column("rule", Id, primary_key=True),
    Column("tx_id", Id, primary_key=True),
    Column("ts", BigInteger, nullable=False),
    Index("shadow_hits_newest", "rule", "ts", "tx_id"),
    Index("shadow_hits_of_tx", "tx_id"),
)

#: Fields of messages that their form does not know: how many came, and where the last one stands.
field_drift = Table(
    "field_drift",
    metadata,
    Column("topic", Id, primary_key=True),
    Column("field", Id, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("last_source", Id, nullable=False),
    Column("last_offset", BigInteger, nullable=False),
)

#: Rows of `set_aside` that a person sent again, what was changed in them, and the event each became.
redrives = Table(
    "redrives",
    metadata,
    Column("letter", BigInteger, primary_key=True, autoincrement=False),
    Column("author", Id, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("event_id", Id, nullable=False),
)

#: What must still be published; `body` is null where the record itself says it.
outbox = Table(
    "outbox",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("kind", Id, nullable=False),
    Column("subject", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("body", LargeBinary, nullable=True),
    UniqueConstraint("message_id", name="outbox_once"),
)

#: Scores that events later than the bound changed after they were given; `causes` is JSON.
corrections = Table(
    "corrections",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("tx_id", Id, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("old_score", Double, nullable=False),
    Column("old_decision", Id, nullable=False),
    Column("new_score", Double, nullable=False),
    Column("new_decision", Id, nullable=False),
    Column("causes", Text, nullable=False),
    UniqueConstraint("tx_id", "position", name="corrections_once"),
)
