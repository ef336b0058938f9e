"""Writing a scene: a small group's story as events in its own time, with the truth about it if it is a ring.

A scene is a pure function of the place, its kind and its number; writing it twice gives the same events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from graph.events import (
    Access,
    AuthenticationAttempt,
    DomainObservation,
    Event,
    IdentifierHeld,
    IdentifierKind,
    IdentifierRef,
    IndicatorListed,
    ListKind,
    Movement,
    MovementKind,
    NodeKind,
    OperatorFact,
    OperatorFactKind,
)
from graph.evidence import RingKind, Role
from ingest.simulator.amounts import write_one
from ingest.simulator.calendar import DAY_MS, HOUR_MS, even_quantiles
from ingest.simulator.everyday_money import KEY_KNOWN, payment_key
from ingest.simulator.people import Session
from ingest.simulator.place import Place
from ingest.simulator.seeds import opaque
from ingest.simulator.sites import Operator

BUILD_UP, ACTIVE, CASH_OUT = "build_up", "active", "cash_out"
_CHANNELS = {
    MovementKind.BET: "site",
    MovementKind.WITHDRAWAL: "cash",
    MovementKind.CARD_PAYMENT: "card",
    MovementKind.REFUND: "card",
}


@dataclass(slots=True)
class Planted:
    """The truth about one ring: roles by account, when each account acted in each phase, and its transactions."""

    ring_id: str
    kind: RingKind
    roles: dict[str, Role] = field(default_factory=dict)
    acts: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    transactions: list[str] = field(default_factory=list)


class Script:
    """Collects the events of one scene that starts on day `start` (from the first day of the span).

    Somebody is a person (int) or the account of a business (str). Events past the end of the span are left out.
    """

    def __init__(
        self, place: Place, rng: np.random.Generator, *, start: float, days: float, planted: Planted | None = None
    ) -> None:
        self.place = place
        self.rng = rng
        self.days = days
        self.planted = planted
        self.phase = BUILD_UP
        self.events: list[Event] = []
        self._start = start
        self._quantiles = even_quantiles(rng.random())
        self._habits = even_quantiles(rng.random())
        self._names: list[str] = []

    # --- time -----------------------------------------------------------------------------------------------------

    def on(self, part: float) -> int:
        """Return a moment on the day after `part` (0-1) of the scene has passed, at an hour when people are active."""
        return self.place.calendar.moment(int(self._start + part * self.days), next(self._quantiles))

    def later(self, ts: int, shortest_minutes: float, longest_minutes: float) -> int:
        """Return a moment between the two delays after `ts`; short delays are as likely as long ones (log-uniform).

        From an hour up the delay is counted in hours of average activity, so that people go on in the morning.
        """
        low, high = np.log(shortest_minutes), np.log(longest_minutes)
        delay = float(np.exp(low + (high - low) * self.rng.random())) * 60_000
        return ts + int(delay) if delay < HOUR_MS else self.place.calendar.after(ts, delay)

    def parts(self, count: int) -> list[float]:
        """Return `count` parts (0-1) of the scene, evenly around its middle."""
        return [0.14 + 0.72 * (number + 0.5) / count for number in range(count)]

    # --- draws ----------------------------------------------------------------------------------------------------

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return int(self.rng.integers(low, high + 1))

    def share(self, low: float, high: float) -> float:
        return low + (high - low) * self.rng.random()

    def sum(self, median: float, sigma: float) -> float:
        """Return an amount in cents around `median` (cents)."""
        return float(median * np.exp(sigma * self.rng.standard_normal()))

    def people(self, count: int) -> list[int]:
        """Return `count` different people."""
        picked: list[int] = self.rng.choice(self.place.people.count, size=count, replace=False).tolist()
        return picked

    def one_of(self, names: list[str]) -> str:
        return names[self.between(0, len(names) - 1)]

    def account(self, who: int | str) -> str:
        return who if isinstance(who, str) else self.place.people.account[who]

    # --- events ---------------------------------------------------------------------------------------------------

    def cast(self, role: Role, members: Iterable[int]) -> None:
        """Give people a role in the planted ring."""
        if self.planted is not None:
            for member in members:
                self.planted.roles[self.account(member)] = role

    def pay(
        self,
        ts: int,
        payer: int | str,
        payee: int | str,
        cents: float,
        *,
        kind: MovementKind = MovementKind.TRANSFER,
        at_most: float | None = None,
        session: Session | None = None,
        site: Operator | None = None,
        bet: tuple[str, str] | None = None,
    ) -> int:
        """Write a movement and return its amount in cents, rounded by habit and not above `at_most`.

        Without `session`, a person acts from the own phone. `bet` is (market, side).
        """
        amount = write_one(cents, next(self._habits))
        while at_most is not None and amount > at_most and amount > 1_000:
            amount -= 1_000 if amount % 1_000 == 0 else 100
        if ts >= self.place.calendar.end_ms:
            return amount
        if session is None:
            acts_online = isinstance(payer, int) and kind not in (MovementKind.WITHDRAWAL, MovementKind.CARD_PAYMENT)
            session = (
                self.place.people.session(payer, self.rng) if acts_online and isinstance(payer, int) else Session()
            )
        identifiers: tuple[IdentifierRef, ...] = ()
        if kind is MovementKind.TRANSFER and isinstance(payee, int) and self.rng.random() < KEY_KNOWN:
            identifiers = (payment_key(self.place.people.payment_key[payee]),)
        on_site = site is not None and kind not in (MovementKind.PAYOUT, MovementKind.TRANSFER)
        tx = self._name()
        self.events.append(
            Movement(
                event_id="tx:" + tx,
                ts=ts,
                source=self.account(payer),
                target=self.account(payee),
                amount_cents=amount,
                kind=kind,
                channel=_CHANNELS.get(kind, "pix"),
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
                domain=site.domain(self.place.calendar, ts) if site is not None and on_site else None,
                operator=site.id if site is not None else None,
                identifiers=identifiers,
                attributes=(("market", bet[0]), ("side", bet[1])) if bet is not None else (),
            )
        )
        if self.planted is not None:
            self.planted.transactions.append(tx)
            self._act(ts, self.account(payer), self.account(payee))
        return amount

    def access(self, ts: int, person: int, *, session: Session | None = None, site: Operator | None = None) -> None:
        """Write that a person's account was used, at a betting site or not."""
        if ts >= self.place.calendar.end_ms:
            return
        session = session or self.place.people.session(person, self.rng)
        self.events.append(
            Access(
                event_id="access:" + self._name(),
                ts=ts,
                account=self.account(person),
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
                domain=site.domain(self.place.calendar, ts) if site is not None else None,
                operator=site.id if site is not None else None,
            )
        )
        self._act(ts, self.account(person))

    def log_in(self, ts: int, person: int, *, succeeded: bool, session: Session | None = None) -> None:
        """Write an attempt to log in to a person's account."""
        if ts >= self.place.calendar.end_ms:
            return
        session = session or self.place.people.session(person, self.rng)
        self.events.append(
            AuthenticationAttempt(
                event_id="auth:" + self._name(),
                ts=ts,
                account=self.account(person),
                succeeded=succeeded,
                device=session.device,
                ip=session.ip,
                ip_port=session.port,
            )
        )
        self._act(ts, self.account(person))

    def hold(self, ts: int, person: int, kind: IdentifierKind, identifier: str) -> None:
        """Write that a person's account belongs to the holder of an identifier."""
        if ts < self.place.calendar.end_ms:
            self.events.append(
                IdentifierHeld(
                    event_id="held:" + self._name(),
                    ts=ts,
                    account=self.account(person),
                    identifier=IdentifierRef(kind=kind, id=identifier),
                )
            )
            self._act(ts, self.account(person))

    def see_domain(self, ts: int, operator: Operator, turn: int, *, registered_days: float) -> None:
        """Write that the domain of the operator after `turn` moves was seen, and how old its registration is."""
        if ts < self.place.calendar.end_ms:
            self.events.append(
                DomainObservation(
                    event_id="domain:" + self._name(),
                    ts=ts,
                    domain=operator.domain_name(turn),
                    ip=operator.host(turn),
                    registered_ts=ts - int(registered_days * DAY_MS),
                )
            )

    def state(
        self,
        ts: int,
        operator: Operator,
        fact: OperatorFactKind,
        *,
        domain: str | None = None,
        account: str | None = None,
    ) -> None:
        """Write what a source states about an operator."""
        if ts < self.place.calendar.end_ms:
            licensed = operator.licensed if fact is OperatorFactKind.LICENCE else None
            self.events.append(
                OperatorFact(
                    event_id="fact:" + self._name(),
                    ts=ts,
                    operator=operator.id,
                    fact=fact,
                    domain=domain,
                    account=account,
                    licensed=licensed,
                )
            )

    def list_entity(self, ts: int, name: str, kind: ListKind, entity_kind: NodeKind, entity: str) -> None:
        """Write that an entity is on a list."""
        if ts < self.place.calendar.end_ms:
            self.events.append(
                IndicatorListed(
                    event_id="listed:" + self._name(),
                    ts=ts,
                    list_name=name,
                    list_kind=kind,
                    entity_kind=entity_kind,
                    entity_id=entity,
                )
            )

    def _name(self) -> str:
        if not self._names:
            self._names = opaque(self.rng, 32, digits=20)
        return self._names.pop()

    def _act(self, ts: int, *accounts: str) -> None:
        if self.planted is None:
            return
        for account in accounts:
            if account in self.planted.roles:
                first, last = self.planted.acts.get((account, self.phase), (ts, ts))
                self.planted.acts[account, self.phase] = (min(first, ts), max(last, ts))
