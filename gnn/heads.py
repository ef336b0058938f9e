"""A saved model ready to score rows: forests over features and, where it stands on them, over what trails say.

Nothing here needs torch or LightGBM. Scores are those of the model that was trained, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.company import WIDTH as COMPANY_WIDTH
from gnn.dataset import WINDOW_COLUMNS
from gnn.folds import FOLDS
from gnn.forest import Forest, read_forest, stacked
from gnn.pieces import ModelRefused, Node, Packed, columns_named
from gnn.propagation import WIDTH
from gnn.reasons import Grouped, grouped, names_in

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Turns:
    """Trees of all labels known at `since` (epoch ms), and the earlier ones, which score what lies before."""

    forest: Forest
    earlier: Forest
    since: int

    def raw(self, rows: F32, ts: I64) -> F64:
        """Log odds of rows at times `ts`, float64[n]."""
        return stacked((self.earlier, self.forest), (ts >= self.since).astype(np.int64), rows)


@dataclass(frozen=True, slots=True)
class EndsStage:
    """How each end of a movement is scored: by the trees that learnt from no account of its fold. `columns` are those
    of the source and of the target; where there are none every end gets 0."""

    folds: tuple[Turns, ...]
    columns: tuple[I64, I64]

    def raw(self, table: F32, ts: I64, folds: I32) -> F64:
        """Log odds of source and target, float64[n, 2], from the whole table and the folds of the ends, int32[n, 2]."""
        found = np.zeros((len(table), 2))
        for side, columns in enumerate(self.columns):
            rows = table[:, columns]
            for fold, turns in enumerate(self.folds):
                chosen = np.flatnonzero(folds[:, side] == fold)
                if len(chosen):
                    found[chosen, side] = turns.raw(np.ascontiguousarray(rows[chosen]), ts[chosen])
        return found


@dataclass(frozen=True, slots=True)
class FirstStage:
    """The model whose scores are propagated: of each movement the one that did not learn from it, by time."""

    begins: I64
    forests: tuple[Forest, ...]
    columns: I64

    def raw(self, table: F32, company: F32, ts: I64) -> F64:
        """Log odds of rows of the whole table at times `ts`, with the company of their ends; float64[n]."""
        which = np.searchsorted(self.begins, ts, side="right") - 1
        which[which < 0] = len(self.forests) - 1
        return stacked(self.forests, which, np.hstack((table[:, self.columns], company)))


@dataclass(frozen=True, slots=True)
class Member:
    """Trees over some columns of the table, followed by what the trails say where `standing`."""

    trees: Turns
    told: Grouped
    columns: I64
    standing: bool

    def raw(self, table: F32, said: F32 | None, ts: I64) -> F64:
        """Log odds, float64[n]."""
        return self.trees.raw(self._rows(table, said), ts)

    def parts(self, table: F32, said: F32 | None) -> F64:
        """What each reason gave to them, float64[n, len(REASONS)]."""
        return self.told.parts(self._rows(table, said))

    def _rows(self, table: F32, said: F32 | None) -> F32:
        rows = table[:, self.columns]
        if self.standing:
            assert said is not None
            rows = np.hstack((rows, said))
        return np.ascontiguousarray(rows)


@dataclass(frozen=True, slots=True)
class Head:
    """The mean log odds of its members; `ends` and `first` are what they stand on, None where none does."""

    members: tuple[Member, ...]
    ends: EndsStage | None
    first: FirstStage | None

    def raw(self, table: F32, said: F32 | None, ts: I64) -> F64:
        """Log odds, float64[n], of rows of the whole table at times `ts`, and what the trails say of them."""
        if len(self.members) == 1:
            return self.members[0].raw(table, said, ts)
        whole = np.zeros(len(table))
        for member in self.members:
            whole += member.raw(table, said, ts) / len(self.members)
        return whole

    def parts(self, table: F32, said: F32 | None) -> F64:
        """What each reason gave to the log odds, float64[n, len(REASONS)]: exact, for few rows."""
        found: F64 = np.mean([member.parts(table, said) for member in self.members], axis=0)
        return found


def head_of(packed: Packed, name: str) -> Head:
    """The head for the node `name`. Raises ModelRefused for kinds of models that are not served."""
    members, stages = [], set()
    for part in _parts(packed, name):
        found = packed.nodes[part]
        if not _served(found):
            raise ModelRefused(f"a {found['kind']} is not served by this program")
        columns = _places(found["columns"])
        standing = found["kind"] == "stack"
        width = len(columns) + (COMPANY_WIDTH + WIDTH if standing else 0)
        turns = _turns(packed, found, width)
        members.append(Member(turns, _told(packed, found["booster"], turns.forest, width), columns, standing))
        if standing:
            stages.add((found["accounts"], found["first"]))
            if packed.nodes[found["first"]]["accounts"] != found["accounts"]:
                raise ModelRefused("its stages stand on different accounts")
    if len(stages) > 1:
        raise ModelRefused("its parts stand on different first stages")
    if not stages:
        return Head(tuple(members), None, None)
    accounts, first = stages.pop()
    return Head(tuple(members), _ends_stage(packed, accounts), _first_stage(packed, first))


def served(packed: Packed, name: str) -> bool:
    """Whether `head_of` can make a head of the node."""
    return all(_served(packed.nodes[part]) for part in _parts(packed, name))


def _parts(packed: Packed, name: str) -> list[str]:
    node = packed.nodes[name]
    return [part for _, part in node["parts"]] if node["kind"] == "hybrid" else [name]


def _served(node: Node) -> bool:
    return bool(
        node["kind"] == "trees"
        or (node["kind"] == "stack" and node["network"] is None and node["accounts"] is not None)
    )


def _ends_stage(packed: Packed, name: str) -> EndsStage:
    node = packed.nodes[name]
    if node["kind"] != "company" or len(node["boosters"]) not in (0, FOLDS):
        raise ModelRefused("its stage over accounts is not whole")
    columns = (_places(node["source"]), _places(node["target"]))
    pairs = zip(node["earlier"], node["boosters"], strict=True)
    folds = tuple(
        Turns(_forest(packed, late, len(columns[0])), _forest(packed, early, len(columns[0])), int(node["since"]))
        for early, late in pairs
    )
    return EndsStage(folds, columns)


def _first_stage(packed: Packed, name: str) -> FirstStage:
    node = packed.nodes[name]
    if node["kind"] != "first_trees":
        raise ModelRefused(f"a {node['kind']} is no first stage")
    columns = _places(node["columns"])
    forests = tuple(_forest(packed, booster, len(columns) + COMPANY_WIDTH) for booster in node["boosters"])
    if not forests or len(forests) != len(node["begins"]):
        raise ModelRefused("its first stage is not whole")
    return FirstStage(np.array(node["begins"], dtype=np.int64), forests, columns)


def _turns(packed: Packed, node: Node, width: int) -> Turns:
    late, early = (_forest(packed, node[name], width) for name in ("booster", "earlier"))
    return Turns(late, early, int(node["since"]))


def _told(packed: Packed, name: str, forest: Forest, width: int) -> Grouped:
    names = names_in(packed.boosters[name])
    if len(names) != width:
        raise ModelRefused("its trees do not name their columns")
    return grouped(forest, names)


def _forest(packed: Packed, name: str, width: int) -> Forest:
    return read_forest(packed.boosters[name], width=width)


def _places(names: Sequence[str]) -> I64:
    places = np.array(columns_named(names), dtype=np.int64)
    if (places >= len(WINDOW_COLUMNS)).any():
        raise ModelRefused("it reads lives of accounts, which this program does not follow yet", cure="train it again")
    return places
