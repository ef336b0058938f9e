"""Answers under idempotency keys: the first stands byte for byte until its time is over."""

from __future__ import annotations

from dataclasses import replace

from ledger import Ledger
from ledger.records import KeptAnswer
from tests.ledger.worlds import LOG

ANSWER = KeptAnswer("/api/v1/score", "key-1", b"\x00\xff", b'{"a": 1.50}', 1_000)


def test_an_answer_comes_back_byte_for_byte_until_its_time_is_over(ledger: Ledger) -> None:
    ledger.keep_answers([ANSWER], now_ms=0)
    assert ledger.kept_answer(ANSWER.scope, ANSWER.key, now_ms=999) == ANSWER
    assert ledger.kept_answer(ANSWER.scope, ANSWER.key, now_ms=1_000) is None


def test_keys_of_other_calls_and_other_keys_do_not_meet(ledger: Ledger) -> None:
    other = replace(ANSWER, scope="/api/v1/analyze", body=b"{}")
    ledger.keep_answers([ANSWER, other], now_ms=0)
    assert ledger.kept_answer(other.scope, other.key, now_ms=0) == other
    assert ledger.kept_answer(ANSWER.scope, "key-2", now_ms=0) is None


def test_the_first_answer_under_a_key_stands_and_its_key_is_free_again_after_its_time(ledger: Ledger) -> None:
    later = replace(ANSWER, body=b"later", until_ms=2_000)
    ledger.keep_answers([ANSWER], now_ms=0)
    ledger.keep_answers([later], now_ms=500)
    assert ledger.kept_answer(ANSWER.scope, ANSWER.key, now_ms=500) == ANSWER
    ledger.keep_answers([later], now_ms=1_500)
    assert ledger.kept_answer(ANSWER.scope, ANSWER.key, now_ms=1_500) == later


def test_a_rebuild_forgets_no_answer(ledger: Ledger) -> None:
    ledger.keep_answers([ANSWER], now_ms=0)
    ledger.forget_projections(LOG)
    assert ledger.kept_answer(ANSWER.scope, ANSWER.key, now_ms=0) == ANSWER
