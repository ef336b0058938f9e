"""The ledger: what was decided, which rings stand, what was set aside, labelled, run and reported - SQLite or Postgres.

Decisions and rings are projections of the event log: they can be forgotten and recorded again. The rest is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, select

from graph.errors import RejectedRecord, StoreMismatch
from graph.events import GovernanceChanged, LabelGiven, ListKind
from graph.evidence import Decision, Ring, RingChanges, RingKind, Score, Standing
from graph.lineage import LineageStep, RingVersion, Tie
from graph.listings import EntryKind
from graph.set_aside import SetAside
from ledger import (
    alert_book,
    answer_book,
    correction_book,
    decisions,
    document_book,
    feature_rows,
    job_book,
    label_book,
    letter_book,
    list_book,
    outbox_book,
    report_book,
    ring_book,
    ring_history,
    rule_book,
    set_asides,
    shadow_hits,
    verdict_book,
)
from ledger.dialect import upsert
from ledger.engine import Database
from ledger.job_runs import JobRuns
from ledger.paging import Page, check_limit
from ledger.records import (
    Alert,
    KeptAnswer,
    LateEvent,
    ListEntry,
    ReportMade,
    RingVerdict,
    ShadowCount,
    Summary,
    multiset_digest,
)
from ledger.tables import progress
from ledger.upgrade import upgrade


class Ledger(JobRuns):
    """One ledger database; safe to share between threads.

    Guarantees: `record` is whole or not at all, and repeating it changes nothing; `position` never moves backwards;
    records read back equal those recorded; an unknown id answers None; a ring merged away resolves to its survivor;
    pages have a stable order; digests depend on what is held, not on how it came.

    Errors: `StoreUnavailable` and `RetryableConflict` (try again later), `StorageFull` (nothing was kept),
    `ConfigurationError` (wrong URL, user, database or program), `StoreMismatch` (another log's ledger).
    """

    def __init__(self, database: Database, *, publishing: bool = False) -> None:
        self._database, self._publishing = database, publishing
        self.rules = rule_book.RuleBook(database)
        self.letters = letter_book.LetterBook(database)
        self.outbox = outbox_book.OutboxBook(database)
        self.corrections = correction_book.CorrectionBook(database)
        self.jobs = job_book.JobBook(database)

    @classmethod
    def open(cls, url: str, *, publishing: bool = False) -> Ledger:
        """Open `sqlite:///path` or `postgresql://user:password@host/database` and bring its tables up to date.

        With `publishing` everything recorded also waits in the outbox, in the same transaction.
        """
        database = Database(url)
        try:
            with database.writing() as connection:
                upgrade(connection, address=database.address)
        except BaseException:
            database.close()
            raise
        return cls(database, publishing=publishing)

    def close(self) -> None:
        """Close every connection; safe to call twice."""
        self._database.close()

    # --- projections of the log ---------------------------------------------------------------------------------

    def position(self, log_id: str) -> int:
        """Offset up to which this log has been recorded; 0 when nothing was. `StoreMismatch` for another log."""
        with self._database.reading() as connection:
            return _position(connection, log_id)

    def record(
        self,
        *,
        log_id: str,
        position: int,
        scores: Sequence[Score],
        rings: RingChanges,
        labels: Sequence[LabelGiven] = (),
        features: Mapping[str, NDArray[np.float64]] | None = None,
        governed: Sequence[GovernanceChanged] = (),
        steps: Sequence[LineageStep] = (),
        late: Sequence[LateEvent] = (),
    ) -> None:
        """Record what the log up to `position` led to, in one transaction: scores with the feature rows they were made
        from (by transaction), ring changes and the steps of their history, labels, and changes of what people govern.
        Scores that were given and are another now are corrections where events of the batch came `late`.

        Batches come in log order, may overlap and may come again. One that ends before the recorded position is a
        repetition: scores and labels it still misses are added; its rings and what it governed, being older than those
        here, are not.
        """
        if position < 0:
            raise RejectedRecord("bad_position", field="position", value=position, cure="give a log offset")
        with self._database.writing() as connection:
            current = _position(connection, log_id)
            shadow_hits.write_hits(connection, scores, replace=position >= current)
            written = decisions.write_scores(connection, scores, replace=position >= current)
            found = correction_book.corrections_of(scores, written, late, position=position)
            correction_book.write_corrections(connection, found)
            feature_rows.write_features(connection, features or {}, replace=position >= current)
            label_book.write_labels(connection, labels)
            altered: dict[str, bytes] = {}
            if position >= current:
                altered = ring_book.apply_changes(connection, rings)
                ring_history.write_steps(connection, steps)
                list_book.write_entries(connection, governed)
                document_book.write_documents(connection, governed)
                verdict_book.write_verdicts(connection, governed)
                rule_book.follow(connection, governed)
                upsert(connection, progress, [{"log_id": log_id, "position": position}])
            if self._publishing:
                alerts = [score.tx_id for score in scores if score.alert_budget]
                outbox_book.put_scores(connection, written.changed, alerts=alerts)
                if position >= current:
                    outbox_book.put_rings(connection, altered, rings, position=position)
                    outbox_book.put_audit(connection, governed)

    def forget_projections(self, log_id: str) -> None:
        """Forget decisions, rings and what was governed, whichever log they came from; the ledger is then `log_id`'s.

        Set-aside rows, the rule book, labels, job runs and reports stay.
        """
        with self._database.writing() as connection:
            shadow_hits.forget_hits(connection)
            decisions.forget_scores(connection)
            feature_rows.forget_features(connection)
            ring_book.forget_rings(connection)
            ring_history.forget_history(connection)
            verdict_book.forget_verdicts(connection)
            list_book.forget_entries(connection)
            document_book.forget_documents(connection)
            connection.execute(delete(progress))
            upsert(connection, progress, [{"log_id": log_id, "position": 0}])

    def score_digest(self) -> int:
        """128-bit digest of all scores: equal for equal scores, in whatever order and batches they came."""
        with self._database.reading() as connection:
            return multiset_digest(decisions.score_records(connection))

    def ring_digest(self) -> int:
        """128-bit digest of the current rings, without their history."""
        with self._database.reading() as connection:
            return multiset_digest(ring_book.ring_records(connection))

    def summary(self) -> Summary:
        """How much there is, without counting decisions: their counts are kept as they are recorded."""
        with self._database.reading() as connection:
            counts = decisions.decision_counters(connection)
            degraded = counts.pop(decisions.DEGRADED)
            return Summary(
                transactions=sum(counts.values()),
                decisions=counts,
                degraded=degraded,
                rings=ring_book.ring_counts(connection),
                set_aside=set_asides.set_aside_counts(connection),
            )

    # --- scores -------------------------------------------------------------------------------------------------

    def score(self, tx_id: str) -> Score | None:
        """The score of a transaction, or None."""
        with self._database.reading() as connection:
            return decisions.find_score(connection, tx_id)

    def features(self, tx_id: str) -> NDArray[np.float64] | None:
        """The feature row behind the score of a transaction, or None."""
        with self._database.reading() as connection:
            return feature_rows.find_features(connection, tx_id)

    def features_of(self, tx_ids: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """The feature rows behind the scores of those transactions that have one."""
        with self._database.reading() as connection:
            return feature_rows.find_feature_rows(connection, tx_ids)

    def scores_of(self, tx_ids: Sequence[str]) -> dict[str, Score]:
        """The scores of those transactions that have one."""
        with self._database.reading() as connection:
            return decisions.find_scores(connection, tx_ids)

    def scores(self, *, decision: Decision | None = None, after: str | None = None, limit: int = 50) -> Page[Score]:
        """Scores, newest transaction first; `after` is the cursor of the page before."""
        with self._database.reading() as connection:
            return decisions.page_of_scores(connection, decision=decision, after=after, limit=check_limit(limit))

    def top_scores(self, limit: int) -> list[Score]:
        """The highest scores."""
        with self._database.reading() as connection:
            return decisions.highest_scores(connection, check_limit(limit))

    def alerts(self, *, tenant: str, day: date, after: str | None = None, limit: int = 50) -> Page[Alert]:
        """One tenant's alerts of a day, best first."""
        with self._database.reading() as connection:
            return alert_book.page_of_alerts(connection, tenant=tenant, day=day, after=after, limit=check_limit(limit))

    def alert_days(self, *, tenant: str, limit: int = 30) -> list[date]:
        """The newest days on which a tenant has alerts."""
        with self._database.reading() as connection:
            return alert_book.days_with_alerts(connection, tenant=tenant, limit=check_limit(limit))

    # --- what people govern --------------------------------------------------------------------------------------

    def list_entry(self, listed: ListKind, kind: EntryKind, value: str) -> ListEntry | None:
        """The entry that stands for a canonical value, or None."""
        with self._database.reading() as connection:
            return list_book.find_entry(connection, listed, kind, value)

    def list_entries(
        self, listed: ListKind, *, kind: EntryKind | None = None, after: str | None = None, limit: int = 50
    ) -> Page[ListEntry]:
        """Entries that stand on a list, by kind and value."""
        with self._database.reading() as connection:
            return list_book.page_of_entries(connection, listed, kind=kind, after=after, limit=check_limit(limit))

    def list_counts(self) -> dict[str, int]:
        """How many entries stand on each list that has any."""
        with self._database.reading() as connection:
            return list_book.entry_counts(connection)

    def documents(self, part: str, *, limit: int = 1) -> list[GovernanceChanged]:
        """The newest states of a part that is governed as a whole, newest first."""
        with self._database.reading() as connection:
            return document_book.read_documents(connection, part, limit=check_limit(limit))

    def shadow_count(self, rule: str) -> ShadowCount:
        """What the rule on trial called "id@version" held for."""
        with self._database.reading() as connection:
            return shadow_hits.count_hits(connection, rule)

    # --- rings --------------------------------------------------------------------------------------------------

    def ring(self, ring_id: str) -> Ring | None:
        """The ring, or the survivor of the merges it went into; None when unknown or dissolved."""
        with self._database.reading() as connection:
            return ring_book.find_ring(connection, ring_id)

    def rings(
        self,
        *,
        kind: RingKind | None = None,
        min_score: float | None = None,
        standing: Collection[Standing] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Ring]:
        """Current rings, highest score first, those that stand so where asked; `after` is the page before's cursor."""
        with self._database.reading() as connection:
            return ring_book.page_of_rings(
                connection, kind=kind, min_score=min_score, standing=standing, after=after, limit=check_limit(limit)
            )

    def ring_ids(self) -> list[str]:
        """Ids of the current rings, sorted."""
        with self._database.reading() as connection:
            return ring_book.current_ids(connection)

    def rings_of(self, accounts: Sequence[str]) -> dict[str, list[str]]:
        """Current ring ids of each account, sorted; empty for an account in none."""
        with self._database.reading() as connection:
            return ring_book.ids_by_account(connection, accounts)

    def ring_versions(self, ring_id: str, *, limit: int = 1_000) -> list[RingVersion]:
        """What became of exactly this id at steps of the log, oldest first; old records thin out (see ADR 0007)."""
        with self._database.reading() as connection:
            return ring_history.versions_of(connection, ring_id, limit=limit)

    def ring_at(
        self, ring_id: str, *, position: int | None = None, ts: int | None = None, known: int | None = None
    ) -> RingVersion | None:
        """The version of exactly this id that stood at a log offset, at a moment of the events' own time, or at one of
        the log's clock (UTC epoch ms); None before its first."""
        with self._database.reading() as connection:
            return ring_history.version_at(connection, ring_id, position=position, ts=ts, known=known)

    def ring_ties(self, ring_ids: Sequence[str], *, limit: int = 1_000) -> list[Tie]:
        """How these rings came from others and became others, oldest first."""
        with self._database.reading() as connection:
            return ring_history.ties_around(connection, ring_ids, limit=limit)

    def ring_verdict(self, event_id: str) -> RingVerdict | None:
        """The verdict of an event, or None."""
        with self._database.reading() as connection:
            return verdict_book.find_verdict(connection, event_id)

    def ring_verdicts(
        self, ring_id: str | None = None, *, after: str | None = None, limit: int = 50
    ) -> Page[RingVerdict]:
        """What people decided about rings, newest first."""
        with self._database.reading() as connection:
            return verdict_book.page_of_verdicts(connection, ring_id=ring_id, after=after, limit=check_limit(limit))

    # --- kept through every rebuild -----------------------------------------------------------------------------

    def labels(self, subject: str, *, known_by: int | None = None) -> Iterator[LabelGiven]:
        """Stream the labels of "tx" or "account" subjects that were known by a time (UTC epoch ms)."""
        with self._database.reading() as connection:
            yield from label_book.read_labels(connection, subject=subject, known_by=known_by)

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        """Keep rows that could not be accepted; the same row again changes nothing."""
        with self._database.writing() as connection:
            set_asides.write_set_asides(connection, rows)
            if self._publishing:
                outbox_book.put_letters(connection, rows)

    def set_asides(self, *, after: str | None = None, limit: int = 50) -> Page[SetAside]:
        """Rows set aside, first ones first."""
        with self._database.reading() as connection:
            return set_asides.page_of_set_asides(connection, after=after, limit=check_limit(limit))

    def keep_answers(self, answers: Sequence[KeptAnswer], *, now_ms: int) -> None:
        """Keep answers under their idempotency keys; the first under a key stays until its time is over."""
        with self._database.writing() as connection:
            answer_book.forget_answers(connection, now_ms=now_ms)
            answer_book.write_answers(connection, answers)

    def kept_answer(self, scope: str, key: str, *, now_ms: int) -> KeptAnswer | None:
        """The answer kept under a key, or None."""
        with self._database.reading() as connection:
            return answer_book.find_answer(connection, scope, key, now_ms=now_ms)

    def report_made(self, report: ReportMade) -> None:
        """Keep a report that was written."""
        with self._database.writing() as connection:
            report_book.write_report(connection, report)

    def report_list(
        self,
        *,
        subject_kind: str | None = None,
        subject_id: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[ReportMade]:
        """Reports that were made, newest first."""
        with self._database.reading() as connection:
            return report_book.page_of_reports(
                connection, subject_kind=subject_kind, subject_id=subject_id, after=after, limit=check_limit(limit)
            )


def _position(connection: Connection, log_id: str) -> int:
    found = dict(connection.execute(select(progress.c.log_id, progress.c.position)).all())
    if found and log_id not in found:
        raise StoreMismatch("the ledger holds the decisions of another event log", cure="tarrafa rebuild")
    return int(found.get(log_id, 0))
