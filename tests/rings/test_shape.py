"""The shape of a group of movements: small drawings of each, and IBM's laundering attempts."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.evidence import RingKind
from graph.identity import IdentifierKeys
from graph.window.records import Edge
from ingest.formats import open_source
from rings.shape import shape_of
from service.ring_shapes import labelled_groups

Find = Callable[[str], Path]
KEYS = IdentifierKeys.from_secret(b"a secret for tests only, 32 bytes.")
DRAWN: list[tuple[str, RingKind | None]] = [
    ("ab", None),
    ("ab ba", None),
    ("ab aa", None),
    ("ab ac ad", RingKind.FAN_OUT),
    ("ba ca da", RingKind.FAN_IN),
    ("ab bc ca", RingKind.CYCLE),
    ("ab bc cd", RingKind.LAYERED),
    ("ax bx xc xd", RingKind.GATHER_SCATTER),
    ("ab ac bz cz", RingKind.SCATTER_GATHER),
    ("ax ay bx by", RingKind.BIPARTITE),
    ("ax by", RingKind.BIPARTITE),
    ("ax by xp yq", RingKind.STACK),
    ("ax ay bx by xp xq yp yq", RingKind.STACK),
    ("ab ba cd dc", RingKind.STACK),
    ("ba ab ca ac", RingKind.GATHER_SCATTER),
    ("ab ba ac ca", RingKind.SCATTER_GATHER),
]


def edges(drawing: str) -> list[Edge]:
    return [Edge(f"tx:{n}", n, pair[0], pair[1], 100, 0) for n, pair in enumerate(drawing.split())]


@pytest.mark.parametrize(("drawing", "shape"), DRAWN)
def test_a_drawing_has_its_shape_whatever_the_order_of_rows_and_the_names(drawing: str, shape: RingKind | None) -> None:
    rng = random.Random(drawing)
    for _ in range(5):
        names = rng.sample("nopqrstuvwxyzabcdefghijklm", 26)
        renamed = drawing.translate({ord("a") + n: name for n, name in enumerate(names)})
        mixed = edges(renamed)
        rng.shuffle(mixed)
        assert shape_of(mixed) is shape


def test_the_laundering_attempts_of_amlworld_have_the_shapes_they_are_named_after(shared_data: Find) -> None:
    source = open_source(shared_data("amlworld-patterns") / "HI-Small_Patterns.txt", keys=KEYS, now_ms=2 * 10**12)
    said: dict[str, Counter[RingKind | None]] = defaultdict(Counter)
    for ring, movements in labelled_groups(source).items():
        said[ring.rsplit("-", 1)[0]][shape_of(movements)] += 1
    named = {str(kind): kind for kind in RingKind} | {"random": RingKind.LAYERED}
    assert sum(count.total() for count in said.values()) == 370
    for typology, shapes in said.items():
        told = shapes.total() - shapes[None]
        least = 0.8 if typology == "stack" else 0.95  # stacks one account wide look like rows
        assert shapes[named[typology]] / told >= least, typology
