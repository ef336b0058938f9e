"""The saved models of a home, and how they come into the scorer; without the extra `gnn` each is refused in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from graph.errors import ConfigurationError, StopWork
from ledger.ledger import Ledger
from scoring.model_book import PART, ChosenModel, Loader, Model, ModelChoice, choice_of
from service.home import HomePaths
from service.settings import Settings

if TYPE_CHECKING:
    from gnn.artefact import Artefact, Manifest
    from gnn.canary import Canary

CANARY = "canary.json"


def model_loader(settings: Settings) -> Loader:
    """Opens models of the home as they were chosen; every call gives one with a memory of its own."""
    root, key = HomePaths(settings.home).models, signing_key(settings)

    def load(chosen: ChosenModel) -> Model:
        return _opened(root, chosen.version, chosen.digest, key)

    return load


def _opened(root: Path, version: str, digest: str, key: bytes | None) -> Model:
    try:
        from gnn.opened import open_model

        return open_model(_artefact(root, version, digest, key))
    except ModuleNotFoundError as error:
        raise _without(error) from error


@lru_cache(maxsize=4)
def _artefact(root: Path, version: str, digest: str, key: bytes | None) -> Artefact:
    from gnn.artefact import read_artefact

    return read_artefact(root, version, digest=digest, key=key)


def signing_key(settings: Settings) -> bytes | None:
    """The key that models are signed with, None where there is none."""
    given = settings.models.signing_key
    return None if given is None else given.get_secret_value().encode()


class ModelStore:
    """Models, canary set and unfinished trainings below a home."""

    def __init__(self, settings: Settings) -> None:
        self.root = HomePaths(settings.home).models
        self._key = signing_key(settings)

    @property
    def unfinished(self) -> Path:
        """Where stages of a training wait."""
        return self.root / ".training"

    def versions(self) -> list[str]:
        """Versions of what is there, readable or not."""
        return sorted(path.parent.name for path in self.root.glob("m-*/manifest.json"))

    def manifest(self, version: str) -> Manifest:
        """What a model says of itself; StopWork with the reason when it cannot be read."""
        try:
            from gnn.artefact import read_manifest
        except ModuleNotFoundError as error:
            raise _without(error) from error
        return read_manifest(self.root, _plain(version))[0]

    def artefact(self, version: str) -> Artefact:
        """A model, every file checked; StopWork with the reason when it is refused."""
        try:
            from gnn.artefact import read_artefact
        except ModuleNotFoundError as error:
            raise _without(error) from error
        return read_artefact(self.root, _plain(version), key=self._key)

    def card(self, version: str) -> str:
        """The model card, Markdown."""
        self.manifest(version)
        return (self.root / _plain(version) / "card.md").read_text(encoding="utf-8")

    def canary(self) -> Canary | None:
        """The frozen set, None while there is none; StopWork when its file was damaged."""
        from gnn.canary import Canary

        try:
            return msgspec.json.decode((self.root / CANARY).read_bytes(), type=Canary)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise StopWork(
                f"the canary set {self.root / CANARY} cannot be read: {error}",
                cure="restore it, or draw a new one with tarrafa models canary --new",
            ) from error

    def keep_canary(self, canary: Canary | None) -> None:
        """Put a set in the place of the one that holds; None takes it away, and the next training draws one."""
        self.root.mkdir(parents=True, exist_ok=True)
        if canary is None:
            (self.root / CANARY).unlink(missing_ok=True)
            return
        waiting = self.root / f".{CANARY}"
        waiting.write_bytes(msgspec.json.encode(canary))
        waiting.replace(self.root / CANARY)


def choice_in_force(ledger: Ledger) -> ModelChoice:
    """Which models are in force, as the ledger follows the log."""
    newest = next(iter(ledger.documents(PART)), None)
    return ModelChoice() if newest is None else choice_of(newest.content)


@dataclass(frozen=True, slots=True)
class LiveModelSaid:
    """The model in force: its version, and what kind it is."""

    version: str
    kind: str


def live_model(settings: Settings, ledger: Ledger) -> LiveModelSaid | None:
    """The model in force, every file of it checked; None while there is none. StopWork with the reason of a refusal."""
    live = choice_in_force(ledger).live
    if live is None:
        return None
    try:
        manifest = _artefact(HomePaths(settings.home).models, live.version, live.digest, signing_key(settings)).manifest
    except ModuleNotFoundError as error:
        raise _without(error) from error
    return LiveModelSaid(live.version, manifest.heads[0].name)


def versions_of_parts() -> dict[str, str]:
    """Versions of the program and of what models are computed with."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for name in ("tarrafa", "lightgbm", "numpy", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def as_plain(record: Any) -> Any:
    """A record of a model as plain values."""
    return msgspec.to_builtins(record)


def _plain(version: str) -> str:
    if not version.replace("-", "").isalnum() or not version.isascii():
        raise ConfigurationError(f"{version} is no version of a model", cure="list them with tarrafa models list")
    return version


def _without(error: ModuleNotFoundError) -> ConfigurationError:
    return ConfigurationError(
        f"models need {error.name}, which is not installed", cure="install the extra gnn, or run `make setup`"
    )
