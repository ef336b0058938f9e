"""Pages: what they say, in two languages, and that nothing in the data can act in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from api.pages.words import WORDS
from graph.events import Movement
from graph.evidence import Evidence, RingKind, Role
from reports.formats import Language, money
from tests.api.conftest import Client
from tests.api.story import COLLECTION, FARM, OPERATOR, copies, make_ring, make_score, movement
from tests.api.world import World

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "'; DROP TABLE rings; --",
    "{{ 7*7 }}{% debug %}",
    "</script><svg/onload=alert(1)>",
    "</script <svg/onload=alert(1) ",
    "<!--<script>",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "a/b?c=d#e&f=%2e%2e",
    "𝓁ucky.bet \u202egnp.exe".replace("\u202e", ""),
    "&lt;b&gt;",
]
#: Tags that the templates themselves never carry.
FOREIGN = {"img", "iframe", "object", "embed", "base", "style"}


class Tags(HTMLParser):
    """Every start tag with its attributes, and whether text of the page stands in scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def check_inert(text: str) -> None:
    """Nothing on the page acts but what the templates put there."""
    for tag, attrs in Tags(text).found:
        assert tag not in FOREIGN - {"img"}, tag
        if tag == "img":
            assert attrs["src"] == "/static/app/icon.svg"
        if tag == "script":
            assert attrs.get("type") == "application/json" or str(attrs["src"]).startswith("/static/"), attrs
        assert not [name for name in attrs if name.startswith("on")], attrs
        for name in ("href", "src", "action"):
            assert name not in attrs or re.match(r"/[^/]|/$", str(attrs[name])), attrs[name]


def nasty_world(world: World, text: str) -> str:
    """A ring, its accounts and transactions all called by `text`; return the ring's id."""
    ring_id, account, other = f"ring {text}", f"acct {text}", f"other {text}"
    event: Movement = movement(
        f"t {text}", account, other, 1_000, 1, device=f"dev {text}", domain=f"dom {text}", operator=OPERATOR
    )
    world.movements[event.event_id] = event
    world.known[event.tx_id] = make_score(event, 50.0)
    roles = {account: Role.MULE, other: Role.CASH_OUT}
    ring = make_ring(ring_id, RingKind.FAN_IN, [event], roles, score=99.0)
    odd = Evidence(f"code {text}", (("id", text),), (event.event_id,), 1, (("Device", f"hub {text}"),))
    world.known_rings[ring_id] = replace(ring, evidence=(odd,), suppressed=(odd,), truncated=(text,))
    return ring_id


def link_to(text: str, start: str) -> str:
    """The first address on the page that begins with `start`."""
    return next(
        str(attrs["href"]) for tag, attrs in Tags(text).found if tag == "a" and str(attrs["href"]).startswith(start)
    )


@pytest.mark.parametrize("text", NASTY)
def test_ids_and_names_stay_text_on_every_page(client: Client, world: World, text: str) -> None:
    ring_id = nasty_world(world, text)
    home = client.page("/")
    check_inert(home)
    address = link_to(home, "/rings/ring%20")
    assert unquote(address) == f"/rings/{ring_id}"
    ring = client.page(address)
    check_inert(ring)
    drawing = ring.split('id="ring-data">')[1].split("</script>")[0]
    assert not set(drawing) & set("<>&")
    assert f"acct {text}" in [node["details"][0][1] for node in json.loads(drawing)["nodes"]]
    for start in ("/accounts/", "/transactions/"):
        page = client.page(link_to(ring, start))
        check_inert(page)
        assert "49" not in re.findall(r"acct (\S+)", page)  # no template was run inside the data


@pytest.mark.parametrize("text", NASTY)
def test_what_is_typed_stays_text(client: Client, text: str) -> None:
    for path in ("/", "/operators", "/search"):
        answer = client.get(
            path,
            params={"q": text, "account": text, "after": text, "min_score": text, "kind": text},
            headers={"accept": "text/html"},
        )
        assert answer.status_code in (200, 303, 422)
        if answer.status_code == 303:
            assert re.match(r"/[^/]", answer.headers["location"])
        else:
            check_inert(answer.text)


def test_the_drawing_gets_exactly_the_ring(client: Client, world: World) -> None:
    page = client.page(f"/rings/{COLLECTION}")
    found = re.search(r'<script type="application/json" id="ring-data">(.*?)</script>', page, re.S)
    assert found is not None
    data = json.loads(found[1])
    ring = world.known_rings[COLLECTION]
    members = {node["id"] for node in data["nodes"] if node["group"] == "member"}
    assert members == {f"Account:{member.account}" for member in ring.members}
    assert {node["id"] for node in data["nodes"] if node["group"] == "hub"} == {"Device:kiosk-terminal-7"}
    assert {node["id"] for node in data["nodes"] if node["group"] == "means"} == {"Device:phone-9", "Ip:203.0.113.77"}
    hub_edges = [edge for edge in data["edges"] if edge["to"] == "Device:kiosk-terminal-7"]
    assert (len(data["edges"]) - len(hub_edges), len(hub_edges)) == (len(ring.links), 14)


def test_wider_edges_carry_more_money(client: Client, world: World) -> None:
    page = client.page(f"/rings/{COLLECTION}")
    data = json.loads(page.split('id="ring-data">')[1].split("</script>")[0])
    sums = {
        (f"Account:{link.source[1]}", f"Account:{link.target[1]}"): link.sum_cents
        for link in world.known_rings[COLLECTION].links
        if link.kind == "SENT"
    }
    drawn = sorted((sums[edge["from"], edge["to"]], edge["width"]) for edge in data["edges"] if edge["arrows"])
    assert [width for _, width in drawn] == sorted(width for _, width in drawn)


@pytest.mark.parametrize(
    "path",
    ["/", f"/rings/{COLLECTION}", "/operators", f"/operators/{OPERATOR}", "/accounts/mule-0", "/transactions/out-0"],
)
def test_every_page_speaks_both_languages(client: Client, path: str) -> None:
    portuguese = client.page(path, language="pt-BR,pt;q=0.9,en;q=0.5")
    english = client.page(path, language="en-US,en")
    assert '<html lang="pt-BR">' in portuguese
    assert '<html lang="en">' in english
    assert "Operadores" in portuguese
    assert "Operadores" not in english


def test_a_language_asked_for_is_kept_and_the_switch_keeps_the_filter(client: Client) -> None:
    answer = client.get("/?kind=fan_in&lang=pt-BR", headers={"accept": "text/html", "accept-language": "en"})
    assert "lang=pt-BR" in answer.headers["set-cookie"]
    assert 'href="/?kind=fan_in&amp;lang=en"' in answer.text
    again = client.get("/", headers={"cookie": "lang=pt-BR", "accept-language": "en"})
    assert '<html lang="pt-BR">' in again.text


def test_every_word_stands_in_both_languages() -> None:
    for key, (portuguese, english) in WORDS.items():
        assert portuguese, key
        assert english, key
        assert re.findall(r"\{\w+\}", portuguese) == re.findall(r"\{\w+\}", english), key


def test_the_list_tells_money_and_time_of_each_ring(client: Client, world: World) -> None:
    page = client.page("/")
    for ring in world.known_rings.values():
        for cents in (ring.in_cents, ring.out_cents, ring.retained_cents):
            assert money(cents, Language.EN) in page
    assert page.index(COLLECTION) < page.index(FARM)
    assert "2026-01-01 09:00" in page  # noon UTC is nine in Sao Paulo


def test_the_list_filters_by_kind_score_and_account(client: Client) -> None:
    by_kind = client.page("/?kind=shared_means")
    assert f"/rings/{FARM}" in by_kind
    assert f"/rings/{COLLECTION}" not in by_kind
    assert f"/rings/{FARM}" not in client.page("/?min_score=60,5")
    by_account = client.page("/?account=mule-1")
    assert f"/rings/{COLLECTION}" in by_account
    assert f"/rings/{FARM}" not in by_account
    assert "No ring matches" in client.page("/?account=nobody")


def test_the_list_pages_through_every_ring_once(client: Client, world: World) -> None:
    for ring in copies(world.known_rings[FARM], 60):
        world.known_rings[ring.ring_id] = ring
    seen: list[str] = []
    address = "/?min_score=1"
    while True:
        page = client.page(address)
        seen += re.findall(r'href="/rings/([^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        address = following[1].replace("&amp;", "&")
    assert sorted(seen) == sorted(world.known_rings)
    assert len(seen) == 62


def test_a_wrong_filter_is_explained_on_a_page(client: Client) -> None:
    answer = client.get("/?kind=nonsense", headers={"accept": "text/html"})
    assert answer.status_code == 422
    assert "give one of fan_in" in answer.text


def test_a_ring_page_shows_every_member_reason_and_contribution(client: Client, world: World) -> None:
    page = client.page(f"/rings/{COLLECTION}")
    for member in world.known_rings[COLLECTION].members:
        assert f'href="/accounts/{member.account}"' in page
    assert "+12.5" in page
    assert "in general use" in page  # why the kiosk was left out
    assert f"/api/reports/ring/{COLLECTION}.pdf?language=pt-BR" in page
    assert f"/api/reports/ring/{COLLECTION}.pdf?language=en" in page


def test_a_merged_ring_leads_to_its_survivor(client: Client) -> None:
    answer = client.get("/rings/ring-old")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/rings/{COLLECTION}")


def test_a_transaction_shows_how_its_score_adds_up(client: Client) -> None:
    page = client.page("/transactions/out-0")
    assert "+82.5" in page
    assert "model absent" in page


def test_what_was_cut_or_failed_is_said(client: Client, world: World) -> None:
    event = world.movements["tx:out-0"]
    world.known["out-0"] = replace(make_score(event, 10), degraded=("lists: timeout",), truncated=("path_search",))
    page = client.page("/transactions/out-0")
    assert "lists: timeout" in page
    assert "path_search" in page


def test_an_unknown_page_is_a_404_page(client: Client) -> None:
    for path in ("/rings/nope", "/accounts/nope", "/operators/nope", "/transactions/nope"):
        answer = client.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 404
        assert "Not found" in answer.text


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        (FARM, f"/rings/{FARM}"),
        ("out-0", "/transactions/out-0"),
        ("tx:out-0", "/transactions/out-0"),
        (OPERATOR, f"/operators/{OPERATOR}"),
        (" mule-0 ", "/accounts/mule-0"),
        ("//evil.example", "/accounts/%2F%2Fevil.example"),
        ("", "/"),
    ],
)
def test_search_leads_to_what_was_typed(client: Client, typed: str, place: str) -> None:
    assert client.get("/search", params={"q": typed}).headers["location"] == place
