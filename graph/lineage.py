"""The life of a ring as records: its versions, each with what changed and why, and how rings are tied together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graph.evidence import Evidence, Ring


class Change(StrEnum):
    """What a version brought."""

    BORN = "born"
    GREW = "grew"  # accounts joined
    SHRANK = "shrank"  # accounts left
    ALTERED = "altered"  # the same accounts: other money, links, reasons or score
    TOOK_IN = "took_in"  # another ring went into it
    GAVE_OFF = "gave_off"  # part of it became another ring
    JUDGED = "judged"  # people said something
    CLOSED = "closed"  # nothing moved in it for long
    REVIVED = "revived"  # it moves again, or is found again
    WENT_INTO = "went_into"  # it is part of another ring now
    CAME_APART = "came_apart"  # its accounts are in several rings now
    DISSOLVED = "dissolved"  # its reasons fell away


class TieKind(StrEnum):
    """How one ring became (part of) another."""

    MERGED = "merged"  # of rings alike in size
    ABSORBED = "absorbed"  # a small one by a larger one
    SPLIT = "split"
    RENAMED = "renamed"  # the same accounts under another id
    MOVED = "moved"  # some accounts went from one to the other, both go on


@dataclass(frozen=True, slots=True)
class Tie:
    """`shared` accounts of `source` (which had `source_size`) are in `target` (which has `target_size`) from `position`
    on."""

    kind: TieKind
    source: str
    target: str
    position: int
    ts: int
    shared: int
    source_size: int
    target_size: int

    @property
    def share(self) -> float:
        """Share of the source's accounts that went this way, 0 to 1."""
        return self.shared / self.source_size


@dataclass(frozen=True, slots=True)
class RingVersion:
    """The ring as it stood from log offset `position` until its next version; None when it was no more.

    `ts` is how far the events' own time had come (UTC epoch ms), `learned_at` when that place of the log was written.
    `because` is the evidence that is new, or what was lost.
    """

    ring_id: str
    version: int
    position: int
    ts: int
    learned_at: int
    changes: tuple[Change, ...]
    because: tuple[Evidence, ...]
    closed: bool
    ring: Ring | None


@dataclass(frozen=True, slots=True)
class LineageStep:
    """What became of rings up to log offset `position`: new versions by ring id, and the ties between them."""

    position: int
    versions: tuple[RingVersion, ...]
    ties: tuple[Tie, ...]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A ring that holds `accounts` of the members asked about now; `ring_id` is None for those in no ring."""

    ring_id: str | None
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """Rings tied to one another over any number of steps, oldest tie first; `truncated` when there are more."""

    rings: tuple[str, ...]
    ties: tuple[Tie, ...]
    now: tuple[Whereabouts, ...]
    truncated: bool
