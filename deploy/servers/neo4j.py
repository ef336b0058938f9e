"""Neo4j Community, started from its own jars: one database on 127.0.0.1, authentication on."""

from __future__ import annotations

import base64
import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from deploy.servers import packages, place, process
from deploy.servers.place import Record

NAME = "neo4j"
USER = "neo4j"
_POM = Path(__file__).with_name("poms") / "neo4j.xml"
_HEAP = ["-Xms512m", "-Xmx2g", "-XX:+UseG1GC"]
_OPENS = ("java.nio", "sun.nio.ch", "java.io", "java.util.concurrent", "java.lang")


@dataclass(frozen=True, slots=True)
class Neo4jServer:
    """A running server: Bolt `uri`, `user`, `password`."""

    uri: str
    user: str
    password: str


def install() -> None:
    """Fetch the jars unless they are there."""
    with place.held(NAME, "start"):
        packages.fetch_jars(NAME, _POM)


def start() -> Neo4jServer:
    """Return the running server; start it, and install it, when needed. Ready for queries on return."""
    with place.held(NAME, "start"):
        record = place.read_record(NAME)
        if record is None or not process.is_alive(record):
            record = _launch()
        running = record
        log = place.folder(NAME) / "home" / "logs" / "neo4j.log"
        process.wait_ready(NAME, running, lambda: _accepts(running), log=log, timeout_s=180)
    return _server(running)


def stop() -> None:
    """Stop the server if it runs."""
    with place.held(NAME, "start"):
        record = place.read_record(NAME)
        if record is not None:
            process.stop(record)
        place.write_record(NAME, None)


def status() -> Neo4jServer | None:
    """Return the running server, or None; never starts anything."""
    record = place.read_record(NAME)
    return _server(record) if record is not None and process.is_alive(record) else None


def _server(record: Record) -> Neo4jServer:
    return Neo4jServer(uri=f"bolt://127.0.0.1:{record.port}", user=USER, password=record.password)


def _launch() -> Record:
    library = packages.fetch_jars(NAME, _POM)
    home = place.folder(NAME) / "home"
    for part in ("conf", "data", "logs", "plugins", "import", "run"):
        (home / part).mkdir(parents=True, exist_ok=True)
    bolt = place.choose_port("SERVERS_NEO4J_PORT", 7687)
    http = place.choose_port("SERVERS_NEO4J_HTTP_PORT", 7474)
    settings = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{bolt}",
        "server.http.listen_address": f"127.0.0.1:{http}",
        "server.memory.pagecache.size": "512m",
        "dbms.usage_report.enabled": "false",
    }
    (home / "conf" / "neo4j.conf").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENS]
    command = [packages.need_command("java", "default-jre-headless"), *_HEAP, *opens, "-cp", f"{library}/*"]
    command += ["org.neo4j.server.CommunityEntryPoint", f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
    password = _password()
    pid, mark = process.launch(command, log=home / "logs" / "console.log", cwd=home)
    record = Record(pid=pid, mark=mark, port=bolt, second_port=http, password=password)
    place.write_record(NAME, record)
    return record


def _password() -> str:
    """Return the password of this server's data; a random one on first use."""
    path = place.folder(NAME) / "password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12))
    return path.read_text()


def _accepts(record: Record) -> bool:
    """Return whether the server answers a query with our password; on first start change the initial one to it."""
    if _answers(record, database="neo4j", password=record.password, statement="RETURN 1"):
        return True
    change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new"
    _answers(record, database="system", password="neo4j", statement=change, new=record.password)
    return False


def _answers(record: Record, *, database: str, password: str, statement: str, **parameters: str) -> bool:
    """Return whether `statement` ran without error over the server's HTTP interface."""
    body = json.dumps({"statements": [{"statement": statement, "parameters": parameters}]}).encode()
    credentials = base64.b64encode(f"{USER}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{record.second_port}/db/{database}/tx/commit",
        data=body,
        headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=5) as answer:
            return not json.load(answer)["errors"]
    except (urllib.error.URLError, OSError, ValueError):  # not listening yet, or not with this password
        return False
