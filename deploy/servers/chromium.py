"""The Chromium that opens the pages in tests: the machine's own, driven headless through Playwright."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from deploy.servers import packages, place
from deploy.servers.problem import ServerProblem

NAME = "chromium"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Chromium:
    """An installed browser: `executable` is its full path, `flags` what it needs in a container and as root."""

    executable: str
    flags: tuple[str, ...] = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")


def install() -> None:
    """Install the Debian package unless a Chromium is there."""
    start()


def start() -> Chromium:
    """Return the browser, installed when needed; it is launched by each test run, so nothing is left running."""
    with place.held(NAME, "start"):
        found = status()
        if found is None:
            packages.install_packages("chromium", "fonts-dejavu-core")
            found = status()
    if found is None:
        raise ServerProblem(f"none of {', '.join(_PROGRAMS)} is on the PATH", cure="install Chromium")
    return found


def stop() -> None:
    """Nothing runs between tests."""


def status() -> Chromium | None:
    """Return the installed browser, or None."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return Chromium(executable=found) if found else None
