"""Columns of the accounts of a static graph: their own features, their neighbours', their place in it, known labels.

Trees over means of neighbours do as well on such graphs as networks do (Tang et al., "GADBench", 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from gnn.nodes import NodeGraph

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

SPECTRAL = 32  # leading directions of the normalised links
STRENGTH = 0.05  # weight of the overall share beside the known neighbours, in parts of the usual weight


@dataclass(frozen=True)
class NodeColumns:
    """`table` float32[n, width] says nothing of labels; the other fields are links as matrices, for `known`."""

    table: F32
    links: sparse.csr_matrix
    mean: sparse.csr_matrix
    even: sparse.csr_matrix
    alike: sparse.csr_matrix

    def with_known(self, label: NDArray[np.int8], known: I64) -> F32:
        """The table and what the labels of the accounts `known` say of their neighbours, float32[n, width + 8].

        No account's own label is in its own row, so rows of `known` can be learnt from.
        """
        return np.hstack((self.table, self._known(label, known))).astype(np.float32)

    def _known(self, label: NDArray[np.int8], known: I64) -> F64:
        there, fraud = np.zeros(len(label)), np.zeros(len(label))
        there[known], fraud[known] = 1.0, label[known]
        share = fraud[known].mean()
        columns = [self.links @ there, self.links @ fraud]
        for weights in (self.links, self.alike, self.even, self.mean):
            weight = weights @ there
            prior = STRENGTH * max(float(np.median(weight)), 1e-9)
            columns.append((weights @ fraud + share * prior) / (weight + prior))
        for weights in (self.mean, self.even):  # two steps, without coming back to where the walk began
            own = np.asarray(weights.multiply(weights.T).sum(axis=1)).ravel()
            far = fraud - share * there
            columns.append(weights @ (weights @ far) - own * far)
        return np.stack(columns, axis=1)


def node_columns(graph: NodeGraph) -> NodeColumns:
    """The columns of a graph; its labels are not read."""
    n = len(graph)
    links = sparse.csr_matrix((np.ones(len(graph.links)), (graph.links[:, 0], graph.links[:, 1])), shape=(n, n))
    degree = np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1.0)
    mean = (sparse.diags(1 / degree) @ links).tocsr()
    even = (sparse.diags(degree**-0.5) @ links @ sparse.diags(degree**-0.5)).tocsr()
    shared = (links @ links).multiply(links).tocsr()  # neighbours that both ends of a link have
    own, log_degree = graph.features.astype(np.float64), np.log(degree)[:, None]
    near = mean @ own
    triangles = np.asarray(shared.sum(axis=1)).ravel()
    parts = (
        own,
        log_degree,
        near,
        np.sqrt(np.maximum(mean @ own**2 - near**2, 0.0)),
        mean @ near,
        even @ own,
        even @ (even @ own),
        mean @ log_degree,
        mean @ (mean @ log_degree),
        *_extremes(own, links),
        np.log1p(triangles)[:, None],
        (triangles / np.maximum(degree * (degree - 1), 1))[:, None],
        _spectral(even),
    )
    return NodeColumns(np.hstack(parts).astype(np.float32), links, mean, even, _alike(shared, degree))


def _extremes(own: F64, links: sparse.csr_matrix) -> tuple[F64, F64]:
    """Largest and smallest of each feature among the neighbours; 0 for accounts without any."""
    there = np.flatnonzero(np.diff(links.indptr))
    around = own[links.indices]
    found = np.zeros((2, *own.shape))
    for place, extreme in enumerate((np.maximum, np.minimum)):
        found[place, there] = extreme.reduceat(around, links.indptr[there], axis=0)
    return found[0], found[1]


def _alike(shared: sparse.csr_matrix, degree: F64) -> sparse.csr_matrix:
    """Links weighted by the Jaccard similarity of the neighbourhoods of their ends."""
    weighted = shared.copy()
    row = np.repeat(np.arange(len(degree)), np.diff(weighted.indptr))
    weighted.data = weighted.data / (degree[row] + degree[weighted.indices] - weighted.data)
    return weighted


def _spectral(even: sparse.csr_matrix) -> F64:
    """Leading left singular directions, scaled; the same every time, up to rounding."""
    count = min(SPECTRAL, even.shape[0] - 2)
    if count < 1:
        return np.zeros((even.shape[0], 0))
    left, size, _ = svds(even, k=count, v0=np.ones(even.shape[0]))
    found: F64 = left * size
    return found
