"""A network over a static graph (PyTorch Geometric): residual SAGE layers that hear some of the known labels.

Each epoch half of the known labels are given as inputs and the other half is to be found (Shi et al., "Masked label
prediction", 2021), over at most `LINKS` links of each account drawn anew; when scoring, all known labels and all links
are used. No label of an account is among its own inputs while it is learnt from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch_geometric.nn import SAGEConv

from gnn.network_training import repeatable
from gnn.nodes import NodeGraph, NodeSplit

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

SMALLEST = 1e-6
FARTHEST = 4.0  # standard deviations; what lies beyond is cut
GIVEN = 2  # whether a label is given, and how far it is from the share of fraud
WATCHED_EVERY = 10  # epochs


@dataclass(frozen=True, slots=True)
class NodeCourse:
    """How to train."""

    epochs: int = 70
    hidden: int = 48
    layers: int = 2
    links: int = 12
    rate: float = 4e-3
    decay: float = 1e-3
    dropout: float = 0.3


class NodeNetwork(nn.Module):
    """Log odds of fraud for every account of a graph."""

    def __init__(self, width: int, course: NodeCourse) -> None:
        super().__init__()
        hidden = course.hidden
        self.own = nn.Linear(width, hidden)
        self.given = nn.Linear(GIVEN, hidden, bias=False)
        self.calm = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(course.layers))
        self.hear = nn.ModuleList(SAGEConv(hidden, hidden, aggr="mean") for _ in range(course.layers))
        self.think = nn.ModuleList(
            nn.Sequential(
                nn.Linear(hidden, 2 * hidden),
                nn.GELU(),
                nn.Dropout(course.dropout),
                nn.Linear(2 * hidden, hidden),
                nn.Dropout(course.dropout),
            )
            for _ in range(course.layers)
        )
        self.head = nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, 1))

    def forward(self, columns: Tensor, given: Tensor, links: Tensor) -> Tensor:
        """float32[n] from float32[n, width], float32[n, GIVEN] and int64[2, m] (from, to)."""
        held = self.own(columns) + self.given(given)
        for calm, hear, think in zip(self.calm, self.hear, self.think, strict=True):
            held = held + think(hear(calm(held), links))
        out: Tensor = self.head(held).squeeze(-1)
        return out


def network_scores(
    graph: NodeGraph, table: F32, split: NodeSplit, *, seed: int, course: NodeCourse | None = None
) -> F64:
    """Log odds of all accounts, float64[n], of the epoch whose ranking of the validation accounts is best."""
    course = course or NodeCourse()
    rng = np.random.default_rng(seed)
    columns = torch.from_numpy(_scaled(table))
    truth = torch.from_numpy(graph.label.astype(np.float32))
    share = float(graph.label[split.train].mean())
    whole = torch.from_numpy(np.ascontiguousarray(graph.links.T))
    start = np.searchsorted(graph.links[:, 0], np.arange(len(graph) + 1))

    def given(rows: I64) -> Tensor:
        told = torch.zeros(len(graph), GIVEN)
        told[rows, 0], told[rows, 1] = 1.0, truth[rows] - share
        return told

    best, kept = -1.0, np.zeros(len(graph))
    with repeatable(seed):
        network = NodeNetwork(columns.shape[1], course)
        optimiser = torch.optim.AdamW(network.parameters(), lr=course.rate, weight_decay=course.decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, course.rate, total_steps=course.epochs, pct_start=0.15
        )
        for epoch in range(course.epochs):
            network.train()
            shown = rng.random(len(split.train)) < 0.5
            sought = torch.from_numpy(split.train[~shown])
            logit = network(columns, given(split.train[shown]), drawn_links(graph.links, start, course.links, rng))
            loss = nn.functional.binary_cross_entropy_with_logits(logit[sought], truth[sought])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
            if (epoch + 1) % WATCHED_EVERY and epoch + 1 < course.epochs:
                continue
            network.eval()
            with torch.inference_mode():
                scores = network(columns, given(split.train), whole).double().numpy()
            quality = float(roc_auc_score(graph.label[split.valid], scores[split.valid]))
            if quality > best:
                best, kept = quality, scores
    return kept


def drawn_links(links: I64, start: I64, most: int, rng: np.random.Generator) -> Tensor:
    """At most `most` links to each account, drawn with replacement where there are more; int64[2, m] (from, to)."""
    degree = np.diff(start)
    receiver = np.repeat(np.arange(len(degree)), np.minimum(degree, most))
    crowded = degree[receiver] > most
    order = np.arange(len(receiver)) - np.repeat(
        np.cumsum(np.minimum(degree, most)) - np.minimum(degree, most), np.minimum(degree, most)
    )
    place = np.where(crowded, (rng.random(len(receiver)) * degree[receiver]).astype(np.int64), order)
    return torch.from_numpy(np.stack((links[start[receiver] + place, 1], receiver)))


def _scaled(table: F32) -> F32:
    """Columns as normal scores of their ranks, so that no tail outweighs the rest; those of two values only centred."""
    scaled = np.zeros_like(table)
    for place in range(table.shape[1]):
        values, group, count = np.unique(table[:, place], return_inverse=True, return_counts=True)
        if len(values) > 2:
            middle = (np.cumsum(count) - count / 2) / len(table)  # of equal values the mean rank
            scaled[:, place] = norm.ppf(middle)[group]
        elif len(values) == 2:
            scaled[:, place] = (table[:, place] - table[:, place].mean()) / max(table[:, place].std(), SMALLEST)
    cut: F32 = np.clip(scaled, -FARTHEST, FARTHEST)
    return cut
