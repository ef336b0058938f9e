"""What to block so that a ring's money no longer arrives, with the collateral that the graph tells, and as advice."""

from __future__ import annotations

from collections.abc import Sequence

from graph.events import NodeKind
from graph.evidence import EVIDENCE_LIMIT, Ring
from reports.exhibits import Exhibits
from reports.record import Recommendation
from reports.sources import GraphReads, RingReader
from rings.disruption import Collateral, Node, Plan, blockable, plans_of

#: Accounts and things of a ring whose surroundings are read: things first, then accounts with most money.
MOST_ASKED = 400
#: Counterparties read of each; more are not counted, and that is said.
MOST_AROUND = 500


def plans_for(ring: Ring, *, graph: GraphReads, rings: RingReader) -> tuple[Plan, ...]:
    """Plans about `ring`, best first; those hit besides are counterparties and users that are in no ring."""
    members = {member.account for member in ring.members}
    weight = {member.account: member.in_cents + member.out_cents for member in ring.members}
    asked = sorted(blockable(ring), key=lambda node: (node[0] == "Account", -weight.get(node[1], 0), node))
    around: dict[Node, list[tuple[str, int]]] = {}
    whole: dict[Node, bool] = {}
    for label, name in asked[:MOST_ASKED]:
        if label == NodeKind.ACCOUNT:
            rows = graph.read("read/counterparties", id=name, limit=MOST_AROUND)
        else:
            rows = graph.read("read/holders", label=label, id=name, limit=MOST_AROUND)
        whole[label, name] = len(rows) < MOST_AROUND
        around[label, name] = [(row["id"], row["sum_cents"] or 0) for row in rows if row["id"] not in members]
    others = sorted({other for found in around.values() for other, _ in found})
    in_rings = {account for account, ids in rings.rings_of(others).items() if ids}
    collateral = {node: Collateral(truncated=True) for node in asked[MOST_ASKED:]}
    for node, found in around.items():
        honest = [(other, cents) for other, cents in found if other not in in_rings]
        collateral[node] = Collateral(
            accounts=frozenset(other for other, _ in honest),
            cents=sum(cents for _, cents in honest),
            truncated=not whole[node],
        )
    return plans_of(ring, collateral)


def for_plans(ring: Ring, plans: Sequence[Plan], exhibits: Exhibits) -> list[Recommendation]:
    """The best plan that breaks the flow, with whom it would hit besides; nothing where there is none."""
    best = next((plan for plan in plans if plan.breaks), None)
    if best is None:
        return []
    ends = {target.node for target in best.targets}
    ids = [event for link in ring.links if {link.source, link.target} & ends for event in link.event_ids]
    params = (
        ("count", len(best.targets)),
        ("accounts", best.collateral_accounts),
        ("amount_cents", best.collateral_cents),
    )
    statement = exhibits.say("advise_break_flow", params, ids[:EVIDENCE_LIMIT])
    return [Recommendation("break_flow", tuple(target.node for target in best.targets), statement)]
