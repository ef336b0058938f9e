"""A scratch Postgres cluster on 127.0.0.1, from the machine's own Postgres programs.

Postgres refuses to run as root: then it runs as the system user that the Debian package brings. Durability is off
(`fsync`), so the cluster is for tests only.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.servers import packages, place, process
from deploy.servers.place import Record
from deploy.servers.problem import ServerProblem

NAME = "postgres"
USER = "tarrafa"
_DEBIAN_LAYOUT = Path("/usr/lib/postgresql")
_OTHERS_MAY_PASS = 0o001


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running cluster: 127.0.0.1 at `port`, superuser `user` with `password`."""

    port: int
    user: str
    password: str

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of `database`."""
        return f"postgresql+psycopg://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"


def install() -> None:
    """Install the Debian package unless Postgres is there."""
    with place.held(NAME, "start"):
        _program("initdb")


def start() -> PostgresServer:
    """Return the running cluster; start it, and install it, when needed. Accepts connections on return."""
    with place.held(NAME, "start"):
        record = place.read_record(NAME)
        if record is None or not process.is_alive(record):
            record = _launch()
        running = record
        log = place.folder(NAME) / "console.log"
        process.wait_ready(NAME, running, lambda: _accepts(running), log=log, timeout_s=60)
    return _server(running)


def stop() -> None:
    """Stop the cluster if it runs."""
    with place.held(NAME, "start"):
        record = place.read_record(NAME)
        if record is not None:
            process.stop(record, how=signal.SIGINT)  # "fast": ends open sessions
        place.write_record(NAME, None)


def status() -> PostgresServer | None:
    """Return the running cluster, or None; never starts anything."""
    record = place.read_record(NAME)
    return _server(record) if record is not None and process.is_alive(record) else None


def data_folder() -> Path:
    """Return the cluster's folder; a system user who cannot enter the checkout gets one in the temporary folder."""
    data = place.folder(NAME) / "data"
    if _account() is None or all(parent.stat().st_mode & _OTHERS_MAY_PASS for parent in data.parents):
        return data
    checkout = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"tarrafa-postgres-{checkout}"


def _server(record: Record) -> PostgresServer:
    return PostgresServer(port=record.port, user=USER, password=record.password)


def _launch() -> Record:
    user = _account()
    data = data_folder()
    secret = place.folder(NAME) / "password"
    if not (data / "PG_VERSION").exists() or not secret.exists():
        _create_cluster(data, user, secret)
    _forget_dead(data / "postmaster.pid")
    port = place.choose_port("SERVERS_POSTGRES_PORT", 5432)
    command = [_program("postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    for setting in ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100"):
        command += ["-c", setting]
    pid, mark = process.launch(command, log=place.folder(NAME) / "console.log", cwd=data, user=user)
    record = Record(pid=pid, mark=mark, port=port, second_port=0, password=secret.read_text())
    place.write_record(NAME, record)
    return record


def _create_cluster(data: Path, user: str | None, secret: Path) -> None:
    """Create the cluster with a random superuser password, which is kept in `secret`."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700, parents=True)
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(12))
    command = [_program("initdb"), "-D", str(data), "-U", USER, "--auth=scram-sha-256", "-E", "UTF8", "--locale=C"]
    with tempfile.NamedTemporaryFile("w", prefix="tarrafa-") as given:
        given.write(secret.read_text())
        given.flush()
        if user is not None:
            for path in (data, Path(given.name)):
                shutil.chown(path, user)
        packages.run_or_explain([*command, f"--pwfile={given.name}"], cure=f"remove {data}", timeout_s=120, user=user)


def _forget_dead(lock: Path) -> None:
    """Remove the lock of a killed cluster: Postgres keeps it while the dead process is unreaped, as in a container."""
    if lock.exists() and process.mark_of(int(lock.read_text().split("\n", 1)[0])) is None:
        lock.unlink()


def _account() -> str | None:
    """Return the system user that Postgres runs as when we are root, None when we are not."""
    if os.geteuid() != 0:
        return None
    _program("postgres")
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise ServerProblem(
            "Postgres refuses to run as root and there is no user `postgres`", cure="add that user, or run as another"
        ) from None


def _program(name: str) -> str:
    """Return the full path of a Postgres server program, installing the Debian package when it is missing."""
    found = _find(name)
    if found is None:
        packages.install_packages("postgresql")
        found = _find(name)
    if found is None:
        raise ServerProblem(f"Postgres has no `{name}`", cure="install the Postgres server, version 15 or later")
    return found


def _find(name: str) -> str | None:
    """Newest version of the Debian layout first: its programs are not on the PATH."""
    versions = [
        path for path in _DEBIAN_LAYOUT.glob("*/bin") if path.parent.name.isdecimal() and (path / name).exists()
    ]
    if versions:
        return str(max(versions, key=lambda path: int(path.parent.name)) / name)
    return shutil.which(name)


def _accepts(record: Record) -> bool:
    command = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(record.port)]
    return subprocess.run(command, check=False).returncode == 0
