"""What the API needs of operators and sites: who stands behind whom, and which blocked site came back.

Every method may block; implementations must bear being called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rings.continuity import LEAST, Tied


class Sites(Protocol):
    """Links and returns, by falling score. Guarantee: an unknown operator is refused by name."""

    def links(self, operator_id: str) -> Sequence[Tied]: ...

    def returns(self, *, least: float = LEAST, domain: str | None = None) -> Sequence[Tied]: ...
