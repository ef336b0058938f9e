"""Fitted models as plain pieces - a JSON recipe, LightGBM texts, arrays - and back again. Never pickle.

Columns are written by name, so that a recipe read under another registry is refused instead of misread. A model that
several others stand on is written once and is one object again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np
import torch
from numpy.typing import NDArray

from gnn.accounts import FittedAccounts
from gnn.boosted import Boosted
from gnn.candidates import Fitted, FittedTrees
from gnn.dataset import COLUMNS
from gnn.hybrid import FittedCompany, FittedFirstTrees, FittedHybrid, FittedNetwork, FittedStack, company_of
from gnn.network import RingNetwork
from gnn.network_inputs import Columns, Scale
from gnn.pieces import ModelRefused, Node, Packed, columns_named
from gnn.stages import Blocks


def pack(*fitted: Fitted, to_serve: bool = False) -> Packed:
    """The pieces of fitted models; what several stand on is there once. Raises TypeError for an unknown kind.

    With `to_serve` trees that only score what came before their last fitting are left out: the others score it all.
    """
    packer = _Packer(to_serve)
    tops = tuple(packer.model(one) for one in fitted)
    return Packed(packer.nodes, tops, packer.boosters, packer.arrays)


def unpack(packed: Packed) -> Fitted:
    """The first model again: it gives equal scores, bit for bit. Raises ModelRefused where pieces do not fit."""
    try:
        return _Unpacker(packed).model(packed.tops[0])
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError, lightgbm.basic.LightGBMError) as error:
        raise ModelRefused(f"its pieces do not fit together: {error}") from error


@dataclass
class _Packer:
    to_serve: bool
    nodes: dict[str, Node] = field(default_factory=dict)
    boosters: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _held: list[object] = field(default_factory=list)  # so that no id is given twice

    def model(self, fitted: Fitted) -> str:
        return self._once(fitted, "model", lambda name: self.nodes.__setitem__(name, self._node(fitted)))

    def _node(self, fitted: Fitted) -> Node:
        match fitted:
            case FittedTrees(boosted):
                return {"kind": "trees", **self._boosted(boosted), "columns": _named(boosted.columns)}
            case FittedCompany(accounts):
                return {
                    "kind": "company",
                    "boosters": [self._booster(model) for model in accounts.boosters],
                    "earlier": [self._booster(model) for model in accounts.earlier],
                    "since": accounts.since,
                    **_ends_named(accounts.columns),
                }
            case FittedFirstTrees(blocks, columns, accounts):
                boosters = [self._booster(model) for model in blocks.models]
                return {
                    "kind": "first_trees",
                    "begins": blocks.begins.tolist(),
                    "boosters": boosters,
                    "columns": _named(columns),
                    "accounts": None if accounts is None else self.model(accounts),
                }
            case FittedNetwork(blocks, columns, scale):
                networks = [self._network(model) for model in blocks.models]
                return {
                    "kind": "network",
                    "begins": blocks.begins.tolist(),
                    "networks": networks,
                    "scale": self._arrays("scale", {"centre": scale.centre, "spread": scale.spread}),
                    **_ends_named(columns),
                }
            case FittedStack(trees, columns, accounts, first, network):
                return {
                    "kind": "stack",
                    **self._boosted(trees),
                    "width": len(trees.columns),
                    "columns": _named(columns),
                    "accounts": None if accounts is None else self.model(accounts),
                    "first": self.model(first),
                    "network": None if network is None else self.model(network),
                }
            case FittedHybrid(parts):
                return {"kind": "hybrid", "parts": [[name, self.model(part)] for name, part in parts]}
        raise TypeError(f"a {type(fitted).__name__} cannot be saved")

    def _boosted(self, boosted: Boosted) -> Node:
        earlier, since = (boosted.booster, 0) if self.to_serve else (boosted.earlier, boosted.since)
        return {"booster": self._booster(boosted.booster), "earlier": self._booster(earlier), "since": since}

    def _booster(self, booster: lightgbm.Booster) -> str:
        def write(name: str) -> None:
            kept = booster.best_iteration if booster.best_iteration > 0 else -1
            self.boosters[name] = booster.model_to_string(num_iteration=kept)

        return self._once(booster, "trees", write)

    def _network(self, network: RingNetwork) -> str:
        def write(name: str) -> None:
            for key, tensor in network.state_dict().items():
                self.arrays[f"{name}.{key}"] = tensor.detach().cpu().numpy().copy()

        return self._once(network, "network", write)

    def _arrays(self, prefix: str, arrays: dict[str, NDArray[Any]]) -> str:
        name = f"{prefix}{len(self.arrays)}"
        self.arrays.update({f"{name}.{key}": np.ascontiguousarray(array) for key, array in arrays.items()})
        return name

    def _once(self, piece: object, prefix: str, write: Callable[[str], None]) -> str:
        name = self._names.get(id(piece))
        if name is None:
            name = self._names[id(piece)] = f"{prefix}{len(self._names)}"
            self._held.append(piece)
            write(name)
        return name


class _Unpacker:
    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self._models: dict[str, Fitted] = {}
        self._boosters: dict[str, lightgbm.Booster] = {}
        self._networks: dict[str, RingNetwork] = {}

    def model(self, name: str) -> Fitted:
        if name not in self._models:
            self._models[name] = self._made(self._packed.nodes[name])
        return self._models[name]

    def _made(self, node: Node) -> Fitted:
        match node["kind"]:
            case "trees":
                return FittedTrees(self._boosted(node, columns_named(node["columns"])))
            case "company":
                boosters, earlier = (tuple(map(self._booster, node[part])) for part in ("boosters", "earlier"))
                return FittedCompany(FittedAccounts(boosters, earlier, int(node["since"]), _by_end(node)))
            case "first_trees":
                blocks = Blocks(_begins(node), tuple(self._booster(name) for name in node["boosters"]))
                return FittedFirstTrees(blocks, columns_named(node["columns"]), self._company(node))
            case "network":
                by_end = _by_end(node)
                widths = (len(by_end.row), len(by_end.source))
                networks = Blocks(_begins(node), tuple(self._network(name, widths) for name in node["networks"]))
                scale = Scale(*(self._packed.arrays[f"{node['scale']}.{part}"] for part in ("centre", "spread")))
                return FittedNetwork(networks, by_end, scale)
            case "stack":
                trees = self._boosted(node, tuple(range(node["width"])))
                network = None if node["network"] is None else self.model(node["network"])
                if network is not None and not isinstance(network, FittedNetwork):
                    raise TypeError("a stack stands on something that is no network")
                columns, first = columns_named(node["columns"]), self.model(node["first"])
                return FittedStack(trees, columns, self._company(node), first, network)
            case "hybrid":
                return FittedHybrid(tuple((name, self.model(part)) for name, part in node["parts"]))
        raise ValueError(f"a model of kind {node['kind']} is not known here")

    def _boosted(self, node: Node, columns: tuple[int, ...]) -> Boosted:
        earlier = self._booster(node["earlier"])
        return Boosted(self._booster(node["booster"]), columns, earlier, int(node["since"]))

    def _company(self, node: Node) -> FittedCompany | None:
        return None if node["accounts"] is None else company_of(self.model(node["accounts"]))

    def _booster(self, name: str) -> lightgbm.Booster:
        if name not in self._boosters:
            self._boosters[name] = lightgbm.Booster(model_str=self._packed.boosters[name])
        return self._boosters[name]

    def _network(self, name: str, widths: tuple[int, int]) -> RingNetwork:
        if name not in self._networks:
            network = RingNetwork(*widths)
            prefix = f"{name}."
            state = {
                key.removeprefix(prefix): torch.from_numpy(array.copy())
                for key, array in self._packed.arrays.items()
                if key.startswith(prefix)
            }
            network.load_state_dict(state, strict=True)
            self._networks[name] = network.eval()
        return self._networks[name]


def _named(columns: Sequence[int]) -> list[str]:
    return [COLUMNS[column] for column in columns]


def _ends_named(columns: Columns) -> Node:
    return {end: _named(getattr(columns, end)) for end in ("source", "target", "row")}


def _by_end(node: Node) -> Columns:
    return Columns(**{end: columns_named(node[end]) for end in ("source", "target", "row")})


def _begins(node: Node) -> NDArray[np.int64]:
    return np.array(node["begins"], dtype=np.int64)
