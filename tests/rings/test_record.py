"""What a ring says about itself adds up: money, score, roles, proof."""

from __future__ import annotations

from hypothesis import given, settings

from graph.events import Event, ListKind, Movement
from graph.evidence import EVIDENCE_LIMIT, Evidence, Ring, Role
from reports.formats import Language
from reports.phrases import known_codes, phrase
from tests.rings.test_any_order import settled, worlds
from tests.rings.worlds import (
    DAY,
    HOUR,
    Notebook,
    chain,
    collection,
    cycle,
    farm,
    only_ring,
    opposed,
    scatter,
    spreading,
)


def proofs(ring: Ring) -> list[Evidence]:
    reasons = [reason for member in ring.members for reason in member.reasons]
    return [*ring.evidence, *ring.suppressed, *reasons, *(signal.evidence for signal in ring.contributions)]


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_a_ring_is_sorted_adds_up_and_proves_itself_by_events_that_exist(events: list[Event]) -> None:
    moves = {event.event_id: event for event in events if isinstance(event, Movement)}
    known = {event.event_id for event in events}
    for ring in settled(events):
        accounts = [member.account for member in ring.members]
        assert accounts == sorted(set(accounts))
        order = [(link.kind, link.source, link.target) for link in ring.links]
        assert order == sorted(set(order))
        assert round(sum(signal.points for signal in ring.contributions), 2) == ring.score
        assert 0 <= ring.score <= 100
        assert ring.evidence
        for evidence in proofs(ring):
            assert set(evidence.event_ids) <= known
            assert len(evidence.event_ids) <= EVIDENCE_LIMIT
            assert len(evidence.event_ids) <= evidence.total_events
            assert evidence.code in known_codes()
            for language in Language:
                assert phrase(evidence, language).endswith(".")
        for link in ring.links:
            assert link.event_ids
            assert set(link.event_ids) <= known
        check_money(ring, moves)


def check_money(ring: Ring, moves: dict[str, Movement]) -> None:
    """The ring's sums against its own movements, summed one by one."""
    sent = [link for link in ring.links if link.kind == "SENT"]
    own = [moves[event_id] for link in sent for event_id in link.event_ids]
    assert len({move.event_id for move in own}) == sum(link.count for link in sent)  # few enough to be all named
    paid: dict[str, int] = {}
    got: dict[str, int] = {}
    for move in own:
        paid[move.source] = paid.get(move.source, 0) + move.amount_cents
        got[move.target] = got.get(move.target, 0) + move.amount_cents
    for link in sent:
        assert link.sum_cents == sum(moves[event_id].amount_cents for event_id in link.event_ids)
    everyone = paid.keys() | got.keys()
    assert ring.in_cents == sum(max(paid.get(name, 0) - got.get(name, 0), 0) for name in everyone)
    assert ring.out_cents == sum(got[name] for name in got if not paid.get(name))
    assert 0 <= ring.out_cents <= ring.in_cents
    assert ring.retained_cents == ring.in_cents - ring.out_cents
    for member in ring.members:
        assert (member.in_cents, member.out_cents) == (got.get(member.account, 0), paid.get(member.account, 0))
    if own:
        assert (ring.first_ts, ring.last_ts) == (min(m.ts for m in own), max(m.ts for m in own))


def roles(ring: Ring) -> dict[str, Role]:
    return {member.account: member.role for member in ring.members}


def hold(book: Notebook, *names: str) -> None:
    for name in names:
        book.hold(name, "phone")


def test_a_collection_has_a_collector_payers_and_a_way_out() -> None:
    book = Notebook()
    payers = [f"p{n}" for n in range(5)]
    collection(book, "boss", payers, "exit")
    hold(book, "boss", "exit", "p0", "p1")
    ring = only_ring(book)
    assert roles(ring) == {"boss": Role.COLLECTOR, "exit": Role.CASH_OUT} | dict.fromkeys(payers, Role.VICTIM)
    assert (ring.in_cents, ring.out_cents, ring.retained_cents) == (4_500_000, 4_500_000, 0)


def test_a_spreading_has_an_organiser_and_mules_who_are_paid() -> None:
    book = Notebook()
    payees = [f"p{n}" for n in range(5)]
    spreading(book, "bank", "boss", payees)
    hold(book, "boss", "p0", "p1", "p2")
    found = roles(only_ring(book))
    assert found["boss"] is Role.ORGANISER
    assert {found[name] for name in payees} == {Role.MULE}


def test_the_middle_of_a_chain_passes_through_and_what_is_kept_is_retained() -> None:
    book = Notebook()
    names = ["a", "b", "c", "d", "e"]
    for place, name in enumerate(names[:-1]):
        book.pay(name, names[place + 1], 1_000_000 - 20_000 * place, place * HOUR)
    ring = only_ring(book)
    found = roles(ring)
    assert {found[name] for name in "bcd"} == {Role.PASS_THROUGH}
    assert found["e"] is Role.CASH_OUT
    assert (ring.in_cents, ring.out_cents, ring.retained_cents) == (1_000_000, 940_000, 60_000)


def test_a_scattering_is_organised_from_its_source() -> None:
    book = Notebook()
    scatter(book, "source", ["m0", "m1", "m2", "m3"], "sink")
    found = roles(only_ring(book))
    assert found["source"] is Role.ORGANISER
    assert found["sink"] is Role.COLLECTOR
    assert {found[f"m{n}"] for n in range(4)} == {Role.MULE}


def test_accounts_of_a_farm_are_mules_and_say_so_by_the_event_that_placed_them() -> None:
    book = Notebook()
    farm(book, ["a", "b", "c", "d"], "device")
    ring = only_ring(book)
    assert set(roles(ring).values()) == {Role.MULE}
    assert {link.target for link in ring.links} == {("Device", "device")}
    assert all(member.reasons[0].event_ids for member in ring.members)


def test_the_score_is_capped_and_the_cap_is_a_contribution() -> None:
    book = Notebook()
    names = [f"a{n}" for n in range(12)]
    for day in range(4):
        cycle(book, names[day : day + 5], at=day * DAY, cents=90_000_000)
        chain(book, names[day + 2 : day + 8], at=day * DAY + 5 * HOUR, cents=70_000_000)
    farm(book, names, "device")
    opposed(book, "a0", "a5", times=5)
    ring = only_ring(book)
    assert ring.score == 100
    assert next(signal.points for signal in ring.contributions if signal.name == "cap") < 0


def test_repeating_on_another_day_and_sharing_phones_add_points_that_are_named() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    cycle(book, ["a", "b", "c"], at=2 * DAY)
    hold(book, "a", "b")
    names = {signal.name: signal for signal in only_ring(book).contributions}
    assert (names["ring_repeats"].value, names["ring_repeats"].points) == (2, 5)
    assert (names["ring_joined"].value, names["ring_joined"].points) == (2, 10)
    assert phrase(names["ring_joined"].evidence, Language.PT).endswith(": 2 contas.")
    assert phrase(names["ring_repeats"].evidence, Language.EN).endswith(": on 2 days.")


def test_the_words_of_a_fan_count_payers_not_payments() -> None:
    book = Notebook()
    payers = [f"p{n}" for n in range(5)]
    for payer in payers:
        book.pay(payer, "boss", 100_000, 0)
    collection(book, "boss", payers, "exit", at=HOUR)
    hold(book, "boss", "exit", "p0", "p1")
    (fan,) = [item for item in only_ring(book).evidence if item.code == "ring_fan_in"]
    said = dict(fan.params)
    assert (said["count"], said["id"], said["amount_cents"]) == (5, "boss", 5_000_000)
    assert "5 payers to account boss" in phrase(fan, Language.EN)


def test_everything_a_ring_can_say_has_words_that_use_what_is_given() -> None:
    book = Notebook()
    for day in range(3):
        cycle(book, ["a", "b", "c", "d"], at=day * DAY)
    hold(book, "a", "b")
    book.list("a", ListKind.BLOCK)
    for n in range(40):
        book.use(f"guest{n}", device="terminal")
    book.use("a", device="terminal")
    ring = only_ring(book)
    assert {signal.name for signal in ring.contributions} >= {
        "ring_cycle",
        "ring_size",
        "ring_amount",
        "ring_joined",
        "ring_repeats",
        "ring_listed",
    }
    assert ring.suppressed
    for evidence in proofs(ring):
        for language in Language:
            assert phrase(evidence, language) != phrase(Evidence(evidence.code), language)
