"""The Kafka client's errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import KafkaError, MessageSizeTooLargeError

from graph.errors import RejectedRecord, StoreUnavailable

BOOTSTRAP_TIMEOUT_MS = 10_000


@contextmanager
def translated(bootstrap: str) -> Iterator[None]:
    """Turn the client's errors into ours; `bootstrap` names the broker."""
    try:
        yield
    except MessageSizeTooLargeError as error:
        raise RejectedRecord("message_too_large", field="event", value=str(error), cure="shorten its texts") from error
    except KafkaError as error:
        cause = f"{type(error).__name__}: {error}"
        raise StoreUnavailable(store="Kafka", address=bootstrap, cause=cause, cure="start the broker") from error
