"""The model card: data, split, quality, calibration and limits of a model, in words and one drawing, for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.artefact import Manifest

BINS: Final = 10
SIDE: Final = 360
MARGIN: Final = 50


def model_card(manifest: Manifest) -> str:
    """The card as Markdown."""
    trained, canary = manifest.trained, manifest.canary
    begins = trained["parts_begin"]
    made_by = ", ".join(f"{name} {version}" for name, version in manifest.made_by.items())
    lines = [
        f"# Model {manifest.version}",
        "",
        f"{manifest.heads[0].name}; where it cannot answer, {manifest.heads[1].name} alone does.",
        "",
        "## Data",
        "",
        f"- log {trained['log_id']} up to entry {trained['offset']:,}, movements from {_day(trained['since'])} "
        f"to {_day(trained['until'])}",
        f"- {trained['rows']:,} movements; a label counts {trained['label_delay_days']:g} days after it was given",
        *(f"- left out, {cause}: {count:,}" for cause, count in trained["left_out"].items()),
        "",
        "## Split, in time order",
        "",
        "| part | from | labelled rows | fraud |",
        "|---|---|---|---|",
        *(
            f"| {part} | {_day(begins[part])} | {trained[part]:,} | {trained['fraud'][part]:,} |"
            for part in ("train", "valid", "test")
        ),
        "",
        "## Quality on the test part",
        "",
        "| model | AP | AUC | F1 | recall at 0.5 % (at most) | ECE |",
        "|---|---|---|---|---|---|",
        *(_quality(name, found["test"]) for name, found in manifest.metrics.items()),
        "",
        "Chosen by average precision on the validation part; nothing of the test part chose anything.",
        "",
        "![Calibration on the test part](calibration.svg)",
        "",
        "## Canary set",
        "",
        _canary(canary),
        "",
        "## Limits",
        "",
        "- It knows the kinds of fraud that were labelled; what nobody labelled it finds by likeness only.",
        f"- A movement with more than {manifest.most_outside} columns outside what training saw is judged by the plain "
        "model and marked.",
        f"- It needs features version {manifest.features_version}; it was trained with a window of "
        f"{manifest.window['horizon_days']} days.",
        "- When it comes into force it learns of what the window holds; what lay before is not in its memory.",
        "",
        f"Made by {made_by}; seed {trained['seed']}.",
    ]
    return "\n".join(lines) + "\n"


def calibration_plot(label: NDArray[np.int8], probability: NDArray[np.float64]) -> str:
    """How often what was given a probability was fraud, by tenths of probability, as SVG."""
    place = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    said = np.bincount(place, weights=probability, minlength=BINS) / np.maximum(count, 1)
    was = np.bincount(place, weights=label, minlength=BINS) / np.maximum(count, 1)
    dots = [
        f'<circle cx="{_x(said[bin_])}" cy="{_y(was[bin_])}" r="{3 + 1.5 * np.log10(count[bin_]):.1f}">'
        f"<title>{count[bin_]:,} rows: said {said[bin_]:.3f}, was {was[bin_]:.3f}</title></circle>"
        for bin_ in range(BINS)
        if count[bin_]
    ]
    whole = SIDE + 2 * MARGIN
    ticks = [
        f'<text x="{_x(at)}" y="{SIDE + MARGIN + 18}" text-anchor="middle">{at:g}</text>'
        f'<text x="{MARGIN - 8}" y="{_y(at) + 4:.1f}" text-anchor="end">{at:g}</text>'
        for at in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" font-family="sans-serif" '
        f'font-size="12"><rect width="{whole}" height="{whole}" fill="white"/>'
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4"/>'
        f'<g fill="#2a6f97" fill-opacity="0.8">{"".join(dots)}</g>{"".join(ticks)}'
        f'<text x="{whole / 2}" y="{whole - 8}" text-anchor="middle">probability said</text>'
        f'<text x="14" y="{whole / 2}" text-anchor="middle" transform="rotate(-90 14 {whole / 2})">share that was fraud'
        "</text></svg>\n"
    )


def _canary(found: Mapping[str, Any]) -> str:
    if not found:
        return "- there was none"
    quality = _number(found["average_precision"])
    return f"- {found['scored']} of {found['size']} movements scored, average precision {quality}"


def _quality(name: str, found: Mapping[str, Any]) -> str:
    recall = f"{_number(found['budget_recall'])} ({_number(found['budget_most'])})"
    numbers = (found["average_precision"], found["roc_auc"], found["f1"])
    cells = [name, *map(_number, numbers), recall, f"{found['calibration_error']:.4f}"]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _day(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).date().isoformat()


def _x(share: float) -> str:
    return f"{MARGIN + SIDE * share:.1f}"


def _y(share: float) -> float:
    return round(float(MARGIN + SIDE * (1 - share)), 1)
