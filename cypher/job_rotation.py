"""Job: sites that follow one another - one goes quiet, the next appears - behind one operator or one address.

An operator whose sites are blocked comes back under a new name. Sites that ran side by side do not rotate: the next one
must appear no earlier than `overlap_ms` before the last was seen for the last time, and no later than `gap_ms` after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from cypher.job import HOUR_MS, Job, JobParam, JobRun
from graph.events import NodeKind
from graph.evidence import Evidence
from graph.store.protocol import Row

DAY_MS = 24 * HOUR_MS
ROWS_PER_READ = 200_000


def domain_rotation(run: JobRun) -> None:
    """Fill `run` with the longest chain of sites behind each operator and address, where it is long enough."""
    most = run.number("max_domains")
    for label, thing, domains in (*_groups(run, "operator"), *_groups(run, "address")):
        if len(domains) > most:
            hub = (("id", thing), ("count", len(domains)), ("limit", most))
            run.suppressed.append(Evidence("hub_suppressed", hub, nodes=((label, thing),)))
            continue
        chain = longest_chain(domains, overlap_ms=run.number("overlap_ms"), gap_ms=run.number("gap_ms"))
        if len(chain) < run.number("min_domains"):
            continue
        names = [row["domain"] for row in chain]
        first, last = chain[0]["first_seen"], chain[-1]["last_seen"]
        row = {"label": label, "id": thing, "domains": names, "first_seen": first, "last_seen": last}
        finding = Evidence(
            "domain_rotation",
            (("count", len(names)), ("id", thing), ("days", round((last - first) / DAY_MS, 2))),
            nodes=((label, thing), *((str(NodeKind.DOMAIN), name) for name in names)),
        )
        if not run.keep(row, finding):
            return


def longest_chain(domains: Sequence[Row], *, overlap_ms: int, gap_ms: int) -> list[Row]:
    """Return the longest chain of `domains` (by first seen, then id) in which each follows the one before it.

    Of equally long ones the one whose last site comes first, and so on backwards.
    """
    best: list[tuple[int, int | None]] = []  # length of the longest chain that ends here, and what comes before
    for index, row in enumerate(domains):
        length, before = 1, None
        for earlier in range(index):
            left = domains[earlier]["last_seen"]
            follows = left - overlap_ms <= row["first_seen"] <= left + gap_ms
            later = domains[earlier]["first_seen"] < row["first_seen"] and left < row["last_seen"]
            if follows and later and best[earlier][0] + 1 > length:
                length, before = best[earlier][0] + 1, earlier
        best.append((length, before))
    at: int | None = max(range(len(best)), key=lambda index: (best[index][0], -index), default=None)
    chain = []
    while at is not None:
        chain.append(domains[at])
        at = best[at][1]
    return chain[::-1]


def _groups(run: JobRun, behind: str) -> Iterator[tuple[str, str, list[Row]]]:
    rows = run.ask(f"jobs/domains_by_{behind}", {"limit": ROWS_PER_READ + 1}) or []
    if len(rows) > ROWS_PER_READ:
        run.cut("candidates")
    for (label, thing), own in groupby(rows[:ROWS_PER_READ], key=lambda row: (row["label"], row["id"])):
        yield label, thing, list(own)


DOMAIN_ROTATION = Job(
    "domain_rotation",
    1,
    "sites that follow one another behind one operator or one address",
    "reads every site of an operator and every site with an address",
    (
        JobParam("overlap_ms", 7 * DAY_MS, "how long the next site may already be there (ms)"),
        JobParam("gap_ms", 30 * DAY_MS, "longest time without a site (ms)"),
        JobParam("min_domains", 3, "fewest sites in a row", low=2),
        JobParam("max_domains", 200, "an operator or address with more sites than this is a large host", low=2),
    ),
    ("jobs/domains_by_operator", "jobs/domains_by_address"),
    domain_rotation,
)
