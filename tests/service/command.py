"""Runs `tarrafa` as a person would: in this process, or in one of its own where signals or limits matter."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.commands import run_app


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    def well(self) -> Ended:
        """This, after checking that the command ended well."""
        assert self.status == 0, self.out + self.err
        return self


@dataclass(frozen=True, slots=True)
class Tarrafa:
    """The command line in this process."""

    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Ended:
        self.patch.setattr(sys, "argv", ["tarrafa", *map(str, arguments)])
        self.capture.readouterr()
        status = 0
        try:
            run_app()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        said = self.capture.readouterr()
        return Ended(status, said.out, said.err)


def start(*arguments: object, limit: Callable[[], None] | None = None, **environment: str) -> subprocess.Popen[str]:
    """The command in a process of its own; `limit` runs in it before it starts."""
    return subprocess.Popen(
        [sys.executable, "-m", "service", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
        preexec_fn=limit,
    )


@contextmanager
def serving(home: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`tarrafa serve` on a free port: the process, killed at the end if it still lives, and its address."""
    process = start("serve", "--port", 0, "--home", home, limit=None, **environment)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        if found is None:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"never served: {said}{out}{err}")
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def ended(process: subprocess.Popen[str], *, within: float = 120) -> Ended:
    """Wait for the process; it is killed when it takes longer than `within` seconds."""
    try:
        out, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"still running after {within} s: {out}{err}") from None
    return Ended(process.returncode, out, err)


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bytes_of(home: Path) -> bytes:
    """Everything that stands in the files of a home."""
    return b"\0".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())
