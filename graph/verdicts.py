"""What people decided about rings, as the log keeps it: one verdict per event, whole in itself.

A verdict names the accounts it is about as they were when it was given, so that it means the same at every replay.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from graph.errors import ConfigurationError
from graph.events import MAX_ID_LENGTH
from graph.evidence import RingKind

#: The part of what is governed that these are of.
PART: Final = "rings"
MAX_ACCOUNTS: Final = 50_000
#: `LabelGiven.given_by` of the labels that a verdict gave: this and its event id.
GIVEN_BY: Final = "verdict:"


class Act(StrEnum):
    """What can be said about a ring."""

    CONFIRM = "confirm"  # it is one: its members are labelled as fraud
    DISMISS = "dismiss"  # it is none; counts once another person approved it
    APPROVE = "approve"  # of a dismissal that somebody else proposed
    PIN = "pin"  # it keeps its id and stays, whatever becomes of its score and age
    REMOVE = "remove"  # these accounts do not belong to it
    SPLIT = "split"  # these accounts are a ring of their own
    MERGE = "merge"  # these two are one ring
    UNDO = "undo"  # an earlier verdict no longer counts


#: Acts that point to an earlier verdict.
POINTING: Final = frozenset({Act.APPROVE, Act.UNDO})
#: Acts about two groups of accounts.
TWO_SIDED: Final = frozenset({Act.REMOVE, Act.SPLIT, Act.MERGE})


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One decision about ring `ring`.

    `accounts` are its members (of a merge and a pin those at its core), of a removal or split those who leave. `others`
    are those who stay, of a merge the core of the other ring `other`. `kinds` and `money_cents` are what a dismissed
    ring was, to tell when it has become something else. `of` is the event of the verdict that is approved or undone.
    """

    act: Act
    ring: str
    accounts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    other: str = ""
    kinds: tuple[RingKind, ...] = ()
    money_cents: int = 0
    of: str = ""


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(Verdict)


def content_of(verdict: Verdict) -> str:
    """Return the verdict as the content of one event."""
    return _ENCODER.encode(verdict).decode()


def verdict_of(content: str) -> Verdict:
    """Return what `content_of` wrote; raise `ConfigurationError` for anything that is no whole verdict."""
    try:
        verdict = _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ConfigurationError(f"this verdict cannot be read: {error}", cure="send one verdict") from error
    named = [verdict.ring, *verdict.accounts, *verdict.others]
    if not all(0 < len(name) <= MAX_ID_LENGTH and name.isprintable() for name in named):
        raise ConfigurationError("a verdict names something empty, too long or not printable", cure="give ids as shown")
    if max(len(verdict.accounts), len(verdict.others)) > MAX_ACCOUNTS:
        raise ConfigurationError(f"a verdict names more than {MAX_ACCOUNTS} accounts", cure="split it into several")
    if (verdict.act in POINTING) != bool(verdict.of):
        raise ConfigurationError(f"{verdict.act} and the verdict it points to do not fit", cure="name the earlier one")
    if verdict.act not in POINTING and not verdict.accounts:
        raise ConfigurationError(f"{verdict.act} is about no account", cure="name the accounts")
    if (verdict.act in TWO_SIDED) != bool(verdict.others):
        raise ConfigurationError(f"{verdict.act} needs both groups of accounts", cure="name who leaves and who stays")
    if not set(verdict.accounts).isdisjoint(verdict.others):
        raise ConfigurationError("an account stands on both sides of a verdict", cure="name it once")
    return verdict
