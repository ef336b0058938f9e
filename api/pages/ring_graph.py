"""A ring as nodes and edges for the drawing: what to show, how big, which colour and shape, and the words of each."""

from __future__ import annotations

import json
from math import log10
from typing import Any

from api.pages.render import short, url_part
from api.pages.words import word
from graph.evidence import Evidence, Member, Ring, RingLink
from reports.formats import Language, local_minute, money, percent, whole
from reports.phrases import phrase
from reports.words_names import name

MAX_NODES = 400
#: Colours told apart by colour-blind readers too; the legend of the page uses the same.
ROLE_COLOURS = {
    "organiser": "#a50f15",
    "collector": "#e6550d",
    "mule": "#f0b429",
    "pass_through": "#756bb1",
    "cash_out": "#c51b8a",
    "victim": "#3182bd",
    "bridge": "#1b9e77",
    "unknown": "#8c96a0",
}
MEANS_COLOUR, HUB_COLOUR = "#cfd8dc", "#eceff1"
LABEL_SHAPES = {
    "Account": "dot",
    "Device": "square",
    "Ip": "diamond",
    "Domain": "triangle",
    "Operator": "star",
    "Identifier": "triangleDown",
}
_PAGES = {"Account": "accounts", "Operator": "operators"}
Drawn = dict[str, Any]


def graph_json(ring: Ring, language: Language) -> str:
    """JSON for the drawing, safe inside a script element. Largest members first when there are too many."""
    members = sorted(ring.members, key=lambda m: (-(m.in_cents + m.out_cents), m.account))[:MAX_NODES]
    nodes: dict[str, Drawn] = {_key(("Account", m.account)): _member(m, language) for m in members}
    drawn_accounts = set(nodes)
    edges: list[Drawn] = []
    for link in ring.links:
        for end in (link.source, link.target):
            if end[0] != "Account" and len(nodes) < MAX_NODES:
                nodes.setdefault(_key(end), _thing(end, language, group="means"))
        if _key(link.source) in nodes and _key(link.target) in nodes:
            edges.append(_edge(link, language))
    for reason in ring.suppressed:
        _add_hub(reason, nodes, edges, drawn_accounts, language)
    content = {
        "nodes": list(nodes.values()),
        "edges": edges,
        "words": {"open": word("open", language), "hint": word("click_hint", language)},
    }
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def drawn_count(ring: Ring) -> tuple[int, int]:
    """How many nodes are drawn, of how many."""
    ends = {end for link in ring.links for end in (link.source, link.target)} | {
        ("Account", m.account) for m in ring.members
    }
    return min(len(ends), MAX_NODES), len(ends)


def _member(member: Member, language: Language) -> Drawn:
    moved = max(member.in_cents, member.out_cents)
    return {
        "id": _key(("Account", member.account)),
        "label": short(member.account),
        "shape": LABEL_SHAPES["Account"],
        "color": ROLE_COLOURS[member.role],
        "size": round(9 + 3.2 * log10(1 + moved / 10_000), 1),
        "group": "member",
        "url": _url(("Account", member.account)),
        "details": [
            [name("Account", language), member.account],
            [word("role", language), name(member.role, language)],
            [word("certainty", language), percent(member.score, language)],
            [word("received", language), money(member.in_cents, language)],
            [word("sent", language), money(member.out_cents, language)],
            [word("first", language), local_minute(member.first_ts, language)],
            [word("last", language), local_minute(member.last_ts, language)],
            *([word("reasons", language), phrase(reason, language)] for reason in member.reasons),
        ],
    }


def _thing(end: tuple[str, str], language: Language, *, group: str) -> Drawn:
    hub = group == "hub"
    return {
        "id": _key(end),
        "label": short(end[1]),
        "shape": LABEL_SHAPES.get(end[0], "hexagon"),
        "color": HUB_COLOUR if hub else MEANS_COLOUR,
        "size": 12 if hub else 10,
        "group": group,
        "url": _url(end),
        "details": [[name(end[0], language), end[1]]],
    }


def _edge(link: RingLink, language: Language) -> Drawn:
    sent = link.kind == "SENT"
    details = [
        [name(link.kind, language), f"{link.source[1]} → {link.target[1]}"],
        [word("count", language), whole(link.count, language)],
        *([[word("sum", language), money(link.sum_cents, language)]] if link.sum_cents else []),
        [word("first", language), local_minute(link.first_ts, language)],
        [word("last", language), local_minute(link.last_ts, language)],
        *([[word("events", language), ", ".join(link.event_ids[:5])]] if link.event_ids else []),
    ]
    return {
        "from": _key(link.source),
        "to": _key(link.target),
        "arrows": "to" if sent else "",
        "width": round(1 + 1.1 * log10(1 + link.sum_cents / 10_000), 2) if sent else 1,
        "dashes": not sent,
        "color": "#5b6b7a" if sent else "#b0bec5",
        "details": details,
    }


def _add_hub(
    reason: Evidence, nodes: dict[str, Drawn], edges: list[Drawn], accounts: set[str], language: Language
) -> None:
    """A shared thing that was not counted, with the reason, tied to the members the evidence names."""
    things = [node for node in reason.nodes if node[0] != "Account"]
    held = [_key(node) for node in reason.nodes if node[0] == "Account" and _key(node) in accounts]
    for thing in things:
        key = _key(thing)
        if key not in nodes:
            nodes[key] = _thing(thing, language, group="hub")
            nodes[key]["details"].append([word("HUB", language), phrase(reason, language)])
            edges += [
                {
                    "from": account,
                    "to": key,
                    "arrows": "",
                    "width": 1,
                    "dashes": True,
                    "color": "#dde3e8",
                    "details": [],
                }
                for account in held
            ]


def _key(end: tuple[str, str]) -> str:
    return f"{end[0]}:{end[1]}"


def _url(end: tuple[str, str]) -> str:
    page = _PAGES.get(end[0])
    return f"/{page}/{url_part(end[1])}" if page else ""
