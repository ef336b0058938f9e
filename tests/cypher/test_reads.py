"""Every catalogued read answers what plain Python answers, on both engines, in the same order."""

from __future__ import annotations

from typing import Any

import pytest

from cypher.catalog import Catalog
from tests.cypher.conftest import Load
from tests.cypher.oracle_reads import ORACLES
from tests.cypher.worlds import HOUR, T0, Model, random_world, ring_of

EVER = {"lo": 0, "hi": T0 + 10_000 * HOUR}
WINDOW = {"lo": T0 + 10 * HOUR, "hi": T0 + 30 * HOUR}
RINGS = [
    ring_of("r1", ["a00", "a01", "a02", "a03", "a04"], score=80.5),
    ring_of("r2", ["a03", "a04", "a05"], score=80.5),
    ring_of("r3", ["a00", "a20"], score=12.0),
]


def questions(model: Model) -> list[tuple[str, dict[str, Any]]]:
    """Ask every read about every node of the world, known and unknown, wide and cut short."""
    asked: list[tuple[str, dict[str, Any]]] = []
    for name in [*model.ids("Account"), "nobody"]:
        asked.append(("read/account", {"id": name}))
        for limit in (3, 1_000):
            for read in ("account_means", "counterparties", "shared_means", "neighbourhood", "account_rings"):
                asked.append((f"read/{read}", {"id": name, "limit": limit}))
            for span in (EVER, WINDOW):
                asked.append(("read/account_transactions", {"id": name, **span, "limit": limit}))
                asked.append(("read/top_counterparties", {"id": name, **span, "limit": limit}))
        asked.append(("read/flagged", {"id": name}))
        asked.append(("read/flagged", {"id": name, "label": "Account"}))
        asked.append(("read/flagged", {"id": name, "label": "Ip"}))
        asked.append(("read/transactions_between", {"source": "a00", "target": name, **EVER, "limit": 5}))
        frontier = [{"id": name, "ts": T0 + 5 * HOUR}, {"id": "a01", "ts": T0 + 20 * HOUR}]
        frontier = frontier[:1] if name == "a01" else frontier
        asked.append(("read/flow_out_hop", {"rows": frontier, "hi": WINDOW["hi"], "limit": 20}))
        asked.append(("read/flow_in_hop", {"rows": frontier, "lo": T0, "limit": 20}))
        for span in (EVER, WINDOW):
            asked.append(("read/path_hop", {"ids": sorted({name, "a01", "a15"}), **span, "limit": 30}))
    asked.append(("read/path_hop", {"ids": [], **EVER, "limit": 30}))
    asked.append(("read/account_totals", {"ids": ["nobody", *reversed(model.ids("Account"))]}))
    for label in ("Device", "Ip", "Identifier", "Domain"):
        asked += [("read/holders", {"label": label, "id": name, "limit": 4}) for name in model.ids(label)]
    asked += [("read/flagged", {"id": name}) for name in model.ids("Ip")]
    for name in [*model.ids("Operator"), "nobody"]:
        asked.append(("read/operator", {"id": name}))
        asked.append(("read/operators", {"after": name, "limit": 2}))
        for limit in (3, 1_000):
            asked.append(("read/operator_footprint", {"id": name, "limit": limit}))
            asked.append(("read/operators_joined", {"id": name, "limit": limit}))
    asked.append(("read/operators", {"after": "", "limit": 100}))
    for name in [*model.ids("Domain"), "nobody"]:
        asked.append(("read/domain", {"id": name}))
        asked.append(("read/domain_operators", {"id": name, "limit": 10}))
    for name in ("t000", "t001", "none"):
        asked.append(("read/transaction", {"tx_id": name}))
    for name in ("r1", "r2", "r3", "none"):
        asked.append(("read/ring", {"id": name}))
        for limit in (2, 1_000):
            asked.append(("read/ring_members", {"id": name, "limit": limit}))
            asked.append(("read/ring_subgraph", {"id": name, "limit": limit}))
    return asked


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_read_agrees_with_plain_python(load: Load, catalog: Catalog, seed: int) -> None:
    events = random_world(seed)
    model = Model.of(events, RINGS)
    store = load(events, RINGS)
    answered: dict[str, int] = {}
    for name, params in questions(model):
        expected = ORACLES[name](model, **params)
        assert catalog.read(store, name, **params) == expected, (name, params)
        answered[name] = answered.get(name, 0) + len(expected)
    empty = sorted(name for name in ORACLES if not answered.get(name))
    assert not empty, "questions that never had an answer prove nothing"


def test_every_read_in_the_catalogue_has_an_oracle(catalog: Catalog) -> None:
    assert {statement.name for statement in catalog if statement.name.startswith("read/")} == set(ORACLES)


def test_reads_of_an_empty_store_answer_nothing(load: Load, catalog: Catalog) -> None:
    store = load([])
    for name, params in questions(Model()):
        assert catalog.read(store, name, **params) == [], name
