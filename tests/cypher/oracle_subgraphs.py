"""Answers about neighbourhoods and rings: what is drawn around an account or inside a ring."""

from __future__ import annotations

from collections.abc import Iterable

from graph.events import Movement
from tests.cypher.rows import MEANS, Rows, added, ordered
from tests.cypher.worlds import Model


def _pairs(movements: Iterable[Movement]) -> Rows:
    found: dict[tuple[str, str], list[Movement]] = {}
    for each in movements:
        found.setdefault((each.source, each.target), []).append(each)
    return [
        {
            "kind": "SENT",
            "source_label": "Account",
            "source": source,
            "target_label": "Account",
            "target": target,
            **added(own),
        }
        for (source, target), own in found.items()
    ]


def _link_rows(links: Iterable[tuple[tuple[str, tuple[str, str], tuple[str, str]], dict[str, int]]]) -> Rows:
    return [
        {
            "kind": kind,
            "source_label": source[0],
            "source": source[1],
            "target_label": target[0],
            "target": target[1],
            **link,
        }
        for (kind, source, target), link in links
    ]


def neighbourhood(model: Model, *, id: str, limit: int) -> Rows:
    own = (*MEANS, "BET_AT", "FLAGGED_BY")
    me = ("Account", id)
    rows = _pairs(each for each in model.sent if id in (each.source, each.target))
    rows += _link_rows(
        (key, link)
        for key, link in model.links.items()
        if (key[0] in own and key[1] == me) or (key[0] == "COLLECTS_WITH" and key[2] == me)
    )
    return ordered(rows, "-count", "kind", "source_label", "target_label", "source", "target", limit=limit)


def ring(model: Model, *, id: str) -> Rows:
    return [
        {
            "id": id,
            "kind": str(each.kind),
            "score": each.score,
            "size": len(each.members),
            "in_cents": each.in_cents,
            "out_cents": each.out_cents,
            "retained_cents": each.retained_cents,
            "first_seen": each.first_ts,
            "last_seen": each.last_ts,
        }
        for each in model.rings
        if each.ring_id == id
    ]


def ring_members(model: Model, *, id: str, limit: int) -> Rows:
    rows = [
        {
            "id": member.account,
            "role": str(member.role),
            "score": member.score,
            "since": member.first_ts,
            "until": member.last_ts,
        }
        for each in model.rings
        if each.ring_id == id
        for member in each.members
    ]
    return ordered(rows, "-score", "id", limit=limit)


def account_rings(model: Model, *, id: str, limit: int) -> Rows:
    rows = [
        {
            "id": each.ring_id,
            "kind": str(each.kind),
            "score": each.score,
            "size": len(each.members),
            "role": str(member.role),
        }
        for each in model.rings
        for member in each.members
        if member.account == id
    ]
    return ordered(rows, "-score", "id", limit=limit)


def ring_subgraph(model: Model, *, id: str, limit: int) -> Rows:
    inside = {member.account for each in model.rings if each.ring_id == id for member in each.members}
    rows = _pairs(each for each in model.sent if {each.source, each.target} <= inside and each.source != each.target)
    links = [(key, link) for key, link in model.links.items() if key[0] in MEANS and key[1][1] in inside]
    users = [key[2] for key, _ in links]
    rows += _link_rows((key, link) for key, link in links if users.count(key[2]) >= 2)
    return ordered(rows, "-count", "kind", "target_label", "source", "target", limit=limit)
