"""What the API needs from the rest of the service, as small abilities; `service` hands the concrete ones in.

Every method that is not `async` may block (they read files and databases): the API calls them from worker threads, so
implementations must bear being called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from api.governing import AlertReader, Governing
from api.jobs import Jobs
from api.letters import Letters
from api.models import Models
from api.money import Money
from api.ring_lives import RingLives
from api.rules import Rules
from api.sites import Sites
from api.watching import Watching
from graph.errors import TarrafaError
from graph.events import Movement
from graph.evidence import Decision, Ring, RingKind, Score, Standing
from graph.identity import IdentifierKeys
from graph.log.protocol import LogEntry
from ledger.records import KeptAnswer
from reports.formats import Language

ReportForm = Literal["pdf", "html", "json"]


class Scorer(Protocol):
    """Score movements on the one pipeline, together with those of other calls; waits without blocking.

    Guarantees: one score per movement, in their order; the movements are in the log when this returns; a transaction
    scored before gets its first score again, whatever the repeat says; an error leaves nothing half-done and is one
    of `graph.errors`; past `deadline_ms` it is a `RetryLater`, and the movements are logged and scored all the same.
    """

    async def score(self, movements: Sequence[Movement], *, deadline_ms: float | None = None) -> Sequence[Score]: ...


class AnswerKeeper(Protocol):
    """Keep answers under idempotency keys; waits without blocking.

    Guarantees: what `keep_answer` returned from survives a killed process; an answer past its time is None.
    """

    async def kept_answer(self, scope: str, key: str, *, now_ms: int) -> KeptAnswer | None: ...

    async def keep_answer(self, answer: KeptAnswer) -> None: ...


class ScorePage(Protocol):
    """Some scores and where the next page begins; None on the last."""

    @property
    def items(self) -> Sequence[Score]: ...

    @property
    def next(self) -> str | None: ...


class RingPage(Protocol):
    """Some rings and where the next page begins; None on the last."""

    @property
    def items(self) -> Sequence[Ring]: ...

    @property
    def next(self) -> str | None: ...


class Summary(Protocol):
    """Counts of what is stored."""

    @property
    def transactions(self) -> int: ...

    @property
    def decisions(self) -> Mapping[str, int]: ...

    @property
    def degraded(self) -> int: ...

    @property
    def rings(self) -> Mapping[str, int]: ...

    @property
    def set_aside(self) -> Mapping[str, int]: ...


class DecisionReader(Protocol):
    """Read scores.

    Guarantees: an unknown transaction gives None (or is absent from the mapping); pages come newest first.
    """

    def score(self, tx_id: str) -> Score | None: ...

    def scores_of(self, tx_ids: Sequence[str]) -> Mapping[str, Score]: ...

    def scores(self, *, decision: Decision | None = None, after: str | None = None, limit: int) -> ScorePage: ...

    def summary(self) -> Summary: ...


class RingReader(Protocol):
    """Read rings.

    Guarantees: an unknown id gives None; a ring merged away gives its survivor; pages come by falling score, then
    id, those that stand so where asked; `rings_of` names the rings of every account that is in one.
    """

    def ring(self, ring_id: str) -> Ring | None: ...

    def rings(
        self,
        *,
        kind: RingKind | None = None,
        min_score: float | None = None,
        standing: Collection[Standing] | None = None,
        after: str | None = None,
        limit: int,
    ) -> RingPage: ...

    def rings_of(self, accounts: Sequence[str]) -> Mapping[str, Sequence[str]]: ...


class GraphReads(Protocol):
    """Run a catalogued read such as `read/account`; parameters, columns and limits are those of its file."""

    def read(self, name: str, **params: object) -> list[dict[str, Any]]: ...


class AccountReader(Protocol):
    """Totals of many accounts by one question: rows as of `read/account`, by id; unknown accounts are left out."""

    def totals(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]: ...


class PathStep(Protocol):
    """One movement of a path, in the direction of the money."""

    @property
    def tx_id(self) -> str: ...

    @property
    def ts(self) -> int: ...

    @property
    def amount_cents(self) -> int: ...

    @property
    def source(self) -> str: ...

    @property
    def target(self) -> str: ...


class FoundPath(Protocol):
    """Movements from the first account to the last. `truncated` names the budgets hit: without any, not found means
    that there is no such path."""

    @property
    def found(self) -> bool: ...

    @property
    def steps(self) -> Sequence[PathStep]: ...

    @property
    def truncated(self) -> Sequence[str]: ...


class PathFinder(Protocol):
    """Find a shortest chain of movements between two accounts with lo <= ts < hi (epoch ms)."""

    def shortest_path(self, source: str, target: str, *, lo: int, hi: int, max_hops: int) -> FoundPath: ...


class Exporter(Protocol):
    """Make a file of a piece of the graph. What is not known, or no form, is an error that says what there is."""

    def file(
        self, subject: Literal["ring", "account", "run"], name: str, form: str, *, hops: int
    ) -> tuple[bytes, str, str]: ...


class EventReader(Protocol):
    """Read events by id. Guarantee: an unknown id gives None, never an error."""

    def event(self, event_id: str) -> LogEntry | None: ...


class ReportMaker(Protocol):
    """Make the report on a ring or operator. Guarantee: an unknown id gives None."""

    def ring_report(self, ring_id: str, *, language: Language, form: ReportForm) -> bytes | None: ...

    def operator_report(self, operator_id: str, *, language: Language, form: ReportForm) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class PartHealth:
    """State of one dependency: `ok`, `absent` (not installed, not needed), or `down` with the cause in `detail`."""

    name: str
    state: Literal["ok", "absent", "down"]
    detail: str = ""
    version: str = ""


class HealthReader(Protocol):
    """Ask every dependency how it is. Guarantee: never raises, answers within seconds."""

    def health(self) -> Sequence[PartHealth]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """Everything the API works with. `keys` hash personal identifiers; `clock` gives UTC epoch milliseconds."""

    scorer: Scorer
    answers: AnswerKeeper
    decisions: DecisionReader
    rings: RingReader
    graph: GraphReads
    accounts: AccountReader
    paths: PathFinder
    events: EventReader
    reports: ReportMaker
    jobs: Jobs
    exports: Exporter
    governing: Governing
    alerts: AlertReader
    rules: Rules
    models: Models
    lives: RingLives
    letters: Letters
    money: Money
    sites: Sites
    health: HealthReader
    watching: Watching
    keys: IdentifierKeys
    clock: Callable[[], int]


class NotFound(TarrafaError):
    """Nothing is known under this id."""

    http_status = 404

    def __init__(self, kind: str, id: str) -> None:
        self.kind, self.id = kind, id
        super().__init__(kind, id)

    def __str__(self) -> str:
        return f"no {self.kind} is known as {self.id}"
