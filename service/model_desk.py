"""The life of learnt models over an open service: reading, comparing, promoting, trying in the shadow, rolling back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from graph.errors import ConfigurationError, RejectedRecord, TarrafaError
from graph.events import GovernanceChanged, LabelGiven
from scoring.declared import canonical_text
from scoring.model_book import PART, ChosenModel, ModelChoice, choice_of
from scoring.model_records import DriftReport, ModelComparison, ModelRecord, ModelState
from service.bootstrap import Service, now_ms
from service.model_store import ModelStore, as_plain, choice_in_force
from service.model_watch import compared, drift_of

MAX_PERSON: Final = 100
CHANGES: Final = 100  # of models, looked back on at a rollback


class ModelDesk:
    """Models of an open service. Reading needs no pipeline; what changes which model is in force does.

    Guarantees: a model that is refused is never promoted, and the live one is untouched; what is promoted is in the log
    before the call returns, so it holds for the very next score and survives a killed process.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._store = ModelStore(service.settings)
        self._changing = threading.Lock()

    # --- reading --------------------------------------------------------------------------------------------------

    def models(self) -> list[ModelRecord]:
        """Every saved model with its state, newest training first; unreadable ones with the reason."""
        choice = choice_in_force(self._service.ledger)
        return sorted((self._record(version, choice) for version in self._store.versions()), key=_newest_first)

    def model(self, version: str) -> dict[str, Any] | None:
        """Everything that is said of a model, None where there is none."""
        if version not in self._store.versions():
            return None
        record = self._record(version, choice_in_force(self._service.ledger))
        return {**as_plain(record), "manifest": as_plain(self._store.manifest(version))}

    def card(self, version: str) -> str | None:
        """The model card in Markdown, None where there is no such model."""
        return self._store.card(version) if version in self._store.versions() else None

    def in_force(self) -> ModelChoice:
        """The model in force and the one in its shadow."""
        return choice_in_force(self._service.ledger)

    def history(self) -> list[GovernanceChanged]:
        """Every choice so far, newest first."""
        return self._service.ledger.documents(PART, limit=CHANGES)

    def compare(self, first: str, second: str) -> ModelComparison:
        """Two models on the newest transactions for which both were recorded, one live and one in the shadow."""
        choice = self.in_force()
        for version in (first, second):
            self._known(version)
        return compared(self._service.ledger, self._record(first, choice), self._record(second, choice))

    def drift(self, version: str | None = None) -> DriftReport:
        """How far the newest transactions are from what a model (the one in force) was trained on."""
        if version is None:
            live = self.in_force().live
            if live is None:
                raise RejectedRecord("no_model", field="model", cure="none is in force; name one")
            version = live.version
        self._known(version)
        return drift_of(self._service.ledger, self._store.artefact(version))

    def _known(self, version: str) -> None:
        if version not in self._store.versions():
            raise RejectedRecord("unknown_model", field="model", value=version, cure="list the models")

    def _record(self, version: str, choice: ModelChoice) -> ModelRecord:
        state: ModelState = "live" if choice.live is not None and choice.live.version == version else "saved"
        if choice.shadow is not None and choice.shadow.version == version:
            state = "shadow"
        try:
            manifest = self._store.artefact(version).manifest
        except TarrafaError as error:
            return ModelRecord(version=version, state="refused", problem=str(error))
        found = manifest.metrics[manifest.heads[0].name]["test"]
        return ModelRecord(
            version=version,
            state=state,
            kind=manifest.heads[0].name,
            trained_until=int(manifest.trained["until"]),
            log_offset=int(manifest.trained["offset"]),
            average_precision=found["average_precision"],
            f1=found["f1"],
            calibration_error=found["calibration_error"],
            canary=manifest.canary.get("average_precision"),
        )

    # --- changing -------------------------------------------------------------------------------------------------

    def promote(self, version: str, *, by: str, reason: str = "") -> ModelRecord:
        """Put a model in force for everything that arrives from now on; refused when it fails the canary set."""
        with self._changing:
            choice = self.in_force()
            chosen, manifest = self._checked(version)  # says in words where models are not installed

            from gnn.canary import canary_objection

            live = None
            if choice.live is not None and choice.live.version in self._store.versions():
                live = self._store.manifest(choice.live.version).canary
            canary = self._store.canary()
            objection = canary_objection(manifest.canary, live, None if canary is None else canary.digest)
            if objection:
                raise ConfigurationError(f"{version} is not promoted: {objection}")
            shadow = None if choice.shadow == chosen else choice.shadow
            return self._choose(ModelChoice(chosen, shadow), version, by=by, reason=reason)

    def shadow(self, version: str | None, *, by: str, reason: str = "") -> ModelRecord | None:
        """Record a model's scores beside those of the one in force, without points; None ends it."""
        with self._changing:
            choice = self.in_force()
            if version is None:
                if choice.shadow is None:
                    raise RejectedRecord("no_shadow", field="model", cure="nothing runs in the shadow")
                self._choose(ModelChoice(choice.live, None), choice.shadow.version, by=by, reason=reason)
                return None
            chosen, _ = self._checked(version)
            return self._choose(ModelChoice(choice.live, chosen), version, by=by, reason=reason)

    def rollback(self, *, by: str, reason: str = "") -> ModelRecord | None:
        """Put back what was in force before; None where that was no model at all."""
        with self._changing:
            choice = self.in_force()
            if choice.live is None:
                raise RejectedRecord("no_model", field="model", cure="none is in force; promote one")
            before = self._before(choice.live)
            if before is not None:
                self._checked(before.version, digest=before.digest)
            found = self._choose(
                ModelChoice(before, choice.shadow), choice.live.version if before is None else before.version,
                by=by, reason=reason,
            )  # fmt: skip
            return None if before is None else found

    def give_labels(self, labels: Sequence[LabelGiven]) -> int:
        """Log labels for the next training; return how many are new. Refused whole where a transaction is unknown."""
        named = [label.subject_id for label in labels if label.subject == "tx"]
        log = self._service.log
        unknown = next((tx_id for tx_id in named if log.event(f"tx:{tx_id}") is None), None)
        if unknown is not None:
            raise RejectedRecord(
                "unknown_transaction", field="transaction_id", value=unknown, cure="label what was sent before"
            )
        return self._service.running.submit(labels, source="labels").accepted

    def _before(self, live: ChosenModel) -> ChosenModel | None:
        """What was in force before `live` came: the newest other choice behind its promotion."""
        choices = [choice_of(event.content).live for event in self.history()]
        came = next((place for place, one in enumerate(choices) if one != live), len(choices))
        return choices[came] if came < len(choices) else None

    def _checked(self, version: str, *, digest: str | None = None) -> tuple[ChosenModel, Any]:
        """A model, every file of it read again; raises when it is refused."""
        self._known(version)
        artefact = self._store.artefact(version)
        if digest is not None and artefact.digest != digest:
            raise ConfigurationError(f"{version} is not what was in force then", cure="restore it from its backup")
        return ChosenModel(version, artefact.digest), artefact.manifest

    def _choose(self, choice: ModelChoice, version: str, *, by: str, reason: str) -> ModelRecord:
        self._service.running.govern(
            GovernanceChanged(
                event_id=f"governance:{uuid4().hex}",
                ts=now_ms(),
                part=PART,
                content=canonical_text(choice),
                author=_person(by),
                reason=_one_line(reason),
            )
        )
        self._service.running.flush(settle=False)  # who asks next reads it
        return self._record(version, choice)


def _newest_first(record: ModelRecord) -> tuple[int, int, str]:
    return (-record.trained_until, -record.log_offset, record.version)


def _person(by: str) -> str:
    name = " ".join(by.split())
    if not name or len(name) > MAX_PERSON or not name.isprintable():
        raise RejectedRecord(
            "nobody_named", field="by", value=by, cure=f"name who does it in 1 to {MAX_PERSON} letters"
        )
    return name


def _one_line(reason: str) -> str:
    if not reason.isprintable():
        raise RejectedRecord("bad_reason", field="reason", value=reason, cure="write it in one line")
    return reason
