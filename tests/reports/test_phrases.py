"""Every code has words in both languages, whatever parameters come or are missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from graph.evidence import Evidence, RingKind, Role
from reports.formats import Language
from reports.phrases import PHRASES, known_codes, parameters, phrase, words

REPOSITORY = Path(__file__).resolve().parents[2]
AGREED = [
    "velocity",
    "amount_vs_history",
    "new_device",
    "shared_device",
    "young_site",
    "listed_indicator",
    "fan_in",
    "fan_out",
    "pass_through",
    "round_trip",
    "cycle",
    "new_counterparty",
    "failed_attempts",
    "shared_identifier",
    "shared_ip",
    "unlicensed_operator",
    "first_seen_account",
    "allow_listed",
    "cap",
    "ring_fan_in",
    "ring_fan_out",
    "ring_cycle",
    "ring_scatter_gather",
    "ring_gather_scatter",
    "ring_layered",
    "ring_shared_means",
    "ring_opposite_bets",
    "ring_operator",
    "ring_linked",
    "ring_size",
    "ring_speed",
    "ring_amount",
    "ring_listed",
    "hub_suppressed",
    "role_organiser",
    "role_collector",
    "role_mule",
    "role_pass_through",
    "role_cash_out",
    "role_victim",
    "role_bridge",
    "role_unknown",
]
TYPICAL: dict[str, str | int | float] = {
    "count": 12,
    "amount_cents": 1_234_567,
    "in_cents": 500,
    "out_cents": 400,
    "retained_cents": 100,
    "hours": 2.5,
    "days": 4,
    "share": 0.934,
    "bet_share": 0.05,
    "threshold_cents": 1_000_000,
    "hop": 2,
    "limit": 5,
    "times": 7.25,
    "first": 1_767_225_600_000,
    "last": 1_767_229_200_000,
    "score": 81.5,
    "points": 20.0,
    "layer": 1,
    "layers": 3,
    "targets": 4,
    "accounts": 9,
    "payers": 1,
    "shared": 2,
    "shown": 100,
    "total": 5000,
    "role": "name_mule",
    "kind": "name_fan_in",
}
#: Names and reasons stand inside other sentences.
FRAGMENTS = ("name_", "because_", "fallback_")
SENTENCES = sorted(code for code in PHRASES if not code.startswith(FRAGMENTS))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", SENTENCES)
def test_a_code_gives_a_complete_sentence_with_and_without_its_parameters(code: str, language: Language) -> None:
    given = {name: TYPICAL.get(name, "x-1") for name in parameters(code)}
    full, bare = words(code, given, language), words(code, {}, language)
    for text in (full, bare):
        assert re.fullmatch(r"[A-ZÀ-Ý].*\.", text), text
        assert not re.search(r"  | \.", text), text
        assert not re.search(r"[\[\]{}~#]|name_|None", text), text
    if given:
        assert full != bare
    for name in given:  # each parameter alone is read well, too
        alone = words(code, {name: given[name]}, language)
        assert re.fullmatch(r"[A-ZÀ-Ý].*\.", alone), alone
        assert not re.search(r"[\[\]{}~#]|, \.|\(\)", alone), alone


@pytest.mark.parametrize("code", AGREED)
def test_the_agreed_evidence_codes_have_words(code: str) -> None:
    assert code in known_codes()


@pytest.mark.parametrize("code", SENTENCES)
def test_parameters_stand_only_inside_optional_clauses_and_agree_between_the_languages(code: str) -> None:
    used = []
    for text in PHRASES[code]:
        assert "{" not in re.sub(r"\[[^\[\]]*\]", "", text), text
        used.append(set(re.findall(r"\{([a-z_]+)", text)))
    assert used[0] == used[1]


def test_every_ring_kind_and_role_has_a_phrase_and_a_name() -> None:
    for kind in RingKind:
        assert {f"ring_{kind}", f"name_{kind}"} <= known_codes()
    for role in Role:
        assert {f"role_{role}", f"name_{role}"} <= known_codes()


def test_every_evidence_code_written_in_the_code_has_words() -> None:
    found: dict[str, str] = {}
    for room in ("rings", "scoring", "cypher", "gnn", "reports", "graph"):
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (code := _literal_code(node)) is not None:
                    found[code] = str(path.relative_to(REPOSITORY))
    assert len(found) > 20
    assert {code: path for code, path in found.items() if code not in known_codes()} == {}


def _literal_code(call: ast.Call) -> str | None:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in ("Evidence", "Statement", "say"):
        return None
    first = call.args[:1] + [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    return first[0].value if first and isinstance(first[0], ast.Constant) and isinstance(first[0].value, str) else None


def test_a_code_without_words_shows_itself_and_its_parameters() -> None:
    text = phrase(Evidence("moon_phase", (("count", 3), ("id", "acc-1"))), Language.PT)
    assert "moon_phase" in text
    assert "count=3" in text
    assert "acc-1" in text


def test_numbers_in_sentences_follow_the_language() -> None:
    evidence = Evidence("ring_fan_in", (("count", 1), ("amount_cents", 123_456_789), ("hours", 0.5), ("limit", 1000)))
    assert phrase(evidence, Language.PT) == (
        "Muitos pagadores enviam a uma mesma conta, que repassa o dinheiro: 1 pagador em 30 minutos, "
        "somando R$\u00a01.234.567,89 (limite: 1.000)."
    )
    assert phrase(evidence, Language.EN) == (
        "Many payers send to one account, which passes the money on: 1 payer in 30 minutes, "
        "BRL\u00a01,234,567.89 in total (limit: 1,000)."
    )


def test_a_parameter_that_looks_like_template_text_is_printed_as_it_is() -> None:
    text = phrase(Evidence("new_device", (("id", "[{count}~x]{id}"),)), Language.EN)
    assert "[{count}~x]{id}" in text


def test_what_people_wrote_in_both_languages_is_printed_in_the_readers() -> None:
    written = Evidence("typology", (("meaning_en", "Mule collection"), ("meaning_pt", "Arrecadação por laranjas")))
    assert phrase(written, Language.PT) == "Corresponde a uma tipologia: Arrecadação por laranjas."
    assert phrase(written, Language.EN) == "It fits a typology: Mule collection."
