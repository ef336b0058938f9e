"""Health, rings as JSON, reports as files, and how trouble is told."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from api.context import PartHealth
from tests.api.conftest import Client
from tests.api.story import COLLECTION, FARM, OPERATOR
from tests.api.world import World


def test_health_names_every_part_and_what_is_down(client: Client, world: World) -> None:
    fine = client.get("/health")
    assert fine.status_code == 200
    assert {name: part["state"] for name, part in fine.json()["parts"].items()} == {
        "log": "ok",
        "graph": "ok",
        "model": "absent",
    }
    world.parts = (PartHealth("log", "ok"), PartHealth("graph", "down", "refused"))
    broken = client.get("/health")
    assert broken.status_code == 503
    assert broken.json()["status"] == "down"
    assert broken.json()["parts"]["graph"]["detail"] == "refused"


def test_a_service_is_ready_while_it_can_score_whatever_else_is_down(client: Client, world: World) -> None:
    assert client.get("/health/ready").json() == {"status": "ready", "waits_for": []}
    world.parts = (PartHealth("log", "ok"), PartHealth("window", "ok"), PartHealth("writer", "down", "Neo4j is gone"))
    assert (client.get("/health").status_code, client.get("/health/ready").status_code) == (503, 200)
    world.parts = (PartHealth("log", "down", "no room"), PartHealth("window", "ok"))
    waiting = client.get("/health/ready")
    assert (waiting.status_code, waiting.json()["waits_for"]) == (503, ["log"])


def test_rings_come_by_score_and_page_by_page(client: Client) -> None:
    first = client.get("/api/rings?limit=1").json()
    assert [ring["ring_id"] for ring in first["items"]] == [COLLECTION]
    rest = client.get("/api/rings", params={"limit": 1, "after": first["next"]}).json()
    assert ([ring["ring_id"] for ring in rest["items"]], rest["next"]) == ([FARM], None)


def test_rings_narrow_by_kind_and_score(client: Client) -> None:
    assert [r["ring_id"] for r in client.get("/api/rings?kind=shared_means").json()["items"]] == [FARM]
    assert [r["ring_id"] for r in client.get("/api/rings?min_score=80").json()["items"]] == [COLLECTION]


def test_a_ring_comes_whole_and_a_merged_one_as_its_survivor(client: Client, world: World) -> None:
    whole = client.get(f"/api/rings/{COLLECTION}").json()
    assert whole["in_cents"] == world.known_rings[COLLECTION].in_cents
    assert len(whole["members"]) == len(asdict(world.known_rings[COLLECTION])["members"])
    assert client.get("/api/rings/ring-old").json() == whole


@pytest.mark.parametrize("path", ["/api/rings/nope", "/api/reports/ring/nope.pdf", "/api/reports/operator/nope.pdf"])
def test_what_is_unknown_is_a_404_with_a_code(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(("form", "kind"), [("pdf", "application/pdf"), ("json", "application/json")])
def test_a_report_is_a_file_to_keep(client: Client, form: str, kind: str) -> None:
    answer = client.get(f"/api/reports/ring/{FARM}.{form}?language=en")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f'attachment; filename="ring-{FARM}-en.{form}"'
    assert answer.content == f"%{form}-{FARM}-en".encode()


def test_an_operator_report_comes_in_portuguese_unless_asked_otherwise(client: Client) -> None:
    answer = client.get(f"/api/reports/operator/{OPERATOR}.html")
    assert answer.text == f"%html-{OPERATOR}-pt-BR"
    assert "script-src" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/api/reports/ring/x.exe", "/api/reports/ring/x", "/api/reports/ring/ring-farm.pdf?language=xx"]
)
def test_a_report_in_an_unknown_form_or_language_is_refused(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["error"]["cure"]


def test_the_documentation_names_every_call(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/transactions/score", "/api/v1/score", "/api/v1/analyze", "/health"} <= set(paths)
