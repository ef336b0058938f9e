"""An analyst's own Cypher is let in when it is a portable read, and refused with the line and the reason otherwise."""

from __future__ import annotations

import pytest

from cypher.saved import check_name, check_query
from graph.errors import QueryRefused

GOOD = (
    "MATCH (o:Operator)-[:OWNS]->(d:Domain)\nWHERE o.first_seen > $since\n"
    "RETURN o.id AS id, d.id AS site\nORDER BY id, site"
)


def test_a_portable_read_says_its_parameters_and_columns() -> None:
    query = check_query(GOOD)
    assert (query.params, query.columns) == (("since",), ("id", "site"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the query is empty"),
        ("MATCH (a:Account {id: 'x'})\nSET a.first_seen = 1\nRETURN a.id AS id ORDER BY id", "line 2: SET writes"),
        ("MATCH (a:Account {id: 'x'}) DETACH DELETE a", "DETACH writes"),
        ("CREATE (n:Account {id: 'x'}) RETURN n.id AS id ORDER BY id", "CREATE writes"),
        ("MERGE (n:Account {id: 'x'}) RETURN n.id AS id ORDER BY id", "MERGE writes"),
        ("MATCH (a:Account {id: 'x'}) CALL { CREATE (b:Account {id: 'y'}) } RETURN a.id AS id ORDER BY id", "CREATE"),
        ("LOAD CSV FROM 'file:///x' AS row RETURN row AS id ORDER BY id", "LOAD writes"),
        ("CREATE INDEX i IF NOT EXISTS FOR (n:Account) ON (n.last_seen)", "CREATE writes"),
        ("CALL apoc.export.csv.all('x', {})", "apoc"),
        ("CALL db.labels() YIELD label RETURN label AS id ORDER BY id", "db"),
        ("MATCH (a:Acount {id: 'x'}) RETURN a.id AS id ORDER BY id", "unknown-name"),
        ("MATCH (a:Account {id: 'x'}) RETURN a ORDER BY a.id", "scalar-return"),
        ("MATCH (a:Account {id: 'x'}) RETURN a.id ORDER BY a.id", "name every column"),
        ("MATCH (a:Account {id: 'x'})", "it returns nothing"),
        ("RETURN 1 AS x; MATCH (n) DETACH DELETE n", "DETACH writes"),
        ("MATCH (a:Account)-[:SENT*]->(b:Account) RETURN b.id AS id ORDER BY id", "bounded-path"),
        (f"RETURN '{'x' * 20_000}' AS x", "characters"),
    ],
)
def test_what_writes_or_is_not_portable_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        check_query(text)
    assert words in str(refused.value)


def test_words_inside_strings_write_nothing() -> None:
    assert check_query("UNWIND ['DELETE', 'SET x = 1'] AS word RETURN word ORDER BY word").columns == ("word",)


@pytest.mark.parametrize("name", ["fan_in", "Fan", "9x", "", "a" * 65, "a-b", "../x"])
def test_a_name_is_free_and_plain(name: str) -> None:
    with pytest.raises(QueryRefused):
        check_name(name, frozenset({"fan_in"}))
    assert check_name("mine_2", frozenset({"fan_in"})) == "mine_2"
