"""Everything a movement names is given back as it was written, for as long as the movement is remembered."""

from __future__ import annotations

from graph.events import IdentifierKind, IdentifierRef, Movement
from graph.window.kernels import DAY
from graph.window.records import WindowSettings
from graph.window.window import Window

START = 1_790_000_000_000


def moved(number: int, *, ts: int = START, **more: str | None) -> Movement:
    refs = tuple(
        IdentifierRef(kind=IdentifierKind.DOCUMENT, id=f"document:k:{number}{holder}", holder=holder)
        for holder in ("source", "target")
        if number % 2
    )
    return Movement(
        event_id=f"tx:{number}",
        ts=ts + number,
        source=f"s{number}",
        target=f"t{number}",
        amount_cents=1,
        identifiers=refs,
        **more,  # type: ignore[arg-type]
    )


def test_names_come_back_in_the_order_asked_and_none_where_nothing_was_said() -> None:
    window = Window()
    seqs = window.apply(
        [moved(0, device="d", ip="203.0.113.7"), moved(1, domain="bet.example", operator="op"), moved(2)]
    )
    found = window.parties_of(seqs[::-1])
    assert (found.sources, found.targets) == (["s2", "s1", "s0"], ["t2", "t1", "t0"])
    assert (found.devices, found.ips) == ([None, None, "d"], [None, None, "203.0.113.7"])
    assert (found.domains, found.operators) == ([None, "bet.example", None], [None, "op", None])
    assert found.identifiers == [(), ("document:k:1source", "document:k:1target"), ()]


def test_identifiers_of_movements_beyond_the_horizon_are_forgotten() -> None:
    window = Window(WindowSettings(horizon_days=31))
    window.apply([moved(1)])
    later = window.apply([moved(3, ts=START + 40 * DAY)])
    window.apply([moved(4, ts=START + 40 * DAY)])
    assert window.parties_of(later).identifiers == [("document:k:3source", "document:k:3target")]
    assert len(window._identifiers) == 1
