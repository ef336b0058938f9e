"""Reports about rings and operators from an open service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from cypher.catalog import Catalog
from graph.errors import StopWork
from graph.evidence import Ring
from graph.store.protocol import GraphReader
from graph.window.features import FEATURES_VERSION
from ledger.records import ReportMade
from reports.document import canonical, document
from reports.formats import Language
from reports.log_facts import LogFacts
from reports.operator_report import build_operator_report
from reports.record import AsOf, ReportRecord
from reports.render import html_of, pdf_of, render
from reports.ring_report import build_ring_report
from reports.sources import CaseFacts
from reports.view import page_of
from service.bootstrap import Service, now_ms

Subject = Literal["ring", "operator"]
Form = Literal["pdf", "html", "json"]


def _versions(service: Service) -> tuple[tuple[str, str], ...]:
    """What the newest decision was made with."""
    newest = service.ledger.scores(limit=1).items
    return newest[0].versions if newest else (("features", FEATURES_VERSION),)


class CatalogReads:
    """Catalogued reads against one store."""

    def __init__(self, catalog: Catalog, store: GraphReader) -> None:
        self._catalog, self._store = catalog, store

    def read(self, name: str, **params: object) -> list[dict[str, Any]]:
        """Rows of the read `name`."""
        return self._catalog.read(self._store, name, **params)


class _Rings:
    def __init__(self, service: Service) -> None:
        self._ledger = service.ledger

    def ring(self, ring_id: str) -> Ring | None:
        return self._ledger.ring(ring_id)

    def rings_of(self, accounts: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return self._ledger.rings_of(accounts)


class Reporter:
    """Makes reports as of the head of the log."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def write(self, subject: Subject, subject_id: str, *, language: Language, out: Path) -> list[Path]:
        """Write PDF, HTML, JSON and their manifest into `out`; raises StopWork when the subject is not known."""
        record = self._record(subject, subject_id, language)
        if record is None:
            page = "/" if subject == "ring" else "/operators"
            raise StopWork(f"no {subject} {subject_id} is known", cure=f"`tarrafa serve` lists them at {page}")
        rendered = render(record, out)
        envelope = record.envelope
        self._service.ledger.report_made(
            ReportMade(
                report_id=envelope.report_id,
                subject_kind=subject,
                subject_id=subject_id,
                as_of=envelope.as_of.position,
                language=str(language),
                sha256=envelope.report_id,
                paths=(("pdf", str(rendered.pdf)), ("html", str(rendered.html)), ("json", str(rendered.json))),
                made_at=now_ms(),
            )
        )
        return [rendered.pdf, rendered.html, rendered.json, rendered.manifest]

    def ring_report(self, ring_id: str, *, language: Language, form: Form) -> bytes | None:
        """The report about a ring as bytes, or None when it is not known."""
        return self._bytes("ring", ring_id, language, form)

    def operator_report(self, operator_id: str, *, language: Language, form: Form) -> bytes | None:
        """The report about an operator as bytes, or None when it is not known."""
        return self._bytes("operator", operator_id, language, form)

    def _bytes(self, subject: Subject, subject_id: str, language: Language, form: Form) -> bytes | None:
        record = self._record(subject, subject_id, language)
        if record is None:
            return None
        if form == "json":
            return canonical(document(record))
        page = page_of(record)
        return pdf_of(page) if form == "pdf" else html_of(page).encode()

    def _record(self, subject: Subject, subject_id: str, language: Language) -> ReportRecord | None:
        service = self._service
        if service.pipeline is not None:
            service.pipeline.flush(settle=True)
        head = service.log.head()
        newest = next(service.log.read(after=head - 1, limit=1), None)
        if newest is None:
            return None
        as_of = AsOf(service.log.log_id, head, newest.learned_at)
        reads = CatalogReads(service.catalog, service.store)
        facts = CaseFacts(
            events=service.log,
            rings=_Rings(service),
            graph=reads,
            facts=LogFacts(service.log, position=head),
            versions=_versions(service),
        )
        if subject == "ring":
            ring = service.ledger.ring(subject_id)
            return None if ring is None else build_ring_report(ring, facts=facts, language=language, as_of=as_of)
        if not reads.read("read/operator", id=subject_id):
            return None
        return build_operator_report(subject_id, facts=facts, language=language, as_of=as_of)
