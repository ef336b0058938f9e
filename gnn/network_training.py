"""Training the network on balanced batches, and scoring with it; equal seeds give equal weights and scores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from torch import Tensor, nn

from gnn.network import RingNetwork
from gnn.network_inputs import Stream

F64 = NDArray[np.float64]
I8 = NDArray[np.int8]
I64 = NDArray[np.int64]

THREADS = 2


@dataclass(frozen=True, slots=True)
class Course:
    """How to train. An epoch is every fraudulent row and `honest` times as many honest ones, drawn anew each time."""

    epochs: int = 10
    patience: int = 4
    honest: int = 10
    fewest: int = 2_000  # honest rows of an epoch, at least
    batch: int = 256
    rate: float = 3e-3
    decay: float = 1e-4
    account_share: float = 0.3
    watched: int = 6_000  # honest validation rows looked at after each epoch


def train_network(
    stream: Stream, label: I8, train: I64, valid: I64, *, seed: int, course: Course | None = None
) -> RingNetwork:
    """Fit on `train`, keep the weights of the epoch with the best average precision on `valid`.

    Where `valid` has one class only, there is no best epoch: the last one counts.
    """
    course = course or Course()
    rng = np.random.default_rng(seed)
    device = torch.device("cpu")
    with repeatable(seed):
        network = RingNetwork(*stream.widths)
        accounts = fraudulent_accounts(stream, label, train)
        optimiser = torch.optim.AdamW(network.parameters(), lr=course.rate, weight_decay=course.decay)
        fraud, honest = train[label[train] == 1], train[label[train] == 0]
        drawn = min(len(honest), max(course.fewest, course.honest * len(fraud)))
        steps = course.epochs * -(-(len(fraud) + drawn) // course.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, course.rate, total_steps=steps, pct_start=0.15)
        watched, weight = _watched(valid, label, course.watched, rng)
        best, kept, waited = -1.0, deepcopy(network.state_dict()), 0
        for _ in range(course.epochs):
            rows = rng.permutation(np.concatenate((fraud, rng.choice(honest, drawn, replace=False))))
            network.train()
            for begin in range(0, len(rows), course.batch):
                chosen = np.sort(rows[begin : begin + course.batch])
                movement, ends = network(stream.batch(chosen, device))
                loss = _loss(movement, label[chosen]) + course.account_share * _loss(
                    ends.reshape(-1), accounts[(2 * chosen[:, None] + np.arange(2)).ravel()]
                )
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimiser.step()
                schedule.step()
            found = _watched_quality(network, stream, label, watched, weight)
            if found >= best:
                best, kept, waited = found, deepcopy(network.state_dict()), 0
            elif (waited := waited + 1) >= course.patience:
                break
        network.load_state_dict(kept)
    return network.eval()


def score(network: RingNetwork, stream: Stream, rows: I64, *, device: str = "cpu", batch: int = 512) -> F64:
    """Log odds of the movement, its source and its target, float64[len(rows), 3]."""
    place = torch.device(device)
    network.to(place).eval()
    found = np.empty((len(rows), 3))
    with torch.inference_mode(), steady():
        for begin in range(0, len(rows), batch):
            movement, ends = network(stream.batch(rows[begin : begin + batch], place))
            found[begin : begin + batch] = torch.cat((movement[:, None], ends), dim=1).double().cpu().numpy()
    return found


def fraudulent_accounts(stream: Stream, label: I8, train: I64) -> I8:
    """For both ends of every rated row (place `2 * row + end`): whether the account is in a fraudulent training row."""
    source, target = stream.history.source[stream.edge], stream.history.target[stream.edge]
    fraud = train[label[train] == 1]
    guilty = np.zeros(len(stream.start) - 1, dtype=np.int8)
    guilty[source[fraud]] = guilty[target[fraud]] = 1
    return guilty[np.stack((source, target), axis=1).ravel()]


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Seeded and steady torch; what was set before comes back."""
    with torch.random.fork_rng(devices=[]), steady():
        torch.manual_seed(seed)
        yield


@contextmanager
def steady() -> Iterator[None]:
    """Deterministic algorithms on THREADS threads; what was set before comes back."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(strict)


def _watched_quality(network: RingNetwork, stream: Stream, label: I8, watched: I64, weight: F64) -> float:
    if not 0 < label[watched].sum() < len(watched):
        return 0.0
    found = score(network, stream, watched)[:, 0]
    return float(average_precision_score(label[watched], found, sample_weight=weight))


def _loss(logit: Tensor, label: I8) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logit, torch.from_numpy(label.astype(np.float32)))


def _watched(valid: I64, label: I8, most: int, rng: np.random.Generator) -> tuple[I64, F64]:
    """All fraudulent validation rows and at most `most` honest ones, weighted up to the share they stand for."""
    fraud, honest = valid[label[valid] == 1], valid[label[valid] == 0]
    drawn = honest if len(honest) <= most else np.sort(rng.choice(honest, most, replace=False))
    weight = np.concatenate((np.ones(len(fraud)), np.full(len(drawn), len(honest) / max(1, len(drawn)))))
    return np.concatenate((fraud, drawn)), weight
