"""The home folder: where state lives, who may own it, and which identifier key it was written with."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from graph.errors import ConfigurationError, HomeInUse, StorageFull
from graph.identity import IdentifierKeys
from service.settings import IdentitySection

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class HomePaths:
    """Files of a home."""

    root: Path

    @property
    def log(self) -> Path:
        return self.root / "log.sqlite"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def graph(self) -> Path:
        return self.root / "graph" / "graph.kgl"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def known(self) -> Path:
        """What was known at earlier moments, each projected into a home of its own."""
        return self.root / "known"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def clean(self) -> Path:
        """Written at a clean stop with the log offset everything holds; absent while a process works."""
        return self.root / "clean.json"

    @property
    def key_id(self) -> Path:
        return self.root / "key-id"


class HomeLock:
    """Ownership of a home by one process; released when the process ends, however it ends."""

    def __init__(self, paths: HomePaths) -> None:
        with _in_home(paths):
            paths.root.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = paths.lock.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            owner = self._file.read().strip() or "unknown"
            self._file.close()
            raise HomeInUse(
                f"the home {paths.root} is used by process {owner}",
                cure="ask that process over HTTP, stop it, or give another --home",
            ) from error
        with _in_home(paths):
            self._file.truncate(0)
            self._file.write(str(os.getpid()))
            self._file.flush()

    def __enter__(self) -> HomeLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Give the home free."""
        self._file.close()


def installation_keys(section: IdentitySection) -> IdentifierKeys:
    """Return the keys of this installation, making the key file on first use."""
    if section.secret is not None:
        return IdentifierKeys.from_secret(section.secret.get_secret_value().encode())
    return IdentifierKeys.from_secret(key_file(section.key_file.expanduser()))


def identifier_keys(section: IdentitySection, paths: HomePaths) -> IdentifierKeys:
    """Return the keys of this installation for a home.

    Raises ConfigurationError when the home was written with another key: its hashes would never join new ones.
    """
    keys = installation_keys(section)
    with _in_home(paths):
        known = paths.key_id.read_text().strip() if paths.key_id.exists() else ""
    if known:
        if known != keys.key_id:
            raise ConfigurationError(
                f"the home {paths.root} was written with identifier key {known}, this process has {keys.key_id}",
                cure="give the old key with TARRAFA_IDENTITY_KEY_FILE or TARRAFA_IDENTITY_SECRET, or use a new home",
            )
    else:
        with _in_home(paths):
            paths.key_id.write_text(keys.key_id)
    return keys


def key_file(path: Path) -> bytes:
    """Return the secret that a file holds: hex of 32 random bytes, made on first use, readable by nobody else."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = path.with_suffix(f".{os.getpid()}")
            made.touch(mode=0o600)
            made.write_bytes(secrets.token_hex(SECRET_BYTES).encode())
            try:
                os.link(made, path)  # whoever is first wins; a key that is there is never replaced
            except FileExistsError:
                pass
            finally:
                made.unlink()
        return path.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            f"the key {path} cannot be read or made: {error.strerror}",
            cure="set TARRAFA_IDENTITY_KEY_FILE (or TARRAFA_IDENTITY_SIGNING_KEY_FILE) to a readable file",
        ) from error


def mark_clean(paths: HomePaths, *, head: int, store: str) -> None:
    """Say that log, store `store` and ledger all hold everything up to `head`."""
    waiting = paths.clean.with_suffix(".new")
    with _in_home(paths):
        waiting.write_text(json.dumps({"head": head, "store": store}))
        waiting.replace(paths.clean)


def is_clean(paths: HomePaths, *, head: int, store: str) -> bool:
    """Whether the last process stopped cleanly at `head` with this store."""
    try:
        return bool(json.loads(paths.clean.read_text()) == {"head": head, "store": store})
    except (OSError, ValueError):
        return False


def mark_working(paths: HomePaths) -> None:
    """Withdraw the mark of `mark_clean`."""
    with _in_home(paths):
        paths.clean.unlink(missing_ok=True)


@contextmanager
def _in_home(paths: HomePaths) -> Iterator[None]:
    """Say which home it is when a file in it cannot be read or written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                f"no room left in the home {paths.root}", cure="free space on that disk and start again"
            ) from error
        raise ConfigurationError(
            f"the home {paths.root} cannot be used: {error.strerror}", cure="give another one with --home"
        ) from error
