"""Tests mirror the rooms; every level has an `__init__.py`, or a mirrored folder would shadow the real package."""
