"""Bands per tenant and profile equal a plain look-up of what was said, and crossing bands are refused with words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import ConfigurationError
from graph.events import GovernanceChanged
from graph.evidence import Decision
from graph.window.records import Context
from scoring.declared import canonical_text
from scoring.policy import (
    PART,
    Bands,
    BandSetting,
    PolicyBook,
    PolicySetting,
    TenantSetting,
    policy_of,
    setting_of,
    stricter,
)

NAMES = st.sampled_from(("a", "b"))
LOW, HIGH = st.integers(0, 49).map(float), st.integers(50, 100).map(float)


def maybe(values: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.none() | values


SAID = {
    "approve": maybe(LOW),
    "review": maybe(HIGH),
    "alert_above": maybe(LOW | HIGH),
    "alerts_per_day": st.none() | st.integers(0, 9),
}
BANDS = st.builds(BandSetting, **SAID)
POLICIES = st.builds(
    PolicySetting,
    default=BANDS,
    profiles=st.dictionaries(NAMES, BANDS),
    tenants=st.dictionaries(NAMES, st.builds(TenantSetting, profiles=st.dictionaries(NAMES, BANDS), **SAID)),
)


def said(setting: PolicySetting, tenant: str, profile: str, name: str) -> float | None:
    """The most particular thing said: of the tenant's profile, the tenant, the profile, everyone."""
    own = setting.tenants.get(tenant, TenantSetting())
    places = (own.profiles.get(profile), own, setting.profiles.get(profile), setting.default)
    for place in places:
        value = None if place is None else getattr(place, name)
        if value is not None:
            return float(value)
    return None


@given(POLICIES, st.sampled_from(("", "a", "b", "c")), st.sampled_from(("", "a", "b", "c")), st.floats(0, 100))
def test_what_holds_is_the_most_particular_thing_that_was_said(
    setting: PolicySetting, tenant: str, profile: str, value: float
) -> None:
    text = canonical_text(setting)
    bands = policy_of(text).bands(tenant, profile)
    shipped = Bands()
    for name in ("approve", "review", "alerts_per_day"):
        expected = said(setting, tenant, profile, name)
        assert getattr(bands, name) == (getattr(shipped, name) if expected is None else expected)
    assert bands.alert_above == said(setting, tenant, profile, "alert_above")
    decision = bands.decide(value)
    expected_decision = (
        Decision.APPROVE if value <= bands.approve else Decision.REVIEW if value <= bands.review else Decision.DENY
    )
    assert decision is expected_decision
    threshold = bands.approve if bands.alert_above is None else bands.alert_above
    alarming = decision is not Decision.APPROVE and value > threshold
    assert bands.alert_budget(value, floor=None) == (bands.alerts_per_day if alarming else 0)
    assert bands.alert_budget(value, floor=Decision.DENY) == bands.alerts_per_day
    assert bands.alert_budget(0.0, floor=Decision.REVIEW) == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("default = {approve = 70, review = 30}", "policy for everyone: bands cross"),
        ("[tenants.shop]\napprove = 75", "policy for tenant shop"),
        ("[profiles.app]\nreview = 20", "policy for profile app"),
        ("[profiles.app]\napprove = 60\n[tenants.shop]\nreview = 55", "policy for profile app of tenant shop"),
        ("[tenants.shop.profiles.app]\nreview = 10", "policy for profile app of tenant shop"),
        ("default = {alert_above = 101}", "alert_above 101"),
        ("default = {alerts_per_day = -1}", "alerts_per_day -1"),
        ("default = {aprove = 10}", "did you mean approve?"),
        ("defaults = {approve = 10}", "did you mean default?"),
        ('default = {approve = "ten"}', "$.default.approve"),
        ("default = {", "neither JSON nor TOML"),
        ('{"default": ', "neither JSON nor TOML"),
    ],
)
def test_a_policy_that_cannot_hold_is_refused_and_says_where(text: str, names: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PolicyBook().check(text)
    assert names in str(caught.value)


def test_a_policy_holds_from_its_version_on_and_equal_ones_have_equal_versions() -> None:
    book = PolicyBook()
    strict = canonical_text(PolicySetting(tenants={"shop": TenantSetting(review=40.0)}))
    for number, text in enumerate((strict, "{}", strict), start=1):
        event = GovernanceChanged(event_id=f"g:{number}", ts=1_790_000_000_000, part=PART, content=text, author="ana")
        book.check(text)
        book.apply(event, number)
    shop, other = Context(tenant="shop"), Context(tenant="other")
    assert [book.bands(mark, shop).review for mark in range(4)] == [70.0, 40.0, 70.0, 40.0]
    assert [book.bands(mark, other).review for mark in range(4)] == [70.0] * 4
    assert book.version_at(0) == book.version_at(2) == "shipped"
    assert book.version_at(1) == book.version_at(3) != "shipped"
    assert book.text_at(1) == strict


def test_bands_of_the_settings_are_a_policy_and_shipped_ones_are_called_so() -> None:
    assert PolicyBook(setting_of(Bands())).version_at(0) == "shipped"
    book = PolicyBook(setting_of(Bands(approve=5, alerts_per_day=3)))
    assert book.version_at(0) != "shipped"
    assert book.bands(0, Context()) == Bands(approve=5, alerts_per_day=3)


def test_a_demanded_decision_only_makes_it_stricter() -> None:
    assert stricter(None, Decision.APPROVE) is Decision.APPROVE
    assert stricter(Decision.REVIEW, Decision.APPROVE) is Decision.REVIEW
    assert stricter(Decision.REVIEW, Decision.DENY) is Decision.DENY
    assert stricter(Decision.DENY, Decision.REVIEW) is Decision.DENY
