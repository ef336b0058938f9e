"""Sites to block, as betting backends publish them (topic `site-blocking-events`, keyed by the domain).

A message becomes an entry of the block list, in force from the very next score, listed and removed like any other. Who
may write to this topic may block: the broker's access list decides that.
"""

from __future__ import annotations

from graph.events import GovernanceChanged, ListKind, tie_of
from graph.listings import PART, EntryKind, content_of
from ingest.wire.fields import Time, text_of, time_of
from ingest.wire.form import Form, Message, Reading
from scoring.list_entries import entry_change

AUTHOR = "site-blocking-events"


class SiteBlock(Message, frozen=True, kw_only=True):
    """A site to block; its time is that of the message where it gives none."""

    domain: str
    reason: str = ""
    timestamp: Time | None = None


def _event(block: SiteBlock, reading: Reading) -> GovernanceChanged:
    ts = time_of(block.timestamp, reading)
    domain = text_of(block.domain, "domain")
    change = entry_change(ListKind.BLOCK, EntryKind.DOMAIN, domain, keys=reading.keys, reason=block.reason.strip())
    content = content_of([change])
    return GovernanceChanged(
        event_id=f"governance:site:{change.value}:{ts}:{tie_of(content):x}",
        ts=ts,
        part=PART,
        content=content,
        author=AUTHOR,
        reason=change.reason,
    )


SITES = Form(
    name="site-block",
    version=1,
    kind=SiteBlock,
    meaning="a betting site to block",
    key=lambda block: block.domain,
    to_event=_event,
)
