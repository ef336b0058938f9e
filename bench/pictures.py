"""Pictures of measurements, where matplotlib is installed (it comes with the `notebook` extra)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Panels = Mapping[str, Mapping[str, Sequence[float]]]


def bars(names: Sequence[str], panels: Panels, path: Path) -> None:
    """One panel of grouped bars per title, logarithmic: values of each series by name."""

    def fill(axes: Any, series: Mapping[str, Sequence[float]]) -> None:
        width = 0.8 / len(series)
        for place, (label, values) in enumerate(series.items()):
            axes.bar([i + place * width for i in range(len(names))], values, width=width, label=label)
        axes.set_xticks([i + 0.4 - width / 2 for i in range(len(names))], names)
        axes.set_yscale("log")

    _draw(panels, path, fill)


def lines(at: Sequence[float], panels: Panels, path: Path, *, axis: str) -> None:
    """One panel of lines per title, over `at` on a logarithmic axis called `axis`."""

    def fill(axes: Any, series: Mapping[str, Sequence[float]]) -> None:
        for label, values in series.items():
            axes.plot(at, values, marker="o", label=label)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(axis)

    _draw(panels, path, fill)


def _draw(panels: Panels, path: Path, fill: Any) -> None:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        print("no picture: matplotlib is not installed (pip install tarrafa[notebook])")
        return
    figure = Figure(figsize=(5 * len(panels), 3.5), layout="constrained")
    for axes, (title, series) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        fill(axes, series)
        axes.set_title(title)
        axes.legend()
    figure.savefig(path, dpi=120)
    print(f"picture: {path}")
