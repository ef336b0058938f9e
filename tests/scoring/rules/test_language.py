"""The rule language: what expressions mean, where each mistake is, and that no text breaks it."""

from __future__ import annotations

import string
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.rules.compile import FUNCTIONS, compile_rule
from scoring.rules.fields import fields
from scoring.rules.parse import MAX_LENGTH
from scoring.rules.refusal import ExpressionError
from tests.scoring.rules.columns import Columns, Row

ROW: Row = {
    "amount": 50_000.0,
    "out_count_1h": 6.0,
    "in_sum_24h": 0.0,
    "out_mean_30d": 10_000.0,
    "account_age_days": 3.0,
    "kind": "transfer",
    "channel": "pix",
    "currency": "BRL",
    "pattern_round_trip": True,
}


def holds(text: str, row: Row = ROW) -> bool:
    return bool(compile_rule(text).holds(Columns([row]))[0])


@pytest.mark.parametrize(
    "text",
    [
        "amount == money(500)",
        "amount >= 5 * out_mean_30d",
        "amount - out_mean_30d > money(300) and out_count_1h > 5",
        "5 <= out_count_1h < 7",
        "not out_count_1h < 6",
        'kind == "transfer"',
        '"transfer" == kind',
        'kind != "bet"',
        'kind in {"bet", "transfer"}',
        'channel not in ["ted", "card"]',
        "out_count_1h in (5, 6)",
        "pattern_round_trip",
        "pattern_round_trip and not pattern_fan_out",
        "between(out_count_1h, 6, 6)",
        "max(amount, out_mean_30d) == amount",
        "min(amount, out_mean_30d, 1) == 1",
        "abs(out_mean_30d - amount) == 40000",
        "-amount < 0",
        "account_age_days < 4",
        "amount > 0 # a comment (with a bracket",
        "amount > 0\n  and out_count_1h > 0",
        "coalesce(seconds_since_in, hours(1)) == 3600",
        "not known(seconds_since_in)",
        "known(amount)",
        "coalesce(seconds_since_in, minutes(1)) == 60 or coalesce(seconds_since_in, days(1)) == 0",
        "amount / out_mean_30d == 5",
    ],
)
def test_an_expression_holds(text: str) -> None:
    assert holds(text)
    assert not holds(f"not ({text}\n)")


@pytest.mark.parametrize(
    "text",
    [
        "seconds_since_in < hours(1)",
        "seconds_since_in >= hours(1)",
        "seconds_since_in != 5",
        "seconds_since_in in {1, 2}",
        "amount / in_sum_24h > 0.7",
        "seconds_since_in + 1 > 0",
        "min(seconds_since_in, 5) < 100",
        "seconds_since_in < 5 and amount > 0",
        "seconds_since_in < 5 or amount < 0",
    ],
)
def test_what_is_unknown_neither_holds_nor_fails(text: str) -> None:
    assert not holds(text)
    assert not holds(f"not ({text})")


def test_what_one_side_decides_alone_is_decided() -> None:
    assert holds("seconds_since_in < 5 or amount > 0")
    assert holds("not (seconds_since_in < 5 and amount < 0)")


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("amunt > 5", 1, 1, "no field amunt; did you mean amount"),
        ("amount > 5 and\n  out_cnt_1h > 2", 2, 3, "no field out_cnt_1h; did you mean out_count_1h"),
        ('kind == "transfr"', 1, 9, 'kind is never "transfr"; did you mean transfer'),
        ("pattern_round_tripp", 1, 1, "did you mean pattern_round_trip"),
        ("amount and out_count_1h > 1", 1, 1, "this is a number, not something true or false"),
        ("amount > kind", 1, 1, "a number is compared with a text"),
        ("1 + (kind) > 2", 1, 6, "this is a text, a number is needed"),
        ("amount > out_count_1h", 1, 1, "cents and count do not go together"),
        ("amount + hours(1) > 5", 1, 1, "cents and s do not go together"),
        ("account_age_days < days(3)", 1, 1, "days and s do not go together"),
        ("pattern_round_trip == 1", 1, 1, "a truth is not compared"),
        ("pattern_round_trip > amount", 1, 1, "a truth is not compared"),
        ("ábs(amount) > 1", 1, 1, "no function ábs; did you mean abs"),
        ("hours(1, 2) > seconds_since_in", 1, 1, "hours takes 1 numbers"),
        ("between(amount, 2)", 1, 1, "between takes 3 numbers"),
        ("amount > max(1, 2, default=3)", 1, 10, "max takes 2 to 9 numbers"),
        ("amount in {}", 1, 11, "in needs a list"),
        ("amount in {out_mean_30d}", 1, 12, "written out"),
        ("kind in {5}", 1, 10, "kind is a text"),
        ("amount > 1e400", 1, 10, "too large"),
        ("amount > 5j", 1, 10, "not part of the language"),
        ("amount > True", 1, 10, "not part of the language"),
        ("amount ** 2 > 5", 1, 1, "operator"),
        ("amount is 5", 1, 1, "write == or !="),
        ("~amount > 5", 1, 1, "write not"),
        ("amount.real > 5", 1, 1, "not part of the language"),
        ("__import__('os').system('true')", 1, 1, "no function"),
        ("[x for x in (1, 2)]", 1, 1, "not part of the language"),
        ("(lambda: amount)() > 5", 1, 1, "no function"),
        ("f'{amount}' == kind", 1, 1, "not part of the language"),
        ("(amount := 5) > 1", 1, 2, "not part of the language"),
        ("amount = 5", 1, 8, "not understood here"),
        ("amount > 5 &&  1", 1, 13, "not understood here"),
        ("  amount > ", 1, 11, "not understood here"),
        ("(amount > 5", 1, 1, "never closed"),
        ("amount > 5)", 1, 11, "closes nothing"),
        ("1) or (amount > 2", 1, 2, "closes nothing"),
        ("kind == 'a\\n'", 1, 9, "cannot stand here"),
        ("1 < 2", 1, 1, "reads nothing"),
        ("# amount", 1, 1, "empty"),
        ("", 1, 1, "empty"),
    ],
)
def test_a_mistake_is_said_with_its_place(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_rule(text)
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "x" * (MAX_LENGTH + 1),
        "(" * 500 + "amount > 1" + ")" * 500,
        "not " * 490 + "pattern_fan_out",
        "-" * 1_900 + "amount > 1",
        "1+" * 900 + "amount > 1",
        "amount" + ".a" * 900,
        "9" * 1_900 + " > amount",
        "amount > 1\0",
        "\ud800 > 1",
    ],
)
def test_a_text_without_measure_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(ExpressionError):
        compile_rule(text)
    assert time.process_time() - started < 0.5


PIECES = [
    *("amount", "seconds_since_in", "out_count_1h", "kind", "channel", "pattern_fan_out", '"bet"', "'x'", "3", "0.5"),
    *("and", "or", "not", "in", "==", "<", ">=", "+", "-", "*", "/", "(", ")", "{", "}", "[", "]", ",", "\n", "#"),
    *(f"{name}(" for name in FUNCTIONS),
]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)))
def test_any_text_is_taken_or_refused_with_its_place(text: str) -> None:
    try:
        expression = compile_rule(text)
    except ExpressionError as error:
        refusal = error
    else:
        assert set(expression.fields) <= set(fields())
        result = expression.holds(Columns([ROW, {}]))
        assert result.dtype == np.bool_
        assert result.shape == (2,)
        return
    lines = text.split("\n")
    assert 1 <= refusal.line <= len(lines)
    assert 1 <= refusal.column <= len(lines[refusal.line - 1]) + 1
    assert refusal.cure


# --- an oracle: the same expression as a tree, worked out row by row with None for unknown ---------------------------

Value = float | None
NUMBERS = ("amount", "out_sum_72h", "in_sum_24h", "in_sum_72h")
amounts = st.sampled_from([-3.0, -1.0, 0.0, 1.0, 2.0, 5.0])


def number_trees() -> st.SearchStrategy[tuple[object, ...]]:
    leaves = st.one_of(st.tuples(st.just("field"), st.sampled_from(NUMBERS)), st.tuples(st.just("literal"), amounts))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["+", "-"]), inner, inner),
            st.tuples(st.sampled_from(["min", "max", "coalesce"]), inner, inner),
            st.tuples(st.just("abs"), inner),
        ),
        max_leaves=5,
    )


def truth_trees() -> st.SearchStrategy[tuple[object, ...]]:
    signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    leaves = st.one_of(
        st.tuples(signs, number_trees(), number_trees()),
        st.tuples(st.just("ratio"), signs, number_trees(), number_trees()),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.just("and"), inner, inner),
            st.tuples(st.just("or"), inner, inner),
            st.tuples(st.just("not"), inner),
        ),
        max_leaves=5,
    )


def written(tree: tuple[object, ...]) -> str:
    kind, *parts = tree
    if kind == "field":
        return str(parts[0])
    if kind == "literal":
        return f"({parts[0]})"
    if kind == "ratio":
        sign, left, right = parts
        return f"({written(left)} / {written(right)} {sign} 1)"  # type: ignore[arg-type]
    texts = [written(part) for part in parts]  # type: ignore[arg-type]
    if kind in ("min", "max", "coalesce", "abs"):
        return f"{kind}({', '.join(texts)})"
    return f"(not {texts[0]})" if kind == "not" else f"({texts[0]} {kind} {texts[1]})"


def number_of(tree: object, row: Row) -> Value:
    assert isinstance(tree, tuple)
    kind, *parts = tree
    if kind == "field":
        found = row.get(parts[0])
        return found if isinstance(found, float) else None
    if kind == "literal":
        return float(parts[0])
    values = [number_of(part, row) for part in parts]
    if kind == "coalesce":
        return values[0] if values[0] is not None else values[1]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if kind == "abs":
        return abs(known[0])
    if kind in ("min", "max"):
        return min(known) if kind == "min" else max(known)
    return known[0] + known[1] if kind == "+" else known[0] - known[1]


def compare(sign: object, x: Value, y: Value) -> bool | None:
    if x is None or y is None:
        return None
    return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "==": x == y, "!=": x != y}[str(sign)]


def truth_of(tree: object, row: Row) -> bool | None:
    assert isinstance(tree, tuple)
    kind, *parts = tree
    if kind == "not":
        inner = truth_of(parts[0], row)
        return None if inner is None else not inner
    if kind in ("and", "or"):
        sides = [truth_of(part, row) for part in parts]
        decides = kind == "or"
        return decides if decides in sides else None if None in sides else not decides
    if kind == "ratio":
        sign, left, right = parts
        x, y = number_of(left, row), number_of(right, row)
        return compare(sign, None if x is None or y is None or y == 0 else x / y, 1.0)
    return compare(kind, number_of(parts[0], row), number_of(parts[1], row))


@settings(max_examples=300, deadline=None)
@given(tree=truth_trees(), rows=st.lists(st.dictionaries(st.sampled_from(NUMBERS), amounts), min_size=1, max_size=6))
def test_columns_say_what_one_row_at_a_time_says(tree: tuple[object, ...], rows: list[Row]) -> None:
    text = written(tree)
    if not any(name in text for name in NUMBERS):
        text = f"({text}) and known(amount)"
        rows = [{"amount": 1.0, **row} for row in rows]
    assert compile_rule(text).holds(Columns(rows)).tolist() == [truth_of(tree, row) is True for row in rows], text


def test_every_name_of_the_language_is_a_plain_word() -> None:
    letters = set(string.ascii_lowercase + string.digits + "_")
    assert all(set(name) <= letters for name in (*fields(), *FUNCTIONS))
    assert not set(fields()) & set(FUNCTIONS)
