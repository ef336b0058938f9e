"""A seal kept elsewhere shows what the log alone cannot: an end cut off, a history written anew."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.events import Movement
from graph.log.sqlite import SqliteEventLog
from service.sealing import check_signature, public_key_of, read_checkpoint, signing_key
from tests.service.command import Tarrafa

EVENTS = [
    Movement(event_id=f"tx:{n}", ts=1_750_000_000_000 + n, source="a", target="b", amount_cents=n) for n in range(30)
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a log of 20 entries and a signing key of its own."""
    monkeypatch.setenv("TARRAFA_IDENTITY_SIGNING_KEY_FILE", str(tmp_path / "keys" / "signing.key"))
    place = tmp_path / "home"
    place.mkdir()
    _log(place, EVENTS[:20])
    return place


@pytest.fixture
def tarrafa(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tarrafa:
    return Tarrafa(monkeypatch, capsys)


def _log(place: Path, events: list[Movement]) -> None:
    log = SqliteEventLog(place / "log.sqlite")
    log.append(events, learned_at=1_750_000_000_000)
    log.close()


def _seal(tarrafa: Tarrafa, home: Path) -> Path:
    out = home.parent / "seal.json"
    assert "sealed 20 entries" in tarrafa("log", "seal", "--out", out, "--home", home).well().out
    return out


def test_a_log_that_grew_still_begins_with_what_was_sealed(tarrafa: Tarrafa, home: Path) -> None:
    seal = _seal(tarrafa, home)
    _log(home, EVENTS[20:])
    key = tarrafa("log", "key").well().out.strip()
    said = tarrafa("log", "check", seal, "--public-key", key, "--home", home).well().out
    assert "the first 20 entries are those that were sealed" in said
    assert "30 entries" in said


def test_the_seal_is_checked_where_there_is_no_log(tarrafa: Tarrafa, home: Path, tmp_path: Path) -> None:
    seal = _seal(tarrafa, home)
    key = tarrafa("log", "key").well().out.strip()
    tarrafa("log", "check", seal, "--public-key", key, "--only-signature", "--home", tmp_path / "nowhere").well()
    other = tarrafa("log", "check", seal, "--public-key", "0" * 64, "--only-signature")
    assert (other.status, "WRONG" in other.out) == (1, True)


def _cut_off(path: Path) -> None:
    """Write the log anew, one entry shorter, with a sound chain of its own."""
    kept = SqliteEventLog(path)
    entries = list(kept.read())[:-1]
    log_id = kept.log_id
    kept.close()
    _rewrite(path, log_id, [entry.event for entry in entries])


def _edited(path: Path) -> None:
    """Write the log anew with one amount changed, with a sound chain of its own."""
    kept = SqliteEventLog(path)
    events = [entry.event for entry in kept.read()]
    log_id = kept.log_id
    kept.close()
    first = EVENTS[0]
    changed = Movement(event_id=first.event_id, ts=first.ts, source="a", target="b", amount_cents=999_999)
    _rewrite(path, log_id, [changed, *events[1:]])


def _rewrite(path: Path, log_id: str, events: list[object]) -> None:
    from graph.log.chain import first_chain

    for file in path.parent.glob("log.sqlite*"):
        file.unlink()
    SqliteEventLog(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE state SET log_id = ?, chain = ?", (log_id, first_chain(log_id)))
    connection.close()
    log = SqliteEventLog(path)
    log.append(events, learned_at=1_750_000_000_000)  # type: ignore[arg-type]
    log.close()


@pytest.mark.parametrize(
    ("forge", "words"), [(_cut_off, "1 of 20 sealed entries are gone"), (_edited, "are not those that were sealed")]
)
def test_a_log_forged_with_a_sound_chain_passes_by_itself_and_not_the_seal(
    tarrafa: Tarrafa, home: Path, forge: Callable[[Path], None], words: str
) -> None:
    seal = _seal(tarrafa, home)
    forge(home / "log.sqlite")
    assert "sound" in tarrafa("log", "verify", "--home", home).well().out
    said = tarrafa("log", "check", seal, "--home", home)
    assert (said.status, words in said.out) == (1, True)


def test_an_entry_edited_in_place_is_named_and_what_is_broken_is_not_sealed(
    tarrafa: Tarrafa, home: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(home / "log.sqlite") as connection:
        connection.execute("DROP TRIGGER entries_stand")
        connection.execute("UPDATE entries SET data = replace(data, 'amount', 'amoumt') WHERE offset = 7")
    connection.close()
    said = tarrafa("log", "verify", "--home", home)
    assert (said.status, "entry 7" in said.out) == (1, True)
    refused = tarrafa("log", "seal", "--out", tmp_path / "no.json", "--home", home)
    assert (refused.status, "not sound at entry 7" in refused.err) == (2, True)


@pytest.mark.parametrize(("field", "value"), [("entries", 19), ("chain", "00" * 16), ("made_at", 1), ("log_id", "x")])
def test_a_seal_that_was_touched_does_not_fit_its_signature(
    tarrafa: Tarrafa, home: Path, field: str, value: object
) -> None:
    seal = _seal(tarrafa, home)
    seal.write_text(json.dumps(json.loads(seal.read_text()) | {field: value}))
    said = tarrafa("log", "check", seal, "--only-signature")
    assert (said.status, "does not fit" in said.out) == (1, True)


def test_the_seal_of_another_log_is_told_from_one_that_was_changed(
    tarrafa: Tarrafa, home: Path, tmp_path: Path
) -> None:
    seal = _seal(tarrafa, home)
    other = tmp_path / "other"
    other.mkdir()
    _log(other, EVENTS[:20])
    said = tarrafa("log", "check", seal, "--home", other)
    assert (said.status, "the checkpoint is of" in said.out) == (1, True)


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "x"}', "[1"])
def test_a_file_that_is_no_seal_is_refused(tarrafa: Tarrafa, tmp_path: Path, text: str) -> None:
    file = tmp_path / "seal.json"
    file.write_text(text)
    assert "is no checkpoint" in tarrafa("log", "check", file).err


def test_the_key_is_made_once_and_for_nobody_else(home: Path, tarrafa: Tarrafa) -> None:
    seal = read_checkpoint(_seal(tarrafa, home))
    file = home.parent / "keys" / "signing.key"
    shutil.copy(file, home / "copy")
    assert file.stat().st_mode & 0o777 == 0o600
    key = signing_key(file)
    assert public_key_of(key) == seal.public_key
    assert all(one.ok for one in check_signature(seal, public_key=public_key_of(key)))
