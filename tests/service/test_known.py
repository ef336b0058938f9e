"""Any read as it was known on a day, though late facts came after: byte for byte what was said on that day."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.bootstrap import open_service
from service.home import HomeLock, HomePaths
from service.known import KEPT, open_known
from service.run import all_rings
from service.settings import load_settings
from tests.service.canonical import Row, world_rows, write_csv
from tests.service.command import Tarrafa


@dataclass(frozen=True, slots=True)
class Day:
    """The rows known on the day, those that came later, and among these late ones of the same time."""

    known: list[Row]
    after: list[Row]


@pytest.fixture(scope="module")
def rows() -> Day:
    """The world in two parts; every ninth row of the first comes only with the second, days late."""
    ordered = sorted(world_rows(3_000), key=lambda row: row["ts"])
    day = len(ordered) * 4 // 5
    early, late = ordered[:day], ordered[8:day:9]
    missing = {row["tx_id"] for row in late}
    return Day([row for row in early if row["tx_id"] not in missing], [*ordered[day:], *late])


class Answers:
    """What the reading commands say about one ring, account and transaction of a home."""

    def __init__(self, tarrafa: Tarrafa, home: Path, folder: Path) -> None:
        self.tarrafa, self.home, self.folder = tarrafa, home, folder
        with open_service(load_settings(home=home), work=False) as service:
            ring = max(all_rings(service), key=lambda ring: (len(ring.members), ring.ring_id))
            self.ring, self.account = ring.ring_id, ring.members[0].account
            self.tx = service.ledger.scores(limit=1).items[0].tx_id

    def all(self, *known: object) -> dict[str, bytes]:
        """Every answer by name, asked with the options `known`."""
        asked = (*known, "--home", self.home)
        out = self.folder / "report"
        self.tarrafa("report", "ring", self.ring, "--out", out, *asked).well()
        said = {path.name: path.read_bytes() for path in out.iterdir()}
        assert sorted(said) == ["manifest.json", "report.html", "report.json", "report.pdf"]
        piece = self.folder / "piece.graphml"
        for subject, name in (("ring", self.ring), ("account", self.account)):
            self.tarrafa("export", subject, name, "--out", piece, *asked).well()
            said[f"export {subject}"] = piece.read_bytes()
        for words in (
            ("rings", "list"),
            ("rings", "show", self.ring, "--json"),
            ("score", "explain", self.tx, "--check"),
            ("job", "run", "fan_in", "--json"),
            ("state-hash",),
        ):
            said[" ".join(words)] = self.tarrafa(*words, *asked).well().out.encode()
        return said


def played(tarrafa: Tarrafa, home: Path, rows: list[Row], folder: Path) -> str:
    """Play the rows; the moment just after, as a person would write it."""
    tarrafa("run", write_csv(folder / f"{len(rows)}.csv", rows), "--no-serve", "--home", home).well()
    time.sleep(0.01)
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    time.sleep(0.01)
    return moment


def files(home: Path) -> dict[str, bytes]:
    """Every file of a home but what was worked out about earlier moments."""
    paths = HomePaths(home)
    inside = (path for path in home.rglob("*") if path.is_file() and paths.known not in path.parents)
    return {str(path.relative_to(home)): path.read_bytes() for path in inside if path != paths.lock}


@pytest.mark.slow
def test_every_answer_of_a_day_is_the_same_when_asked_again_after_late_and_later_facts(
    tarrafa: Tarrafa, home: Path, tmp_path: Path, rows: Day
) -> None:
    moment = played(tarrafa, home, rows.known, tmp_path)
    answers = Answers(tarrafa, home, tmp_path)
    on_the_day = answers.all()
    with open_service(load_settings(home=home), work=False) as service:
        position = service.log.head()

    played(tarrafa, home, rows.after[:-40], tmp_path)
    now = tarrafa("state-hash", "--home", home).well().out
    assert now.encode() != on_the_day["state-hash"]
    assert tarrafa("rings", "list", "--home", home).well().out.encode() != on_the_day["rings list"]
    before = files(home)
    assert answers.all("--as-known-on", moment) == on_the_day
    assert files(home) == before  # the home itself was only read

    played(tarrafa, home, rows.after[-40:], tmp_path)  # the latest of the late
    assert answers.all("--as-known-on", moment) == on_the_day  # from what was kept
    tarrafa("rebuild", "--home", home).well()
    assert not list(HomePaths(home).known.iterdir())
    assert answers.all("--as-known-on", position) == on_the_day  # worked out anew
    assert (
        tarrafa("rings", "list", "--as-known-on", position, "--home", home)
        .err.strip()
        .startswith(f"as known at log entry {position}, learned at ")
    )


def test_a_prefix_has_the_state_of_a_home_that_never_saw_more_and_is_read_while_the_home_is_in_use(
    tarrafa: Tarrafa, home: Path, tmp_path: Path, rows: Day
) -> None:
    moment = played(tarrafa, home, rows.known, tmp_path)
    played(tarrafa, home, rows.after, tmp_path)
    fresh = tmp_path / "fresh"
    played(tarrafa, fresh, rows.known, tmp_path)
    alone = tarrafa("state-hash", "--home", fresh).well().out
    with HomeLock(HomePaths(home)):
        assert "is used by process" in tarrafa("state-hash", "--home", home).err
        assert tarrafa("state-hash", "--as-known-on", moment, "--home", home).well().out == alone
    interrupted = next(HomePaths(home).known.iterdir())
    with HomeLock(HomePaths(interrupted)):
        assert "asks about the same moment" in tarrafa("state-hash", "--as-known-on", moment, "--home", home).err
    HomePaths(interrupted).clean.unlink()  # as a process killed half-way leaves it
    HomePaths(interrupted).graph.write_bytes(b"half a graph")
    assert tarrafa("state-hash", "--as-known-on", moment, "--home", home).well().out == alone


def test_a_moment_that_cannot_be_asked_for_is_refused_in_words(tarrafa: Tarrafa, home: Path, tmp_path: Path) -> None:
    def refused(moment: object) -> str:
        ended = tarrafa("state-hash", "--as-known-on", moment, "--home", home)
        assert ended.status == 2
        return ended.err

    assert "there is no event log" in refused(1)
    played(tarrafa, home, world_rows(1_000)[:60], tmp_path)
    assert "nothing was known on 2001-01-01T00:00:00Z: the first entry" in refused("2001-01-01T00:00:00Z")
    assert "is not past yet" in refused("2999-01-01T00:00:00-03:00")
    assert "names no time zone" in refused("2999-01-01T00:00:00")
    assert "names no time zone" in refused("2026-01-31")
    assert "yesterday is no moment" in refused("yesterday")
    assert "the log has no position 0" in refused(0)
    assert "give one from 1 to 60" in refused(61)
    said = tarrafa("job", "run", "fan_in", "--publish", "--as-known-on", 60, "--home", home)
    assert (said.status, "cannot be changed" in said.err) == (2, True)


def test_only_the_moments_asked_for_last_are_kept(tarrafa: Tarrafa, home: Path, tmp_path: Path) -> None:
    played(tarrafa, home, world_rows(1_000)[:60], tmp_path)
    settings = load_settings(home=home)
    for position in (10, 20, 30, 40, 10, 50):
        with open_known(settings, str(position)) as service:
            assert service.log.head() == position
        time.sleep(0.01)  # the file system's clock
    kept = {path.name.split("-")[0] for path in HomePaths(home).known.iterdir()}
    assert (len(kept), kept) == (KEPT, {"10", "30", "40", "50"})
