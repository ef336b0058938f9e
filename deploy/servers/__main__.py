"""`python -m deploy.servers install|start|stop|status|env NAME...`: the servers by hand and from make."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from deploy.servers import SERVERS, ServerProblem, kafka, neo4j, postgres


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one action on the named servers; return 1 when one of them failed, having tried the others."""
    parser = argparse.ArgumentParser(prog="python -m deploy.servers", description=__doc__)
    parser.add_argument("action", choices=["install", "start", "stop", "status", "env"])
    parser.add_argument("names", nargs="*", choices=[*SERVERS, "all"], default="all", metavar="NAME", help=_names())
    given = parser.parse_args(arguments)
    names = list(SERVERS) if "all" in given.names else list(dict.fromkeys(given.names))
    if given.action == "env":
        print("\n".join(_settings(names)))
        return 0
    return max([_act(given.action, name) for name in names], default=0)


def _names() -> str:
    return f"{', '.join(SERVERS)}, or all (the default)"


def _act(action: str, name: str) -> int:
    """Do one action on one server and say what came of it."""
    server, began = SERVERS[name], time.monotonic()
    try:
        if action == "status":
            print(f"{name:9} {'running' if server.status() else 'not running'}{_where(name)}")
            return 0
        getattr(server, action)()
    except ServerProblem as problem:
        print(f"{name:9} failed: {problem}", file=sys.stderr)
        return 1
    print(f"{name:9} {action} done in {time.monotonic() - began:.1f} s{_where(name)}")
    return 0


def _where(name: str) -> str:
    """Return where a running server is found, never its password."""
    match SERVERS[name].status():
        case neo4j.Neo4jServer(uri=uri):
            return f" at {uri}"
        case kafka.KafkaServer(bootstrap=bootstrap):
            return f" at {bootstrap}"
        case postgres.PostgresServer(port=port):
            return f" at 127.0.0.1:{port}"
        case _:
            return ""


def _settings(names: Sequence[str]) -> list[str]:
    """Return the shell lines that point the service at the running servers."""
    lines: list[str] = []
    for name in names:
        match SERVERS[name].status():
            case neo4j.Neo4jServer(uri=uri, user=user, password=password):
                lines.append(f"export TARRAFA_NEO4J_URI={uri} TARRAFA_NEO4J_USER={user}")
                lines.append(f"export TARRAFA_NEO4J_PASSWORD={password}")
            case postgres.PostgresServer() as server:
                lines.append(f"export TARRAFA_LEDGER_URL={server.url()}")
            case _:
                pass
    return lines


if __name__ == "__main__":
    sys.exit(main())
