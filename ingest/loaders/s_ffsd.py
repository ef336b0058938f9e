"""S-FFSD: card payments in order, one per unit of `Time`; label 2 means nobody said.

The published file has no clock: `Time` is the row's number. One unit is read as a minute, so that 77,881 payments
cover eight weeks and windows of hours and days hold a useful number of them.
"""

from __future__ import annotations

from graph.events import Movement, MovementKind
from ingest.loaders.intake import Intake
from ingest.loaders.labels import tx_label
from ingest.loaders.row_format import RowFormat
from ingest.loaders.step_time import MINUTE_MS, StepClock, parse_step
from ingest.loaders.time_order import Group
from ingest.validate import parse_label, rounded_cents

_COLUMNS = ("Time", "Source", "Target", "Amount", "Location", "Type", "Labels")
_UNLABELLED = "2"
_CLOCK = StepClock(MINUTE_MS)


def _events(cells: tuple[str, ...], intake: Intake) -> Group:
    time, source, target, amount, location, kind, given = cells
    tx_id, ts = _CLOCK.place(parse_step(time), ",".join(cells[:-1]))
    movement = Movement(
        event_id=f"tx:s-ffsd-{tx_id}",
        ts=ts,
        source=intake.accounts[source],
        target=intake.accounts[target],
        amount_cents=rounded_cents(amount),
        kind=MovementKind.CARD_PAYMENT,
        channel=intake.channels[kind],
        attributes=(("location", location),) if location else (),
    )
    label = None if given.strip() == _UNLABELLED else parse_label(given)
    return (movement,) if label is None else (movement, tx_label(movement, label))


#: The published CSV as a file, or as the one such file in a folder.
S_FFSD = RowFormat("s-ffsd", _COLUMNS, _events)
