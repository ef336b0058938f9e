"""What the API needs of learnt models, and of labels that teach them.

Every method may block; implementations must bear being called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from graph.events import LabelGiven
from scoring.model_records import DriftReport, ModelComparison, ModelRecord


class Models(Protocol):
    """Read, compare and put in force learnt models, and take the labels that the next training learns from.

    Guarantees: an unknown model is None where it is read and refused by name where it is used; a step that is refused
    changes nothing and says what to do; what is promoted holds for the very next score; labels are in the log when
    `give_labels` returns.
    """

    def models(self) -> Sequence[ModelRecord]: ...
    def model(self, version: str) -> Mapping[str, Any] | None: ...
    def card(self, version: str) -> str | None: ...
    def compare(self, first: str, second: str) -> ModelComparison: ...
    def drift(self, version: str | None = None) -> DriftReport: ...
    def promote(self, version: str, *, by: str, reason: str = "") -> ModelRecord: ...
    def shadow(self, version: str | None, *, by: str, reason: str = "") -> ModelRecord | None: ...
    def rollback(self, *, by: str, reason: str = "") -> ModelRecord | None: ...
    def give_labels(self, labels: Sequence[LabelGiven]) -> int: ...
