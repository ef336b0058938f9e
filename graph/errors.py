"""The one error tree: a class per reaction - skip this record, retry later, or stop.

Errors carry data (what, where, which limit); `str(error)` is composed from it in one place so that the
command line, the API and the dead letters show the same words. Third-party errors are translated at the
adapter that meets them, with `raise ... from`.
"""

from __future__ import annotations


class TarrafaError(Exception):
    """Base of every error this project raises on purpose."""

    #: HTTP status that fits when the error reaches the API.
    http_status: int = 500


# --- skip this record ---------------------------------------------------------------------------------------------


class RejectedRecord(TarrafaError):
    """One record cannot be accepted; the rest of its batch can.

    `code` is stable and countable, `field` names the culprit, `value` is a shortened copy of what came, and `cure`
    says what to change.
    """

    http_status = 422

    def __init__(self, code: str, *, field: str = "", value: object = "", cure: str = "") -> None:
        self.code = code
        self.field = field
        self.value = shorten(value)
        self.cure = cure
        super().__init__(code, field, self.value, cure)

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        what = f" ({self.value})" if self.value else ""
        cure = f"; {self.cure}" if self.cure else ""
        return f"{where}{self.code.replace('_', ' ')}{what}{cure}"


# --- retry later --------------------------------------------------------------------------------------------------


class RetryLater(TarrafaError):
    """The same call may succeed later; nothing was lost and nothing half-done remains."""

    http_status = 503


class StoreUnavailable(RetryLater):
    """A server does not answer: which one, where, and how to start it."""

    def __init__(self, *, store: str, address: str, cause: str, cure: str) -> None:
        self.store, self.address, self.cause, self.cure = store, address, cause, cure
        super().__init__(store, address, cause, cure)

    def __str__(self) -> str:
        return f"{self.store} at {self.address} does not answer: {self.cause}; {self.cure}"


class RetryableConflict(RetryLater):
    """Two writers met (deadlock, transaction conflict, unacknowledged commit); sending the same again is safe."""


class QueryTimeout(RetryLater):
    """A read went past its deadline and was stopped."""

    http_status = 504

    def __init__(self, *, query: str, timeout_ms: int) -> None:
        self.query, self.timeout_ms = query, timeout_ms
        super().__init__(query, timeout_ms)

    def __str__(self) -> str:
        return f"{self.query} was stopped after {self.timeout_ms} ms; narrow its time range or raise its timeout"


class TransactionTooLarge(TarrafaError):
    """The store refused the size of one transaction: split the batch, do not repeat it."""


# --- stop ---------------------------------------------------------------------------------------------------------


class StopWork(TarrafaError):
    """Going on would be wrong; a person has to change something first. `cure` says what."""

    def __init__(self, problem: str, *, cure: str = "") -> None:
        self.problem, self.cure = problem, cure
        super().__init__(problem, cure)

    def __str__(self) -> str:
        return f"{self.problem}; {self.cure}" if self.cure else self.problem


class ConfigurationError(StopWork):
    """A setting is unknown, contradictory or unsafe."""


class StoreMismatch(StopWork):
    """The store's content does not belong to this log, or disagrees with it: rebuild."""


class CorruptLog(StopWork):
    """The event log does not hold what it recorded (hash, order or length differ)."""


class ConstraintViolated(StopWork):
    """A write would break a uniqueness or existence guarantee of the store."""


class QueryRefused(StopWork):
    """A Cypher text is outside the portable subset, writes where it may only read, or misses a parameter."""

    http_status = 400


class StorageFull(StopWork):
    """A disk or quota is full; the write that met it left nothing behind and may be repeated once there is room."""

    http_status = 507


class UnknownFormat(StopWork):
    """No loader recognises the input; names those that were tried."""

    http_status = 415


class HomeInUse(StopWork):
    """Another process owns this home; the embedded store allows one."""

    http_status = 409


def shorten(value: object, limit: int = 120) -> str:
    """Return `value` as text of at most `limit` characters, the cut marked with its full length."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
