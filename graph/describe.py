"""`docs/model.md`, written from the tables of the graph: `python -m graph.describe docs/model.md`."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from graph.events import EVENT_TYPES, Event, IdentifierKind, ListKind, MovementKind, NodeKind, OperatorFactKind
from graph.evidence import Decision, RingKind, Role
from graph.links import AGGREGATE, LINK_KINDS, NODE_PROPERTIES, LinkKind

INTRODUCTION = """# The model: nodes, links, events

Written by `python -m graph.describe docs/model.md` from the tables that the code itself runs on; a test fails when it
is stale. Times are UTC epoch milliseconds, money is integer cents. Ids are canonical; a personal identifier appears
only as a keyed hash.
"""
#: What a node stands for. Everything else on this page comes from a table that the program runs on.
NODE_MEANINGS: Mapping[NodeKind, str] = {
    NodeKind.ACCOUNT: "an account that money moves between",
    NodeKind.DEVICE: "a device that accounts are used from",
    NodeKind.IP: "an internet address",
    NodeKind.DOMAIN: "a betting site, by its registrable domain",
    NodeKind.OPERATOR: "whoever runs betting sites",
    NodeKind.IDENTIFIER: "a document, e-mail, phone, card or payment key, as a keyed hash",
    NodeKind.INDICATOR: "a list, or an entry of one, that entities are flagged by",
    NodeKind.RING: "a fraud ring as it stands now",
}
CLOSED_LISTS = (MovementKind, IdentifierKind, ListKind, OperatorFactKind, RingKind, Role, Decision)


def render() -> str:
    """Return the page: node kinds, link kinds, events and closed lists."""
    aggregate = ", ".join(f"`{name}`" for name, _ in AGGREGATE)
    parts = [
        INTRODUCTION,
        "## Nodes\n\nEvery node has `id`, unique among the nodes of its kind.\n",
        _table(("kind", "stands for", "properties"), map(_node, NodeKind)),
        f"## Links\n\nAn aggregated link is one per pair of ends and has {aggregate}; the others are one per fact.\n",
        _table(("kind", "from and to", "meaning", "properties"), map(_link, LINK_KINDS.values())),
        "## Events\n\nAll that the graph is a projection of. Every event has `event_id` and `ts`.\n",
        _table(("type", "says", "fields"), (_event(name, cls) for name, cls in EVENT_TYPES.items())),
        "## Closed lists\n",
        _table(("list", "is about", "values"), ((each.__name__, _doc(each), _names(each)) for each in CLOSED_LISTS)),
    ]
    return "\n".join(parts)


def _node(kind: NodeKind) -> tuple[str, ...]:
    return f"`{kind}`", NODE_MEANINGS[kind], _properties(NODE_PROPERTIES[kind])


def _link(kind: LinkKind) -> tuple[str, ...]:
    ends = "<br>".join(f"{source} → {target}" for source, target in kind.ends)
    properties = "aggregated" if kind.aggregated else _properties(kind.properties)
    return f"`{kind.name}`", ends, kind.meaning, properties


def _event(name: str, cls: type[Event]) -> tuple[str, ...]:
    fields = (field for field in dataclasses.fields(cls) if field.name not in ("event_id", "ts"))
    return f"`{name}`", _doc(cls), ", ".join(f"`{field.name}`" for field in fields)


def _properties(properties: Iterable[tuple[str, type]]) -> str:
    return ", ".join(f"`{name}` {kind.__name__}" for name, kind in properties)


def _names(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _doc(subject: type[object]) -> str:
    """The first paragraph of a docstring."""
    return " ".join((inspect.getdoc(subject) or "").split("\n\n")[0].split())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), ""])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
