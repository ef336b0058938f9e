"""The schema and ingest statements, derived from the tables in `graph.links`.

`python -m graph.store.statements cypher` writes them as files under `cypher/schema` and `cypher/ingest`; a test fails
when the committed files and these tables disagree. One text serves both engines: node maps hold only `{id}`, rows are
absolute values (so that sending them again changes nothing), and each writing statement returns how many rows it
reached, because `MATCH .. MATCH .. CREATE` drops a row without a word when an end is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.events import NodeKind
from graph.links import LINK_KINDS, MEMBER_OF, NODE_PROPERTIES, SENT, LinkKind

WRITE_TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class StatementFile:
    """One generated `.cypher` file: `name` is its stem, `body` the statement without its header."""

    folder: str
    name: str
    mode: str
    params: str
    returns: str
    meaning: str
    body: str

    @property
    def text(self) -> str:
        """The file's whole content."""
        header = {
            "mode": self.mode,
            "params": self.params,
            "returns": self.returns,
            "timeout_ms": WRITE_TIMEOUT_MS,
            "version": 1,
            "meaning": self.meaning,
        }
        return "\n".join([*(f"// {key}: {value}".rstrip() for key, value in header.items()), self.body, ""])


def schema_statements() -> Iterator[StatementFile]:
    """Yield the uniqueness constraints; each brings the index that reads start from."""
    for label in (*NodeKind, "Source"):
        name = f"{label.lower()}_id"
        body = f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"
        yield StatementFile("schema", name, "schema", "", "", f"one {label} node per id", body)
    body = "CREATE CONSTRAINT sent_tx_id IF NOT EXISTS FOR ()-[s:SENT]-() REQUIRE s.tx_id IS UNIQUE"
    yield StatementFile("schema", "sent_tx_id", "schema", "", "", "one SENT link per transaction", body)


def ingest_statements() -> Iterator[StatementFile]:
    """Yield what the sink runs: the watermark, nodes, SENT, aggregated links, rings."""
    yield _ingest(
        "source_claim",
        "id",
        "position",
        "lock the log's watermark for this transaction and say how far the store is",
        "MERGE (w:Source {id: $id})\nON CREATE SET w.position = 0\nSET w.claimed = true\nRETURN w.position AS position",
    )
    yield _ingest(
        "source_advance",
        "id, position",
        "n",
        "move the log's watermark",
        "MATCH (w:Source {id: $id})\nSET w.position = $position\nRETURN count(*) AS n",
    )
    for kind in NodeKind:
        if kind is not NodeKind.RING:
            yield from _node_statements(kind)
    yield _ingest("sent_create", "rows", "n", "add money movements", _create_link(SENT, *SENT.ends[0]))
    yield _ingest(
        "sent_forget",
        "before, limit",
        "n",
        "drop money movements that are older than what the store keeps",
        "MATCH (:Account)-[k:SENT]->(:Account)\nWHERE k.ts < $before\nWITH k ORDER BY k.tx_id LIMIT $limit\nDELETE k\n"
        "RETURN count(*) AS n",
    )
    for link in LINK_KINDS.values():
        if link.aggregated:
            yield from _link_statements(link)
    yield from _ring_statements()


def link_statement_name(link: LinkKind, source: NodeKind) -> str:
    """Return the stem of the statements for `link` from `source`; kinds with several ends have one per source."""
    name = link.name.lower()
    return name if len(link.ends) == 1 else f"{name}_{source.lower()}"


def texts(statements: Iterator[StatementFile]) -> dict[str, str]:
    """Return {name: text}, the form the sink takes."""
    return {statement.name: statement.text for statement in statements}


def write_files(root: Path) -> None:
    """Write every statement to `root`/<folder>/<name>.cypher and remove generated files that no longer belong."""
    for folder, statements in (("schema", schema_statements()), ("ingest", ingest_statements())):
        target = root / folder
        target.mkdir(parents=True, exist_ok=True)
        wanted = {f"{statement.name}.cypher": statement.text for statement in statements}
        for stale in target.glob("*.cypher"):
            if stale.name not in wanted:
                stale.unlink()
        for name, text in wanted.items():
            (target / name).write_text(text, encoding="utf-8")


def _ingest(name: str, params: str, returns: str, meaning: str, body: str) -> StatementFile:
    return StatementFile("ingest", name, "write", params, returns, meaning, body)


def _assign(variable: str, properties: tuple[tuple[str, type], ...]) -> str:
    return ", ".join(f"{variable}.{name} = r.{name}" for name, _ in properties)


def _node_statements(kind: NodeKind) -> Iterator[StatementFile]:
    assign = _assign("n", NODE_PROPERTIES[kind])
    for verb, meaning in (("CREATE", f"add {kind} nodes"), ("MATCH", f"set the absolute state of known {kind} nodes")):
        name = f"node_{kind.lower()}_{'create' if verb == 'CREATE' else 'update'}"
        body = f"UNWIND $rows AS r\n{verb} (n:{kind} {{id: r.id}})\nSET {assign}\nRETURN count(*) AS n"
        yield _ingest(name, "rows", "n", meaning, body)


def _ends(source: NodeKind, target: NodeKind) -> str:
    return f"UNWIND $rows AS r\nMATCH (a:{source} {{id: r.source}})\nMATCH (b:{target} {{id: r.target}})"


def _create_link(link: LinkKind, source: NodeKind, target: NodeKind) -> str:
    values = ", ".join(f"{name}: r.{name}" for name, _ in link.properties)
    return f"{_ends(source, target)}\nCREATE (a)-[k:{link.name} {{{values}}}]->(b)\nRETURN count(*) AS n"


def _link_statements(link: LinkKind) -> Iterator[StatementFile]:
    # The update is a MERGE because both engines then look between the two ends; a MATCH expands everything one end has
    # (planned on an empty Neo4j: 20 times slower). A link that MERGE had to create has no count and is not counted.
    for source, target in link.ends:
        stem = link_statement_name(link, source)
        yield _ingest(
            f"{stem}_create",
            "rows",
            "n",
            f"add {link.name} links ({source} to {target}): {link.meaning}",
            _create_link(link, source, target),
        )
        yield _ingest(
            f"{stem}_update",
            "rows",
            "n",
            f"set the absolute state of known {link.name} links ({source} to {target})",
            f"{_ends(source, target)}\nMERGE (a)-[k:{link.name}]->(b)\nON MATCH SET {_assign('k', link.properties)}\n"
            "RETURN count(k.count) AS n",
        )


def _ring_statements() -> Iterator[StatementFile]:
    ((account, ring),) = MEMBER_OF.ends
    yield _ingest(
        "ring_upsert",
        "rows",
        "n",
        "set the absolute state of rings",
        f"UNWIND $rows AS r\nMERGE (n:{ring} {{id: r.id}})\nSET {_assign('n', NODE_PROPERTIES[ring])}\n"
        "RETURN count(*) AS n",
    )
    yield _ingest(
        "ring_delete",
        "rows",
        "n",
        "remove rings that are gone, with their memberships",
        f"UNWIND $rows AS r\nMATCH (n:{ring} {{id: r.id}})\nDETACH DELETE n\nRETURN count(*) AS n",
    )
    yield _ingest(
        "member_upsert",
        "rows",
        "n",
        "set the absolute state of ring memberships",
        f"{_ends(account, ring)}\nMERGE (a)-[k:{MEMBER_OF.name}]->(b)\nSET {_assign('k', MEMBER_OF.properties)}\n"
        "RETURN count(*) AS n",
    )
    yield _ingest(
        "member_delete",
        "rows",
        "n",
        "remove memberships that ended",
        f"{_ends(account, ring)}\nMATCH (a)-[k:{MEMBER_OF.name}]->(b)\nDELETE k\nRETURN count(*) AS n",
    )


if __name__ == "__main__":
    write_files(Path(sys.argv[1]))
