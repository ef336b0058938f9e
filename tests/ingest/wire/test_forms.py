"""Each form: what is written comes back as the same event, and nothing that bytes can be stops a partition."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # jsonschema ships no types

from graph.errors import RejectedRecord
from graph.events import Event, GovernanceChanged, Movement, MovementKind
from graph.listings import changes_of
from graph.set_aside import SetAside
from ingest.schemas import FOLDER, schemas, text_of
from ingest.topics import FORMS
from ingest.wire.betting import BETTING
from ingest.wire.canonical import CANONICAL
from ingest.wire.form import MAX_MESSAGE_BYTES, Form
from ingest.wire.payments import PAYMENTS
from ingest.wire.paysim import PAYSIM_MESSAGE
from ingest.wire.sites import SITES
from ingest.wire.streams import ACCESSES, AUTHENTICATIONS, TRANSACTIONS
from tests.ingest.wire import worlds
from tests.ingest.wire.reading import ARRIVED_MS, KEYS, NOW_MS, arrived, aside_of, event_of

SAMPLES: list[tuple[Form, dict[str, Any]]] = [
    (BETTING, worlds.BET),
    (PAYSIM_MESSAGE, worlds.ROW),
    (PAYMENTS, worlds.PAYMENT),
    (TRANSACTIONS, worlds.TRANSACTION),
    (ACCESSES, worlds.ACCESS),
    (AUTHENTICATIONS, worlds.AUTHENTICATION),
    (SITES, worlds.SITE),
    (CANONICAL, worlds.EVENT),
]
every_sample = pytest.mark.parametrize(("form", "sample"), SAMPLES, ids=[form.name for form, _ in SAMPLES])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def encoded(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()


def _comes_back(form: Form, event: Event) -> None:
    written = form.write(event, keys=KEYS)
    assert written.lost == ()
    assert event_of(form, written.value) == event
    assert event_of(form, json.dumps(json.loads(written.value), indent=2, sort_keys=True).encode()) == event
    Draft202012Validator(schemas()[form.name]).validate(json.loads(written.value))


@given(worlds.bets)
def test_a_bet_comes_back_as_the_same_movement(event: Movement) -> None:
    _comes_back(BETTING, event)
    assert BETTING.write(event, keys=KEYS).key == event.source.encode()


@given(worlds.paysim_rows())
def test_a_paysim_row_comes_back_as_the_same_movement(event: Movement) -> None:
    _comes_back(PAYSIM_MESSAGE, event)


@given(worlds.transactions)
def test_a_transaction_comes_back_as_the_same_movement(event: Movement) -> None:
    _comes_back(TRANSACTIONS, event)


@given(worlds.accesses())
def test_an_access_comes_back_as_the_same_event(event: Event) -> None:
    _comes_back(ACCESSES, event)


@given(worlds.authentications())
def test_an_authentication_comes_back_as_the_same_event(event: Event) -> None:
    _comes_back(AUTHENTICATIONS, event)


@given(st.one_of(worlds.transactions, worlds.accesses(), worlds.authentications()))
def test_any_event_comes_back_from_the_canonical_form(event: Event) -> None:
    _comes_back(CANONICAL, event)


@given(
    amount=worlds.cents,
    minute=st.integers(0, 10_000),
    extra=st.dictionaries(worlds.words, st.text() | st.integers(), max_size=3),
)
def test_a_payment_is_the_same_event_however_its_sender_writes_it(
    amount: int, minute: int, extra: dict[str, Any]
) -> None:
    ts = 1_743_508_800_000 + minute * 60_000
    plain = worlds.PAYMENT | {"amount": f"{amount // 100}.{amount % 100:02}", "metadata": {"timestamp": ts}}
    seconds = plain | {"metadata": {"timestamp": str(ts // 1000)}}
    first = event_of(PAYMENTS, encoded(plain))
    assert isinstance(first, Movement)
    assert (first.amount_cents, first.ts) == (amount, ts)
    assert event_of(PAYMENTS, encoded(dict(reversed(list(seconds.items()))))) == first
    assert event_of(PAYMENTS, encoded({f"new_{name}": value for name, value in extra.items()} | plain)) == first


def test_hashes_given_by_a_payment_are_hashed_again_and_never_kept_as_they_came() -> None:
    event = event_of(PAYMENTS, encoded(worlds.PAYMENT))
    assert "a1a1" not in repr(event)
    assert "b2b2" not in repr(event)


def test_a_message_without_a_time_happened_when_it_arrived() -> None:
    payment = {name: value for name, value in worlds.PAYMENT.items() if name != "metadata"}
    assert event_of(PAYMENTS, encoded(payment)).ts == ARRIVED_MS
    assert event_of(SITES, encoded(worlds.SITE)).ts == ARRIVED_MS


def test_a_site_becomes_an_entry_of_the_block_list_once_however_often_it_is_delivered() -> None:
    event = event_of(SITES, encoded(worlds.SITE))
    assert isinstance(event, GovernanceChanged)
    (change,) = changes_of(event.content)
    assert (change.list, change.kind, change.value) == ("block", "domain", "golpe.example")
    assert event == event_of(SITES, encoded(worlds.SITE))
    with pytest.raises(RejectedRecord, match="not writable"):
        SITES.write(event, keys=KEYS)


@every_sample
def test_a_field_that_a_form_does_not_know_is_named_and_changes_nothing(form: Form, sample: dict[str, Any]) -> None:
    said = arrived(form, encoded(sample))
    more = arrived(form, encoded(sample | {"loyalty": {"points": 3}, "x" * 100: 1}))
    assert said.unknown == ()
    assert more.read == said.read
    assert set(more.unknown) == {"loyalty", "x" * 64}


@every_sample
def test_a_clash_of_types_or_a_missing_field_says_what_to_send(form: Form, sample: dict[str, Any]) -> None:
    for field in form.kind.__struct_encode_fields__:
        if field in sample and field != "event":
            aside = aside_of(form, encoded(sample | {field: [[1]]}))
            assert aside.reason in ("type_clash", "bad_time"), field
            assert field in aside.message
    required = [name for name in sample if name in schemas()[form.name].get("required", ["domain"])]
    for field in required:
        aside = aside_of(form, encoded({name: value for name, value in sample.items() if name != field}))
        assert (aside.reason, field in aside.message) == ("missing_field", True)
        assert aside_of(form, encoded(sample | {field: None})).reason in ("type_clash", "bad_event")


@every_sample
def test_a_version_of_tomorrow_is_set_aside_until_we_know_it(form: Form, sample: dict[str, Any]) -> None:
    assert event_of(form, encoded(sample | {"schema_version": 1}))
    aside = aside_of(form, encoded(sample | {"schema_version": form.version + 1}))
    assert (aside.reason, "in version 1 to" in aside.message) == ("unknown_version", True)


@every_sample
@given(data=st.data())
def test_no_bytes_stop_a_partition(form: Form, sample: dict[str, Any], data: st.DataObject) -> None:
    message = dict(sample)
    for _ in range(data.draw(st.integers(0, 3))):
        message[data.draw(st.sampled_from([*sample, "other"]))] = data.draw(json_values)
    text = json.dumps(message).encode()
    cut = data.draw(st.integers(0, len(text)))
    junk = data.draw(st.binary(max_size=20))
    for value in (text, text[:cut], text[:cut] + junk + text[cut:], junk):
        found = arrived(form, value).read
        assert isinstance(found, Event | SetAside)
        if isinstance(found, SetAside):
            assert found.message
            assert found.reason


CORPUS = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "utf-16": json.dumps(worlds.BET).encode("utf-16"),
    "latin-1": '{"domain": "ação.example"}'.encode("latin-1"),
    "bom": b"\xef\xbb\xbf{}",
    "nul": b"\0" * 100,
    "surrogate": b'{"domain": "\\ud800"}',
    "deep list": b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "deep object": b'{"a":' * 100_000,
    "huge number": b'{"amount_brl": 1' + b"0" * 5_000 + b"}",
    "huge exponent": b'{"amount_brl": 1e999999999999}',
    "10 MB": b'{"transaction_id": "' + b"x" * 10_000_000 + b'"}',
    "10 MB of fields": b"{" + b",".join(b'"f%d":1' % n for n in range(900_000)) + b"}",
    "two objects": b"{}{}",
    "comments": b"{/* hello */}",
    "single quotes": b"{'domain': 'x.example'}",
}


@pytest.mark.parametrize("value", CORPUS.values(), ids=CORPUS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_corpus_of_bad_messages_is_set_aside_in_small(form: Form, value: bytes) -> None:
    aside = aside_of(form, value)
    assert len(aside.raw) <= 4_000
    assert len(aside.message) < 1_000


@pytest.mark.parametrize(
    "amount", ["1e400", "1E+999999", "99999999999999999999", "-1", "0.001", '"NaN"', '"Infinity"', "1e-9"]
)
def test_an_amount_that_is_no_whole_cents_within_bounds_is_set_aside(amount: str) -> None:
    text = json.dumps(worlds.BET).replace("120.5", amount)
    assert aside_of(BETTING, text.encode()).message


@pytest.mark.parametrize("amount", ["10", "10.5", "10.50", '"10.50"', "1.05e1"])
def test_amounts_are_exact_however_they_are_written(amount: str) -> None:
    event = event_of(BETTING, json.dumps(worlds.BET).replace("120.5", amount).encode())
    assert isinstance(event, Movement)
    assert event.amount_cents in (1_000, 1_050)


@every_sample
def test_times_of_1970_and_of_the_future_are_set_aside(form: Form, sample: dict[str, Any]) -> None:
    for time in (0, 60, NOW_MS + 90_000_000, "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        changed = dict(sample)
        if form is PAYSIM_MESSAGE:
            changed["step"] = 400_000
        elif form is PAYMENTS:
            changed["metadata"] = {"timestamp": time}
        elif form is CANONICAL:
            if isinstance(time, str):
                continue  # canonical events have integer times only
            changed["event"] = sample["event"] | {"ts": time}
        else:
            changed["timestamp"] = time
        assert "time" in aside_of(form, encoded(changed)).message


def test_what_is_set_aside_holds_no_personal_data() -> None:
    message = worlds.BET | {"amount_brl": "much", "payment_key": "ana@example.com", "receiver": "123.456.789-09"}
    aside = aside_of(BETTING, encoded(message))
    assert "ana@example.com" not in aside.raw + aside.message
    assert "123.456.789-09" not in aside.raw + aside.message


def test_an_event_that_a_form_has_no_words_for_is_refused_or_says_what_is_lost() -> None:
    link = Movement(event_id="tx:1", ts=NOW_MS, source="a", target="b", amount_cents=0, kind=MovementKind.LINK)
    plain = Movement(event_id="tx:1", ts=NOW_MS, source="a", target="b", amount_cents=5, channel="pix", operator="op")
    for form in (BETTING, PAYSIM_MESSAGE, TRANSACTIONS, ACCESSES):
        with pytest.raises(RejectedRecord, match="not in this form"):
            form.write(link, keys=KEYS)
    with pytest.raises(RejectedRecord, match="give a domain"):
        BETTING.write(plain, keys=KEYS)
    assert TRANSACTIONS.write(plain, keys=KEYS).lost == ("operator",)


def test_a_message_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    room = MAX_MESSAGE_BYTES - len(encoded(worlds.BET | {"pad": ""}))
    assert event_of(BETTING, encoded(worlds.BET | {"pad": "x" * room}))
    assert aside_of(BETTING, encoded(worlds.BET | {"pad": "x" * (room + 1)})).reason == "message_too_large"


def test_the_committed_schemas_are_those_of_the_messages() -> None:
    committed = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert committed == {name: text_of(schema) for name, schema in schemas().items()}, "python -m ingest.schemas"


@every_sample
def test_every_sample_fits_its_schema_and_what_clashes_does_not(form: Form, sample: dict[str, Any]) -> None:
    schema = schemas()[form.name]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid(sample)
    first = next(iter(sample))
    assert not validator.is_valid(sample | {first: [[1]]})
