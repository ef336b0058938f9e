"""An inductive network over a movement's temporal neighbourhood, in PyTorch Geometric.

Two layers: what the neighbours' counterparties say goes to the neighbours, what the neighbours say goes to the two
ends, and a head reads both ends and the movement. Messages are those of GINEConv (Hu et al., 2020, links with
attributes), pooled by sum, mean and maximum together (Corso et al., PNA, 2020). No account has weights of its own, so
accounts never seen in training are scored like any other.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import MLP, GINEConv
from torch_geometric.nn.aggr import MultiAggregation

from gnn.neighbours import LINK_WIDTH, NODE_WIDTH
from gnn.network_inputs import KNOWN_WIDTH, Batch

HIDDEN = 32
DROPOUT = 0.2
OUTLIER = 6.0  # log ratios of amounts beyond it are cut
#: PyG's own LayerNorm would otherwise take its mean over the whole batch: later rows would be seen.
ROW_BY_ROW: dict[str, Any] = {"norm": "layer_norm", "norm_kwargs": {"mode": "node"}}


class RingNetwork(nn.Module):
    """Log odds of fraud for movements, and for the two accounts of each.

    `row_width` columns describe the movement, `end_width` each end. Sums run over links sorted by receiver, in float32
    and without atomic additions, so that any device gives the same scores to 1e-4.
    """

    def __init__(self, row_width: int, end_width: int, *, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.far = nn.Linear(NODE_WIDTH, hidden)
        self.near = nn.Linear(NODE_WIDTH + end_width + KNOWN_WIDTH, hidden)
        self.end = nn.Linear(NODE_WIDTH + end_width, hidden)
        self.row = MLP([max(row_width, 1), 2 * hidden, hidden], dropout=DROPOUT, **ROW_BY_ROW)
        self.to_near = _layer(hidden)
        self.to_end = _layer(hidden)
        self.calm_near = nn.LayerNorm(hidden)
        self.calm_end = nn.LayerNorm(hidden)
        self.movement = MLP([4 * hidden, hidden, 1], dropout=DROPOUT, **ROW_BY_ROW)
        self.account = nn.Linear(hidden, 1)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Log odds of the movements, float32[B], and of their source and target accounts, float32[B, 2]."""
        near = self.near(batch.node1)
        near = self._passed(self.to_near, self.calm_near, self.far(batch.node2), near, batch.receiver2, batch.link2)
        ends = self.end(batch.ends)
        ends = self._passed(self.to_end, self.calm_end, near, ends, batch.receiver1, batch.link1)
        pair = ends.view(-1, 2, ends.shape[-1])
        source, target = pair[:, 0], pair[:, 1]
        own = self.row(batch.row if batch.row.shape[1] else batch.row.new_zeros(len(batch.row), 1))
        logit = self.movement(torch.cat((source, target, source * target, own), dim=-1))
        return logit.squeeze(-1), self.account(pair).squeeze(-1)

    @staticmethod
    def _passed(
        layer: nn.Module, calm: nn.Module, senders: Tensor, receivers: Tensor, receiver: Tensor, link: Tensor
    ) -> Tensor:
        index = torch.stack((torch.arange(len(senders), device=senders.device), receiver))
        heard = layer((senders, receivers), index, link.clamp(-OUTLIER, OUTLIER))
        out: Tensor = torch.relu(calm(receivers + heard))
        return out


def _layer(hidden: int) -> GINEConv:
    pooled = MultiAggregation(
        ["sum", "mean", "max"], mode="proj", mode_kwargs={"in_channels": hidden, "out_channels": hidden}
    )
    inner = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, hidden))
    return GINEConv(inner, train_eps=True, edge_dim=LINK_WIDTH, aggr=pooled)
