"""The catalogue's page in `docs/` is the one the catalogue writes."""

from __future__ import annotations

from pathlib import Path

from cypher.catalog import Catalog
from cypher.catalogue_page import render
from cypher.jobs import JOBS
from cypher.lint import RULES

PAGE = Path(__file__).parents[2] / "docs" / "catalogue.md"


def test_the_committed_page_is_fresh(catalog: Catalog) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(catalog), "run: python -m cypher.catalogue_page docs/catalogue.md"


def test_the_page_names_every_statement_job_and_rule(catalog: Catalog) -> None:
    page = render(catalog)
    for name in (*(each.name for each in catalog), *JOBS, *RULES):
        assert f"| `{name}` |" in page


def test_every_rule_says_why() -> None:
    assert all(rule.__doc__ for rule in RULES.values())
