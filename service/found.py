"""From what a job found to an event of the log: evidence looked up in the log, known findings left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import uuid4

from cypher.job import Job, JobResult
from graph.errors import RejectedRecord
from graph.events import GovernanceChanged, Movement, NodeKind
from graph.evidence import RingKind
from graph.found import MAX_ACCOUNTS, PART, Found, FoundMovement, change_of, content_of
from service.bootstrap import Service, now_ms

#: Shapes in which one account is the core and those around it only take part.
_CENTRED = frozenset({RingKind.FAN_IN, RingKind.FAN_OUT, RingKind.GATHER_SCATTER, RingKind.LAYERED})
EVENTS_READ = 100_000
PER_EVENT = 500


def publish(service: Service, job: Job, result: JobResult, *, run_id: int, caller: str) -> int:
    """Put the findings that are not known yet into the log, where signals and rings take them up; return how many.

    Running a job twice, or twice at once, adds nothing the second time; what was withdrawn does not come back.
    """
    new = {found.id: found for found in _found(service, job, result)}
    known, withdrawn = _known(service)
    for name in (*known, *withdrawn):
        new.pop(name, None)
    wanted = list(new.values())
    for start in range(0, len(wanted), PER_EVENT):
        content = content_of(wanted[start : start + PER_EVENT])
        _submit(service, content, author=caller, reason=f"job {job.name}, run {run_id}")
    return len(wanted)


def withdraw(service: Service, job_name: str, *, caller: str, reason: str = "") -> int:
    """Let every standing finding of a job stand no more: what it wrote, no matter by which run; return how many."""
    names = [name for name, found in _known(service)[0].items() if found.job == job_name]
    for start in range(0, len(names), PER_EVENT):
        content = content_of((), withdrawn=names[start : start + PER_EVENT])
        _submit(service, content, author=caller, reason=reason or f"findings of {job_name} withdrawn")
    return len(names)


def standing(service: Service) -> list[Found]:
    """Findings that stand now, the oldest first."""
    return list(_known(service)[0].values())


def _submit(service: Service, content: str, *, author: str, reason: str) -> None:
    event = GovernanceChanged(
        event_id=f"governance:{uuid4().hex}", ts=now_ms(), part=PART, content=content, author=author, reason=reason
    )
    service.running.govern(event)
    service.running.flush(settle=False)


def _known(service: Service) -> tuple[dict[str, Found], set[str]]:
    """Findings that stand, by id, and the ids of those withdrawn."""
    found: dict[str, Found] = {}
    withdrawn: set[str] = set()
    for event in reversed(service.ledger.documents(PART, limit=EVENTS_READ)):
        change = change_of(event.content)
        found.update((each.id, each) for each in change.found if each.id not in withdrawn)
        for name in change.withdrawn:
            withdrawn.add(name)
            found.pop(name, None)
    return found, withdrawn


def _found(service: Service, job: Job, result: JobResult) -> Iterator[Found]:
    for row, finding in zip(result.rows, result.findings, strict=True):
        accounts = list(dict.fromkeys(name for label, name in finding.nodes if label == NodeKind.ACCOUNT))
        accounts = accounts[:MAX_ACCOUNTS]
        centred = job.kind is None or job.kind in _CENTRED
        movements = tuple(_movements(service, finding.event_ids))
        yield Found(
            job=job.name,
            version=job.version,
            code=finding.code,
            kind=job.kind,
            # the first use of a shared thing, so that using it again does not make another finding
            ts=max((each.ts for each in movements), default=row.get("first_seen", 0)),
            core=tuple(accounts[:1] if centred else sorted(accounts)),
            others=tuple(sorted(accounts[1:])) if centred else (),
            movements=movements,
            means=tuple(node for node in finding.nodes if node[0] in (NodeKind.DEVICE, NodeKind.IDENTIFIER)),
        )


def _movements(service: Service, event_ids: Sequence[str]) -> Iterator[FoundMovement]:
    for event_id in event_ids:
        entry = service.log.event(event_id)
        if entry is None or not isinstance(entry.event, Movement):
            raise RejectedRecord(
                "unproven_finding", field="event_id", value=event_id, cure="run `tarrafa rebuild`: store and log differ"
            )
        event = entry.event
        yield FoundMovement(event_id, event.ts, event.source, event.target, event.amount_cents, str(event.kind))
