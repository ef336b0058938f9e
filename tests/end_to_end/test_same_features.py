"""The features that live scoring used are those of a replay, bit for bit, whichever way the movements came in."""

from __future__ import annotations

import asyncio
import csv
import signal
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from api.client import AsyncTarrafaClient, BetIn, BetOut
from api.rest.mapping import bet_movement
from deploy.servers.kafka import KafkaServer
from graph.events import Movement
from graph.evidence import Score
from ingest.formats import open_source
from ingest.kafka_out import KafkaPublisher
from service.bootstrap import now_ms, open_service
from service.home import HomePaths, identifier_keys
from service.run import iso, play, progress_bar
from service.settings import load_settings
from tests.end_to_end.serving import serving, wait_for_head

pytestmark = pytest.mark.slow

ROWS = 700
ALONE = 200  # sent one after the other: their answers must be what the replay says; the others come in bunches
TOGETHER = 25
START_MS = 1_750_000_000_000
MINUTE_MS = 60_000
PATIENT = {"TARRAFA_API_SCORE_DEADLINE_MS": "60000"}  # a busy machine is not what is tested here
COLUMNS = ("tx_id", "ts", "source", "target", "amount", "kind", "channel", "device", "ip", "domain")

#: Score and feature bytes by transaction.
Known = Mapping[str, tuple[Score, bytes]]


@pytest.fixture(scope="module")
def bets(shared_data: Callable[[str], Path]) -> list[BetIn]:
    """Real card transactions, as calls; their place is the device, their type the site."""
    with (shared_data("s-ffsd") / "S-FFSD.csv").open(encoding="utf-8", newline="") as file:
        return [
            BetIn(
                transaction_id=f"card-{place}",
                user_id=row["Source"],
                receiver=row["Target"],
                amount_brl=Decimal(row["Amount"]).quantize(Decimal("0.01")),
                device_fingerprint=row["Location"],
                bet_site=f"{row['Type'].lower()}.example",
                timestamp=str(START_MS + int(row["Time"]) * MINUTE_MS),
                kind="transfer",
            )
            for place, row in enumerate(islice(csv.DictReader(file), ROWS))
        ]


@pytest.fixture
def replayed(bets: Sequence[BetIn], tmp_path: Path) -> Known:
    """What a file of the same movements comes to."""
    home = tmp_path / "file"
    with open_service(load_settings(home=home), work=True) as service:
        path = tmp_path / "movements.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for bet, event in zip(bets, movements(home, bets), strict=True):
                parties = (event.tx_id, iso(event.ts), event.source, event.target, bet.amount_brl)
                writer.writerow((*parties, event.kind, event.channel, event.device, "", event.domain))
        with progress_bar() as bar:
            play(service, open_source(path, keys=service.keys, now_ms=now_ms()), progress=bar, resume=False)
    return known(home, bets)


def movements(home: Path, bets: Sequence[BetIn]) -> list[Movement]:
    """The movements of the calls."""
    keys = identifier_keys(load_settings(home=home).identity, HomePaths(home))
    return [bet_movement(bet, keys=keys, now_ms=now_ms()) for bet in bets]


def known(home: Path, bets: Sequence[BetIn]) -> Known:
    """What the home keeps of the transactions."""
    with open_service(load_settings(home=home), work=False) as service:
        found = {}
        for bet in bets:
            score, row = service.ledger.score(bet.transaction_id), service.ledger.features(bet.transaction_id)
            assert score is not None
            assert row is not None
            found[bet.transaction_id] = (score, row.tobytes())
        return found


async def asked(address: str, bets: Sequence[BetIn]) -> list[BetOut]:
    """The answers to the first calls, sent one by one; the others are sent in bunches after them."""
    async with AsyncTarrafaClient(address, timeout_seconds=60) as client:
        answers = [await client.score_bet(bet) for bet in bets[:ALONE]]
        for start in range(ALONE, len(bets), TOGETHER):
            await asyncio.gather(*(client.score_bet(bet) for bet in bets[start : start + TOGETHER]))
        return answers


def test_over_http_features_scores_and_answers_are_those_of_the_file(
    bets: Sequence[BetIn], replayed: Known, tmp_path: Path
) -> None:
    home = tmp_path / "http"
    with serving(home, PATIENT) as (process, address):
        answers = asyncio.run(asked(address, bets))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert known(home, bets) == replayed
    times = Counter(bet.timestamp for bet in bets)
    compared = 0
    for bet, answer in zip(bets, answers, strict=False):
        if times[bet.timestamp] == 1:  # of one moment the order is the canonical one, not that of arrival
            score = replayed[bet.transaction_id][0]
            assert (answer.fraud_score, answer.decision) == (round(score.value / 100, 4), score.decision)
            compared += 1
    assert compared > ALONE / 4
    assert len({features for _, features in replayed.values()}) > ROWS / 2  # they say something


@pytest.mark.server
def test_over_kafka_features_and_scores_are_those_of_the_file(
    kafka_server: KafkaServer, bets: Sequence[BetIn], replayed: Known, tmp_path: Path
) -> None:
    home = tmp_path / "kafka"
    with kafka_topic(kafka_server) as topic:
        publisher = KafkaPublisher(kafka_server.bootstrap, topic)
        publisher.publish(movements(tmp_path / "file", bets))
        publisher.close()
        named = {"BOOTSTRAP": kafka_server.bootstrap, "TOPIC": f"{topic}=event", "GROUP": topic}
        with serving(home, {f"TARRAFA_KAFKA_{name}": value for name, value in named.items()}) as (process, _):
            wait_for_head(process, home, count=len(bets))
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    assert known(home, bets) == replayed


@contextmanager
def kafka_topic(server: KafkaServer) -> Iterator[str]:
    """A topic of two partitions, removed at the end."""
    admin = KafkaAdminClient(bootstrap_servers=server.bootstrap)
    name = f"features-{uuid.uuid4().hex[:12]}"
    admin.create_topics([NewTopic(name=name, num_partitions=2, replication_factor=1)])
    try:
        yield name
    finally:
        admin.delete_topics([name])
        admin.close()
