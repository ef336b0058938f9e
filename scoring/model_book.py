"""Which learnt model is in force, and which one runs in its shadow, since when: a part that people govern.

The choice is an event in the log like any other change: a movement is judged by the model that was in force when it
arrived, today and at any rebuild. A model in force remembers movements (its tenure), so one that comes back into force
begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from graph.checkpoint import Frozen
from graph.errors import ConfigurationError, TarrafaError
from graph.events import GovernanceChanged
from graph.window.columns import I64
from graph.window.placed import Placed, placed
from graph.window.records import Answers
from graph.window.window import Window
from scoring.declared import read_declared
from scoring.governance import Versions
from scoring.sources import some_answers

PART: Final = "model"
ABSENT: Final = "absent"


class ChosenModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A saved model by its version, and the SHA-256 of its manifest."""

    version: str
    digest: str


class ModelChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What people chose: the model whose points count, and one that is only recorded beside it."""

    live: ChosenModel | None = None
    shadow: ChosenModel | None = None


class Reasons(Protocol):
    """What speaks for an answer: codes with words, strongest first, and seqs of earlier movements that carried it."""

    @property
    def reasons(self) -> Sequence[str]: ...

    @property
    def seqs(self) -> Sequence[int]: ...


class Judged(Protocol):
    """A model's answer about n movements: probability of fraud, signed points of the score in whole hundredths, and
    why a plainer head answered ('' where the whole model did). `because` is by row, of those it speaks against."""

    @property
    def probability(self) -> NDArray[np.float64]: ...

    @property
    def points(self) -> NDArray[np.float64]: ...

    @property
    def fallback(self) -> Sequence[str]: ...

    @property
    def because(self) -> Mapping[int, Reasons]: ...


class Model(Protocol):
    """A learnt model that remembers movements.

    Guarantees: what it says of a movement depends on the movements before it in canonical order alone, not on the order
    in which they came; `judge` is asked about movements that `begin` or `follow` were given.
    """

    @property
    def version(self) -> str: ...

    def begin(self, window: Window) -> None:
        """Learn of everything the window holds."""

    def follow(self, answers: Answers, window: Window) -> I64:
        """Take in movements and new answers about earlier ones; return seqs of others judged otherwise from now on."""

    def judge(self, answers: Answers, window: Window) -> Judged: ...
    def freeze(self) -> Frozen: ...
    def thaw(self, frozen: Frozen) -> None: ...


#: Opens a saved model; raises a TarrafaError with the reason when it is not as it was chosen, or not for this program.
Loader = Callable[[ChosenModel], Model]


@dataclass
class Tenure:
    """A model's time in force or in the shadow: from governance version `since` up to `until`, None while it lasts.

    `newest` is the greatest canonical key of a movement that it judges: later ones change none of its answers.
    """

    chosen: ChosenModel
    since: int
    until: int | None = None
    newest: tuple[int, int] = (0, -1)
    model: Model | None = None
    refusal: str = ""
    begun: bool = False

    def open(self, load: Loader) -> Model | None:
        """The model, opened once; None where it was refused, with the reason in `refusal`."""
        if self.model is None and not self.refusal:
            try:
                self.model = load(self.chosen)
            except TarrafaError as error:
                self.refusal = str(error)
        return self.model

    def begin(self, window: Window, load: Loader) -> None:
        """Open the model and tell it what the window holds, once."""
        if not self.begun:
            self.begun = True
            model = self.open(load)
            if model is not None:
                model.begin(window)

    def follow(self, answers: Answers, marks: NDArray[np.int32], window: Window) -> I64:
        """Tell the model what can matter for a movement that it judges; return seqs judged otherwise from now on."""
        if self.model is None:
            return np.empty(0, dtype=np.int64)
        at = placed(window, answers.seqs)
        mine = marks >= self.since
        if self.until is not None:
            mine &= marks < self.until
        self.newest = max(self.newest, _greatest(at.at(mine)))
        if self.until is None:
            return self.model.follow(answers, window)
        before = (at.ts < self.newest[0]) | ((at.ts == self.newest[0]) & (at.tie <= self.newest[1]))
        if not before.any():
            return np.empty(0, dtype=np.int64)
        return self.model.follow(some_answers(answers, before), window)


@dataclass
class ModelBook:
    """Every choice so far. A `Part` of what is governed."""

    load: Loader = field(default=lambda chosen: _none(chosen))
    name: str = PART

    def __post_init__(self) -> None:
        self._live: Versions[Tenure | None] = Versions(None)
        self._shadow: Versions[Tenure | None] = Versions(None)
        self.tenures: list[Tenure] = []

    def check(self, content: str) -> None:
        """Raise `ConfigurationError` when `content` is no choice, or a model cannot be opened as it was chosen."""
        choice = choice_of(content)
        for chosen in (choice.live, choice.shadow):
            if chosen is not None:
                try:
                    self.load(chosen)
                except TarrafaError as error:
                    raise ConfigurationError(f"model {chosen.version} cannot be used: {error}") from error

    def apply(self, event: GovernanceChanged, version: int) -> None:
        """Let the choice of the event hold from `version` on."""
        choice = choice_of(event.content)
        for states, chosen in ((self._live, choice.live), (self._shadow, choice.shadow)):
            now = states.at(version)
            if now is not None and chosen == now.chosen:
                continue  # it goes on
            if now is not None:
                now.until = version
            tenure = None if chosen is None else Tenure(chosen, version)
            states.add(version, tenure)
            if tenure is not None:
                self.tenures.append(tenure)

    def version_at(self, mark: int) -> str:
        tenure = self._live.at(mark)
        return ABSENT if tenure is None else tenure.chosen.version

    def live_at(self, mark: int) -> Tenure | None:
        """The model whose points count under `mark`."""
        return self._live.at(mark)

    def shadow_at(self, mark: int) -> Tenure | None:
        """The model that is recorded beside it."""
        return self._shadow.at(mark)

    def close(self, oldest: int) -> None:
        """Let go of models that judge no movement with a mark of at least `oldest` any more."""
        kept = []
        for tenure in self.tenures:
            if tenure.until is not None and tenure.until <= oldest:
                tenure.model = None
            else:
                kept.append(tenure)
        self.tenures = kept


def choice_of(text: str) -> ModelChoice:
    """Return the choice that a text declares; raise `ConfigurationError` for one that cannot hold."""
    return read_declared(text, ModelChoice, fields={*ModelChoice.__struct_fields__, *ChosenModel.__struct_fields__})


def _none(chosen: ChosenModel) -> Model:
    raise ConfigurationError(f"this process opens no models, {chosen.version} among them", cure="give it a loader")


def _greatest(at: Placed) -> tuple[int, int]:
    if not len(at.ts):
        return (0, -1)
    last = int(np.lexsort((at.tie, at.ts))[-1])
    return int(at.ts[last]), int(at.tie[last])
