"""The pages in a real browser: drawn, dragged, filtered, and loading nothing from outside."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.app import create_app
from api.settings import ApiSettings
from tests.api.story import COLLECTION, FARM, OPERATOR
from tests.api.world import context_of, make_world

pytestmark = pytest.mark.server

PLACE = """id => {
  const network = window.ringNetwork, box = document.getElementById('graph').getBoundingClientRect();
  const at = network.canvasToDOM(network.getPosition(id));
  return [at.x + box.x, at.y + box.y];
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The application over the hand-made world, on a free port of this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(context_of(make_world()), ApiSettings())
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.handle_exit(signal.SIGTERM, None)
    thread.join(10)


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """An English page that fails the test on script errors, refused content and requests to anywhere else."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", base_url=address)
    found = context.new_page()
    trouble: list[str] = []
    found.on("pageerror", lambda error: trouble.append(str(error)))
    found.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    found.on("request", lambda request: _note_outside(request.url, address, trouble))
    yield found
    context.close()
    assert trouble == []


def _note_outside(url: str, address: str, trouble: list[str]) -> None:
    if not url.startswith((address + "/", "data:", "blob:")):
        trouble.append(f"asked for {url}")


def open_ring(page: Any, ring_id: str) -> None:
    """Open a ring and wait until its drawing rests."""
    page.goto(f"/rings/{ring_id}")
    page.wait_for_selector("#graph[data-ready=yes]", timeout=30_000)


def picture(page: Any, folder: Path, name: str) -> None:
    """Keep what the page looks like for whoever wants to see it."""
    path = folder / f"{name}.png"
    page.screenshot(path=str(path), full_page=True)
    assert path.stat().st_size > 10_000


def test_the_list_opens_and_filters(page: Any, tmp_path: Path) -> None:
    page.goto("/")
    assert page.locator("#rings tbody tr").count() == 2
    picture(page, tmp_path, "rings")
    page.select_option("#filters select", "shared_means")
    page.click("#filters button")
    page.wait_for_url("**/?kind=shared_means*")
    assert page.locator("#rings tbody tr").count() == 1
    page.click(f"a[href='/rings/{FARM}']")
    page.wait_for_url(f"**/rings/{FARM}")


def test_the_graph_is_drawn_and_a_node_stays_where_it_is_dragged(page: Any, tmp_path: Path) -> None:
    open_ring(page, COLLECTION)
    inked = page.evaluate(
        "() => { const c = document.querySelector('#graph canvas');"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; }"
    )
    assert inked > 5_000
    picture(page, tmp_path, "ring")
    node = "Account:collector-1"
    x, y = page.evaluate(PLACE, node)
    others = page.evaluate("() => window.ringNetwork.getPosition('Account:payer-00')")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
    moved_x, moved_y = page.evaluate(PLACE, node)
    assert (moved_x, moved_y) == pytest.approx((x + 60, y + 40), abs=4)
    assert page.evaluate("() => window.ringNetwork.getPosition('Account:payer-00')") == others


def test_a_click_tells_about_the_node_and_leads_to_its_page(page: Any) -> None:
    open_ring(page, COLLECTION)
    page.mouse.click(*page.evaluate(PLACE, "Account:collector-1"))
    facts = page.locator("#facts")
    facts.locator("a").wait_for()
    assert "collector-1" in facts.inner_text()
    assert "BRL" in facts.inner_text()
    facts.locator("a").click()
    page.wait_for_url("**/accounts/collector-1")


def test_shared_means_and_hubs_are_switched(page: Any) -> None:
    open_ring(page, COLLECTION)
    hidden = "id => window.ringNetwork.body.nodes[id].options.hidden"
    assert page.evaluate(hidden, "Device:phone-9") is False
    assert page.evaluate(hidden, "Device:kiosk-terminal-7") is True
    page.uncheck("#show-means")
    page.check("#show-hubs")
    assert page.evaluate(hidden, "Device:phone-9") is True
    assert page.evaluate(hidden, "Device:kiosk-terminal-7") is False
    assert page.evaluate(hidden, "Account:mule-0") is False


def test_switching_the_language_stays_on_the_page(page: Any) -> None:
    page.goto(f"/operators/{OPERATOR}")
    page.click("#switch-language")
    page.wait_for_url("**lang=pt-BR")
    assert "Operador" in page.inner_text("main")
    page.goto("/")
    assert "Redes" in page.inner_text("nav")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/operators", "op-aurora"),
        (f"/operators/{OPERATOR}", "not licensed"),
        ("/accounts/collector-1", "court-orders"),
        ("/transactions/out-0", "deny"),
    ],
)
def test_the_other_pages_open(page: Any, tmp_path: Path, path: str, words: str) -> None:
    page.goto(path)
    assert words in page.inner_text("main")
    picture(page, tmp_path, "page")


def test_graphiql_runs_a_query_and_shows_the_schema(page: Any, tmp_path: Path) -> None:
    page.goto("/graphiql")
    page.click("button.graphiql-execute-button")
    page.wait_for_function("() => document.querySelector('.graphiql-response')?.innerText.includes('ring-collection')")
    page.click("button[aria-label='Show Documentation Explorer']")
    page.wait_for_function("() => document.querySelector('.graphiql-doc-explorer')?.innerText.includes('Query')")
    picture(page, tmp_path, "graphiql")


def test_the_rest_documentation_lists_the_calls(page: Any, tmp_path: Path) -> None:
    page.goto("/docs")
    page.get_by_text("/api/transactions/score").wait_for()
    picture(page, tmp_path, "docs")


def test_pages_are_readable_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-US", base_url=address)
    page = context.new_page()
    page.goto(f"/rings/{COLLECTION}")
    text = page.inner_text("main")
    assert "needs JavaScript" in text
    assert page.locator("#members tbody tr").count() == 20
    assert page.locator("#money rect").count() > 10
    context.close()
