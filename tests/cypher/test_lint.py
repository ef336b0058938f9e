"""Each lint rule refuses a text that the engines read differently, and lets its portable form pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cypher.lint import RULES, lint_folder, lint_text, main

A = "MATCH (a:Account {id: $id})"
END = "RETURN a.id AS id ORDER BY id"

#: rule -> (texts it refuses, texts it lets pass)
CASES: dict[str, tuple[list[str], list[str]]] = {
    "node-map": (
        ["MATCH (a:Account {id: $id, first_seen: 1})", "MERGE (r:Ring {kind: $kind})"],
        [f"{A} WHERE a.first_seen = 1", "MATCH (a)-[s:SENT {tx_id: $t}]->(b:Account {id: $b})"],
    ),
    "param-map": (
        ["CREATE (n:Account $row)", f"{A} MATCH (b:Account {{id: $b}}) CREATE (a)-[s:SENT $row]->(b)"],
        ["CREATE (n:Account {id: $id})", f"{A} MATCH (a)-[s:SENT {{tx_id: $t}}]->(b:Account)"],
    ),
    "unknown-name": (
        [
            "MATCH (a:Acount {id: $id})",
            f"{A} MATCH (a)-[s:PAID]->(b:Account)",
            f"{A} MATCH (a)-[s]->(b:Account)",
            f"{A} MATCH (a)--(b:Account)",
            f"{A} WHERE a.frist_seen = 1",
            f"{A} MATCH (a)-[s:SENT]->(b:Account) WHERE s.amount > 1",
        ],
        [
            f"{A} MATCH (a)-[s:SENT]->(b:Account) WHERE s.amount_cents > 1 AND a.first_seen = 1",
            f"{A} MATCH (a)-[u:USED_DEVICE|FROM_IP]->(m:Device|Ip) WHERE u.count > 1",
            "UNWIND $rows AS r MATCH (a:Account {id: r.source})",
        ],
    ),
    "bounded-path": (
        [
            f"{A} MATCH (a)-[:SENT*]->(b:Account)",
            f"{A} MATCH (a)-[:SENT*2..]->(b:Account)",
            f"{A} MATCH (a)-[r:SENT*1..7]->(b:Account)",
        ],
        [f"{A} MATCH (a)-[:SENT*1..6]->(b:Account)", f"{A} MATCH (a)-[:SENT*3]->(b:Account)", "RETURN 2 * 3 AS n"],
    ),
    "quantified-path": (
        [
            f"{A} MATCH ((a)-[:SENT]->(b)){{1,3}}",
            f"{A} MATCH ((a)-[:SENT]->(b))+",
            f"{A} MATCH (a)-[:SENT]->{{1,3}}(b:Account)",
            f"{A} MATCH (a)-[:SENT]->+(b:Account)",
            f"{A} MATCH p = SHORTEST 1 (a)-[:SENT]->(b:Account)",
        ],
        [f"{A} MATCH (a)-[:SENT*1..3]->(b:Account)", f"{A} WHERE ((a.first_seen + 1) * 2) > 3"],
    ),
    "inline-where": (
        ["MATCH (a:Account WHERE a.id = $id)", f"{A} MATCH (a)-[s:SENT WHERE s.ts > 1]->(b:Account)"],
        [
            "MATCH (a:Account) WHERE a.id = $id",
            f"{A} WHERE EXISTS {{ MATCH (a)-[s:SENT]->(b:Account) WHERE s.ts > 1 }}",
            f"{A} WHERE all(x IN $list WHERE x > 1)",
        ],
    ),
    "shortest-path-predicate": (
        [
            f"{A} MATCH (b:Account {{id: $b}}) MATCH p = shortestPath((a)-[:SENT*..4]->(b)) "
            "WHERE all(r IN relationships(p) WHERE r.ts > 1)",
            f"{A} MATCH (b:Account {{id: $b}}) OPTIONAL MATCH p = allShortestPaths((a)-[:SENT*..4]->(b)) "
            "WHERE length(p) > 1",
        ],
        [f"{A} MATCH (b:Account {{id: $b}}) WHERE a.id <> b.id MATCH p = shortestPath((a)-[:SENT*..4]->(b))"],
    ),
    "write-direction": (
        [f"{A} MATCH (a)-[u:USED_DEVICE]-(d:Device) SET u.count = 1", "MATCH (a)-[m:MEMBER_OF]-(r) DELETE m"],
        [
            f"{A} MATCH (a)-[u:USED_DEVICE]->(d:Device) SET u.count = 1",
            f"{A} MATCH (a)-[:USED_DEVICE]-(d:Device)",
            "CREATE CONSTRAINT c IF NOT EXISTS FOR ()-[s:SENT]-() REQUIRE s.tx_id IS UNIQUE",
        ],
    ),
    "merge-ends": (
        [
            "MERGE (a:Account {id: $a})-[m:MEMBER_OF]->(r:Ring {id: $r})",
            f"{A} MERGE (a)-[m:MEMBER_OF]->(:Ring)",
        ],
        [f"{A} MERGE (r:Ring {{id: $r}}) MERGE (a)-[m:MEMBER_OF]->(r)"],
    ),
    "comments": (["MATCH (a:Account) /* all */ RETURN 1 AS n"], ["// all\nRETURN 1 AS n", "RETURN '/* text */' AS n"]),
    "one-statement": (["RETURN 1 AS n; RETURN 2 AS n", "RETURN 1 AS n;"], ["RETURN ';' AS n"]),
    "refused-words": (
        [
            f"{A} RETURN properties(a) AS p",
            f"{A} RETURN keys(a) AS k",
            f"{A} RETURN id(a) AS i",
            f"{A} RETURN elementId(a) AS i",
            f"{A} RETURN percentileCont(a.first_seen, 0.5) AS p",
            f"{A} WHERE isEmpty($list)",
            "RETURN timestamp() AS now",
            f"{A} RETURN round(a.first_seen) AS r",
            f"{A} RETURN toString(a.first_seen) AS t",
            f"{A} RETURN sqrt(a.first_seen) AS t",
            "RETURN datetime({epochSeconds: 1}) AS t",
            "RETURN COLLECT { MATCH (a:Account) RETURN a.id } AS ids",
            "MATCH (a:Account) FILTER a.first_seen > 1",
            "EXPLAIN MATCH (a:Account)",
            "MATCH (a:Account) USING INDEX a:Account(id) WHERE a.id = $id",
            "RETURN apoc.text.join($list, '') AS t",
            "CALL gds.louvain.stream('g')",
            "MATCH (as:Account)",
        ],
        [
            f"{A} RETURN a.id AS id, type(a) AS kind",
            f"{A} WHERE a.id IN $ids",
            "RETURN datetime($text) AS t",
            "RETURN collect(DISTINCT $id) AS ids",
            "RETURN 'properties(a)' AS t",
        ],
    ),
    "negated-label": (["MATCH (a:!Ring)", "MATCH (a:Account&Ring)"], ["MATCH (a:Device|Ip)", "RETURN '!' AS t"]),
    "forbidden-property": (
        [f"{A} RETURN a.name AS n", f"{A} SET a.type = 1", "CREATE (n:Account {label: 1})", f"{A} WHERE a.title = 1"],
        [f"{A} RETURN a.id AS name, 'x' AS label, type(a) AS kind"],
    ),
    "calls": (
        [
            f"{A} CALL (a) {{ SET a.first_seen = 1 }} {END}",
            f"{A} CALL (a) {{ MERGE (r:Ring {{id: 'x'}}) RETURN r.id AS i }} {END}",
            "CALL db.labels() YIELD label RETURN label ORDER BY label",
            f"{A} CALL {{ WITH a RETURN a.id AS i }} {END}",
            f"{A} OPTIONAL CALL (a) {{ RETURN a.id AS i }} {END}",
            "UNWIND $rows AS r CALL (r) { CREATE (n:Account {id: r.id}) } IN TRANSACTIONS OF 100 ROWS",
        ],
        [f"{A} CALL (a) {{ MATCH (a)-[s:SENT]->(:Account) RETURN count(s) AS n }} {END}"],
    ),
    "chained-comparison": (
        [f"{A} WHERE 1 < a.first_seen <= 3", f"{A} RETURN (0 <= a.first_seen < 9) AS inside"],
        [
            f"{A} WHERE 1 < a.first_seen AND a.first_seen <= 3",
            f"{A} MATCH (a)<-[s:SENT]-(b:Account)-[t:SENT]->(c:Account) WHERE s.ts < t.ts OR (s.ts > 1 AND t.ts > 2)",
            f"{A} SET a.first_seen = CASE WHEN a.first_seen < 1 THEN 2 ELSE 3 END",
        ],
    ),
    "division": (
        [f"{A} RETURN a.first_seen / a.last_seen AS r", "RETURN 1 / 0 AS r", "RETURN 1 / 0.0 AS r"],
        [f"{A} RETURN a.first_seen / 1000 AS seconds", "RETURN 'a/b' AS path"],
    ),
    "list-concatenation": (
        ["RETURN [1] + $more AS l", "RETURN $more + [1] AS l"],
        ["RETURN $list[0] + 1 AS n", "RETURN [x IN $list | x + 1] AS l"],
    ),
    "relationship-projection": (
        [f"{A} MATCH (a)-[s:SENT]->(b:Account) WITH s{{.ts}} AS m", f"{A} WITH a{{.*}} AS m"],
        [f"{A} WITH a{{.id}} AS m", f"{A} MATCH (a)-[s:SENT {{tx_id: $t}}]->(b:Account) WITH s.ts AS ts"],
    ),
    "set-reads-set": (
        [
            f"{A} SET a.first_seen = 1, a.last_seen = a.first_seen",
            f"{A} SET a.last_seen = a.first_seen, a.first_seen = 1",
            f"{A} SET a += $row, a.last_seen = a.first_seen + 1",
        ],
        [
            f"{A} SET a.first_seen = 1, a.last_seen = 2",
            f"{A} SET a.first_seen = coalesce(a.first_seen, 0) + 1, a.last_seen = $last_seen",
            f"{A} SET a.first_seen = 1 SET a.last_seen = a.first_seen",
        ],
    ),
    "order-unique": (
        [
            f"{A} RETURN a.id AS id, a.first_seen AS ts ORDER BY ts",
            f"{A} MATCH (a)-[s:SENT]->(b:Account) RETURN count(DISTINCT b.id) AS n ORDER BY n",
        ],
        [
            f"{A} RETURN a.id AS id, a.first_seen AS ts ORDER BY ts DESC, id",
            f"{A} MATCH (a)-[s:SENT]->(b:Account) RETURN s.tx_id AS tx ORDER BY s.ts, tx DESC",
            "UNWIND $ids AS i RETURN i AS one ORDER BY one",
        ],
    ),
    "limit-order": (
        [f"{A} RETURN a.id AS id LIMIT 3", f"{A} WITH a SKIP 3 RETURN a.id AS id ORDER BY id"],
        [f"{A} RETURN a.id AS id ORDER BY id SKIP 1 LIMIT $limit"],
    ),
    "read-order": (
        [f"{A} RETURN a.id AS id", f"{A} RETURN a.id AS id UNION {A} RETURN a.id AS id"],
        [f"{A} {END}", "UNWIND $rows AS r CREATE (n:Account {id: r.id}) RETURN count(*) AS n"],
    ),
    "scalar-return": (
        [
            f"{A} RETURN a ORDER BY a.id",
            f"{A} RETURN * ORDER BY a.id",
            f"{A} MATCH (a)-[s:SENT]->(b:Account) RETURN s AS s ORDER BY s.tx_id",
            f"{A} MATCH p = (a)-[s:SENT]->(b:Account) RETURN p ORDER BY s.tx_id",
            f"{A} RETURN collect(a) AS all ORDER BY a.id",
            f"{A} RETURN {{id: a.id}} AS m ORDER BY a.id",
            f"{A} RETURN a{{.id}} AS m ORDER BY a.id",
        ],
        [
            f"{A} MATCH (a)-[s:SENT]->(b:Account) RETURN labels(b)[0] AS label, type(s) AS kind, count(s) AS n, "
            "collect(b.id) AS ids, COUNT { (a)-[:SENT]->(:Account) } AS out, a.id AS id ORDER BY id",
        ],
    ),
    "optional-chain": (
        [f"{A} OPTIONAL MATCH (a)-[s:SENT]->(b:Account) OPTIONAL MATCH (b)-[t:SENT]->(c:Account)"],
        [
            f"{A} OPTIONAL MATCH (a)-[s:SENT]->(b:Account) WITH a, count(s) AS n "
            "OPTIONAL MATCH (a)<-[t:SENT]-(c:Account)"
        ],
    ),
    "schema-form": (
        [
            "CREATE CONSTRAINT c FOR (n:Account) REQUIRE n.id IS UNIQUE",
            "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS NOT NULL",
            "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS NODE KEY",
            "CREATE TEXT INDEX i IF NOT EXISTS FOR (n:Account) ON (n.id)",
        ],
        [
            "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE",
            "CREATE RANGE INDEX i IF NOT EXISTS FOR (n:Account) ON (n.last_seen)",
        ],
    ),
}
BAD = [(rule, text) for rule, (bad, _) in CASES.items() for text in bad]
GOOD = [(rule, text) for rule, (_, good) in CASES.items() for text in good]
HEADER = "// mode: read\n// params:\n// returns: n\n// timeout_ms: 1000\n// version: 1\n// meaning: a test\n"


def rules_of(text: str) -> set[str]:
    """Names of the rules that refuse `text`."""
    return {problem.rule for problem in lint_text(text, path="x.cypher")}


def test_every_rule_has_a_text_it_refuses_and_one_it_lets_pass() -> None:
    assert set(CASES) == set(RULES)
    assert all(bad and good for bad, good in CASES.values())


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_a_rule_refuses_what_the_engines_read_differently(rule: str, text: str) -> None:
    assert rule in rules_of(text)


@pytest.mark.parametrize(("rule", "text"), GOOD)
def test_a_rule_lets_the_portable_form_pass(rule: str, text: str) -> None:
    assert rule not in rules_of(text)


def test_a_problem_names_the_line_of_the_file() -> None:
    text = f"{HEADER}MATCH (a:Account {{id: 'x'}})\nWHERE a.first_seen = 1\nRETURN a.name AS n\nORDER BY a.id\n"
    (problem,) = [each for each in lint_text(text, path="x.cypher") if each.rule == "forbidden-property"]
    assert str(problem).startswith("x.cypher:9: forbidden-property: ")


def test_words_inside_strings_and_comments_are_not_code() -> None:
    text = f"{HEADER}// CALL apoc.all() ; /* */\nRETURN 'MATCH (n) SET n.name = 1; // properties(n)' AS n\nORDER BY n"
    assert rules_of(text) == {"order-unique"}


def test_the_committed_files_are_clean_and_the_command_says_so() -> None:
    done = subprocess.run([sys.executable, "-m", "cypher.lint"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_command_lists_problems_by_file_and_line_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "read").mkdir()
    (tmp_path / "read" / "bad.cypher").write_text(f"{HEADER}MATCH (a:Account)\nRETURN a\n", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["read/bad.cypher:7", "returns"],
        ["read/bad.cypher:8", "read-order"],
        ["read/bad.cypher:8", "scalar-return"],
    ]


def test_a_second_index_on_the_same_property_is_refused(tmp_path: Path) -> None:
    header = HEADER.replace("read", "schema", 1).replace("returns: n", "returns:")
    one = "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE"
    two = "CREATE INDEX i IF NOT EXISTS FOR (a:Account) ON (a.id)"
    other = "CREATE INDEX j IF NOT EXISTS FOR (a:Account) ON (a.last_seen)"
    for name, text in (("one", one), ("two", two), ("other", other)):
        (tmp_path / f"{name}.cypher").write_text(f"{header}{text}\n", encoding="utf-8")
    assert [(problem.path, problem.rule) for problem in lint_folder(tmp_path)] == [("two.cypher", "schema-twice")]
