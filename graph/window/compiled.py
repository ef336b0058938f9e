"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that allocates nothing, and keep the code beside its file.

    Nothing in it counts references: passing tables of arrays from kernel to kernel otherwise costs an atomic addition
    per array, three quarters of the time of the feature rows. Whoever calls from Python owns the arrays.
    """
    options: dict[str, Any] = {"cache": True, "_nrt": False}
    compiled: Callable[P, R] = njit(**options)(function)
    return compiled
