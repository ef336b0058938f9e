"""Which links carried the network's score of a movement: how far it falls when one of them was not there.

Every counterparty sampled around the movement is left out in turn, with all that is seen through it, in one forward
pass over copies of the neighbourhood (occlusion; Zeiler and Fergus, 2014). Nothing is learnt for it and nothing is
approximated: a link's part is the difference of two scores of the network itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gnn.neighbours import nearest_links
from gnn.network import RingNetwork
from gnn.network_inputs import Batch, Stream
from gnn.network_training import steady

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LinkParts:
    """What each of m links gave: `part` float64[m] is by how much the log odds, which are `raw`, fall without it.

    `edge` int64[m] is the place of its newest movement among the edges, `end` int64[m] whether it hangs on the source
    (0) or the target (1).
    """

    raw: float
    edge: I64
    end: I64
    part: F64


def link_parts(network: RingNetwork, stream: Stream, row: int) -> LinkParts:
    """The parts of all links of the rated movement `row`, in the order they were sampled."""
    batch = stream.batch(np.array([row], dtype=np.int64), torch.device("cpu"))
    links = len(batch.receiver1)
    copies = _copies(batch, [frozenset[int](), *(frozenset({link}) for link in range(links))])
    scores = _scores(network, copies)
    return LinkParts(
        raw=float(scores[0]),
        edge=nearest_links(stream.history, int(stream.edge[row])),
        end=batch.receiver1.numpy() % 2,
        part=scores[0] - scores[1:],
    )


def score_without(network: RingNetwork, stream: Stream, row: int, links: Collection[int]) -> float:
    """Log odds of the rated movement `row` where those of its sampled links (by place) were not there."""
    batch = stream.batch(np.array([row], dtype=np.int64), torch.device("cpu"))
    return float(_scores(network, _copies(batch, [frozenset(links)]))[0])


def _scores(network: RingNetwork, batch: Batch) -> F64:
    with torch.inference_mode(), steady():
        found: F64 = network.eval()(batch)[0].double().numpy()
    return found


def _copies(batch: Batch, left_out: list[frozenset[int]]) -> Batch:
    """One movement as `len(left_out)` ones, each without those links of it and what lies behind them."""
    links, receiver1, receiver2 = len(batch.receiver1), batch.receiver1.numpy(), batch.receiver2.numpy()
    kept = np.ones((len(left_out), links), dtype=bool)
    for copy, gone in enumerate(left_out):
        kept[copy, sorted(gone)] = False
    copy1, first = np.nonzero(kept)
    place = np.cumsum(kept).reshape(kept.shape) - 1  # of a kept link among all kept ones
    copy2, second = np.nonzero(kept[:, receiver2])

    def picked(table: Tensor, rows: I64) -> Tensor:
        return table[torch.from_numpy(rows)]

    return Batch(
        row=batch.row.repeat(len(left_out), 1),
        ends=batch.ends.repeat(len(left_out), 1),
        receiver1=torch.from_numpy(2 * copy1 + receiver1[first]),
        link1=picked(batch.link1, first),
        node1=picked(batch.node1, first),
        receiver2=torch.from_numpy(place[copy2, receiver2[second]]),
        link2=picked(batch.link2, second),
        node2=picked(batch.node2, second),
    )
