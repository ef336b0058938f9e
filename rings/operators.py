"""Operators joined behind the scenes: two operators that collect through the same account.

That their sites share a host is further proof, not a tie of its own: a ring is made of accounts. Hosts that serve the
sites of more than `HOST_HUB` operators are hosting companies and prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.events import DomainObservation, Event, OperatorFact, OperatorFactKind
from graph.evidence import RingKind
from rings.findings import Finding, Key

HOST_HUB = 3


@dataclass(slots=True)
class OperatorTies:
    """What is known of operators: collectors, sites, hosts."""

    _collectors: dict[str, dict[str, Key]] = field(default_factory=dict)  # account -> operator -> first statement
    _accounts: dict[str, dict[str, Key]] = field(default_factory=dict)  # operator -> account -> first statement
    _owners: dict[str, dict[str, Key]] = field(default_factory=dict)  # domain -> operator -> first statement
    _sites: dict[str, set[str]] = field(default_factory=dict)  # operator -> domains
    _hosts: dict[str, dict[str, Key]] = field(default_factory=dict)  # domain -> ip -> first observation
    _served: dict[str, set[str]] = field(default_factory=dict)  # ip -> domains
    _dirty: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)

    def note(self, event: Event) -> None:
        """Take in a fact about an operator or a domain; other events are ignored."""
        key = (event.ts, event.event_id)
        if isinstance(event, OperatorFact) and event.fact is OperatorFactKind.COLLECTS_WITH and event.account:
            _keep_first(self._collectors.setdefault(event.account, {}), event.operator, key)
            _keep_first(self._accounts.setdefault(event.operator, {}), event.account, key)
            self._touch(event.operator)
        elif isinstance(event, OperatorFact) and event.fact is OperatorFactKind.OWNS_DOMAIN and event.domain:
            _keep_first(self._owners.setdefault(event.domain, {}), event.operator, key)
            self._sites.setdefault(event.operator, set()).add(event.domain)
            self._touch(event.operator)
        elif isinstance(event, DomainObservation) and event.ip is not None:
            _keep_first(self._hosts.setdefault(event.domain, {}), event.ip, key)
            self._served.setdefault(event.ip, set()).add(event.domain)
            for domain in self._served[event.ip]:
                for operator in self._owners.get(domain, ()):
                    self._touch(operator)

    def _touch(self, operator: str) -> None:
        self._dirty.add(operator)
        self._dirty.update(self._neighbours(operator))

    def _neighbours(self, operator: str) -> set[str]:
        found: set[str] = set()
        for account in self._accounts.get(operator, ()):
            found.update(self._collectors[account])
        for domain in self._sites.get(operator, ()):
            for ip in self._hosts.get(domain, ()):
                for other in self._served[ip]:
                    found.update(self._owners.get(other, ()))
        found.discard(operator)
        return found

    def _operators_on(self, ip: str) -> set[str]:
        return {owner for domain in self._served[ip] for owner in self._owners.get(domain, ())}

    def take_changed(self) -> list[tuple[str, Finding | None]]:
        """(name, finding or None) of pairs of operators whose tie may have changed since the last call."""
        pairs = {tuple(sorted((operator, other))) for operator in self._dirty for other in self._neighbours(operator)}
        pairs |= {pair for pair in map(_pair, self._known) if self._dirty & set(pair)}
        self._dirty.clear()
        changed: list[tuple[str, Finding | None]] = []
        for pair in sorted(pairs):
            name = f"{RingKind.OPERATOR}:{pair[0]}\n{pair[1]}"
            finding = self._tie(name, *pair)
            if finding is not None:
                self._known.add(name)
            changed.append((name, finding))
        return changed

    def _tie(self, name: str, one: str, two: str) -> Finding | None:
        shared = sorted(self._accounts.get(one, {}).keys() & self._accounts.get(two, {}).keys())
        if not shared:
            return None
        proofs = [self._accounts[operator][account] for account in shared for operator in (one, two)]
        key = min(proofs)  # of a statement about a core account: ties with the same key are in the same ring
        hosts = sorted(
            ip
            for ip in {ip for domain in self._sites.get(one, ()) for ip in self._hosts.get(domain, ())}
            if two in self._operators_on(ip) and len(self._operators_on(ip)) <= HOST_HUB
        )
        for ip in hosts:
            for domain in sorted(self._served[ip]):
                if {one, two} & self._owners.get(domain, {}).keys():
                    proofs.append(self._hosts[domain][ip])
        collectors = frozenset(self._accounts.get(one, {})) | frozenset(self._accounts.get(two, {}))
        proofs.sort()
        return Finding(
            name=name,
            key=key,
            kind=RingKind.OPERATOR,
            core=frozenset(shared),
            others=collectors - frozenset(shared),
            means=tuple(("Ip", ip) for ip in hosts),
            events=tuple(dict.fromkeys(event_id for _, event_id in proofs)),
            operators=(one, two),
        )


def _pair(name: str) -> tuple[str, str]:
    one, two = name.split(":", 1)[1].split("\n")
    return one, two


def _keep_first(firsts: dict[str, Key], what: str, key: Key) -> None:
    known = firsts.get(what)
    if known is None or key < known:
        firsts[what] = key
