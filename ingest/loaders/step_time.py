"""Times and ids for files that know only steps: where in its step a row stands comes from its content, not its place.

Generators list a step's rows grouped by what made them; AMLGentex puts laundering last, so that the rank within the
step tells the label (AUC 0.99). A hash of the row's content, without its label, spreads the rows over the step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from graph.errors import RejectedRecord
from ingest.validate import DAY_MS, epoch_ms

ORDER_SEED = b"tarrafa order 0"
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
#: When step 0 begins. Any fixed day would do; it lies in the past and leaves room for thousands of steps of a day.
STEP_BASE_MS = epoch_ms(datetime(2020, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class StepClock:
    """Maps (step, content of a row) to a time inside the step and a stable id.

    `step_ms` is the length of a step in milliseconds. Equal content gives equal id and time (repeats are numbered
    after sorting).
    """

    step_ms: int = DAY_MS

    def place(self, step: int, content: str) -> tuple[str, int]:
        """Return (32 hex characters that identify the content, epoch ms within the step)."""
        digest = blake2b(content.encode(), digest_size=24, salt=ORDER_SEED).digest()
        offset = int.from_bytes(digest[16:], "big") % self.step_ms
        return digest[:16].hex(), STEP_BASE_MS + step * self.step_ms + offset

    def end_of(self, step: int) -> int:
        """Return the last millisecond of the step."""
        return STEP_BASE_MS + (step + 1) * self.step_ms - 1


def content_id(content: str) -> str:
    """Return 32 hex characters that identify a row's content, for files that have times but no transaction ids."""
    return blake2b(content.encode(), digest_size=16).hexdigest()


def parse_step(text: str, *, lowest: int = 0) -> int:
    """Return a step number; raise `RejectedRecord` for what is not a whole number from `lowest` on."""
    if not _WHOLE.fullmatch(text.strip()):
        raise RejectedRecord("bad_step", field="step", value=text, cure="give the step as a whole number")
    step = int(text)
    if step < lowest:
        raise RejectedRecord("bad_step", field="step", value=text, cure=f"give a step from {lowest} on")
    return step
