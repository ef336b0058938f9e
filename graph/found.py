"""What link analysis found, as the content of an event: findings that stand from then on, or that stand no more.

It travels as a `GovernanceChanged` of part "findings": it holds for everything that arrives after it, whatever the
times, and a replay of the log ends in the same rings and scores. The id of a finding is a hash of what it says, so the
same finding of another run is the same finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from graph.errors import ConfigurationError
from graph.evidence import RingKind

PART: Final = "findings"
MAX_FINDINGS: Final = 5_000  # of one event
MAX_ACCOUNTS: Final = 1_000  # of one finding


class FoundMovement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """A movement that a finding consists of, as the log has it."""

    event_id: str
    ts: int
    source: str
    target: str
    cents: int
    kind: str


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding: its job and version, the shape of ring it is (None: none), who is at its core, who else takes part.

    `ts` is when the newest of its proof happened (UTC epoch ms); `means` are (label, id) of shared things.
    """

    job: str
    version: int
    code: str
    kind: RingKind | None
    ts: int
    core: tuple[str, ...]
    others: tuple[str, ...] = ()
    movements: tuple[FoundMovement, ...] = ()
    means: tuple[tuple[str, str], ...] = ()
    operators: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Hash of everything it says."""
        return blake2b(_ENCODER.encode(self), digest_size=12, person=b"tarrafa-found").hexdigest()


class FoundChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one event says: new findings, and ids of findings that stand no more."""

    found: tuple[Found, ...] = ()
    withdrawn: tuple[str, ...] = ()


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(FoundChange)


def content_of(found: Sequence[Found], *, withdrawn: Sequence[str] = ()) -> str:
    """Return the content of one event."""
    return _ENCODER.encode(FoundChange(tuple(found), tuple(withdrawn))).decode()


def change_of(content: str) -> FoundChange:
    """Return what `content_of` wrote; raise `ConfigurationError` for anything else."""
    try:
        change = _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ConfigurationError(f"these findings cannot be read: {error}", cure="let a job publish them") from error
    if not 0 < len(change.found) + len(change.withdrawn) <= MAX_FINDINGS:
        raise ConfigurationError("too many findings at once, or none", cure=f"send 1 to {MAX_FINDINGS}")
    for each in change.found:
        if not each.core or len(each.core) + len(each.others) > MAX_ACCOUNTS:
            raise ConfigurationError(
                f"a finding of {each.job} names no account, or too many", cure=f"name 1 to {MAX_ACCOUNTS}"
            )
    return change
