"""Answers before speed: the window against the rival where their definitions meet, and against plain Python.

Where they meet: how many movements an account sent and received in a day, from and to how many accounts in three, and
the time-ordered cycles that a movement closes. Where they do not, so that nothing is compared:

- the rival counts the movement itself and later rows of its own batch; the window only what lies before it. Rows are
  given to the rival one by one here, and the movement itself is added to the window's counts.
- the rival forgets by the time of the row before, so it looks back longer by the gap between the two. Rows here are
  `STEP_S` apart, and its windows are shorter by that.
- the rival counts all cycles of any amounts; the window names one, whose amounts fit. Planted cycles are alone and of
  one amount.
- histograms of fan and degree patterns, scatter-gathers of any amounts, skew and kurtosis have no twin in the window;
  pass-through, shared means and listings have none in the rival.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.snapml_process import Worker, parameters
from bench.window_ours import Ours, movements
from bench.window_streams import DAY_S, Stream, planted_cycles, random_stream
from graph.window.cycles import CYCLES
from graph.window.features import FEATURE_INDEX
from graph.window.hits import HIT_CYCLE
from tests.window import oracle

#: Seconds between movements whose counts are compared.
STEP_S = 147
#: Names and columns of the rival's statistics fan (0) and degree (1): source's out, in, then target's.
OUT_FAN, OUT_DEGREE, IN_FAN, IN_DEGREE, TARGET_IN_FAN = 0, 1, 2, 3, 6
ORACLE_SAMPLE = 60


def saved(stream: Stream, path: Path) -> str:
    """Write `stream` as the rival reads it; return where."""
    ids = np.arange(len(stream.source))
    np.save(path, np.stack((ids, stream.source, stream.target, stream.second, stream.cents), axis=1).astype(np.float64))
    return str(path)


def check_entrances(seed: int) -> int:
    """Compare the answers to a stream given as events and as arrays, bit for bit; return how many movements agree."""
    stream = random_stream("hubs", count=3_000, accounts=300, days=6, seed=seed)
    stream = stream._replace(second=np.arange(len(stream.source)) * STEP_S)  # no ties: their order is a matter of names
    features, hits = Ours().answers(stream, batch=128)
    ours = Ours()
    ours.play(stream, first=0, batch=500)
    again = ours.window.answer(np.arange(len(features)))
    found: dict[int, list[tuple[int, ...]]] = {}
    for hit in again.hits:
        found.setdefault(hit.owner, []).append((hit.kind, *hit.edges))
    same = {place: [(hit.kind, *hit.edges) for hit in given] for place, given in hits.items()} == found
    if not same or not np.array_equal(features, again.features):
        sys.exit("wrong: arrays are answered otherwise than events")
    return len(features)


def check_oracle(seed: int) -> int:
    """Compare all features of a sample with the plain computation over whole lists; return how many values agree."""
    stream = random_stream("zipf", count=2_000, accounts=400, days=18, seed=seed)
    events = movements(stream)
    features, _ = Ours().answers(stream, batch=128)
    sample = np.random.default_rng(seed).choice(len(events), ORACLE_SAMPLE, replace=False).tolist()
    agreed = 0
    for i in sample:
        if features[i, FEATURE_INDEX["truncated"]]:
            continue
        for name, value in oracle.features(events, events[i]).items():
            mine = features[i, FEATURE_INDEX[name]]
            if not np.isclose(mine, value, rtol=1e-9, atol=1e-6):
                sys.exit(f"wrong: {name} of movement {i} is {mine}, plainly {value}")
            agreed += 1
    return agreed


def check_counts(python: Path, folder: Path, seed: int) -> int:
    """Compare counts of every movement of a stream with the rival's; return how many values agree."""
    stream = random_stream("uniform", count=6_000, accounts=300, days=10, seed=seed)
    stream = stream._replace(second=np.arange(len(stream.source)) * STEP_S)
    path = saved(stream, folder / "counts.npy")
    rival = {}
    with Worker(python) as worker:
        for days in (1, 3):
            params = parameters(days * DAY_S - STEP_S, families=("vertex_stats",), statistics=(0, 1))
            worker.ask("open", name=str(days), stream=path, params=params)
            answers = str(folder / f"counts-{days}.npy")
            worker.ask("play", name=str(days), start=0, end=6_000, batch=1, limit_s=60, save=answers)
            rival[days] = np.load(answers)[:, 5:]
    features, _ = Ours().answers(stream, batch=128)
    if features[:, FEATURE_INDEX["truncated"]].any():
        sys.exit("wrong: histories of the sample were cut")
    first_in_3_days = fresh_pairs(stream, 3 * DAY_S)
    pairs = (
        ("out_count_24h", 1, rival[1][:, OUT_DEGREE]),
        ("in_count_24h", 0, rival[1][:, IN_DEGREE]),
        ("distinct_targets_72h", first_in_3_days, rival[3][:, OUT_FAN]),
        ("distinct_sources_72h", 0, rival[3][:, IN_FAN]),
        ("target_distinct_sources_72h", first_in_3_days, rival[3][:, TARGET_IN_FAN]),
    )
    for name, itself, theirs in pairs:
        mine = features[:, FEATURE_INDEX[name]] + itself
        if not np.array_equal(mine, theirs):
            i = int(np.flatnonzero(mine != theirs)[0])
            sys.exit(f"wrong: {name} of movement {i} is {mine[i]}, the rival's {theirs[i]}")
    return len(pairs) * len(features)


def fresh_pairs(stream: Stream, window_s: int) -> NDArray[np.int64]:
    """int64[n]: 1 where the source had not paid the target in the `window_s` before."""
    last: dict[tuple[int, int], int] = {}
    fresh = []
    for source, target, second in zip(*(column.tolist() for column in stream[:3]), strict=True):
        fresh.append(int(second - last.get((source, target), -window_s) >= window_s))
        last[source, target] = second
    return np.array(fresh, dtype=np.int64)


def check_cycles(python: Path, folder: Path, seed: int) -> int:
    """Compare the cycles closed by every movement of a planted stream with what was planted, on both sides."""
    stream, closes = planted_cycles(cycles=300, noise=3_000, longest=CYCLES.hops, seed=seed)
    path = saved(stream, folder / "cycles.npy")
    bins = list(range(2, CYCLES.hops + 2))
    params = parameters(DAY_S, families=("temp-cycle",)) | {"temp-cycle_bins": bins}
    answers = str(folder / "cycles-answers.npy")
    with Worker(python) as worker:
        worker.ask("open", name="cycles", stream=path, params=params)
        worker.ask("play", name="cycles", start=0, end=len(closes), batch=1, limit_s=60, save=answers)
    theirs = np.load(answers)[:, 5:]
    planted = (closes[:, None] == np.array(bins)).astype(np.float64)
    if not np.array_equal(theirs, planted):
        sys.exit("wrong: the rival finds other cycles than were planted")
    _, hits = Ours().answers(stream, batch=128)
    mine = np.zeros(len(closes), dtype=np.int64)
    for place, found in hits.items():
        mine[place] = sum(len(hit.edges) for hit in found if hit.kind == HIT_CYCLE)
    if not np.array_equal(mine, closes):
        i = int(np.flatnonzero(mine != closes)[0])
        sys.exit(f"wrong: movement {i} closes a cycle of {closes[i]}, found {mine[i]}")
    return int((closes > 0).sum())
