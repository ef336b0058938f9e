"""The files that start the project elsewhere agree with each other and with the settings they set."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from service.settings import known_variables
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    return loaded


def test_compose_has_the_service_and_its_servers_each_with_a_health_check(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"neo4j", "kafka", "postgres", "service"}
    assert all("healthcheck" in service for service in compose["services"].values())
    assert set(compose["services"]["service"]["depends_on"]) == {"neo4j", "kafka", "postgres"}


def test_compose_sets_only_settings_that_the_service_knows(compose: dict[str, Any]) -> None:
    given = set(compose["services"]["service"]["environment"])
    assert given
    assert given <= set(known_variables())


def test_compose_publishes_on_this_machine_only_and_gives_the_api_no_default_token(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert compose["services"]["service"]["environment"]["TARRAFA_API_TOKEN"] == "${TARRAFA_API_TOKEN:-}"


def test_every_volume_that_compose_uses_is_declared(compose: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_compose_and_the_test_servers_run_the_same_versions(compose: dict[str, Any]) -> None:
    poms = REPOSITORY / "deploy" / "servers" / "poms"
    neo4j = re.search(r"<neo4j.version>(.+)</neo4j.version>", (poms / "neo4j.xml").read_text())
    kafka = re.search(
        r"<artifactId>kafka_2.13</artifactId>\s*<version>(.+)</version>", (poms / "kafka.xml").read_text()
    )
    assert neo4j is not None
    assert kafka is not None
    assert compose["services"]["neo4j"]["image"] == f"neo4j:{neo4j[1]}-community"
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{kafka[1]}"


def test_the_compose_client_accepts_the_file() -> None:
    docker = shutil.which("docker")
    version = subprocess.run([docker, "compose", "version"], capture_output=True, check=False) if docker else None
    if docker is None or version is None or version.returncode:
        pytest.skip("this machine has no `docker compose`: install the compose plugin to check the file with it")
    done = subprocess.run(
        [docker, "compose", "config", "-q"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_image_sets_what_the_makefile_exports() -> None:
    makefile, image = (REPOSITORY / "Makefile").read_text(), (REPOSITORY / "Dockerfile").read_text()
    for name in ("GLIBC_TUNABLES", "OMP_WAIT_POLICY"):
        value = re.search(rf"export {name} := (\S+)", makefile)
        assert value is not None
        assert f"{name}={value[1]}" in image


@pytest.mark.parametrize("target", ["setup", "run", "servers", "servers-stop", "test", "test-fast", "bench"])
def test_the_makefile_knows(target: str) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    command = ["make", "-n", target]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_machine_runs_the_same_check() -> None:
    check = REPOSITORY / ".ci" / "run"
    assert os.access(check, os.X_OK)
    assert "exec make test" in check.read_text()
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "test.yml").read_text())
    assert any(step.get("run") == ".ci/run" for step in workflow["jobs"]["test"]["steps"])
