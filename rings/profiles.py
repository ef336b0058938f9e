"""What a link list says of each account, as facts arrive: when it began, its turnover, how and with whom it deals.

Facts only add up and firsts are minima, so the order of events does not matter; `accounts` numbers everything by name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from math import isfinite, log

import numpy as np
from numpy.typing import NDArray

from rings.findings import Key
from rings.likeness import I64, Accounts, rare_outsiders, sets_of

NOBODY = -1


@dataclass(slots=True)
class Profiles:
    """Dealings of accounts with outsiders, and their starts.

    `numbers` names accounts and outsiders alike; `population` holds the numbers of those that are accounts.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    population: set[int] = field(default_factory=set)
    began: dict[int, tuple[int, str, float]] = field(default_factory=dict)  # account -> (ts, event id, turnover or 0)
    ways: dict[str, int] = field(default_factory=dict)
    dealings: set[tuple[int, int, int]] = field(default_factory=set)  # (account, way and direction, outsider or NOBODY)

    def __len__(self) -> int:
        return len(self.dealings) + len(self.began)

    def number(self, name: str) -> int:
        """The number of an account or outsider, new if need be."""
        return self.numbers.setdefault(name, len(self.numbers))

    def start(self, account: str, key: Key, turnover: str) -> None:
        """The source says that `account` began at `key` and what it has moved in all, in units of money ("": not)."""
        number = self.number(account)
        self.population.add(number)
        try:
            amount = max(0.0, float(turnover))
        except ValueError:
            amount = 0.0
        fact = (*key, amount if isfinite(amount) else 0.0)
        self.began[number] = min(fact, self.began.get(number, fact))

    def deal(self, account: int, channel: str, *, outgoing: bool, outsider: int = NOBODY) -> None:
        """`account` has a link over `channel`, with an outsider or (NOBODY) with another account."""
        way = self.ways.setdefault(channel, len(self.ways))
        self.population.add(account)
        self.dealings.add((account, 2 * way + outgoing, outsider))

    def ranks(self) -> tuple[I64, list[int]]:
        """(row of each number: accounts by name, then outsiders by name; numbers of the accounts in that order)."""
        names = list(self.numbers)
        accounts = sorted(self.population, key=names.__getitem__)
        outsiders = sorted(
            (number for number in range(len(names)) if number not in self.population), key=names.__getitem__
        )
        rank = np.empty(len(names), np.int64)
        rank[accounts] = np.arange(len(accounts))
        rank[outsiders] = np.arange(len(outsiders))
        return rank, accounts

    def accounts(self, rank: I64, rows: list[int], services: Collection[str]) -> Accounts:
        """Everything known as arrays, row i about account `rows[i]`."""
        count = len(rows)
        who, way, other = np.array(list(self.dealings), np.int64).reshape(-1, 3).T
        row = rank[who]
        with_outsider = other != NOBODY
        outsiders = sets_of(row[with_outsider], rank[other[with_outsider]], count)
        service: NDArray[np.bool_] = np.zeros(len(self.numbers), bool)
        service[[rank[self.numbers[name]] for name in services if self._outside(name)]] = True
        ordered = {channel: place for place, channel in enumerate(sorted(self.ways))}
        place = np.array([ordered[channel] for channel in self.ways], np.int64)
        began, turnover = np.full(count, np.nan), np.full(count, np.nan)
        for number, (ts, _, amount) in self.began.items():
            began[rank[number]] = ts / 1_000
            if amount > 0:
                turnover[rank[number]] = log(amount)
        return Accounts(
            began=began,
            turnover=turnover,
            ways=sets_of(row, 2 * place[way // 2] + way % 2 if len(way) else way, count),
            outsiders=outsiders,
            rare=rare_outsiders(outsiders, service),
        )

    def _outside(self, name: str) -> bool:
        number = self.numbers.get(name)
        return number is not None and number not in self.population
