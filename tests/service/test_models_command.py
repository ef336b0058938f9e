"""From labels in a log to a governed model in every answer: trained, promoted, served, rebuilt, watched."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from gnn.artefact import read_manifest, versions_below
from gnn.canary import Canary
from graph.events import Movement
from ingest.formats import open_source
from service.bootstrap import now_ms, open_service
from service.home import HomePaths
from service.model_store import ModelStore, choice_in_force
from service.run import iso, play, progress_bar
from service.settings import load_settings
from service.training import train_home
from tests.gnn.lessons import fraudulent, movements
from tests.service.command import Tarrafa, serving

pytestmark = pytest.mark.slow
COUNT = 900
SECRET = "a secret for tests only"


def written(path: Path, events: list[Movement], *, labels: bool) -> Path:
    """A canonical file of the movements; one label in twenty is wrong, so that no model is perfect."""
    rng = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("tx_id", "ts", "source", "target", "amount", "label"))
        for event in events:
            label = fraudulent(int(event.tx_id)) ^ (rng.random() < 0.05)
            amount = f"{event.amount_cents // 100}.{event.amount_cents % 100:02d}"
            said = int(label) if labels else ""
            writer.writerow((event.tx_id, iso(event.ts), event.source, event.target, amount, said))
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with two thirds of a stream, two models trained on them, and the last third as a file beside it."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TARRAFA_IDENTITY_SECRET", SECRET)
        events = movements(COUNT)
        written(folder / "later.csv", events[600:], labels=False)
        first = written(folder / "first.csv", events[:600], labels=True)
        with open_service(load_settings(home=folder / "home"), work=True) as service, progress_bar() as bar:
            play(service, open_source(first, keys=service.keys, now_ms=now_ms()), progress=bar, resume=False)
        for wanted in ("propagated scores", "boosted features"):
            with progress_bar() as bar:
                train_home(
                    load_settings(home=folder / "home"), since=0, until=4_000_000_000_000, seed=1, delay_days=0.0,
                    progress=bar, told=lambda _name: None, wanted=wanted,
                )  # fmt: skip
        yield folder


@pytest.fixture
def home(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that home."""
    monkeypatch.setenv("TARRAFA_IDENTITY_SECRET", SECRET)
    shutil.copytree(trained / "home", tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def tarrafa(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tarrafa:
    return Tarrafa(monkeypatch, capsys)


def versions(home: Path) -> dict[str, str]:
    """Kind of model -> version."""
    root = HomePaths(home).models
    return {read_manifest(root, one)[0].heads[0].name: one for one in versions_below(root)}


def live(home: Path) -> str | None:
    with open_service(load_settings(home=home), work=False) as service:
        found = choice_in_force(service.ledger).live
        return None if found is None else found.version


def test_a_promoted_model_is_in_every_answer_and_a_rebuild_ends_in_the_same_state(
    tarrafa: Tarrafa, home: Path, trained: Path
) -> None:
    chosen = versions(home)["propagated scores"]
    shadow = versions(home)["boosted features"]
    assert "is in force" in tarrafa("models", "promote", chosen, "--home", home, "--by", "ana").well().out
    tarrafa("models", "shadow", shadow, "--home", home, "--by", "ana").well()
    tarrafa("run", trained / "later.csv", "--home", home, "--no-serve").well()
    state = tarrafa("state-hash", "--home", home).well().out
    explained = tarrafa("score", "explain", "899", "--home", home).well().out
    assert f"model {chosen}" in explained
    assert "probability of fraud" in explained
    listed = tarrafa("models", "list", "--home", home).well().out
    assert "live" in listed
    assert "shadow" in listed
    compared = tarrafa("models", "compare", chosen, shadow, "--home", home).well().out
    assert "300" in compared
    drift = tarrafa("models", "drift", "--home", home).well().out
    assert f"{chosen}: 900 newest transactions, 300 scored by it" in drift
    assert f"{chosen} in force, propagated scores" in tarrafa("doctor", "--home", home).well().out
    assert state.strip() in tarrafa("rebuild", "--home", home).well().out
    assert tarrafa("state-hash", "--home", home).well().out == state
    card = tarrafa("models", "show", chosen, "--home", home).well().out
    assert "## Limits" in card
    assert (HomePaths(home).models / chosen / "calibration.svg").read_text().startswith("<svg")


def test_what_is_damaged_is_refused_and_the_live_model_untouched(tarrafa: Tarrafa, home: Path) -> None:
    chosen, other = versions(home)["boosted features"], versions(home)["propagated scores"]
    tarrafa("models", "promote", chosen, "--home", home).well()
    torn = next((HomePaths(home).models / other).glob("trees*.txt"))
    torn.write_text(torn.read_text()[:-100])
    refused = tarrafa("models", "promote", other, "--home", home)
    assert refused.status == 2
    assert f"{torn.name} of {other} is not what was saved" in refused.err
    assert live(home) == chosen
    assert tarrafa("models", "promote", "m-nothing", "--home", home).status == 2
    assert "none is in force" not in tarrafa("models", "rollback", "--home", home).well().out
    assert live(home) is None
    assert "none is in force; promote one" in tarrafa("models", "rollback", "--home", home).err


def test_a_rollback_puts_back_what_was_in_force_before(tarrafa: Tarrafa, home: Path) -> None:
    first, second = versions(home)["boosted features"], versions(home)["propagated scores"]
    for version in (first, second):
        tarrafa("models", "promote", version, "--home", home).well()
    tarrafa("models", "rollback", "--home", home).well()
    assert live(home) == first


def test_a_model_that_fails_the_canary_set_is_not_promoted(tarrafa: Tarrafa, home: Path) -> None:
    tarrafa("models", "canary", "--new", "--home", home).well()
    ModelStore(load_settings(home=home)).keep_canary(Canary(("1", "2"), (0, 1)))
    refused = tarrafa("models", "promote", versions(home)["boosted features"], "--home", home)
    assert refused.status == 2
    assert "not tried on the canary set in force" in refused.err
    assert live(home) is None


def test_over_http_every_kind_of_answer_names_the_model(home: Path) -> None:
    version = versions(home)["propagated scores"]
    bet = {
        "transaction_id": "b1",
        "user_id": "u",
        "amount_brl": 10,
        "bet_site": "x.example",
        "timestamp": "2025-03-20T00:00:00Z",
    }
    row = {"transaction_id": "p1", "step": 1, "type": "TRANSFER", "amount": 5, "nameOrig": "a1", "nameDest": "a2"}
    payment = {
        "transaction_id": "y1",
        "merchant_id": "m",
        "amount": 7,
        "payment_method": "pix",
        "customer_document_hash": "d",
    }
    with serving(home, TARRAFA_API_SCORE_DEADLINE_MS="60000") as (_, address):
        client = httpx.Client(base_url=address, timeout=60)
        before = client.post("/api/transactions/score", json=bet | {"transaction_id": "b0"}).json()
        assert (before["model_version"], before["probability"]) == ("absent", None)
        assert client.post("/api/v1/models/m-no/promote", json={"by": "ana"}).status_code == 422
        promoted = client.post(f"/api/v1/models/{version}/promote", json={"by": "ana", "reason": "it is good"})
        assert promoted.json()["model"]["state"] == "live"
        found = client.post("/api/transactions/score", json=bet).json()
        assert (found["model_version"], found["versions"]["model"]) == (version, version)
        assert 0 <= found["probability"] <= 1
        (found,) = client.post("/api/v1/score", json={"transactions": [row]}).json()
        assert found["model_version"] == version
        assert 0.5 <= found["confidence"] <= 1
        found = client.post("/api/v1/analyze", json=payment).json()
        assert 0 <= found["ml_score"] <= 1
        asked = client.post(
            "/graphql", json={"query": "{ models { version state } modelDrift { version scored } }"}
        ).json()
        assert {"version": version, "state": "live"} in asked["data"]["models"]
        assert asked["data"]["modelDrift"]["version"] == version
        labels = {"by": "ana", "labels": [{"transaction_id": "b1", "label": 1}]}
        assert client.post("/api/v1/labels", json=labels).json() == {"accepted": 1}
        unknown = {"by": "ana", "labels": [{"transaction_id": "nobody", "label": 1}]}
        assert client.post("/api/v1/labels", json=unknown).status_code == 422
        assert client.get(f"/api/v1/models/{version}/card").text.startswith(f"# Model {version}")
        assert client.get("/api/v1/models/m-no").status_code == 404
        health = client.get("/health").json()["parts"]
        assert (health["model"]["state"], health["model"]["version"]) == ("ok", version)
        back = client.post("/api/v1/models/rollback", json={"by": "ana"}).json()
        assert back == {"model": None}
