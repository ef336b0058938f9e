"""What a service judges by besides features, patterns and ring context: everything that people govern."""

from __future__ import annotations

from collections.abc import Iterator

from graph.identity import IdentifierKeys
from scoring.found import SIGNAL as JOB_SIGNAL
from scoring.found import JobFindings
from scoring.list_source import LIST_SIGNALS, ListSource
from scoring.lists import Lists
from scoring.model_book import Loader, ModelBook
from scoring.model_slot import SIGNAL
from scoring.policy import Bands, PolicyBook, setting_of
from scoring.projection import Judging
from scoring.rules.source import Rules, RuleSource
from scoring.signals import SIGNAL_NAMES
from scoring.typologies import Typologies, TypologySource

_RING_SIGNALS = ("ring_member", "ring_neighbour")


def standard_judging(bands: Bands, _keys: IdentifierKeys, *, load: Loader | None = None) -> Judging:
    """Every governed part with its source; `bands` hold until people set a policy. Typologies judge by the others.

    `load` opens learnt models; without it none can be chosen.
    """
    lists, rules, policy, found = Lists(), Rules(), PolicyBook(setting_of(bands)), JobFindings()
    models = ModelBook() if load is None else ModelBook(load)

    def known() -> Iterator[str]:
        yield from (name for name in SIGNAL_NAMES if name != "cap")
        yield from LIST_SIGNALS.values()
        yield from _RING_SIGNALS
        yield SIGNAL
        yield JOB_SIGNAL
        yield from rules.signal_names

    typologies = Typologies(known)
    return Judging(
        sources=(ListSource(lists), found, RuleSource(rules), TypologySource(typologies)),
        parts=(lists, rules, policy, typologies, models, found),
        models=models,
        policy=policy,
    )
