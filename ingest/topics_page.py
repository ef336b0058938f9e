"""The table of docs/topics.md; `python -m ingest.topics_page` writes it again between its marks."""

from __future__ import annotations

from pathlib import Path

from ingest.topics import TOPICS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "topics.md"
BEGIN, END = "<!-- topics -->\n", "<!-- end of topics -->\n"
HEAD = "| topic | goes | schema | key | partitions | kept days | carries |\n|---|---|---|---|---|---|---|\n"


def table() -> str:
    """The topics as a table in Markdown."""
    rows = [
        f"| `{topic.name}` | {topic.direction} | [{topic.schema}](schemas/{topic.schema}.json) v{topic.version} "
        f"| {topic.key} | {topic.partitions} | {topic.retention_hours // 24} | {topic.meaning} |\n"
        for topic in TOPICS
    ]
    return HEAD + "".join(rows)


def page_with_table(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
