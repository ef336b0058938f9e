"""The money flow as a drawing: layers are columns, boxes are the largest accounts, lines carry the amounts.

The drawing is SVG text; every user value in it is escaped and cut to fit (tables hold the full ids).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt

from markupsafe import escape

from reports import formats
from reports.formats import Language
from reports.record import MemberRow, MoneyFlow
from reports.words_names import name

WIDTH = 960
BOX_WIDTH, BOX_HEIGHT, GAP = 148, 44, 14
TOP = 46
MAX_COLUMNS, BOXES_PER_COLUMN = 6, 5
ID_SHOWN = 17

Box = tuple[int, str]  # (column, account; "" for the others of its column)


def flow_svg(flow: MoneyFlow, members: Sequence[MemberRow], language: Language) -> str:
    """SVG of all hops of `flow`; layers past the last column stand in it."""
    numbers = {member.account: member.number for member in members}
    column = _columns(flow)
    boxes = _boxes(flow, column)
    place = {account: box for box, accounts in boxes.items() for account in accounts}
    spots = _spots(boxes)
    returns = any(column[hop.target] <= column[hop.source] for hop in flow.hops)
    height = max((y for _, y in spots.values()), default=TOP) + BOX_HEIGHT + (60 if returns else 6)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="DejaVu Sans Mono, monospace" font-size="9.5">'
    ]
    parts += _lines(flow, place, spots, height)
    for number in sorted({number for number, _ in boxes}):
        x = spots[next(box for box in boxes if box[0] == number)][0] + BOX_WIDTH / 2
        title = f"{name('layer', language)} {number}{'+' if number == MAX_COLUMNS - 1 and _cut(flow) else ''}"
        parts.append(f'<text x="{x:.1f}" y="22" text-anchor="middle" font-size="11" fill="#333">{escape(title)}</text>')
    money = _handled(flow, place)
    for box, accounts in boxes.items():
        parts += _box(box, accounts, spots[box], money[box], numbers, language)
    return "".join([*parts, "</svg>"])


def _columns(flow: MoneyFlow) -> dict[str, int]:
    column: dict[str, int] = {}
    for hop in flow.hops:
        column[hop.source] = min(hop.source_layer, MAX_COLUMNS - 1)
        column[hop.target] = min(hop.target_layer, MAX_COLUMNS - 1)
    return column


def _cut(flow: MoneyFlow) -> bool:
    return any(max(hop.source_layer, hop.target_layer) >= MAX_COLUMNS for hop in flow.hops)


def _boxes(flow: MoneyFlow, column: dict[str, int]) -> dict[Box, list[str]]:
    """Box -> its accounts: the largest of each column alone, the rest together."""
    handled: defaultdict[str, int] = defaultdict(int)
    for hop in flow.hops:
        handled[hop.source] += hop.sum_cents
        handled[hop.target] += hop.sum_cents
    boxes: dict[Box, list[str]] = {}
    for number in sorted(set(column.values())):
        own = sorted((a for a in column if column[a] == number), key=lambda a: (-handled[a], a))
        alone = own if len(own) <= BOXES_PER_COLUMN else own[: BOXES_PER_COLUMN - 1]
        boxes |= {(number, account): [account] for account in alone}
        if len(own) > len(alone):
            boxes[number, ""] = own[len(alone) :]
    return boxes


def _spots(boxes: dict[Box, list[str]]) -> dict[Box, tuple[float, float]]:
    counts: defaultdict[int, int] = defaultdict(int)
    for number, _ in boxes:
        counts[number] += 1
    tallest, columns = max(counts.values(), default=1), sorted(counts)
    step = (WIDTH - BOX_WIDTH - 8) / max(1, len(columns) - 1)
    spots: dict[Box, tuple[float, float]] = {}
    filled: defaultdict[int, int] = defaultdict(int)
    for box in boxes:
        number = box[0]
        lead = (tallest - counts[number]) * (BOX_HEIGHT + GAP) / 2
        x = 4 + columns.index(number) * step if len(columns) > 1 else (WIDTH - BOX_WIDTH) / 2
        spots[box] = (x, TOP + lead + filled[number] * (BOX_HEIGHT + GAP))
        filled[number] += 1
    return spots


def _handled(flow: MoneyFlow, place: dict[str, Box]) -> dict[Box, tuple[int, int]]:
    received: defaultdict[Box, int] = defaultdict(int)
    sent: defaultdict[Box, int] = defaultdict(int)
    for hop in flow.hops:
        sent[place[hop.source]] += hop.sum_cents
        received[place[hop.target]] += hop.sum_cents
    return {box: (received[box], sent[box]) for box in place.values()}


def _lines(flow: MoneyFlow, place: dict[str, Box], spots: dict[Box, tuple[float, float]], height: float) -> list[str]:
    sums: defaultdict[tuple[Box, Box], int] = defaultdict(int)
    for hop in flow.hops:
        sums[place[hop.source], place[hop.target]] += hop.sum_cents
    most = max(sums.values(), default=0) or 1
    lines: list[str] = []
    for (source, target), cents in sorted(sums.items(), key=lambda item: (item[1], item[0])):
        (x1, y1), (x2, y2) = spots[source], spots[target]
        y1, y2, width = y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2, 1 + 7 * sqrt(cents / most)
        if target[0] > source[0]:
            x1 += BOX_WIDTH
            bend = (x2 - x1) / 2
            path = f"M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
            colour = "#4a6fa5"
        else:  # backward, or inside one column: below everything
            x1, x2, low = x1 + BOX_WIDTH / 2, x2 + BOX_WIDTH / 2, height - 8
            y1, y2 = y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2
            path = f"M{x1:.1f} {y1:.1f} C{x1:.1f} {low:.1f} {x2:.1f} {low:.1f} {x2:.1f} {y2:.1f}"
            colour = "#b0413e"
        lines.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity="0.45" stroke-width="{width:.2f}"/>'
        )
    return lines


def _box(
    box: Box,
    accounts: list[str],
    spot: tuple[float, float],
    money: tuple[int, int],
    numbers: dict[str, int],
    language: Language,
) -> list[str]:
    x, y = spot
    if box[1]:
        mark = f"M{numbers[box[1]]} " if box[1] in numbers else ""
        title = mark + _short(box[1], ID_SHOWN - len(mark) + 4)
    else:
        title = f"{formats.whole(len(accounts), language)} {name('others', language)}"
    amounts = (("received_short", money[0]), ("sent_short", money[1]))
    texts = [title] + [f"{name(key, language)} {formats.money(cents, language)}" for key, cents in amounts if cents]
    fill = "#ffffff" if box[1] else "#eef1f5"
    drawn = [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="4" '
        f'fill="{fill}" stroke="#55606e"/>'
    ]
    for line, text in enumerate(texts):
        size = 9.5 if line == 0 else min(8.0, (BOX_WIDTH - 10) / (0.61 * len(text)))
        drawn.append(
            f'<text x="{x + 5:.1f}" y="{y + 14 + 12 * line:.1f}" font-size="{size:.2f}" '
            f'fill="{"#111" if line == 0 else "#444"}">{escape(text)}</text>'
        )
    return drawn


def _short(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    keep = limit - 1
    return f"{text[: keep - keep // 2]}\u2026{text[len(text) - keep // 2 :]}"
