"""A seeded world of Brazilian betting with rings planted in it: demo, load and test data with known truth."""

from ingest.simulator.world import World

__all__ = ["World"]
