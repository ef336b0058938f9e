"""What is installed is whole: every room imports, with or without torch, and the wheel holds more than Python files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.house.test_tracked_files import ROOMS

IMPORT_ALL = """
import importlib, pkgutil, sys
class WithoutModels:  # importing these now fails, as on a machine without the extra `gnn`
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in {"torch", "torch_geometric", "lightgbm", "sklearn", "safetensors"}:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

sys.meta_path.insert(0, WithoutModels)
count = 0
for room in sys.argv[1:]:
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, room + "."):
        if ".migrations." in module.name or module.name.endswith("__main__"):
            continue  # run by their tools, not imported
        if module.name in {"service.backtest", "service.ring_learning", "service.training"}:
            continue  # what it stands on is the extra; the command says so
        importlib.import_module(module.name)
        count += 1
print(count)
"""


@pytest.mark.slow
def test_every_module_outside_gnn_imports_without_the_extra() -> None:
    rooms = [room for room in ROOMS if room != "gnn"]
    command = [sys.executable, "-W", "error::SyntaxWarning", "-c", IMPORT_ALL, *rooms]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30


def test_the_wheel_holds_every_file_the_rooms_need_at_run_time(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source / name)
    for room in ROOMS:
        shutil.copytree(
            REPOSITORY / room, source / room, ignore=shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")
        )
    expected = {
        str(path.relative_to(source))
        for room in ROOMS
        for path in (source / room).rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".pyi"}
    }
    command = [sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "--offline"]
    command += ["--python", sys.executable, "--out-dir", str(tmp_path), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert any(name.endswith(".cypher") for name in packed)
    assert sorted(expected - packed) == []
    assert not any(name.split("/")[0] in {"tests", "bench", "deploy", "notebooks"} for name in packed)
