"""The names the window knows, as integers, and the row that an event becomes."""

from __future__ import annotations

from typing import Any, cast

from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    IdentifierHeld,
    IndicatorListed,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
)
from graph.window.columns import KIND_ACCESS, KIND_AUTH_FAILED, KIND_AUTH_OK, KIND_BET, NONE
from graph.window.records import Context, Names

MOVEMENT_CODES: dict[MovementKind, int] = {kind: code for code, kind in enumerate(MovementKind)}

#: Entities whose listings the window knows, with their place among `Vocabulary.names`.
LISTED_KINDS: dict[NodeKind, int] = {
    NodeKind.ACCOUNT: 0,
    NodeKind.DEVICE: 1,
    NodeKind.IP: 2,
    NodeKind.DOMAIN: 3,
    NodeKind.OPERATOR: 4,
}

#: Values of the first columns, in their order.
Row = tuple[int, ...]
#: Nodes whose answers an event can change: account, other account, device, address, domain, operator, market.
Ends = tuple[int, int, int, int, int, int, int]


class Vocabulary:
    """Strings of every node kind as integers."""

    def __init__(self) -> None:
        self.accounts, self.devices, self.ips = Names(), Names(), Names()
        self.domains, self.operators, self.markets, self._sides = Names(), Names(), Names(), Names()
        self._identifier_names = Names()
        self._contexts: dict[Context, int] = {Context(): 0}

    @property
    def _names(self) -> tuple[Names, Names, Names, Names, Names, Names]:
        return self.accounts, self.devices, self.ips, self.domains, self.operators, self.markets

    def _interned(self, event: Event, ts: int, tie: int, mark: int) -> tuple[Row | None, Ends | None]:
        """Return the event's row (None if it has none) and the nodes whose answers it can change (None if none)."""
        if isinstance(event, Movement):
            row = self._moved(event, ts, tie, mark)
            return row, (row[3], row[4], row[6], row[7], row[8], row[9], row[10])
        account = other = market = side = device = ip = domain = operator = NONE
        kind: int | None = None
        if isinstance(event, Access):
            kind = KIND_ACCESS
            account = self.accounts.intern(event.account)
            domain, operator = self.domains.intern(event.domain), self.operators.intern(event.operator)
        elif isinstance(event, AuthenticationAttempt):
            kind = KIND_AUTH_OK if event.succeeded else KIND_AUTH_FAILED
            account = self.accounts.intern(event.account)
        elif isinstance(event, DomainObservation):
            domain = self.domains.intern(event.domain)
        elif isinstance(event, OperatorFact):
            operator = self.operators.intern(event.operator)
        elif isinstance(event, IndicatorListed) and event.entity_kind in LISTED_KINDS:
            number = self._names[LISTED_KINDS[event.entity_kind]].intern(event.entity_id)
            place = [NONE] * 5
            place[LISTED_KINDS[event.entity_kind]] = number
            account, device, ip, domain, operator = place
        else:
            return None, None
        if kind is None:
            return None, (account, other, device, ip, domain, operator, market)
        assert isinstance(event, Access | AuthenticationAttempt)
        device, ip = self.devices.intern(event.device), self.ips.intern(event.ip)
        row = (ts, tie, kind, account, other, 0, device, ip, domain, operator, market, side, mark, 0)
        return row, (account, other, device, ip, domain, operator, market)

    def _moved(self, event: Movement, ts: int, tie: int, mark: int) -> Row:
        """The row of a movement. Nearly all names are known: they are looked up here, new ones are given a number."""
        kind = MOVEMENT_CODES[event.kind]
        market = side = NONE
        tenant = profile = ""
        if event.attributes:
            stated = dict(event.attributes)
            tenant, profile = stated.get("tenant", ""), stated.get("profile", "")
            if kind == KIND_BET and "market" in stated and "side" in stated:
                market, side = self.markets.intern(stated["market"]), self._sides.intern(stated["side"])
        said = Context(event.channel, event.currency, tenant, profile)
        context = self._contexts.setdefault(said, len(self._contexts))
        accounts = self.accounts.of.get
        source, target = accounts(event.source), accounts(event.target)
        device, ip = self.devices.of.get(event.device), self.ips.of.get(event.ip)
        domain, operator = self.domains.of.get(event.domain), self.operators.of.get(event.operator)
        if None in (source, target):
            source, target = self.accounts.intern(event.source), self.accounts.intern(event.target)
        if None in (device, ip, domain, operator):
            device, ip = self.devices.intern(event.device), self.ips.intern(event.ip)
            domain, operator = self.domains.intern(event.domain), self.operators.intern(event.operator)
        cents = event.amount_cents
        row: Any = (ts, tie, kind, source, target, cents, device, ip, domain, operator, market, side, mark, context)
        return cast(Row, row)  # nothing is None any more

    def _held(self, event: Event) -> list[tuple[int, int, int]]:
        """What the event says about identifiers: (account, identifier, since)."""
        if isinstance(event, IdentifierHeld):
            stated = [(event.account, event.identifier.id)]
        elif isinstance(event, Movement) and event.identifiers:
            ends = {"source": event.source, "target": event.target}
            stated = [(ends[ref.holder], ref.id) for ref in event.identifiers]
        else:
            return []
        accounts, identifiers = self.accounts, self._identifier_names
        return [(accounts.intern(account), identifiers.intern(name), event.ts) for account, name in stated]
