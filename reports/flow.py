"""The path of the money: layers by distance from where it enters, and the hops between accounts.

Layer 0 are the accounts that only pay; every other account stands as many hops from them as its shortest path has
(breadth first). Where money only goes round, layer 0 is the account that pays first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from graph.evidence import EVIDENCE_LIMIT, RingLink
from reports.exhibits import Exhibits
from reports.record import Hop, Layer, MoneyFlow, Statement

LARGEST_SHOWN = 5


def money_links(links: Sequence[RingLink]) -> list[RingLink]:
    """The links that are money movements between accounts."""
    return [link for link in links if link.kind == "SENT"]


def layers_of(links: Sequence[RingLink]) -> dict[str, int]:
    """Account -> layer (from 0) over SENT links; every account that occurs gets one."""
    targets: defaultdict[str, set[str]] = defaultdict(set)
    paid: set[str] = set()
    for link in links:
        if link.source[1] != link.target[1]:
            targets[link.source[1]].add(link.target[1])
            paid.add(link.target[1])
    layer: dict[str, int] = {}
    _spread(sorted(account for account in targets if account not in paid), targets, layer)
    for link in sorted(links, key=lambda link: (link.first_ts, link.source, link.target)):
        if link.source[1] not in layer:
            _spread([link.source[1]], targets, layer)
    return layer


def money_flow(links: Sequence[RingLink], exhibits: Exhibits, *, limit: int) -> MoneyFlow:
    """Layers and hops of the SENT links; a printed table is to list at most `limit` hops."""
    links = money_links(links)
    layer = layers_of(links)
    received: defaultdict[str, int] = defaultdict(int)
    sent: defaultdict[str, int] = defaultdict(int)
    for link in links:
        sent[link.source[1]] += link.sum_cents
        received[link.target[1]] += link.sum_cents
    hops = sorted(links, key=lambda link: (link.first_ts, link.last_ts, link.source, link.target))
    return MoneyFlow(
        layers=tuple(_layer(number, layer, received, sent) for number in sorted(set(layer.values()))),
        hops=tuple(_hop(link, layer, exhibits) for link in hops),
        listed=min(limit, len(hops)),
        statements=_statements(links, layer, exhibits),
    )


def _spread(start: list[str], targets: dict[str, set[str]], layer: dict[str, int]) -> None:
    front, number = start, 0
    while front:
        for account in front:
            layer[account] = number
        front = sorted({to for account in front for to in targets.get(account, ()) if to not in layer})
        number += 1


def _layer(number: int, layer: dict[str, int], received: dict[str, int], sent: dict[str, int]) -> Layer:
    accounts = [account for account, own in layer.items() if own == number]
    accounts.sort(key=lambda account: (-(received.get(account, 0) + sent.get(account, 0)), account))
    return Layer(
        number,
        len(accounts),
        tuple(accounts[:LARGEST_SHOWN]),
        sum(received.get(account, 0) for account in accounts),
        sum(sent.get(account, 0) for account in accounts),
    )


def _hop(link: RingLink, layer: dict[str, int], exhibits: Exhibits) -> Hop:
    cited = exhibits.cite(link.event_ids)
    return Hop(
        link.source[1],
        link.target[1],
        layer[link.source[1]],
        layer[link.target[1]],
        link.count,
        link.sum_cents,
        link.first_ts,
        link.last_ts,
        cited[:EVIDENCE_LIMIT],
        max(link.count, len(cited)),
    )


def _statements(links: Sequence[RingLink], layer: dict[str, int], exhibits: Exhibits) -> tuple[Statement, ...]:
    if not links:
        return (Statement("flow_none", basis="basis_absence"),)
    ids = [event_id for link in links for event_id in link.event_ids]
    count = sum(link.count for link in links)
    cents = sum(link.sum_cents for link in links)
    last = max(layer.values())
    spread = (("count", count), ("amount_cents", cents), ("accounts", len(layer)), ("layers", last + 1))
    statements = [exhibits.say("flow_total", spread, ids, total=count)]
    for number in range(last + 1):
        onward = [link for link in links if layer[link.source[1]] == number]
        if onward:
            params = (
                ("layer", number),
                ("count", sum(link.count for link in onward)),
                ("amount_cents", sum(link.sum_cents for link in onward)),
                ("targets", len({link.target[1] for link in onward})),
            )
            own = [event_id for link in onward for event_id in link.event_ids]
            statements.append(exhibits.say("flow_layer", params, own, total=sum(link.count for link in onward)))
    return tuple(statements)
