"""State of what the service depends on."""

from __future__ import annotations

import strawberry


@strawberry.type(description="One dependency: ok, absent (not installed and not needed) or down, with the cause.")
class Part:
    name: str
    state: str
    detail: str
    version: str
