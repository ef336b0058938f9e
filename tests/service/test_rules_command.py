"""Rules from the command line: from a file to points in a score, and back out of force."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.bootstrap import open_service
from service.rule_desk import RuleDesk
from service.settings import load_settings
from tests.service.command import Tarrafa
from tests.service.conftest import PlayedHome

RULE = """
id = "large_pix"
pt = "transferência de valor alto"
en = "a large transfer"
when = '''
kind == "transfer"
and amount >= money(300)
'''
points = 12.5
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rule.toml"
    path.write_text(RULE, encoding="utf-8")
    return path


def test_a_rule_goes_from_file_to_live_and_out_again(tarrafa: Tarrafa, home: Path, file: Path) -> None:
    at = ("--home", home)
    assert "can be read: +12.5 points" in tarrafa("rules", "check", file).well().out
    assert "version 1: draft" in tarrafa("rules", "draft", file, "--by", "ana", *at).well().out
    tarrafa("rules", "submit", "large_pix", "--by", "ana", *at).well()
    own = tarrafa("rules", "approve", "large_pix", "--by", "Ana", *at)
    assert (own.status, "let another person approve it" in own.err) == (2, True)
    early = tarrafa("rules", "activate", "large_pix", "--by", "ana", *at)
    assert (early.status, "let another person approve it first" in early.err) == (2, True)
    tarrafa("rules", "approve", "large_pix", "--by", "bruno", *at).well()
    on = tarrafa("rules", "activate", "large_pix", "--by", "carla", "--reason", "wave of May", *at).well()
    assert "version 1: active" in on.out
    listed = tarrafa("rules", "list", *at).well().out
    assert all(word in listed for word in ("large_pix", "active", "+12.5", "ana", "bruno"))
    with open_service(load_settings(home=home), work=False) as service:
        assert "rules" in [event.part for event in service.ledger.documents("rules")]
    assert "retired" in tarrafa("rules", "retire", "large_pix", "--by", "bruno", *at).well().out
    shown = tarrafa("rules", "show", "large_pix", *at).well().out
    story = ("drafted", "submitted", "approved", "activated", "wave of May", "retired", "a large transfer")
    assert all(word in shown for word in story)
    again = tarrafa("rules", "activate", "large_pix", "--version", 1, "--by", "carla", *at).well()
    assert "version 1: active" in again.out


def test_a_mistake_in_a_file_is_said_with_its_place(tarrafa: Tarrafa, file: Path, home: Path) -> None:
    file.write_text(RULE.replace("amount", "amont"), encoding="utf-8")
    for arguments in (("check", file), ("draft", file, "--home", home), ("backtest", file, "--home", home)):
        result = tarrafa("rules", *arguments)
        assert result.status == 2
        assert "line 2, column 5: there is no field amont; did you mean amount" in result.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nobody"), "no rule is called nobody"),
        (("submit", "nobody"), "draft it first"),
        (("retire", "nobody"), "list the rules"),
        (("backtest", "nobody"), "list the rules"),
        (("backtest", "nobody@x"), "id@version"),
        (("backtest", "nobody", "--from", "2024-02-02", "--to", "2024-02-01"), "give a start before its end"),
        (("backtest", "nobody", "--from", "May"), "write 2026-01-31"),
        (("check", "no such file.toml"), "No such file"),
        (("submit", "nobody", "--by", " "), "nobody is named"),
    ],
)
def test_a_step_that_cannot_be_says_why(tarrafa: Tarrafa, home: Path, arguments: tuple[str, ...], words: str) -> None:
    at = () if arguments[0] == "check" else ("--home", home)
    result = tarrafa("rules", *arguments, *at)
    assert result.status == 2
    assert words in result.err


def test_every_name_of_the_language_is_listed(tarrafa: Tarrafa) -> None:
    out = tarrafa("rules", "fields").well().out
    assert all(name in out for name in ("amount", "pattern_round_trip", "card_payment", "coalesce()", "cents"))


def test_a_backtest_from_a_file_says_what_the_rule_would_have_done_and_writes_nothing(
    tarrafa: Tarrafa, played_home: PlayedHome, file: Path
) -> None:
    out = tarrafa("rules", "backtest", file, "--home", played_home.home).well().out
    assert "large_pix@0" in out
    assert "not known: no labels" in out
    assert "amount = " in out
    none = tarrafa("rules", "backtest", file, "--to", "2001-01-01", "--home", played_home.home).well()
    assert "movements" in none.out
    with open_service(load_settings(home=played_home.home), work=False) as service:
        assert RuleDesk(service).versions() == []
        assert service.state_hash() == played_home.state_hash


def test_a_trial_is_counted_beside_live_traffic(tarrafa: Tarrafa, home: Path, file: Path, tmp_path: Path) -> None:
    at = ("--home", home)
    tarrafa("rules", "draft", file, "--by", "ana", *at).well()
    assert "draft, on trial" in tarrafa("rules", "shadow", "large_pix", "--by", "ana", *at).well().out
    rows = "\n".join(f"t{n},2024-05-01T10:0{n}:00Z,a,b,{amount}" for n, amount in enumerate((500, 600, 1)))
    traffic = tmp_path / "traffic.csv"
    traffic.write_text(f"tx_id,ts,source,target,amount\n{rows}\n", encoding="utf-8")
    tarrafa("run", traffic, "--no-serve", *at).well()
    shown = tarrafa("rules", "show", "large_pix", *at).well().out
    assert "2 (approve 2)" in shown
    assert "t1 t0" in shown
    with open_service(load_settings(home=home), work=False) as service:
        score = service.ledger.score("t1")
        assert score is not None
        assert score.shadow == ("large_pix@1",)
        assert "rule:large_pix" not in [signal.name for signal in score.signals]
    tarrafa("rules", "shadow", "large_pix", "--stop", "--by", "ana", *at).well()
    assert "2 (approve 2)" in tarrafa("rules", "show", "large_pix", *at).well().out
