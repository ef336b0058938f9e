"""Families, kiosks, campuses, payrolls and shops are no rings, and what was not counted is said."""

from __future__ import annotations

import pytest

from graph.evidence import Evidence
from graph.window.linking import PUBLIC_DEGREE
from reports.formats import Language
from reports.phrases import phrase
from rings.means import HUB
from tests.rings.worlds import DAY, HOUR, MINUTE, Notebook, accounts_of, cycle, farm, only_ring, rings_of


def family(book: Notebook) -> None:
    """Four on one phone, paying each other's way."""
    for n in range(10):
        for place, name in enumerate(("mother", "father", "son", "daughter")):
            book.use(name, n * DAY + place * HOUR, device="phone", ip="10.0.0.1")
    for n in range(5):
        book.pay("mother", "son", 5_000, n * DAY)
        book.pay("father", "daughter", 5_000 + n, n * DAY)


def kiosk(book: Notebook) -> None:
    """Forty people, each with a phone, bet at one terminal."""
    farm(book, [f"guest{n}" for n in range(40)], "terminal")


def shop_terminal(book: Notebook) -> None:
    """More visitors than a farm has hands, fewer than a hub."""
    farm(book, [f"guest{n}" for n in range(16)], "terminal")


def campus(book: Notebook) -> None:
    """Everybody behind one address, some of them paying each other."""
    for n in range(60):
        book.use(f"student{n}", n * MINUTE, device=f"laptop{n}", ip="10.9.9.9")
    for n in range(59):
        book.pay(f"student{n}", f"student{n + 1}", 2_000 + 100 * n, n * 2 * DAY)


def payroll(book: Notebook) -> None:
    book.pay("customer", "company", 20_000_000, 0)
    for n in range(40):
        book.pay("company", f"worker{n}", 400_000 + n, DAY + n * MINUTE)


def marketplace(book: Notebook) -> None:
    """Many buy, the market pays its sellers every evening."""
    for n in range(150):
        book.pay(f"buyer{n}", "market", 10_000 + n, n * 10 * MINUTE)
    for n in range(10):
        book.pay("market", f"seller{n}", 100_000, 26 * HOUR + n * MINUTE)


def rent_and_bills(book: Notebook) -> None:
    for month in range(3):
        book.pay("employer", "person", 500_000, month * 30 * DAY)
        book.pay("person", "landlord", 200_000, (month * 30 + 2) * DAY)
        book.pay("person", "grocer", 80_000, (month * 30 + 5) * DAY)


@pytest.mark.parametrize(
    "life", [family, kiosk, shop_terminal, campus, payroll, marketplace, rent_and_bills], ids=lambda life: life.__name__
)
def test_honest_life_is_no_ring(life: object) -> None:
    book = Notebook()
    assert callable(life)
    life(book)
    assert rings_of(book) == []


def test_a_device_handed_round_a_few_is_a_farm_until_it_is_a_terminal() -> None:
    book = Notebook()
    farm(book, [f"guest{n}" for n in range(15)], "device")
    assert len(only_ring(book).members) == 15


def said(evidence: tuple[Evidence, ...], language: Language) -> list[str]:
    return [phrase(item, language) for item in evidence]


def test_a_crowded_thing_beside_a_ring_is_named_and_joins_nobody() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    for name in ("a", "b", *(f"guest{n}" for n in range(HUB))):
        book.use(name, device="terminal")
    ring = only_ring(book)
    assert accounts_of(ring) == {"a", "b", "c"}
    (english,) = said(ring.suppressed, Language.EN)
    (portuguese,) = said(ring.suppressed, Language.PT)
    assert "terminal" in english
    assert f"(limit: {HUB} accounts)" in english
    assert f"(limite: {HUB} contas)" in portuguese
    assert ring.suppressed[0].nodes == (("Device", "terminal"),)


def test_a_thing_just_under_the_limit_is_not_called_a_hub() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    for name in ("a", "b", *(f"guest{n}" for n in range(HUB - 2))):
        book.use(name, device="terminal")
    assert only_ring(book).suppressed == ()


def test_an_account_everybody_deals_with_beside_a_ring_is_named_and_is_no_member() -> None:
    book = Notebook()
    book.pay("shop", "p0", 900_000, 0)
    for n in range(1, 5):
        book.pay("x", f"p{n}", 900_000, n * MINUTE)
    for n in range(5):
        book.pay(f"p{n}", "boss", 900_000, HOUR + n * MINUTE)
    book.pay("boss", "shop", 4_500_000, 2 * HOUR)
    for name in ("boss", "p0", "p1", "p2"):
        book.hold(name, "phone")
    before = only_ring(book)
    assert "shop" in accounts_of(before)
    for n in range(150):
        book.pay(f"buyer{n}", "shop", 10_000 + n, DAY + n * MINUTE)
    ring = only_ring(book)
    assert accounts_of(ring) == accounts_of(before) - {"shop"}
    (english,) = said(ring.suppressed, Language.EN)
    assert "shop" in english
    assert f"with more than {PUBLIC_DEGREE} counterparties in 30 days" in english
    assert ring.in_cents >= ring.out_cents


def test_an_address_alone_joins_no_two_rings_but_farmed_accounts_behind_it_are_joined() -> None:
    book = Notebook()
    cycle(book, ["a", "b", "c"])
    cycle(book, ["x", "y", "z"], at=DAY)
    for name in ("a", "x"):
        book.use(name, ip="10.0.0.1")
    assert len(rings_of(book)) == 2
    farm(book, ["a", "q1", "q2"], "left")
    farm(book, ["x", "q3", "q4"], "right")
    assert accounts_of(only_ring(book)) == {*"abcxyz", "q1", "q2", "q3", "q4"}
