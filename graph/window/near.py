"""Which movements touch accounts of a marked set, or are one hop from one."""

from __future__ import annotations

from graph.window.columns import I64, KIND_LINK, NONE, Columns
from graph.window.compiled import kernel

NEAR_WALK = 16  # newest incidences of each end that are looked at for a marked counterparty


@kernel
def _marked(account: int, ts: int, tie: int, since_ts: I64, since_tie: I64) -> bool:
    """Whether the account was marked before (ts, tie)."""
    return account < len(since_ts) and (
        since_ts[account] < ts or (since_ts[account] == ts and since_tie[account] < tie)
    )


@kernel
def near_marked(cols: Columns, seqs: I64, first: int, lookback: int, since_ts: I64, since_tie: I64, out: I64) -> None:
    """Fill `out[i]` (int64[n, 4]) for movement `seqs[i]`: source, target, a counterparty of each; NONE if not marked.

    Account a is marked from the canonical key (`since_ts[a]`, `since_tie[a]`) on; accounts beyond the arrays are not.
    Dealings more than `lookback` ms before the movement make nobody a counterparty.
    """
    mask = len(cols.ts) - 1
    for i in range(len(seqs)):
        row = seqs[i] & mask
        ts, tie = cols.ts[row], cols.tie[row]
        src, dst = cols.src[row], cols.dst[row]
        out[i, :] = NONE
        if _marked(src, ts, tie, since_ts, since_tie):
            out[i, 0] = src
        if _marked(dst, ts, tie, since_ts, since_tie):
            out[i, 1] = dst
        for end in range(2):
            if out[i, end] != NONE or cols.kind[row] == KIND_LINK:
                continue
            account = src if end == 0 else dst
            current = cols.prev_src[row] if end == 0 else cols.prev_dst[row]
            steps = 0
            while current != NONE and (current >> 1) >= first and steps < NEAR_WALK:
                steps += 1
                other = (current >> 1) & mask
                if ts - cols.ts[other] > lookback:
                    break
                role = current & 1
                counterparty = cols.dst[other] if role == 0 else cols.src[other]
                if (
                    counterparty != NONE
                    and counterparty != account
                    and counterparty != src
                    and counterparty != dst
                    and _marked(counterparty, ts, tie, since_ts, since_tie)
                ):
                    out[i, 2 + end] = counterparty
                    break
                current = cols.prev_src[other] if role == 0 else cols.prev_dst[other]
