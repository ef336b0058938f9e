"""Facts about nodes that are no events of a history: listings, registrations, licences, who holds which identifier."""

from __future__ import annotations

from graph.events import DomainObservation, Event, IndicatorListed, ListKind, NodeKind, OperatorFact, OperatorFactKind
from graph.window.columns import I64, Nodes
from graph.window.records import Names
from graph.window.vocabulary import LISTED_KINDS

FACTS = (DomainObservation, OperatorFact, IndicatorListed)


def note_fact(event: Event, nodes: Nodes, names: tuple[Names, ...]) -> None:
    """Take what the event says about nodes; `names` in the order of `LISTED_KINDS`."""
    if isinstance(event, DomainObservation):
        number = names[LISTED_KINDS[NodeKind.DOMAIN]].of[event.domain]
        nodes.dom_first[number] = min(nodes.dom_first[number], event.ts)
        if event.registered_ts is not None:
            nodes.dom_observed[number] = min(nodes.dom_observed[number], event.ts)
            nodes.dom_registered[number] = min(nodes.dom_registered[number], event.registered_ts)
    elif isinstance(event, OperatorFact) and event.fact is OperatorFactKind.LICENCE and not event.licensed:
        number = names[LISTED_KINDS[NodeKind.OPERATOR]].of[event.operator]
        nodes.op_unlicensed[number] = min(nodes.op_unlicensed[number], event.ts)
    elif isinstance(event, IndicatorListed):
        column = _listing_column(nodes, event.entity_kind, event.list_kind)
        if column is not None:
            number = names[LISTED_KINDS[event.entity_kind]].of[event.entity_id]
            column[number] = min(column[number], event.ts)


def _listing_column(nodes: Nodes, entity: NodeKind, listed: ListKind) -> I64 | None:
    table: dict[tuple[NodeKind, ListKind], I64] = {
        (NodeKind.ACCOUNT, ListKind.BLOCK): nodes.acct_block,
        (NodeKind.ACCOUNT, ListKind.WATCH): nodes.acct_watch,
        (NodeKind.ACCOUNT, ListKind.ALLOW): nodes.acct_allow,
        (NodeKind.ACCOUNT, ListKind.SERVICE): nodes.acct_service,
        (NodeKind.DEVICE, ListKind.BLOCK): nodes.dev_block,
        (NodeKind.DEVICE, ListKind.WATCH): nodes.dev_watch,
        (NodeKind.IP, ListKind.BLOCK): nodes.ip_block,
        (NodeKind.IP, ListKind.WATCH): nodes.ip_watch,
        (NodeKind.IP, ListKind.ALLOW): nodes.ip_allow,
        (NodeKind.DOMAIN, ListKind.BLOCK): nodes.dom_block,
        (NodeKind.DOMAIN, ListKind.WATCH): nodes.dom_watch,
        (NodeKind.OPERATOR, ListKind.BLOCK): nodes.op_block,
        (NodeKind.OPERATOR, ListKind.WATCH): nodes.op_watch,
    }
    return table.get((entity, listed))
