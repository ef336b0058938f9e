"""Work in a process of its own, so that its memory is its own."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any


def apart(work: Callable[..., dict[str, Any]], *arguments: object) -> dict[str, Any]:
    """Do `work` in a fresh process, so that its peak memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def resident_mib() -> float:
    """Memory of this process now, MiB (0 where the system does not say)."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * resource.getpagesize() / 2**20 if told.exists() else 0.0
