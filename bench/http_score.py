"""Latency of the HTTP scoring call under an open-loop load, and its rival's: `python -m bench.http_score`.

A seeded world is played into a home; what the same world does next becomes calls of /api/transactions/score. First one
by one: every answer must be what `tarrafa run` of the same movements gives. Then at 500 requests a second, Poisson
arrivals, server and load on the same machine; afterwards all scores in the home must be those of the run. The rival, in
the same run, is the same call without micro-batches (see `bench.http_rival`).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from api.rest.mapping import bet_movement
from api.rest.wire import BetIn
from bench.http_load import Load, drive, request_bytes
from graph.events import Event, Movement
from ingest.formats import open_source
from ingest.simulator.world import World
from service.bootstrap import now_ms, open_service
from service.run import iso, play, progress_bar
from service.settings import load_settings

PATH = "/api/transactions/score"
COLUMNS = ("tx_id", "ts", "source", "target", "amount", "kind", "channel", "device", "ip", "domain")
CHECKED = 400  # calls made one by one before the clock starts; they also warm the server up
WARM_SECONDS = 2.0
Body = dict[str, str | int]


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000, help="events in the home before the load")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=500.0, help="requests a second")
    parser.add_argument("--keys", action="store_true", help="send an idempotency key with each request")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    os.environ.setdefault("TARRAFA_IDENTITY_SECRET", "only for measurements")
    calls = CHECKED + int((arguments.seconds + WARM_SECONDS) * arguments.rate)
    with tempfile.TemporaryDirectory(prefix="tarrafa-bench-") as folder:
        root = Path(folder)
        bodies = prepare(root / "filled", events=arguments.events, calls=calls, seed=arguments.seed)
        expected = replayed(copy_of(root, "run"), bodies, root / "calls.csv")
        rows = []
        for name, command in (("tarrafa serve", SERVE), ("one call, one step", RIVAL)):
            home = copy_of(root, name.replace(" ", "-").replace(",", ""))
            rows.append({"server": name} | measure(home, command, bodies, expected, arguments))
    report(rows, arguments)
    if arguments.out is not None:
        arguments.out.write_text(json.dumps({"seed": arguments.seed, "runs": rows}, indent=1) + "\n")


SERVE = ("-m", "service", "serve", "--port", "0", "--home")
RIVAL = ("-m", "bench.http_rival", "--home")


def prepare(home: Path, *, events: int, calls: int, seed: int) -> list[Body]:
    """Play the first `events` of a world into `home`; return what it does next, as bodies of the call."""
    stream = _events(seed, events + 4 * calls)
    with open_service(load_settings(home=home), work=True) as service:
        while first := list(islice(stream, min(1_000, events))):
            service.running.submit(first)
            events -= len(first)
            if not events:
                break
    bodies = [_body(event) for event in stream if isinstance(event, Movement) and event.domain is not None][:calls]
    if len(bodies) < calls:
        raise SystemExit(f"the world has only {len(bodies)} calls to give; lower --seconds or --rate")
    return bodies


def copy_of(root: Path, name: str) -> Path:
    """A copy of the filled home."""
    return Path(shutil.copytree(root / "filled", root / name))


@dataclass(frozen=True)
class Expected:
    """Scores of the calls by transaction, and the digest over all scores of the home."""

    values: dict[str, tuple[float, str]]
    digest: int


def replayed(home: Path, bodies: Sequence[Body], path: Path) -> Expected:
    """Play the calls as a file, as `tarrafa run` does."""
    with open_service(load_settings(home=home), work=True) as service:
        movements = [bet_movement(BetIn.model_validate(body), keys=service.keys, now_ms=now_ms()) for body in bodies]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for event in movements:
                amount = f"{event.amount_cents // 100}.{event.amount_cents % 100:02d}"
                parties = (event.tx_id, iso(event.ts), event.source, event.target, amount, event.kind, event.channel)
                writer.writerow((*parties, event.device or "", event.ip or "", event.domain))
        with progress_bar() as bar:
            play(service, open_source(path, keys=service.keys, now_ms=now_ms()), progress=bar, resume=False)
        scores = service.ledger.scores_of([event.tx_id for event in movements])
        values = {tx_id: (round(score.value / 100, 4), str(score.decision)) for tx_id, score in scores.items()}
        return Expected(values, service.ledger.score_digest())


def measure(
    home: Path, command: Sequence[str], bodies: Sequence[Body], expected: Expected, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Serve `home`, check answers one by one, then load it; milliseconds from due to answered, CPU of the server."""
    requests = [
        request_bytes(PATH, json.dumps(body).encode(), key=f"k-{place}" if arguments.keys else "")
        for place, body in enumerate(bodies)
    ]
    warm = CHECKED + int(WARM_SECONDS * arguments.rate)
    with served(home, command) as (process, port):
        for body in bodies[:CHECKED]:
            answer = _post(port, body)
            if (answer["fraud_score"], answer["decision"]) != expected.values[answer["transaction_id"]]:
                raise SystemExit(f"wrong: {answer} where the run has {expected.values[answer['transaction_id']]}")
        drive(port, requests[CHECKED:warm], per_second=arguments.rate)
        before, began = cpu_seconds(process.pid), time.perf_counter()
        load = drive(port, requests[warm:], per_second=arguments.rate, seed=arguments.seed)
        took, cpu = time.perf_counter() - began, cpu_seconds(process.pid) - before
    with open_service(load_settings(home=home), work=False) as service:
        if service.ledger.score_digest() != expected.digest:
            raise SystemExit("wrong: after the load the home holds other scores than the run")
    return numbers(load, took=took, cpu=cpu)


def numbers(load: Load, *, took: float, cpu: float) -> dict[str, Any]:
    """What is reported of a load."""
    sent = len(load.latency_ms)
    shares = {"p50_ms": 50, "p90_ms": 90, "p99_ms": 99, "p99_9_ms": 99.9, "max_ms": 100}
    return {
        "requests": sent,
        "per_s": sent / took,
        **{name: load.percentile(share) for name, share in shares.items()},
        "lost": load.lost,
        "statuses": load.statuses,
        "server_cpu_us_per_request": cpu / sent * 1e6,
        "server_cpu_share_of_a_core": cpu / took,
    }


@contextmanager
def served(home: Path, command: Sequence[str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server on `home` in a process of its own, and its port; stopped by SIGTERM at the end."""
    process = subprocess.Popen([sys.executable, *command, str(home)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = next((found for line in process.stdout if (found := re.search(r"127\.0\.0\.1:(\d+)", line))), None)
        if found is None:
            raise SystemExit(f"{' '.join(command)} never served")
        yield process, int(found[1])
    finally:
        process.terminate()
        process.wait(60)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, user and system (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(rows: Sequence[dict[str, Any]], arguments: argparse.Namespace) -> None:
    """Print the table."""
    print(f"answers equal those of the run; {arguments.rate:,.0f} requests/s, Poisson, {arguments.seconds:.0f} s")
    names = ("p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms")
    print(
        f"{'server':20} {'requests':>9} "
        + " ".join(f"{name:>9}" for name in names)
        + f" {'lost':>5} {'CPU us/request':>15}"
    )
    for row in rows:
        cells = " ".join(f"{row[name]:9.2f}" for name in names)
        cpu = row["server_cpu_us_per_request"]
        print(f"{row['server']:20} {row['requests']:9,} {cells} {row['lost']:5} {cpu:15.0f}")


def _events(seed: int, count: int) -> Iterator[Event]:
    for batch in World(seed=seed, events=count).batches(1_000):
        yield from batch.events


def _body(event: Movement) -> Body:
    body: Body = {
        "transaction_id": event.tx_id,
        "user_id": event.source,
        "amount_brl": f"{event.amount_cents // 100}.{event.amount_cents % 100:02d}",
        "bet_site": event.domain or "",
        "timestamp": event.ts,
        "receiver": event.target,
        "kind": str(event.kind),
    }
    if event.device:
        body["device_fingerprint"] = event.device
    if event.ip:
        body["user_ip"] = event.ip
    return body


def _post(port: int, body: Body) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://localhost:{port}{PATH}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


if __name__ == "__main__":
    main()
