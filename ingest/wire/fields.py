"""Values that several messages have in common: numbers that may stand for text, times, amounts, addresses."""

from __future__ import annotations

from decimal import Decimal

from graph.errors import RejectedRecord
from graph.events import Movement, MovementKind
from graph.identity import canonical_ip
from ingest.validate import checked_time, parse_cents, parse_kind, parse_time
from ingest.wire.form import Reading

MAX_TEXT = 256
#: Identifiers that some senders write as numbers.
Text = str | int
#: ISO 8601 with zone, or epoch seconds or milliseconds, as text or number.
Time = str | int | float


def text_of(value: Text, field: str) -> str:
    """Return 1 to 256 characters; raise `RejectedRecord` for none or more."""
    text = str(value).strip()
    if not text or len(text) > MAX_TEXT:
        raise RejectedRecord("bad_text", field=field, value=text, cure=f"give 1 to {MAX_TEXT} characters")
    return text


def optional_text(value: Text | None, field: str) -> str | None:
    """Return the text, or None where there is none."""
    return None if value is None or not str(value).strip() else text_of(value, field)


def time_of(value: Time | None, reading: Reading) -> int:
    """Return UTC epoch ms of a given time, or of when the message arrived where none is given.

    Raises `RejectedRecord` for 1970, the future, and anything that is no time.
    """
    if value is None:
        return checked_time(reading.arrived_ms, given=reading.arrived_ms, now_ms=reading.now_ms)
    return parse_time(str(value).strip(), now_ms=reading.now_ms)


def cents_of(amount: Decimal) -> int:
    """Return exact cents; raise `RejectedRecord` as `ingest.validate.parse_cents` does."""
    return parse_cents(str(amount))


def amount_of(cents: int) -> Decimal:
    """Return the amount with two decimals."""
    return Decimal(cents).scaleb(-2)


def address_of(value: Text | None, field: str) -> tuple[str | None, int | None]:
    """Return (address, port), each None where not given."""
    text = optional_text(value, field)
    return canonical_ip(text) if text is not None else (None, None)


def address_text(ip: str | None, port: int | None) -> str | None:
    """Return an address as one text, its port behind it."""
    if ip is None or port is None:
        return ip
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def kind_of(text: str | None, *, otherwise: MovementKind) -> MovementKind:
    """Return the kind of money movement, `otherwise` where none is said; a bare link moves no money and is refused."""
    if text is None or not text.strip():
        return otherwise
    kind = parse_kind(text)
    if kind is MovementKind.LINK:
        raise RejectedRecord("unknown_kind", field="kind", value=text, cure="give a kind that moves money")
    return kind


def movement_in(event: object, form: str) -> Movement:
    """Return the event as a movement of money; raise `RejectedRecord` where it is something else."""
    if not isinstance(event, Movement) or event.kind is MovementKind.LINK:
        raise RejectedRecord("not_in_this_form", field="event", value=type(event).__name__, cure=f"{form} carry money")
    return event
