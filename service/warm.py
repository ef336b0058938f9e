"""Everything that a first score would load - compiled kernels, tables of domains and phones, words - loaded before."""

from __future__ import annotations

from msgspec.json import encode

from api.rest.answers import bet_answer, payment_answer, row_answer
from api.rest.examples import EXAMPLES
from api.rest.mapping import bet_movement, payment_movement, paysim_movement
from api.rest.wire import BetIn, PaymentIn, PaySimIn, PaySimRow, Traced
from graph.log.protocol import LogEntry
from ingest.simulator.world import World
from reports.formats import Language
from service.bootstrap import Service, new_projection, now_ms

EVENTS = 1_000
SEED = 1


def warm_up(service: Service) -> None:
    """Score the examples of the three calls on a small world of its own; the home is not touched.

    The world comes in two halves, the later one first, so that the way of late events is loaded too.
    """
    keys, now = service.keys, now_ms()
    rows = PaySimIn.model_validate(EXAMPLES[PaySimIn]).transactions
    examples = [
        bet_movement(BetIn.model_validate(EXAMPLES[BetIn]), keys=keys, now_ms=now),
        paysim_movement(PaySimRow.model_validate(rows[0]), keys=keys),
        payment_movement(PaymentIn.model_validate(EXAMPLES[PaymentIn]), keys=keys, ts=now),
    ]
    (world,) = World(seed=SEED, events=EVENTS).batches(2 * EVENTS)
    half = len(world.events) // 2
    projection, offset = new_projection(service.settings, keys), 0
    for events in (world.events[half:], world.events[:half], examples):
        entries = [LogEntry(place, now, event) for place, event in enumerate(events, offset + 1)]
        offset += len(entries)
        scores = projection.apply(entries).scores
    projection.ring_changes(settle=True)
    traced = Traced("", 0.0)
    for score in scores:
        for answer in (bet_answer, payment_answer):
            encode(answer(score.tx_id, score, language=Language.PT, traced=traced))
        encode(row_answer(score, language=Language.EN, traced=traced))
