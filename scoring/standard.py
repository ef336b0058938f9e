"""What a service judges by besides features, patterns and ring context: everything that people govern."""

from __future__ import annotations

from graph.identity import IdentifierKeys
from scoring.policy import Bands
from scoring.projection import Judging
from scoring.scorer import FixedPolicy


def standard_judging(bands: Bands, _keys: IdentifierKeys) -> Judging:
    """Every governed part with its source; `bands` hold where no policy says otherwise."""
    return Judging(policy=FixedPolicy(bands))
