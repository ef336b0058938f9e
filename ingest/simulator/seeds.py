"""Randomness by name: every part of the world draws from its own stream, all derived from one seed.

A stream depends on nothing but the seed and its key, so that a scene can be written again at any time, on its own.
Values repeat for a numpy version: numpy keeps bit streams for ever, but may improve a distribution's method.
"""

from __future__ import annotations

import numpy as np

from graph.errors import ConfigurationError

PEOPLE, TOWN, SITES, SCHEDULE, SCENE, EVERYDAY = range(6)


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the generator named by `key` (non-negative integers); raise `ConfigurationError` for a negative seed."""
    if seed < 0:
        raise ConfigurationError(f"{seed} cannot be a seed", cure="give a whole number from 0 up")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def opaque(rng: np.random.Generator, count: int, *, digits: int = 16) -> list[str]:
    """Return `count` random hexadecimal ids of `digits` (even) digits; they say nothing about what they name."""
    text = rng.bytes(count * digits // 2).hex()
    return [text[start : start + digits] for start in range(0, len(text), digits)]
