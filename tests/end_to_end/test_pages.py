"""The pages of the served demo in a real browser, clicked through; nothing is asked for outside this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.command import serving
from tests.service.conftest import SECRET, PlayedHome

pytestmark = pytest.mark.server

MEMBER = """() => {
  const network = window.ringNetwork, box = document.getElementById('graph').getBoundingClientRect();
  const id = Object.keys(network.body.nodes).find(id => id.startsWith('Account:')), spot = network.getPosition(id);
  const at = network.canvasToDOM(spot);
  return [id, at.x + box.x, at.y + box.y];
}"""


@pytest.fixture(scope="module")
def address(demo_home: PlayedHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The served demo."""
    home = tmp_path_factory.mktemp("pages") / "home"
    shutil.copytree(demo_home.home, home)
    with serving(home, TARRAFA_IDENTITY_SECRET=SECRET) as (_, found):
        yield found


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """An English page; script errors and requests to anywhere else fail the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", base_url=address)
    found = context.new_page()
    trouble: list[str] = []
    found.on("pageerror", lambda error: trouble.append(str(error)))
    found.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    found.on(
        "request",
        lambda request: (
            None if request.url.startswith((address + "/", "data:", "blob:")) else trouble.append(request.url)
        ),
    )
    yield found
    context.close()
    assert trouble == []


def picture(page: Any, path: Path) -> None:
    """Keep what the page looks like for whoever wants to see it."""
    page.screenshot(path=str(path), full_page=True)
    assert path.stat().st_size > 10_000


def test_from_the_list_to_a_ring_its_graph_and_its_report(page: Any, demo_home: PlayedHome, tmp_path: Path) -> None:
    page.goto("/")
    picture(page, tmp_path / "rings.png")
    page.click(f"a[href='/rings/{demo_home.ring_id}']")
    page.wait_for_selector("#graph[data-ready=yes]", timeout=30_000)
    picture(page, tmp_path / "ring.png")
    node, x, y = page.evaluate(MEMBER)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y + 30, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
    moved = page.evaluate(f"() => window.ringNetwork.canvasToDOM(window.ringNetwork.getPosition({node!r}))")
    box = page.evaluate("() => document.getElementById('graph').getBoundingClientRect().toJSON()")
    assert (moved["x"] + box["x"], moved["y"] + box["y"]) == pytest.approx((x + 50, y + 30), abs=4)

    link = page.locator("a[href*='/api/reports/ring/'][href*='.pdf']").first.get_attribute("href")
    report = page.request.get(link)
    assert report.status == 200
    assert report.headers["content-type"] == "application/pdf"
    assert report.body().startswith(b"%PDF-")


def test_from_the_operators_to_one_operator_and_its_report(page: Any, demo_home: PlayedHome, tmp_path: Path) -> None:
    page.goto("/operators")
    page.click(f"a[href='/operators/{demo_home.operator_id}']")
    page.wait_for_url(f"**/operators/{demo_home.operator_id}")
    assert demo_home.operator_id in page.inner_text("main")
    picture(page, tmp_path / "operator.png")
    link = page.locator("a[href*='/api/reports/operator/'][href*='.pdf']").first.get_attribute("href")
    assert page.request.get(link).body().startswith(b"%PDF-")


def test_the_tools_open_and_work_on_real_data(page: Any, tmp_path: Path) -> None:
    page.goto("/graphiql")
    page.click("button.graphiql-execute-button")
    page.wait_for_function("() => document.querySelector('.graphiql-response')?.innerText.includes('\"data\"')")
    picture(page, tmp_path / "graphiql.png")
    page.goto("/docs")
    page.get_by_text("/api/transactions/score").first.wait_for()
    picture(page, tmp_path / "docs.png")
