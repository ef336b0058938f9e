"""Pieces of the graph as files: of a ring, of what lies around an account, of what a run or query returned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from cypher.export import FORMS, export
from cypher.extract import neighbourhood, of_rows
from graph.errors import ConfigurationError, QueryRefused
from graph.extract import Extract, extract_of_ring
from service.bootstrap import Service
from service.jobs import JobDesk

Subject = Literal["ring", "account", "query", "run"]


class Exporter:
    """Makes extracts of an open service, and files of them."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def extract(
        self,
        subject: Subject,
        name: str,
        *,
        hops: int = 1,
        given: Mapping[str, object] | None = None,
        caller: str = "export",
    ) -> Extract:
        """The piece: of a ring (or its survivor), an account, a saved query or job run now, or a run that was kept."""
        if subject == "ring":
            ring = self._service.ledger.ring(name)
            if ring is None:
                raise ConfigurationError(f"no ring {name} is known", cure="`tarrafa serve` lists them at /")
            return extract_of_ring(ring)
        if subject == "account":
            return neighbourhood(self._service.catalog, self._service.store, name, hops=hops)
        desk = JobDesk(self._service)
        if subject == "query":
            done = desk.run_now(name, given or {}, caller=caller)
            return of_rows(name, done.result.rows)
        if not name.isdecimal():
            raise QueryRefused(f"{name} is not the number of a run", cure="`tarrafa job runs` lists them")
        run = desk.run(int(name))
        return of_rows(run.name, [json.loads(line) for line in run.result.splitlines()])

    def file(self, subject: Subject, name: str, form: str, *, hops: int = 1) -> tuple[bytes, str, str]:
        """(content, ending of the file's name, media type)."""
        content = export(self.extract(subject, name, hops=hops), form)
        return content, *FORMS[form][1:]
