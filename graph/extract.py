"""A piece of the graph that a person takes away: nodes and links as plain values, in one order however it was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from graph.evidence import Ring

Value = str | int | float
#: Columns that every link has, with their types; what is not known is empty or 0.
LINK_COLUMNS: Final = (
    ("source_label", str),
    ("source", str),
    ("target_label", str),
    ("target", str),
    ("kind", str),
    ("count", int),
    ("sum_cents", int),
    ("first_seen", int),
    ("last_seen", int),
)


@dataclass(frozen=True, slots=True, order=True)
class ExtractNode:
    """A node: its label and id, and what a ring says of it (role and strength; empty and 0 elsewhere)."""

    label: str
    id: str
    role: str = ""
    score: float = 0.0

    @property
    def key(self) -> str:
        """Unique among nodes of every label."""
        return f"{self.label}:{self.id}"


@dataclass(frozen=True, slots=True, order=True)
class ExtractLink:
    """A link with its four numbers; money in cents, times in UTC epoch ms."""

    kind: str
    source: tuple[str, str]
    target: tuple[str, str]
    count: int = 0
    sum_cents: int = 0
    first_seen: int = 0
    last_seen: int = 0


@dataclass(frozen=True, slots=True)
class Extract:
    """Nodes by (label, id) and links by (kind, source, target); both ends of every link are among the nodes.

    `truncated` names the budgets that cut it.
    """

    name: str
    nodes: tuple[ExtractNode, ...]
    links: tuple[ExtractLink, ...]
    truncated: tuple[str, ...] = ()


def extract_of(
    name: str, nodes: Iterable[ExtractNode], links: Iterable[ExtractLink], *, truncated: Iterable[str] = ()
) -> Extract:
    """Return the extract of these; an end that no node stands for gets one."""
    known = {(node.label, node.id): node for node in nodes}
    ordered = sorted(set(links))
    for link in ordered:
        for end in (link.source, link.target):
            known.setdefault(end, ExtractNode(*end))
    return Extract(name, tuple(sorted(known.values())), tuple(ordered), tuple(truncated))


def extract_of_ring(ring: Ring) -> Extract:
    """Members with their roles, and the links that make the ring."""
    members = [ExtractNode("Account", each.account, str(each.role), each.score) for each in ring.members]
    links = [
        ExtractLink(each.kind, each.source, each.target, each.count, each.sum_cents, each.first_ts, each.last_ts)
        for each in ring.links
    ]
    return extract_of(ring.ring_id, members, links, truncated=ring.truncated)
