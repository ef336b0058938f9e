"""What goes into the hot window and comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.window.columns import I32, I64, NONE


class Look(IntEnum):
    """Which earlier events of a movement to name."""

    SENT_BY_SOURCE = 0
    RECEIVED_BY_SOURCE = 1
    RECEIVED_BY_TARGET = 2
    ON_DEVICE = 3
    ON_IP = 4
    FAILED_ATTEMPTS = 5


#: Days that the horizon keeps beyond what is looked back on, for events that come late.
LATENESS_DAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSettings:
    """How much the window remembers."""

    #: Days of events kept: the lookback and at least a day for what comes late.
    horizon_days: int = 35
    #: Days that features and patterns look back, 30 at most; their longer windows are cut by it.
    lookback_days: int = 30
    #: Days that histories of pairs and numbers of counterparties look back, as far as the horizon keeps them.
    pair_lookback_days: int = 400
    #: Most events kept; when more come, the oldest go although they are younger than the horizon.
    max_events: int = 10_000_000

    def __post_init__(self) -> None:
        if not 1 <= self.lookback_days <= 30:
            raise ValueError("lookback_days: give 1 to 30")
        if self.horizon_days <= self.lookback_days:
            raise ValueError(
                f"horizon_days: features look back {self.lookback_days} days; give at least {self.lookback_days + 1}"
            )

    @property
    def pair_reach_days(self) -> int:
        """Days that histories of pairs look back: within the horizon, with room for what comes late."""
        return max(self.lookback_days, min(self.pair_lookback_days, self.horizon_days - LATENESS_DAYS))


@dataclass(slots=True)
class Names:
    """Strings of one node kind as dense integers, in order of first arrival."""

    of: dict[str | None, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.of[None] = NONE  # so that one look-up serves for what an event does not say, too

    def intern(self, name: str | None) -> int:
        """Return the integer of `name`, giving a new one if needed; NONE for None."""
        number = self.of.get(name)
        if number is None:
            assert name is not None
            number = self.of[name] = len(self.names)
            self.names.append(name)
        return number

    def named(self, numbers: I32) -> list[str | None]:
        """Return the names of `numbers`, None for NONE."""
        names = self.names
        return [None if number == NONE else names[number] for number in numbers.tolist()]


@dataclass(frozen=True, slots=True)
class Edge:
    """A movement as patterns and rings see it. `kind` is a code of `MOVEMENT_CODES`."""

    event_id: str
    ts: int
    source: str
    target: str
    amount_cents: int
    kind: int


class Context(NamedTuple):
    """What a movement says of its circumstances; few differ, so the window keeps each once."""

    channel: str = ""
    currency: str = ""
    tenant: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Parties:
    """Ids that movements name, one list per kind in the movements' order; None where one does not say."""

    sources: list[str | None]
    targets: list[str | None]
    devices: list[str | None]
    ips: list[str | None]
    domains: list[str | None]
    operators: list[str | None]
    identifiers: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern that movement `owner` completes: `edges` are the seqs of its movements, `owner` among them."""

    owner: int
    kind: int
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the window says about movements: row i of `features` and `cut` belongs to `seqs[i]`."""

    seqs: I64
    features: NDArray[np.float64]  # float64[len(seqs), len(FEATURES)]
    cut: NDArray[np.int8]
    hits: tuple[Hit, ...]
    short: NDArray[np.bool_]  # where the lookback ended at the bound of memory, not where it should
