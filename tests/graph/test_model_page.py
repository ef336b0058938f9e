"""The page about the model in `docs/` is the one the tables write."""

from __future__ import annotations

from graph.describe import render
from graph.events import EVENT_TYPES, NodeKind
from graph.links import LINK_KINDS, NODE_PROPERTIES
from tests.conftest import REPOSITORY


def test_the_committed_page_is_fresh() -> None:
    page = (REPOSITORY / "docs" / "model.md").read_text(encoding="utf-8")
    assert page == render(), "run: python -m graph.describe docs/model.md"


def test_the_page_names_every_node_link_and_event() -> None:
    lines = render().splitlines()
    for name in (*NodeKind, *LINK_KINDS, *EVENT_TYPES):
        assert any(line.startswith(f"| `{name}` |") for line in lines), name


def test_every_property_and_end_of_a_kind_stands_in_its_row() -> None:
    rows = {line.split("`")[1]: line for line in render().splitlines() if line.startswith("| `")}
    for kind, properties in NODE_PROPERTIES.items():
        assert all(f"`{name}` {type_.__name__}" in rows[kind] for name, type_ in properties)
    for link in LINK_KINDS.values():
        assert all(f"{source} → {target}" in rows[link.name] for source, target in link.ends)
        assert link.aggregated or all(f"`{name}`" in rows[link.name] for name, _ in link.properties)
        assert link.meaning in rows[link.name]
