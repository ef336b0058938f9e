"""How kernels are compiled, and where the compiled code is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import config, njit

_IMPORTED = re.compile(rb"^from graph\.window\.(\w+) import", re.MULTILINE)

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


def cache_by_content() -> None:
    """Keep compiled code in a folder named after what it is made from; call before any kernel is declared.

    Numba only compares the file a kernel is written in, but the code of a kernel contains the kernels and constants it
    takes from other files: after a change there, old code would go on answering.
    """
    settings: Any = config
    here = Path(__file__).parent
    base = Path(settings.CACHE_DIR) if settings.CACHE_DIR else here / "__pycache__"
    sources = b"".join(kernel_sources({path.stem: path.read_bytes() for path in sorted(here.glob("*.py"))}).values())
    settings.CACHE_DIR = str(base / f"kernels-{blake2b(sources, digest_size=8).hexdigest()}")


def kernel_sources(texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Of the modules of this package by name, those with kernels and all that they import from it."""
    waiting = [name for name, text in texts.items() if b"@kernel\n" in text or b"@njit" in text]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in texts and name not in found:
            found.add(name)
            waiting += [imported.decode() for imported in _IMPORTED.findall(texts[name])]
    return {name: text for name, text in texts.items() if name in found}
