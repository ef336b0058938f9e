"""Everything that stands still in a world: its calendar, people, businesses and sites."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.simulator.calendar import Calendar
from ingest.simulator.people import People, settle
from ingest.simulator.sites import Operator, open_sites
from ingest.simulator.town import Town, found_businesses

MOST_PEOPLE = 20_000
EVENTS_PER_PERSON = 10
USUAL_DAYS = 40
MOST_EVENTS_PER_DAY = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """The stage of all scenes of one world."""

    seed: int
    calendar: Calendar
    people: People
    town: Town
    operators: tuple[Operator, ...]


def build_place(seed: int, *, events: int, start_ms: int) -> Place:
    """Return the stage for `events` events: more people up to `MOST_PEOPLE`, then busier days, then more days."""
    days = max(USUAL_DAYS, -(-events // MOST_EVENTS_PER_DAY))
    people = settle(seed, min(max(events // EVENTS_PER_PERSON, 200), MOST_PEOPLE))
    town = found_businesses(seed, people.count)
    return Place(seed, Calendar.spanning(start_ms, days), people, town, open_sites(seed, town.intermediaries))
