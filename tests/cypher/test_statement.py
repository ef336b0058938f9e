"""A statement whose header and text disagree is refused, naming the line and the disagreement."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from cypher.catalog import Catalog
from cypher.statement import BadStatement, Mode, parse
from graph.errors import QueryRefused, StopWork
from graph.store.protocol import Row

BODY = "MATCH (a:Account {id: $id})\nRETURN a.id AS id, a.first_seen AS first_seen\nORDER BY id\n"


def source(body: str = BODY, **changed: str | None) -> str:
    """A file with a good header, some lines changed or (None) left out."""
    header: dict[str, str | None] = {
        "mode": "read",
        "params": "id",
        "returns": "id, first_seen",
        "timeout_ms": "2000",
        "version": "1",
        "meaning": "one account: when it was first seen",
    }
    header |= changed
    lines = [f"// {key}: {value}".rstrip() for key, value in header.items() if value is not None]
    return "\n".join([*lines, body])


def problems(text: str) -> list[str]:
    """What `parse` complains about."""
    with pytest.raises(BadStatement) as caught:
        parse(text, name="read/x", path="read/x.cypher")
    return [str(problem) for problem in caught.value.problems]


def test_a_statement_carries_what_its_header_says() -> None:
    statement = parse(
        source(params="id, more?", body=f"// why\n{BODY.replace('$id', '$id + $more')}"), name="n", path="p"
    )
    assert (statement.mode, statement.params, statement.optional) == (Mode.READ, ("id",), ("more",))
    assert (statement.returns, statement.timeout_ms, statement.version) == (("id", "first_seen"), 2_000, 1)
    assert statement.meaning == "one account: when it was first seen"
    assert statement.scan == ""
    assert "// mode" not in statement.text
    assert statement.text.startswith("// why\nMATCH")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (source(mode=None), "read/x.cypher:1: header: the line `// mode: ...` is missing"),
        (source(meaning=""), "read/x.cypher:6: header: meaning is empty"),
        (source(mode="both"), "read/x.cypher:1: header: mode both is none of read, write, schema"),
        (source(timeout_ms="0"), "header: timeout_ms must be a whole number from 1 to 600000"),
        (source(timeout_ms="soon"), "header: timeout_ms must be a whole number from 1 to 600000"),
        (source(version="1.5"), "header: version must be a whole number"),
        (source(params="id, id?"), "header: params names something twice"),
        (source(author="me"), "read/x.cypher:7: header: unknown key author"),
        (source(scan=""), "read/x.cypher:7: header: scan is empty"),
        (source(body=""), "there is no statement below the header"),
        (source(params=""), "read/x.cypher:7: params: $id is used but not declared"),
        (source(params="id, limit"), "params: limit is declared but never used"),
        (source(returns="id"), "returned columns (id, first_seen) differ"),
        (source(returns="first_seen, id"), "returned columns (id, first_seen) differ"),
        (
            source(body="MATCH (a:Account {id: $id}) RETURN a.id, 1 AS first_seen"),
            "(an unnamed expression, first_seen)",
        ),
        (source(body="MATCH (a:Account {id: $id})"), "the header declares columns but nothing is returned"),
        (source(body=f"MERGE (b:Account {{id: $id}}) WITH 1 AS x {BODY}"), "MERGE in a statement that says it reads"),
        (source(body=f"MATCH (b:Account) SET b.first_seen = 1 WITH 1 AS x {BODY}"), "SET in a statement that says"),
        (source(body=f"MATCH (b:Account) DETACH DELETE b WITH 1 AS x {BODY}"), "DETACH in a statement that says"),
        (source(mode="write"), "a statement that says it writes has no writing clause"),
        (source(mode="schema"), "schema is for CREATE / DROP CONSTRAINT or INDEX"),
    ],
)
def test_a_header_that_disagrees_with_its_text_is_refused(text: str, complaint: str) -> None:
    assert any(complaint in problem for problem in problems(text)), problems(text)


def test_every_branch_of_a_union_must_return_the_declared_columns() -> None:
    body = f"{BODY.replace('ORDER BY id', 'UNION')}MATCH (a:Account {{id: $id}}) RETURN a.id AS id, 1 AS other"
    assert any("(id, other) differ" in problem for problem in problems(source(body=body)))


def test_words_that_look_like_writes_are_not_writes() -> None:
    body = "MATCH (a:Account {id: $id}) WHERE a.id <> 'SET' RETURN a.id AS id, a.first_seen AS first_seen ORDER BY id"
    assert parse(source(body=body), name="n", path="p").mode is Mode.READ


def write(root: Path, name: str, text: str) -> None:
    """Put a file into a catalogue folder."""
    path = root / f"{name}.cypher"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_catalogue_with_bad_files_lists_every_problem(tmp_path: Path) -> None:
    write(tmp_path, "read/good", source())
    write(tmp_path, "read/wrong", source(returns="id"))
    write(tmp_path, "jobs/unportable", source(body=f"/* block */ {BODY}"))
    with pytest.raises(BadStatement) as caught:
        Catalog.load(tmp_path)
    assert {(problem.path, problem.rule) for problem in caught.value.problems} == {
        ("read/wrong.cypher", "returns"),
        ("jobs/unportable.cypher", "comments"),
    }


class Answers:
    """A store that answers with fixed rows and remembers what it was asked."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.asked: list[tuple[dict[str, object], int, str]] = []

    def read(self, text: str, params: Mapping[str, object], *, timeout_ms: int = 0, query: str = "") -> list[Row]:
        assert text
        self.asked.append((dict(params), timeout_ms, query))
        return self.rows


def test_a_read_needs_exactly_its_parameters(tmp_path: Path) -> None:
    write(tmp_path, "read/x", source(params="id, more?", body=BODY.replace("$id", "$id + $more")))
    catalog, store = Catalog.load(tmp_path), Answers([{"id": "a", "first_seen": 1}])
    assert catalog.read(store, "read/x", id="a") == [{"id": "a", "first_seen": 1}]
    assert store.asked == [({"id": "a", "more": None}, 2_000, "read/x")]
    with pytest.raises(QueryRefused, match="read/x needs id; its parameters are id, more"):
        catalog.read(store, "read/x")
    with pytest.raises(QueryRefused, match="read/x does not know limit"):
        catalog.read(store, "read/x", id="a", limit=3)
    with pytest.raises(QueryRefused, match="there is no statement read/y; did you mean read/x"):
        catalog.read(store, "read/y", id="a")


def test_a_read_with_other_columns_than_declared_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "read/x", source())
    with pytest.raises(StopWork, match=r"returned the columns id, a\.first_seen instead of id, first_seen"):
        Catalog.load(tmp_path).read(Answers([{"id": "a", "a.first_seen": 1}]), "read/x", id="a")


def test_a_caller_may_shorten_a_timeout_and_not_lengthen_it(tmp_path: Path) -> None:
    write(tmp_path, "read/x", source())
    catalog, store = Catalog.load(tmp_path), Answers([])
    catalog.ask(store, "read/x", {"id": "a"}, timeout_ms=500)
    catalog.ask(store, "read/x", {"id": "a"}, timeout_ms=9_000)
    assert [timeout for _, timeout, _ in store.asked] == [500, 2_000]


def test_a_writing_statement_cannot_be_read(catalog: Catalog) -> None:
    with pytest.raises(QueryRefused, match="ingest/sent_create does not read"):
        catalog.read(Answers([]), "ingest/sent_create", rows=[])


def test_the_folders_are_given_by_stem(catalog: Catalog) -> None:
    assert "sent_create" in catalog.statements("ingest")
    assert "account_id" in catalog.statements("schema")
    assert set(catalog.statements("read")) == {each.name[5:] for each in catalog if each.name.startswith("read/")}
