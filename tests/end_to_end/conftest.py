"""The homes and the command line of the service tests, here against real servers and a real browser."""

from __future__ import annotations

from tests.service.conftest import _settings, demo_home, home, neo4j_settings, played_home, tarrafa

__all__ = ["_settings", "demo_home", "home", "neo4j_settings", "played_home", "tarrafa"]
