"""The whole score of a stream on one core: `python -m bench.score_stream`.

Decoded events of a seeded world go through the projection that the service runs: features, patterns, lists, rules,
typologies, ring context, sum and decision. Lists and rules that people would have made are in force from the first
event. First of all the beginning of the stream, taken through the whole service into its ledger, must have the same
scores. `--profile` prints where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bench.apart import apart
from graph.events import Event, GovernanceChanged, ListKind, Movement
from graph.evidence import Score
from graph.identity import IdentifierKeys
from graph.listings import ADD, Change, EntryKind, content_of
from graph.log.protocol import LogEntry
from ingest.simulator.world import World
from scoring.declared import canonical_text
from scoring.projection import Projection
from scoring.rules.rule import Mode, RuleInForce, RuleSet, Severity
from service.bootstrap import new_projection, open_service
from service.garbage import collect_rarely
from service.settings import load_settings

CHECKED = 6_000
REACH = 20_000
#: Rules in force: what each asks, and how it weighs.
RULES = (
    ("amount > 500000 and account_age_days < 7", Severity.MEDIUM),
    ("out_count_1h >= 6 and out_sum_72h > 1000000", Severity.MEDIUM),
    ("distinct_sources_72h >= 8 and seconds_since_in < 3600", Severity.HIGH),
    ("device_accounts_30d >= 5", Severity.LOW),
    ("ip_accounts_30d >= 20 and amount >= 100000", Severity.LOW),
    ("failed_attempts_24h >= 3", Severity.MEDIUM),
    ("pair_count_30d == 0 and amount > 3 * out_mean_30d and out_count_30d >= 3", Severity.LOW),
    ("target_distinct_sources_72h >= 10", Severity.LOW),
    ("site_age_days >= 0 and site_age_days < 10", Severity.MEDIUM),
    ("listed_allow > 0", Severity.ALLOW),
)


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=120_000)
    parser.add_argument("--batch", type=int, default=1_000, help="events applied at once, as `tarrafa run` does")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    os.environ.setdefault("TARRAFA_IDENTITY_SECRET", "only for measurements")
    checked = apart(check, arguments.seed)
    print(f"{checked['equal']:,} scores equal what the service stores")
    told = apart(measure, arguments.events, arguments.batch, arguments.seed, arguments.profile)
    print("| movements | movements/s | events/s | us a movement | p50 / p99 ms a batch | signals a score | reached |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {told['movements']:,} | {told['movements_per_s']:,.0f} | {told['events_per_s']:,.0f} "
        f"| {told['us_per_movement']:.1f} | {told['p50_ms']:.1f} / {told['p99_ms']:.1f} "
        f"| {told['signals_per_score']:.2f} | {'yes' if told['movements_per_s'] >= REACH else 'no'} |"
    )
    print(f"beside it {told['ring_steps']} steps of rings took {told['ring_us_per_movement']:.1f} us a movement")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(told | checked, indent=1) + "\n", encoding="utf-8")


def stream(seed: int, count: int) -> Iterator[Event]:
    """`count` events of a world, behind what people put in force for it."""
    world = [event for batch in World(seed=seed, events=count).batches(1_000) for event in batch.events]
    yield from governed([event for event in world if isinstance(event, Movement)])
    yield from world


def governed(movements: Sequence[Movement]) -> Iterator[GovernanceChanged]:
    """Lists of every 40th payer, every 100th device and address, and the rules."""
    payers = sorted({movement.source for movement in movements})
    devices = sorted({movement.device for movement in movements if movement.device})
    addresses = sorted({movement.ip for movement in movements if movement.ip})
    kinds = ((EntryKind.ACCOUNT, payers[::40]), (EntryKind.DEVICE, devices[::100]), (EntryKind.IP, addresses[::100]))
    lists = (ListKind.WATCH, ListKind.ALLOW, ListKind.BLOCK, ListKind.WATCH)
    changes = [
        Change(ADD, lists[place % len(lists)], kind, value, "for measurements")
        for kind, values in kinds
        for place, value in enumerate(values)
    ]
    in_force = tuple(
        RuleInForce(
            id=f"rule_{number:02}",
            pt=when,
            en=when,
            when=when,
            severity=severity,
            version=1,
            mode=Mode.ACTIVE,
            author="ana",
            approver="rui",
        )
        for number, (when, severity) in enumerate(RULES)
    )
    parts = (("lists", content_of(changes)), ("rules", canonical_text(RuleSet(in_force))))
    for part, content in parts:
        ts = movements[0].ts
        yield GovernanceChanged(event_id=f"governance:{part}", ts=ts, part=part, content=content, author="ana")


def check(seed: int) -> dict[str, Any]:
    """Compare the projection's scores of the beginning of a stream with those that the service stores."""
    events = list(stream(seed, CHECKED))
    with (
        tempfile.TemporaryDirectory(prefix="tarrafa-bench-") as folder,
        open_service(load_settings(home=Path(folder)), work=True) as service,
    ):
        for event in events:
            if isinstance(event, GovernanceChanged):
                service.running.govern(event)
        others = (event for event in events if not isinstance(event, GovernanceChanged))
        while part := list(islice(others, 170)):  # batches of another size than those compared with
            service.running.submit(part)
        service.running.flush(settle=True)
        mine = scores(events, new_projection(service.settings, service.keys), batch=1_000)
        stored = service.ledger.scores_of(list(mine))
    if mine != stored:
        wrong = [tx_id for tx_id, score in mine.items() if stored.get(tx_id) != score]
        sys.exit(f"wrong: {len(wrong)} of {len(mine)} scores differ from the stored ones, first {wrong[0]}")
    return {"equal": len(mine)}


def scores(events: Sequence[Event], projection: Projection, *, batch: int) -> dict[str, Score]:
    """The last score of every movement of a stream, by transaction."""
    found: dict[str, Score] = {}
    for entries in batches(events, batch):
        found |= {score.tx_id: score for score in projection.apply(entries).scores}
    return found


def measure(count: int, batch: int, seed: int, profile: bool) -> dict[str, Any]:
    """Time every batch of a stream."""
    collect_rarely()  # as the command line does
    events = list(stream(seed, count))
    settings, keys = load_settings(), IdentifierKeys.from_secret(b"bench" * 8)
    scores(events[:2_000], new_projection(settings, keys), batch=100)  # kernels are loaded before the clock starts
    projection = new_projection(settings, keys)
    ring_s = timed_steps(projection)
    seconds, scored, signals = [], 0, 0
    profiler = cProfile.Profile()
    for entries in batches(events, batch):
        if profile:
            profiler.enable()
        begun, rings_before = time.process_time(), sum(ring_s)
        answered = projection.apply(entries)
        seconds.append(time.process_time() - begun - (sum(ring_s) - rings_before))
        profiler.disable()
        scored += len(answered.scores)
        signals += sum(len(score.signals) for score in answered.scores)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
    movements = sum(isinstance(event, Movement) for event in events)
    seconds.sort()
    return {
        "events": len(events),
        "movements": movements,
        "scored": scored,
        "movements_per_s": movements / sum(seconds),
        "events_per_s": len(events) / sum(seconds),
        "us_per_movement": sum(seconds) / movements * 1e6,
        "ring_steps": len(ring_s),
        "ring_us_per_movement": sum(ring_s) / movements * 1e6,
        "p50_ms": seconds[len(seconds) // 2] * 1e3,
        "p99_ms": seconds[len(seconds) * 99 // 100] * 1e3,
        "signals_per_score": signals / scored,
    }


def timed_steps(projection: Projection) -> list[float]:
    """Seconds of each step of the rings' life from now on: they are taken between runs and are no part of a score."""
    spent: list[float] = []
    life: Any = projection.life
    step = life._step

    def timed() -> None:
        begun = time.process_time()
        step()
        spent.append(time.process_time() - begun)

    life._step = timed
    return spent


def batches(events: Sequence[Event], size: int) -> Iterator[list[LogEntry]]:
    """The events as log entries, `size` at a time."""
    for start in range(0, len(events), size):
        yield [LogEntry(start + i + 1, event.ts, event) for i, event in enumerate(events[start : start + size])]


if __name__ == "__main__":
    main()
