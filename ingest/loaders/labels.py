"""What a file says about a payment or an account afterwards: kept for evaluation and training, never scored with."""

from __future__ import annotations

from graph.events import LabelGiven, Movement


def tx_label(movement: Movement, label: int, *, ring: str = "") -> LabelGiven:
    """Return the label of a payment, at the payment's own time."""
    return LabelGiven(
        event_id=f"label:{movement.event_id}",
        ts=movement.ts,
        subject="tx",
        subject_id=movement.tx_id,
        label=label,
        ring=ring,
    )


def account_label(account: str, label: int, *, ts: int, list_name: str, ring: str = "") -> LabelGiven:
    """Return the label of an account, known since `ts` (epoch ms); `list_name` keeps ids of several sets apart."""
    return LabelGiven(
        event_id=f"label:account:{list_name}:{account}",
        ts=ts,
        subject="account",
        subject_id=account,
        label=label,
        ring=ring,
    )
