"""The registry says of every feature what it is, and the page about it is fresh."""

from __future__ import annotations

from graph.window.features import FEATURE_INDEX, FEATURES, WALK_LIMIT
from graph.window.features_page import render
from graph.window.pair import PAIR_STEPS
from graph.window.sharing import SHARE_STEPS
from graph.window.walk import STEP_LIMIT
from tests.conftest import REPOSITORY


def test_the_committed_page_is_fresh() -> None:
    page = (REPOSITORY / "docs" / "features.md").read_text(encoding="utf-8")
    assert page == render(), "run: python -m graph.window.features_page docs/features.md"


def test_every_feature_has_a_name_of_its_own_a_unit_and_a_meaning_in_its_row_of_the_page() -> None:
    lines = render().splitlines()
    assert len(FEATURE_INDEX) == len(FEATURES)
    for index, feature in enumerate(FEATURES):
        assert feature.unit
        row = next(line for line in lines if line.startswith(f"| {index} | `{feature.name}` | {feature.unit} |"))
        assert feature.meaning in row


def test_what_a_caller_of_the_earlier_backend_gets_is_among_the_features() -> None:
    assert set(FEATURE_INDEX) >= {
        "amount",
        "seconds_since_last",
        "failed_attempts_24h",
        "ip_reputation",
        "device_entropy",
        "site_age_days",
        "out_count_1h",
    }


def test_the_limit_that_is_documented_is_the_limit_of_the_walks() -> None:
    assert {STEP_LIMIT, PAIR_STEPS, SHARE_STEPS} == {WALK_LIMIT}
