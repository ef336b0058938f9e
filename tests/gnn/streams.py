"""Small random streams of movements for tests of models: edges, and rated rows with made-up features."""

from __future__ import annotations

import numpy as np

from gnn.dataset import Edges, Rated

DAY_MS = 86_400_000


def random_edges(seed: int, *, movements: int = 60, accounts: int = 7) -> Edges:
    """Movements among few accounts, so that pairs repeat, with equal times and self-transfers among them."""
    rng = np.random.default_rng(seed)
    return Edges(
        source=rng.integers(0, accounts, movements).astype(np.int32),
        target=rng.integers(0, accounts, movements).astype(np.int32),
        ts=np.sort(rng.integers(0, 20, movements)).astype(np.int64) * DAY_MS,
        cents=rng.integers(0, 5_000, movements).astype(np.int64),
        kind=rng.integers(0, 3, movements).astype(np.int32),
    )


def poisoned(edges: Edges, begin: int) -> Edges:
    """The same stream where everything from place `begin` on is something else (the ends of `begin` itself stay)."""
    rng = np.random.default_rng(begin)
    later = len(edges.ts) - begin - 1
    accounts = int(max(edges.source.max(), edges.target.max())) + 3
    parts = {}
    for name, drawn in (
        ("source", rng.integers(0, accounts, later)),
        ("target", rng.integers(0, accounts, later)),
        ("ts", edges.ts[begin] + np.sort(rng.integers(0, 90, later)) * DAY_MS),
        ("cents", rng.integers(0, 10**9, later)),
        ("kind", rng.integers(0, 3, later)),
    ):
        column = getattr(edges, name)
        parts[name] = np.concatenate((column[: begin + 1], drawn.astype(column.dtype)))
    return Edges(**parts)


def rated_over(edges: Edges, *, every: int, features: np.ndarray, label: np.ndarray) -> Rated:
    """Rated rows at every `every`-th movement of `edges`."""
    places = np.arange(0, len(edges.ts), every, dtype=np.int64)
    return Rated(
        tx_ids=[f"t{place}" for place in places.tolist()],
        ts=edges.ts[places],
        label=label.astype(np.int8),
        known=edges.ts[places],
        ring=[""] * len(places),
        features=features.astype(np.float32),
        edge=places,
        edges=edges,
        left_out=len(edges.ts) - len(places),
    )
