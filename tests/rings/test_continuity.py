"""Links between operators and blocked sites under new names: what counts, what does not, and what would excuse it."""

from __future__ import annotations

import pytest

from rings.continuity import ALERT, Shared, Site, alikeness, continuity_of, tie_of

START = 1_700_000_000_000
DAY = 86_400_000


def site(domain: str, *, day: float = 0.0, accounts: frozenset[str] = frozenset(), **things: str) -> Site:
    def one(name: str) -> dict[str, str]:
        return {things[name]: f"event:{domain}:{name}"} if name in things else {}

    return Site(
        domain=domain,
        first_ts=START + int(day * DAY),
        operators=one("operator"),
        hosts=one("host"),
        certificates=one("certificate"),
        collectors=one("collector"),
        accounts=accounts,
    )


def test_a_thing_that_only_two_share_weighs_more_than_one_that_many_share() -> None:
    few = tie_of("a", "b", [Shared("collector", "Account", "till", 2, ("e1", "e2"))])
    many = tie_of("a", "b", [Shared("collector", "Account", "till", 6)])
    assert few is not None
    assert (few.score, few.reasons[0][1].event_ids) == (45.0, ("e1", "e2"))
    assert many is not None
    assert many.score == 15.0
    assert {one.code for one in few.innocent} == {"innocent_payment_company"}
    assert tie_of("a", "b", [Shared("host", "Ip", "192.0.2.1", 20)]) is None


def test_reasons_add_up_and_never_beyond_a_hundred() -> None:
    things = [Shared(code, "x", code, 2) for code in ("collector", "certificate", "host", "means")]
    found = tie_of("a", "b", things)
    assert found is not None
    assert (found.score, sum(points for points, _ in found.reasons)) == (100.0, 145.0)
    assert [points for points, _ in found.reasons] == sorted((p for p, _ in found.reasons), reverse=True)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("luckyfox.example", "luckyfox2.example", 1.0),
        ("lucky-fox.example", "luckyfoxbet.test", 1.0),
        ("luckyfox.example", "luckyfax.example", 0.87),
        ("bet365.example", "casino777.example", 0.0),
        ("luckyfox.example", "thunderwolf.example", 0.2),
    ],
)
def test_names_are_alike_without_the_words_that_every_site_uses(one: str, other: str, alike: float) -> None:
    assert alikeness(one, other) == pytest.approx(alike, abs=0.12)


def test_a_blocked_site_that_comes_back_with_its_collector_and_players_is_one_to_look_at() -> None:
    players = frozenset(f"p{n}" for n in range(20))
    blocked = site("luckyfox.example", collector="till", host="192.0.2.1", accounts=players)
    back = site("luckyfox9.test", day=12, collector="till", accounts=players | {"new"})
    found = continuity_of(blocked, START + 10 * DAY, back, holders={("collector", "till"): 2})
    assert found is not None
    assert found.score >= ALERT
    assert {reason.code for _, reason in found.reasons} == {
        "tie_collector",
        "continuity_name",
        "continuity_accounts",
        "continuity_soon",
    }
    assert {one.code for one in found.innocent} == {"innocent_payment_company", "innocent_name", "innocent_popular"}


def test_a_site_at_the_same_hosting_company_is_not_the_blocked_one() -> None:
    blocked = site("luckyfox.example", host="192.0.2.1")
    neighbour = site("flowershop.test", day=12, host="192.0.2.1")
    assert continuity_of(blocked, START + 10 * DAY, neighbour, holders={("host", "192.0.2.1"): 80}) is None
    assert continuity_of(blocked, START, blocked, holders={}) is None
