"""Loader tests over whole data sets take a quarter of a minute each: `slow`, and not part of the fast run."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: reads a whole large data set (left out of `make test-fast`)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "not server" in config.option.markexpr:
        skip = pytest.mark.skip(reason="reads a whole large data set; `make test` runs it")
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(skip)
