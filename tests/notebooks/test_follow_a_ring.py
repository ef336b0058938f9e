"""The notebook runs from top to bottom, shows what it says, and is stored as a person would want to meet it."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import REPOSITORY

PATH = REPOSITORY / "notebooks" / "follow_a_ring.ipynb"
DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def stored() -> Any:
    return nbformat.reads(PATH.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]  # nbformat is untyped


def outputs_of(notebook: Any) -> str:
    """Everything the executed notebook shows, as one text."""
    shown: list[str] = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            shown.append(str(output.get("text", "")))
            shown.extend(str(value) for value in output.get("data", {}).values())
    return "\n".join(shown)


def test_it_is_valid_and_stored_without_outputs() -> None:
    notebook = stored()
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_it_defines_nothing_of_its_own() -> None:
    for cell in stored().cells:
        if cell.cell_type == "code":
            defined = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, DEFINING)]
            assert not defined, cell.source


@pytest.mark.slow
def test_it_runs_to_its_end_and_shows_ring_money_reasons_and_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", f"{REPOSITORY}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=4096")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = stored()
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = outputs_of(notebook)
    pictures = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2, "the money over time and the ring"
    (page,) = [
        output.data["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "<iframe srcdoc" in output.get("data", {}).get("text/html", "")
    ]
    assert "src=&quot;http" not in page, "a script is loaded from outside"
    assert "href=&quot;http" not in page, "a style is loaded from outside"
    assert "of 100, " in shown
    assert "unworded" not in shown
    assert ".pdf" in shown
    assert not list(tmp_path.rglob("*.html")), "nothing is left beside the notebook"
