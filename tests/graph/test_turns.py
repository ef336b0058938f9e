"""Callers first: background work waits while somebody is answered, never for long, and in short pieces."""

from __future__ import annotations

import threading
import time

from graph import turns
from graph.turns import LONGEST_WAIT_S, PIECE_ROWS, Turns


def test_nobody_waits_when_nobody_is_answered() -> None:
    calm = Turns()
    assert calm.calm
    assert [len(piece) for piece in calm.pieces(range(1_000))] == [1_000]
    assert list(calm.pieces(())) == []


def test_work_goes_on_when_the_last_caller_has_the_answer() -> None:
    callers = Turns()
    went_on = threading.Event()

    def writer() -> None:
        while not callers._quiet.is_set():
            callers.give_way()
        went_on.set()

    with callers.answering(), callers.answering():
        thread = threading.Thread(target=writer)
        thread.start()
        assert not went_on.wait(3 * LONGEST_WAIT_S)
    assert went_on.wait(10)
    thread.join()


def test_work_goes_on_piece_by_piece_while_somebody_is_always_answered() -> None:
    callers = Turns()
    with callers.answering():
        begun = time.perf_counter()
        pieces = list(callers.pieces(range(3 * PIECE_ROWS + 1)))
        assert time.perf_counter() - begun >= 3 * LONGEST_WAIT_S
    assert [len(piece) for piece in pieces] == [PIECE_ROWS, PIECE_ROWS, PIECE_ROWS, 1]
    assert [row for piece in pieces for row in piece] == list(range(3 * PIECE_ROWS + 1))


def test_pieces_stay_short_until_the_callers_are_gone_for_a_while() -> None:
    callers = Turns()
    with callers.answering():
        pass
    assert [len(piece) for piece in callers.pieces(range(PIECE_ROWS + 1))] == [PIECE_ROWS, 1]
    callers._last -= turns.ABOUT_S
    assert [len(piece) for piece in callers.pieces(range(PIECE_ROWS + 1))] == [PIECE_ROWS + 1]


def test_an_error_of_an_answer_ends_its_turn() -> None:
    callers = Turns()
    try:
        with callers.answering():
            raise RuntimeError
    except RuntimeError:
        pass
    assert callers._quiet.is_set()
