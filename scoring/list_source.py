"""What standing on a list does to a score: a `Source` of the signals `block_list`, `watch_list` and `allow_list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph.events import ListKind, NodeKind
from graph.evidence import EVIDENCE_LIMIT, Evidence, Params, Signal
from graph.listings import PART, PERSONAL, EntryKind
from scoring.lists import Lists, Match
from scoring.sources import Given, Rows

#: Points by list. A block alone is beyond the shipped review band; what only looks like an entry counts half.
POINTS: Final = {ListKind.BLOCK: 75.0, ListKind.WATCH: 20.0, ListKind.ALLOW: -20.0}
LOOK_ALIKE_SHARE: Final = 0.5
LIST_SIGNALS: Final = {ListKind.BLOCK: "block_list", ListKind.WATCH: "watch_list", ListKind.ALLOW: "allow_list"}

_LABELS = {
    EntryKind.ACCOUNT: NodeKind.ACCOUNT,
    EntryKind.DEVICE: NodeKind.DEVICE,
    EntryKind.OPERATOR: NodeKind.OPERATOR,
    EntryKind.DOMAIN: NodeKind.DOMAIN,
    EntryKind.IP: NodeKind.IP,
    **dict.fromkeys(PERSONAL, NodeKind.IDENTIFIER),
}


class ListSource:
    """Says which entries in force name a movement. A `Source`."""

    name = PART

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def version_at(self, mark: int) -> str:
        return self._lists.version_at(mark)

    def signals(self, rows: Rows) -> Given:
        if self._lists.empty:
            return {}
        seqs = rows.answers.seqs
        times = rows.times
        found = self._lists.matches(rows.window.parties_of(seqs), rows.marks.tolist(), times)
        return {row: list_signals(matches, rows.event_id(row)) for row, matches in found.items()}


def list_signals(matches: Sequence[Match], event_id: str) -> list[Signal]:
    """Return one signal per list that the movement meets; its first match says the reason."""
    signals = []
    for listed, name in LIST_SIGNALS.items():
        mine = [match for match in matches if match.entry.change.list is listed]
        if mine:
            points = POINTS[listed] * (1.0 if mine[0].exact else LOOK_ALIKE_SHARE)
            signals.append(Signal(name, float(len(mine)), points, _evidence(name, mine, event_id)))
    return signals


def _evidence(code: str, matches: Sequence[Match], event_id: str) -> Evidence:
    first = matches[0]
    change = first.entry.change
    params: Params = (
        ("author", first.entry.author),
        ("count", len(matches)),
        ("entry", change.entry_id),
        ("since", first.entry.added_ts),
        ("what", f"name_{_LABELS[change.kind]}"),
    )
    if change.expires_ts is not None:
        params += (("expires", change.expires_ts),)
    if change.reason:
        params += (("reason", change.reason),)
    if not first.exact:
        params += (("alike", change.value),)
    events = tuple(dict.fromkeys((event_id, *(match.entry.event_id for match in matches))))
    nodes = tuple((str(_LABELS[match.entry.change.kind]), match.entry.change.value) for match in matches)
    return Evidence(code, tuple(sorted(params)), events[:EVIDENCE_LIMIT], len(events), nodes[:EVIDENCE_LIMIT])
