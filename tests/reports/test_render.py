"""The files of a report: complete, equal for equal records, and deaf to hostile text."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # jsonschema ships no types
import pypdfium2
import pytest

from graph.errors import RejectedRecord
from graph.events import Movement
from graph.evidence import Evidence, Member, Ring, Role
from reports.document import canonical, document, json_schema
from reports.formats import Language
from reports.operator_report import build_operator_report
from reports.record import ReportRecord
from reports.render import Rendered, html_of, pdf_of, render
from reports.ring_report import build_ring_report
from reports.view import page_of
from tests.reports.case import FakeLog, FastLog, as_of, case_of, movement, mule_case, sent

SCHEMA = Path(__file__).resolve().parents[2] / "reports" / "report.schema.json"


def both(language: Language) -> list[ReportRecord]:
    log, ring = mule_case()
    facts = case_of(log, ring)
    return [
        build_ring_report(ring, facts=facts, language=language, as_of=as_of(log)),
        build_operator_report("op-sorte", facts=facts, language=language, as_of=as_of(log)),
    ]


def text_of(pdf: bytes) -> str:
    """All text of a PDF, line breaks taken out."""
    file = pypdfium2.PdfDocument(pdf)
    pages = [file[number].get_textpage().get_text_range() for number in range(len(file))]
    return re.sub(r"[\r\n]+", "", "".join(pages)).replace("\u00a0", " ")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return render(both(Language.PT)[0], tmp_path_factory.mktemp("report") / "new" / "folder")


def test_the_manifest_names_the_hash_of_every_file(rendered: Rendered) -> None:
    manifest = json.loads(rendered.manifest.read_bytes())
    assert set(manifest["files"]) == {"report.json", "report.html", "report.pdf"}
    for path in (rendered.json, rendered.html, rendered.pdf):
        assert manifest["files"][path.name]["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert manifest["report_id"] == json.loads(rendered.json.read_bytes())["envelope"]["report_id"]


def test_rendering_again_gives_the_same_bytes_and_leaves_nothing_else(rendered: Rendered, tmp_path: Path) -> None:
    again = render(both(Language.PT)[0], tmp_path)
    render(both(Language.PT)[0], tmp_path)
    for one, other in ((rendered.json, again.json), (rendered.html, again.html), (rendered.pdf, again.pdf)):
        assert one.read_bytes() == other.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.json",
        "report.html",
        "report.pdf",
        "manifest.json",
    }


def test_a_failed_write_leaves_no_manifest_that_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = both(Language.PT)[0]
    render(first, tmp_path)
    before = (tmp_path / "report.html").read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.render.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        render(both(Language.EN)[0], tmp_path)
    assert (tmp_path / "report.html").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "report.html", "report.pdf"}


@pytest.mark.parametrize("language", list(Language))
def test_the_json_keeps_to_the_committed_schema(language: Language) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    for record in both(language):
        made = json.loads(canonical(document(record)))
        validator.validate(made)
        broken = made | {"surprise": 1}
        assert not validator.is_valid(broken)


def test_the_committed_schema_is_that_of_the_record() -> None:
    assert SCHEMA.read_bytes() == canonical(json_schema()), (
        "run: python -m reports.document > reports/report.schema.json"
    )


@pytest.mark.parametrize("language", list(Language))
def test_every_sentence_stands_in_json_html_and_pdf(language: Language) -> None:
    for record in both(language):
        page = page_of(record)
        html = squeezed(_Text.of(html_of(page)))
        pdf = squeezed(text_of(pdf_of(page)))
        sentences = list(_sentences(document(record)))
        assert len(sentences) > 40
        for sentence in sentences:
            assert squeezed(sentence) in html, sentence
            assert squeezed(sentence) in pdf, sentence


def test_money_dates_and_headings_are_portuguese_in_the_portuguese_pdf(rendered: Rendered) -> None:
    text = text_of(rendered.pdf.read_bytes())
    assert "Relatório de rede suspeita" in text
    assert "Recomendações" in text
    assert "R$ 2.712,96" in text
    assert "31/12/2025 21:00:00" in text
    assert "01/01/2026 00:00:00" in text
    assert "página 1 de" in text


def test_the_pdf_is_tagged_archival_dated_by_the_as_of_time_and_in_the_right_language(rendered: Rendered) -> None:
    data = rendered.pdf.read_bytes()
    file = pypdfium2.PdfDocument(data)
    assert b"pdfaid:part>2" in data
    assert b"pdfaid:conformance>A" in data
    assert b"pdfuaid:part>1" in data
    assert file.is_tagged()
    assert file.get_metadata_dict()["CreationDate"].startswith("D:20260101014000")
    assert re.search(rb"/Lang\s*\(pt-BR\)", data)


def test_table_headers_repeat_on_every_page_of_the_annex() -> None:
    log, ring = mule_case()
    movements = [movement(n, f"acc-{n % 40}", "acc-hub", 1_000 + n) for n in range(200)]
    log.events += [replace_id(event, 1000 + n) for n, event in enumerate(movements)]
    links = sent([event for event in log.events if isinstance(event, Movement)])
    record = build_ring_report(
        replace(ring, links=links), facts=case_of(log, ring), language=Language.EN, as_of=as_of(log)
    )
    file = pypdfium2.PdfDocument(pdf_of(page_of(record)))
    pages = [file[number].get_textpage().get_text_range() for number in range(len(file))]
    annex = [text for text in pages if re.search(r"\bT\d+\b", text) and "UTC time" in text]
    assert len(annex) >= 5
    assert all("Integrity hash" in text and "page " in text for text in annex)


def replace_id(event: Movement, number: int) -> Movement:
    return replace(event, event_id=f"tx:M{number:05d}")


def test_evidence_numbers_in_the_html_lead_to_their_annex_rows(rendered: Rendered) -> None:
    html = rendered.html.read_text(encoding="utf-8")
    targets = set(re.findall(r'href="#([TF]\d+)"', html))
    assert {"T1", "F1"} <= targets
    assert targets <= set(re.findall(r'<tr id="([TF]\d+)"', html))


def test_the_html_loads_nothing_and_runs_nothing(rendered: Rendered) -> None:
    html = rendered.html.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "@import" not in html
    assert not re.search(r'(?:src|href)="(?!#)', html)
    assert set(re.findall(r"https?://[^\"' ]+", html)) == {"http://www.w3.org/2000/svg"}


HOSTILE = (
    "'}) DETACH DELETE n // =HYPERLINK(1)|cmd javascript:alert(1) ../../../etc/passwd",
    '<script>alert(1)</script> "><img src=x onerror=alert(1)> ]]></svg><svg onload=x> &lt;b&gt;',
    '#panic(1) $x$ *b* _i_ `c` @T1 <T1> #read("/etc/passwd") // /* \\ #show: none',
    '\\u0022},{"a":1 {{ 7*7 }}{% raw %} [{count}~x] {0} %s',
    "\u043a\u043e\u043d\u0442\u043e-\u0430\u0440\u0440l\u0435 \u652f\u4ed8\u5b9d \U0001f4b8 " + "e\u0301" * 40,
    "A" * 256,
)


def hostile_case(text: str) -> tuple[FakeLog, Ring]:
    """The mule case where the collector, a site, an operator, a device and a transaction id are hostile text."""
    log, ring = mule_case()

    def swapped(value: Any) -> Any:
        if isinstance(value, str) and value in ("acc-collector", "aposta-facil-777.example", "op-sorte", "dev-7f3a"):
            return text
        return tuple(map(swapped, value)) if isinstance(value, tuple) else value

    for place, event in enumerate(log.events):
        names = ["source", "target", "domain", "operator", "device", "account", "entity_id"]
        changes = {name: swapped(getattr(event, name)) for name in names if hasattr(event, name)}
        log.events[place] = replace(event, **changes)
    first = log.events[10]
    assert isinstance(first, Movement)
    log.events[10] = replace(first, event_id=("tx:" + text)[:256])
    members = tuple(
        replace(member, account=swapped(member.account), reasons=(Evidence("new_device", (("id", text),)),))
        for member in ring.members
    )
    links = tuple(replace(link, source=swapped(link.source), target=swapped(link.target)) for link in ring.links)
    evidence = tuple(replace(item, params=(("id", text), ("count", 3))) for item in ring.evidence)
    return log, replace(ring, members=members, links=links, evidence=evidence, ring_id=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_every_format(text: str, tmp_path: Path) -> None:
    log, ring = hostile_case(text)
    record = build_ring_report(ring, facts=case_of(log, ring), language=Language.PT, as_of=as_of(log))
    paths = render(record, tmp_path)

    made = json.loads(paths.json.read_bytes())
    assert made["envelope"]["subject_id"] == text
    html = paths.html.read_text(encoding="utf-8")
    seen = _Text()
    seen.feed(html)
    assert not seen.forbidden
    assert squeezed(text) in squeezed("".join(seen.texts))
    pdf = squeezed(text_of(paths.pdf.read_bytes()))
    shown = "".join(letter if ord(letter) < 0x250 else f"[U+{ord(letter):04X}]" for letter in text)
    assert squeezed(shown) in pdf
    assert {path.name for path in tmp_path.iterdir()} == {
        path.name for path in (paths.json, paths.html, paths.pdf, paths.manifest)
    }


def test_text_that_would_turn_the_reading_direction_cannot_be_an_id() -> None:
    with pytest.raises(RejectedRecord):
        movement(1, "acc-\u202egnp.exe", "b", 1)


@pytest.mark.slow
def test_a_ring_of_500_members_and_3000_transactions_renders_whole() -> None:
    log, ring = big_case()
    started = time.process_time()
    record = build_ring_report(ring, facts=case_of(log, ring), language=Language.PT, as_of=as_of(log))
    page = page_of(record)
    file = pypdfium2.PdfDocument(pdf_of(page))
    assert time.process_time() - started < 20
    assert len(record.transactions) == 3000
    assert len(record.members) == 500
    text = squeezed("".join(file[n].get_textpage().get_text_range() for n in range(len(file))))
    assert "T3000" in text
    assert "M500" in text
    assert record.transactions[-1].event_id[3:] in text
    assert record.transactions[-1].content_hash in text
    _stays_inside(file, [0, 1, len(file) // 2, len(file) - 2])
    assert len(html_of(page)) < 20_000_000


def _stays_inside(file: pypdfium2.PdfDocument, numbers: list[int]) -> None:
    """Nothing is printed in the outer 9 mm of a page, and no two texts of one table row overlap the page's end."""
    for number in numbers:
        image = file[number].render(scale=1, grayscale=True).to_pil()
        width, height = image.size
        margin = int(9 / 25.4 * 72)
        ink = image.point(lambda value: 255 if value < 200 else 0)
        left, top, right, bottom = ink.getbbox() or (margin, margin, margin, margin)
        assert left >= margin
        assert right <= width - margin
        assert top >= margin
        assert bottom <= height - margin


def big_case() -> tuple[FakeLog, Ring]:
    """500 accounts with long ids, 3,000 movements with 64-character transaction ids."""
    _, ring = mule_case()
    names = [f"conta-{n:04d}-" + sha256(str(n).encode()).hexdigest()[: 20 + n % 60] for n in range(500)]
    movements = [
        replace(
            movement(
                n, names[n % 400], names[400 + (n * 7) % 100], 10_000 + n, device=f"device-{n % 90}", ip="100.64.0.1"
            ),
            event_id="tx:" + sha256(b"t%d" % n).hexdigest(),
        )
        for n in range(3000)
    ]
    ids = tuple(event.event_id for event in movements)
    reason = Evidence("role_mule", (("share", 0.9),), ids[:5], 5)
    members = tuple(Member(name, Role.MULE, 0.5, 1, 1, ring.first_ts, ring.last_ts, (reason,)) for name in names)
    evidence = Evidence("ring_fan_in", (("count", 400),), ids[:50], 3000)
    return FastLog(list(movements)), replace(ring, members=members, links=sent(movements), evidence=(evidence,))


class _Text(HTMLParser):
    """Visible text of an HTML page, and tags or attributes that a report must never hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.forbidden: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag == "style"
        if tag in ("script", "img", "iframe", "object", "link", "form"):
            self.forbidden.append(tag)
        self.forbidden += [name for name, _ in attrs if name.startswith("on") or name == "src"]
        self.forbidden += [value for name, value in attrs if name == "href" and value and not value.startswith("#")]

    def handle_endtag(self, _tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        return "".join(parser.texts)


def _sentences(value: Any) -> Any:
    if isinstance(value, dict):
        if "code" in value and "text" in value:
            yield value["text"]
        for key, inner in value.items():
            if key != "source":  # what a table row stands for: the page prints its cells instead
                yield from _sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner)
