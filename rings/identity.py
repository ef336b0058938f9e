"""What a ring is called: its name comes from one of its accounts, so that it outlives single movements (ADR 0031)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b

from rings.findings import Finding


def name_from(account: str) -> str:
    """The id of a ring that is named after `account`."""
    return "R-" + blake2b(account.encode(), digest_size=6, person=b"tarrafa-ring").hexdigest()


def ring_id_of(
    findings: Sequence[Finding], *, among: Collection[str] | None = None, taken: Callable[[str], bool] | None = None
) -> str:
    """The id of the ring that `findings` (in key order, the founding one first) make.

    It is the smallest name that an account at the core of the founding finding gives. `among` are the accounts that
    people left in this ring, `taken` says which ids people gave to another one. An account is at the core of one ring
    at most, so no two rings have one id.
    """
    for finding in findings:
        names = sorted(name_from(account) for account in finding.core if among is None or account in among)
        for name in names:
            if taken is None or not taken(name):
                return name
    raise ValueError("no account of these findings may name a ring")


def named_after(accounts: Iterable[str]) -> dict[str, str]:
    """The account behind each id that one of `accounts` could have given."""
    return {name_from(account): account for account in accounts}
