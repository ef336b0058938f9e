"""A job that is cut short says by what, and a job asked wrongly says what to ask."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cypher.anchored import anchored
from cypher.catalog import Catalog
from cypher.job import JobRun
from cypher.jobs import JOBS, run_job
from graph.errors import QueryRefused, QueryTimeout
from graph.store.protocol import Row
from tests.cypher.conftest import Load
from tests.cypher.worlds import HOUR, T0, use

#: Parameters of jobs that ask about somebody.
NEEDED = {"flow_trace": {"account": "a00"}, "shortest_link": {"source": "a00", "target": "a10"}}


class Ticking:
    """A clock that moves one second at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


class SlowFor:
    """A store that runs out of time whenever it is asked about this account."""

    def __init__(self, account: str) -> None:
        self.account = account

    def read(self, text: str, params: Mapping[str, object], *, timeout_ms: int = 0, query: str = "") -> list[Row]:  # noqa: ARG002
        ids = params["ids"]
        assert isinstance(ids, list)
        if self.account in ids:
            raise QueryTimeout(query=query, timeout_ms=timeout_ms)
        return [{"id": name, "tx_id": name, "ts": 1, "amount_cents": 1, "market": "m", "side": "home"} for name in ids]


def farms(count: int) -> list[object]:
    """Devices with three accounts each."""
    return [use(10 * farm + each, f"a{farm}{each}", device=f"d{farm}") for farm in range(count) for each in range(3)]


def test_a_full_row_budget_is_named_and_an_exact_one_is_not(load: Load, catalog: Catalog) -> None:
    store = load(farms(4))
    cut = run_job("shared_device", store, catalog, {}, row_budget=3)
    exact = run_job("shared_device", store, catalog, {}, row_budget=4)
    assert ([row["id"] for row in cut.rows], cut.truncated) == (["d0", "d1", "d2"], ("row_budget",))
    assert (len(exact.rows), exact.truncated) == (4, ())


@pytest.mark.parametrize("name", sorted(JOBS))
def test_a_spent_time_budget_is_named_and_never_an_error(load: Load, catalog: Catalog, name: str) -> None:
    result = run_job(name, load(farms(2)), catalog, NEEDED.get(name, {}), time_budget_ms=0, clock=Ticking())
    assert (result.rows, result.truncated) == ((), ("time_budget",))


def test_an_account_too_slow_to_read_is_named_and_the_others_are_read(catalog: Catalog) -> None:
    run = JobRun(catalog, SlowFor("b"), {}, 10, 1_000.0, lambda: 0.0)
    read = dict(anchored(run, "jobs/bets", list("abcdefgh"), {"lo": 0, "hi": 9}))
    assert {name for name, rows in read.items() if rows} == set("acdefgh")
    assert run.truncated == ["statement_timeout"]


def test_accounts_come_in_the_order_asked_however_batches_split(load: Load, catalog: Catalog) -> None:
    hub = [use(number, f"p{number}", device="hub") for number in range(6)]
    store = load([*hub, use(7, "a", device="b"), use(8, "a", device="c")])
    run = JobRun(catalog, store, {}, 10, 1_000.0, lambda: 0.0)
    asked = ["c", "hub", "b", "nobody"]
    span = {"lo": T0, "hi": T0 + 99 * HOUR}
    read = list(anchored(run, "jobs/device_accounts", asked, span, batch=4, rows_per_read=5))
    assert [(name, len(rows)) for name, rows in read] == [("c", 1), ("hub", 5), ("b", 1), ("nobody", 0)]
    assert run.truncated == ["rows_per_account"]


def test_unknown_jobs_and_parameters_and_values_out_of_range_are_refused(load: Load, catalog: Catalog) -> None:
    store = load([])
    with pytest.raises(QueryRefused, match="there is no job fans; jobs: shared_device"):
        run_job("fans", store, catalog, {})
    with pytest.raises(QueryRefused, match="job fan_in has no parameter windows; it takes lo, hi, kind, window_ms"):
        run_job("fan_in", store, catalog, {"windows": 1})
    with pytest.raises(QueryRefused, match="min_others must be a whole number from 2 to"):
        run_job("fan_in", store, catalog, {"min_others": 1})
    with pytest.raises(QueryRefused, match=r"window_ms must be a whole number from 1 to \d+, not True"):
        run_job("fan_in", store, catalog, {"window_ms": True})
    with pytest.raises(QueryRefused, match="kind must be a text"):
        run_job("fan_in", store, catalog, {"kind": 3})


def test_a_result_names_the_parameters_it_was_made_with(load: Load, catalog: Catalog) -> None:
    result = run_job("shared_device", load([]), catalog, {"min_accounts": 7})
    assert (result.name, result.version) == ("shared_device", JOBS["shared_device"].version)
    assert dict(result.params)["min_accounts"] == 7
    assert dict(result.params)["max_accounts"] == 50


def test_the_statements_of_every_job_are_in_the_catalogue_and_none_is_left_over(catalog: Catalog) -> None:
    used = {name for job in JOBS.values() for name in job.statements}
    own = {name for name in used if name.startswith("jobs/")}
    assert own == {statement.name for statement in catalog if statement.name.startswith("jobs/")}
    assert used - own <= {statement.name for statement in catalog}
