"""A static graph whose accounts are to be told apart: what is known of each, who is linked to whom, some labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graph.errors import ConfigurationError

F32 = NDArray[np.float32]
I8 = NDArray[np.int8]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

_KEYS = ("node_features", "node_labels", "edges", "train_masks", "val_masks", "test_masks")


@dataclass(frozen=True)
class NodeGraph:
    """`features` float32[n, k] of n accounts, `label` int8[n] (1 fraud, 0 honest), `links` int64[m, 2] between
    different accounts: both ways, each pair once, sorted.

    Raises ConfigurationError for a graph that contradicts itself.
    """

    features: F32
    label: I8
    links: I64

    def __post_init__(self) -> None:
        n = len(self.features)
        if self.features.ndim != 2 or not np.isfinite(self.features).all():
            raise _wrong("node_features must be a table of finite numbers")
        if len(self.label) != n or not np.isin(self.label, (0, 1)).all():
            raise _wrong("node_labels must be 0 or 1, one for each row of node_features")
        if not len(self.links) or self.links.min() < 0 or self.links.max() >= n:
            raise _wrong(f"edges must hold pairs of places from 0 to {n - 1}")

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, slots=True)
class NodeSplit:
    """Accounts (int64, rising) to learn from, to choose by and to be measured on."""

    train: I64
    valid: I64
    test: I64


def read_nodes(path: Path) -> tuple[NodeGraph, tuple[NodeSplit, ...]]:
    """The graph and the fixed splits of an `.npz` file, or of the one such file in a folder.

    The layout is that of Platonov et al., "A critical look at the evaluation of GNNs under heterophily" (2023):
    node_features, node_labels, edges and train_masks, val_masks, test_masks. Raises ConfigurationError.
    """
    files = sorted(path.glob("*.npz")) if path.is_dir() else [path]
    if len(files) != 1 or not files[0].is_file():
        raise ConfigurationError(f"{path} is not one .npz file", cure="name the file, or a folder that holds only it")
    try:
        with np.load(files[0], allow_pickle=False) as held:
            missing = [key for key in _KEYS if key not in held]
            arrays = {key: held[key] for key in _KEYS if key not in missing}
    except (ValueError, OSError, EOFError) as error:
        raise ConfigurationError(
            f"{files[0]} cannot be read: {error}", cure="give a file written by numpy.savez"
        ) from error
    if missing:
        raise _wrong(f"it lacks {', '.join(missing)}")
    if arrays["edges"].ndim != 2 or arrays["edges"].shape[1] != 2:
        raise _wrong("edges must have two columns")
    graph = NodeGraph(
        np.asarray(arrays["node_features"], dtype=np.float32),
        arrays["node_labels"].astype(np.int8),
        both_ways(arrays["edges"].astype(np.int64)),
    )
    masks = [np.atleast_2d(arrays[key]).astype(bool) for key in _KEYS[3:]]
    if len({mask.shape for mask in masks}) > 1 or masks[0].shape[1] != len(graph):
        raise _wrong("the masks must have one row for each split and one column for each account")
    return graph, tuple(split_of(graph, *parts) for parts in zip(*masks, strict=True))


def split_of(graph: NodeGraph, train: Mask, valid: Mask, test: Mask) -> NodeSplit:
    """The split that three masks make. Raises ConfigurationError where they overlap or a part has one class only."""
    if (train.astype(int) + valid + test > 1).any():
        raise _wrong("an account is in two parts of one split")
    for name, mask in (("training", train), ("validation", valid), ("test", test)):
        if not 0 < graph.label[mask].sum() < mask.sum():
            raise _wrong(f"the {name} part of a split has one class only")
    return NodeSplit(*(np.flatnonzero(mask) for mask in (train, valid, test)))


def both_ways(pairs: I64) -> I64:
    """Links of `pairs` in both directions, each once, sorted; links of an account with itself are left out."""
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    found: I64 = np.unique(np.concatenate((pairs, pairs[:, ::-1])), axis=0)
    return found


def _wrong(what: str) -> ConfigurationError:
    return ConfigurationError(f"not a graph of accounts: {what}", cure="see docs/formats.md, 'Graphs of accounts'")
