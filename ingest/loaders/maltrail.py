"""maltrail indicators as a table: addresses and domains of malicious families, without time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.errors import RejectedRecord
from graph.events import IndicatorListed, ListKind, NodeKind
from graph.identity import canonical_domain_name, canonical_ip
from ingest.loaders.intake import Intake
from ingest.loaders.layout import matching_files, why_not_parquet
from ingest.loaders.parquet_rows import count_parquet_rows, value_rows
from ingest.loaders.step_time import STEP_BASE_MS, content_id
from ingest.loaders.time_order import Group

_COLUMNS = ("category", "family", "indicator", "kind")
#: Categories that name what was caught doing harm; the others (suspicious, scanners) are only worth watching.
_BLOCKED = frozenset({"malicious", "malware"})


class Maltrail:
    """Rows of kind `ip` and `domain` are listed with their family as entry; URLs and other kinds are dropped.

    The table has no times: every entry counts as known since `STEP_BASE_MS`, before any payment that is read with it.
    """

    name = "maltrail"
    layout = f"Parquet with the columns {', '.join(_COLUMNS)}"
    ids_from_content = False

    def why_not(self, path: Path) -> str | None:
        fitting, why = matching_files(path, _why_not_file)
        return None if fitting else why

    def files(self, path: Path) -> Sequence[Path]:
        return matching_files(path, _why_not_file)[0]

    def count_rows(self, path: Path) -> int:
        return sum(count_parquet_rows(file) for file in self.files(path))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for file in self.files(path):
            for line, row in enumerate(value_rows(file, _COLUMNS), start=1):
                category, family, indicator, kind = (str(value) for value in row)
                if kind not in ("ip", "domain"):
                    intake.drop(f"indicator_kind_not_used:{kind}")
                    continue
                try:
                    yield (_listed(category, family, indicator, kind),)
                except RejectedRecord as error:
                    intake.reject(line, error, ",".join((category, family, indicator, kind)))


def _listed(category: str, family: str, indicator: str, kind: str) -> IndicatorListed:
    entity = canonical_ip(indicator)[0] if kind == "ip" else canonical_domain_name(indicator)
    list_name = f"maltrail-{category}"
    return IndicatorListed(
        event_id=f"list:{content_id(f'{list_name},{family},{kind},{entity}')}",
        ts=STEP_BASE_MS,
        list_name=list_name,
        list_kind=ListKind.BLOCK if category in _BLOCKED else ListKind.WATCH,
        entity_kind=NodeKind.IP if kind == "ip" else NodeKind.DOMAIN,
        entity_id=entity,
        entry=family,
    )


def _why_not_file(file: Path) -> str | None:
    return why_not_parquet(file, _COLUMNS)
