"""Where compiled code is kept: under the content of all it is made from, and of nothing else."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from numba.core.dispatcher import Dispatcher

import graph.window
from graph.window.compiled import kernel_sources

FOLDER = Path(graph.window.__file__).parent
TEXTS = {path.stem: path.read_bytes() for path in FOLDER.glob("*.py")}


def test_every_module_with_kernels_and_all_it_imports_counts() -> None:
    counted = kernel_sources(TEXTS)
    for info in pkgutil.iter_modules([str(FOLDER)]):
        module = import_module(f"graph.window.{info.name}")
        own = [value for value in vars(module).values() if isinstance(value, Dispatcher)]
        if any(value.py_func.__module__ == module.__name__ for value in own):
            assert info.name in counted
            for name, value in vars(module).items():
                home = getattr(value, "__module__", "") or ""
                if home.startswith("graph.window.") and name[0] != "_":
                    assert home.split(".")[2] in counted | {"registry": b""}, (info.name, name)
    assert {"columns", "hits", "compiled", "features"} <= counted.keys()


def test_what_is_only_python_may_change_without_compiling_anew() -> None:
    assert not {"window", "checkpoint", "records", "vocabulary"} & kernel_sources(TEXTS).keys()


def test_a_constant_that_a_kernel_takes_from_elsewhere_counts() -> None:
    texts = {
        "a": b"from graph.window.b import LIMIT\n\n@kernel\ndef f(): ...\n",
        "b": b"from graph.window.c import BASE\nLIMIT = BASE\n",
        "c": b"BASE = 1\n",
        "d": b"from graph.window.a import f\n",
    }
    assert kernel_sources(texts).keys() == {"a", "b", "c"}
