"""The checkout is the same on every machine: no package addresses, no paths of one machine, no shadowed rooms."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

ROOMS = ("api", "cypher", "gnn", "graph", "ingest", "ledger", "reports", "rings", "scoring", "service")
FORBIDDEN = {
    "the address of a package index": re.compile(
        r"index-url|find-links|<repository>|\"resolved\": \"http"
        r"|\bpypi\.org|pythonhosted\.org|repo1?\.maven\.|registry\.npmjs"
    ),
    "a path of one machine": re.compile(r"(?<![\w.*])/(root|work|workspace|home/\w+|Users/\w+)/"),
}
VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}
MOST_LINES = 400


def _files() -> list[Path]:
    """What the checkout tracks, or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip(f"not a git checkout: {listed.stderr.strip()}")
    paths = [REPOSITORY / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def _lines_of_text() -> Iterator[tuple[Path, int, str]]:
    """Every line of every text file but this one, which has to name what it forbids."""
    for path in _files():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            yield path.relative_to(REPOSITORY), number, line


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    found = [f"{path}:{number}" for path, number, line in _lines_of_text() if FORBIDDEN[what].search(line[:2_000])]
    assert found == []


def test_every_folder_of_tests_is_a_package_so_that_it_cannot_shadow_a_room() -> None:
    folders = {path.parent for path in _files() if REPOSITORY / "tests" in path.parents and path.suffix == ".py"}
    assert len(folders) > 3
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_modules_have_telling_names_and_hold_one_idea() -> None:
    modules = [path for path in _files() if path.suffix == ".py"]
    assert [str(path) for path in modules if path.stem in VAGUE] == []
    rooms = [path for path in modules if REPOSITORY / "tests" not in path.parents]
    assert [str(path) for path in rooms if path.read_text().count("\n") > MOST_LINES] == []
