"""An extract of the graph as PyG's `HeteroData`, for whoever goes on in torch."""

from __future__ import annotations

import torch
from torch_geometric.data import HeteroData

from graph.extract import Extract


def hetero_of(extract: Extract) -> HeteroData:
    """Return one node type per label and one edge type per (label, kind, label).

    Nodes carry `ids` (list of texts) and `x` (float32[n, 1], strength of membership); edges carry `edge_index`
    (int64[2, m]) and `edge_attr` (float64[m, 4]: count, cents, first and last seen in epoch ms).
    """
    data = HeteroData()
    place: dict[tuple[str, str], int] = {}
    for label in sorted({node.label for node in extract.nodes}):
        own = [node for node in extract.nodes if node.label == label]
        place.update({(label, node.id): number for number, node in enumerate(own)})
        data[label].ids = [node.id for node in own]
        data[label].x = torch.tensor([[node.score] for node in own], dtype=torch.float32)
    for source, kind, target in sorted({(link.source[0], link.kind, link.target[0]) for link in extract.links}):
        own_links = [
            link for link in extract.links if (link.source[0], link.kind, link.target[0]) == (source, kind, target)
        ]
        ends = [[place[link.source] for link in own_links], [place[link.target] for link in own_links]]
        numbers = [[link.count, link.sum_cents, link.first_seen, link.last_seen] for link in own_links]
        data[source, kind, target].edge_index = torch.tensor(ends, dtype=torch.int64)
        data[source, kind, target].edge_attr = torch.tensor(numbers, dtype=torch.float64)
    return data
