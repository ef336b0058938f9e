"""A saved model ready to score rows: forests over features and, where it stands on them, over what a trail says.

Nothing here needs torch or LightGBM. Scores are those of the model that was trained, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.forest import Forest, read_forest, stacked
from gnn.pieces import ModelRefused, Node, Packed, columns_named
from gnn.propagation import WIDTH
from gnn.reasons import Grouped, grouped, names_in

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FirstStage:
    """The model whose scores are propagated: of each movement the one that did not learn from it, by time."""

    begins: I64
    forests: tuple[Forest, ...]
    columns: I64

    def raw(self, table: F32, ts: I64) -> F64:
        """Log odds of rows of the whole table at times `ts`, float64[n]."""
        which = np.searchsorted(self.begins, ts, side="right") - 1
        which[which < 0] = len(self.forests) - 1
        return stacked(self.forests, which, table[:, self.columns])


@dataclass(frozen=True, slots=True)
class Member:
    """Trees over some columns of the table, followed by what the trail says where `propagated`."""

    told: Grouped
    columns: I64
    propagated: bool

    def raw(self, table: F32, said: F32 | None) -> F64:
        """Log odds, float64[n]."""
        return self.told.forest.raw(self._rows(table, said))

    def parts(self, table: F32, said: F32 | None) -> F64:
        """What each reason gave to them, float64[n, len(REASONS)]."""
        return self.told.parts(self._rows(table, said))

    def _rows(self, table: F32, said: F32 | None) -> F32:
        rows = table[:, self.columns]
        if self.propagated:
            assert said is not None
            rows = np.hstack((rows, said))
        return np.ascontiguousarray(rows)


@dataclass(frozen=True, slots=True)
class Head:
    """The mean log odds of its members; `first` is what they propagate, None where none does."""

    members: tuple[Member, ...]
    first: FirstStage | None

    def raw(self, table: F32, said: F32 | None) -> F64:
        """Log odds, float64[n], of rows of the whole table and what the trail says of them."""
        if len(self.members) == 1:
            return self.members[0].raw(table, said)
        whole = np.zeros(len(table))
        for member in self.members:
            whole += member.raw(table, said) / len(self.members)
        return whole

    def parts(self, table: F32, said: F32 | None) -> F64:
        """What each reason gave to the log odds, float64[n, len(REASONS)]: exact, for few rows."""
        found: F64 = np.mean([member.parts(table, said) for member in self.members], axis=0)
        return found

    @property
    def columns(self) -> I64:
        """Every column that it reads, sorted."""
        read = [member.columns for member in self.members]
        return np.unique(np.concatenate(read if self.first is None else [*read, self.first.columns]))


def head_of(packed: Packed, name: str) -> Head:
    """The head for the node `name`. Raises ModelRefused for kinds of models that are not served."""
    node = packed.nodes[name]
    parts = [part for _, part in node["parts"]] if node["kind"] == "hybrid" else [name]
    members = []
    firsts = set()
    for part in parts:
        found = packed.nodes[part]
        if found["kind"] == "trees":
            columns = _places(found["columns"])
            members.append(Member(_told(packed, found["booster"], len(columns)), columns, propagated=False))
        elif _served(found):
            columns = _places(found["columns"])
            told = _told(packed, found["booster"], len(columns) + WIDTH)
            members.append(Member(told, columns, propagated=True))
            firsts.add(found["first"])
        else:
            raise ModelRefused(f"a {found['kind']} is not served by this program")
    if len(firsts) > 1:
        raise ModelRefused("its parts stand on different first stages")
    return Head(tuple(members), _first_stage(packed, firsts.pop()) if firsts else None)


def served(packed: Packed, name: str) -> bool:
    """Whether `head_of` can make a head of the node."""
    node = packed.nodes[name]
    parts = [part for _, part in node["parts"]] if node["kind"] == "hybrid" else [name]
    return all(_served(packed.nodes[part]) for part in parts)


def _served(node: Node) -> bool:
    """Trees over features, and over a trail; a stack over accounts or a network is not followed live."""
    return node["kind"] == "trees" or (node["kind"] == "stack" and node["network"] is None and node["accounts"] is None)


def _first_stage(packed: Packed, name: str) -> FirstStage:
    node = packed.nodes[name]
    if node["kind"] != "first_trees":
        raise ModelRefused(f"a {node['kind']} is no first stage")
    columns = _places(node["columns"])
    forests = tuple(_forest(packed, booster, len(columns)) for booster in node["boosters"])
    if not forests or len(forests) != len(node["begins"]):
        raise ModelRefused("its first stage is not whole")
    return FirstStage(np.array(node["begins"], dtype=np.int64), forests, columns)


def _told(packed: Packed, name: str, width: int) -> Grouped:
    names = names_in(packed.boosters[name])
    if len(names) != width:
        raise ModelRefused("its trees do not name their columns")
    return grouped(_forest(packed, name, width), names)


def _forest(packed: Packed, name: str, width: int) -> Forest:
    return read_forest(packed.boosters[name], width=width)


def _places(names: Sequence[str]) -> I64:
    return np.array(columns_named(names), dtype=np.int64)
