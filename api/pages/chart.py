"""Bars of a ring's money over time, as geometry for an SVG: in above the axis, out below, between members beside."""

from __future__ import annotations

from dataclasses import dataclass

from api.ring_money import MoneyOverTime
from reports.formats import Language, local_minute, money

WIDTH, HEIGHT = 960, 190
LEFT, RIGHT, TOP, BOTTOM = 84, 8, 10, 22
DAY_MS = 86_400_000
LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in SVG units; `kind` is its class, `title` what a pointer on it reads."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line or label of an axis."""

    position: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything an SVG of `WIDTH` x `HEIGHT` needs; `axis` is where zero lies."""

    bars: tuple[Bar, ...]
    axis: float
    levels: tuple[Mark, ...]
    moments: tuple[Mark, ...]


def draw(series: MoneyOverTime, language: Language) -> Chart | None:
    """The chart; None when there is nothing to draw."""
    up = max((max(bucket.in_cents, bucket.inside_cents) for bucket in series.buckets), default=0)
    down = max((bucket.out_cents for bucket in series.buckets), default=0)
    if up + down == 0:
        return None
    room = HEIGHT - TOP - BOTTOM
    axis = TOP + room * up / (up + down)
    step = (WIDTH - LEFT - RIGHT) / len(series.buckets)
    thick = min(step * 0.4, 26)
    bars: list[Bar] = []
    for place, bucket in enumerate(series.buckets):
        middle = LEFT + step * (place + 0.5)
        day = _moment(bucket.start, series.width_ms, language)
        for kind, cents, x in (
            ("in", bucket.in_cents, middle - thick),
            ("inside", bucket.inside_cents, middle),
            ("out", bucket.out_cents, middle - thick),
        ):
            if cents:
                height = max(room * cents / (up + down), 1)
                y = axis if kind == "out" else axis - height
                width = thick * 2 if kind == "out" else thick
                title = f"{day}: {money(cents, language)}"
                bars.append(Bar(round(x, 1), round(y, 1), round(width, 1), round(height, 1), kind, title))
    levels = [Mark(axis, "0")]
    if up:
        levels.append(Mark(TOP, money(up, language)))
    if down and room * down / (up + down) > 14:
        levels.append(Mark(HEIGHT - BOTTOM, money(down, language)))
    every = max(1, -(-len(series.buckets) // LABELS))
    moments = [
        Mark(LEFT + step * (place + 0.5), _moment(bucket.start, series.width_ms, language))
        for place, bucket in enumerate(series.buckets)
        if place % every == 0
    ]
    return Chart(tuple(bars), round(axis, 1), tuple(levels), tuple(moments))


def _moment(start: int, width_ms: int, language: Language) -> str:
    text = local_minute(start, language)
    return text if width_ms < DAY_MS else text[:10]
