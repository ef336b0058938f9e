"""`tarrafa corrections`: scores that events later than the bound changed after they were given."""

from __future__ import annotations

from typing import Annotated

import typer

from service.run import iso
from service.settings import load_settings
from service.show import show_rows
from service.terminal import Home, StoreOption, complaints, console, opened

SHOWN_CAUSES = 3


def corrections(
    transaction: Annotated[str | None, typer.Option("--transaction", help="Only those of this transaction.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most corrections.")] = 50,
    home: Home = None,
    store: StoreOption = None,
) -> None:
    """Show what was said and what holds now, and the late events that changed it; newest first."""
    with opened(load_settings(home=home, store=store), work=False) as service:
        page = service.ledger.corrections.corrections(tx_id=transaction, limit=limit)
        rows = [
            (
                one.tx_id,
                f"{one.old_score:.2f} {one.old_decision}",
                f"{one.new_score:.2f} {one.new_decision}",
                ", ".join(
                    f"{cause.event_id} ({iso(cause.ts)}, {cause.lateness_ms // 60_000} min late)"
                    for cause in one.causes[-SHOWN_CAUSES:]
                ),
                str(one.position),
            )
            for one in page.items
        ]
        show_rows(console, ("transaction", "was", "is", "because of", "known at entry"), rows)
        if page.next is not None:
            complaints.print(f"there are more than {limit}; raise --limit", highlight=False)
