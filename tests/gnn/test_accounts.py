"""The stage over accounts: nobody is scored by trees that learnt who he is."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

from gnn.accounts import AccountTrees, guilty_accounts, owners_of
from gnn.dataset import Edges, Rated
from gnn.folds import FOLDS, fold_of
from gnn.network_inputs import Columns
from gnn.split import Split, split_by_time
from tests.gnn.streams import DAY_MS, rated_over

ROWS, ACCOUNTS = 6_000, 150
COLUMNS = Columns(source=(0, 1), target=(2, 3), row=())


def world(seed: int, *, telling: float) -> tuple[Rated, Split]:
    """Movements of accounts, a fifth of them guilty: fraud is what two of those do.

    Column 0 (and 2) names the account; column 1 (and 3) says with strength `telling` whether it is guilty.
    """
    rng = np.random.default_rng(seed)
    guilty = rng.random(ACCOUNTS) < 0.2
    name, hint = rng.normal(size=ACCOUNTS), telling * guilty + rng.normal(size=ACCOUNTS)
    source, target = (rng.integers(0, ACCOUNTS, ROWS).astype(np.int32) for _ in range(2))
    ts = np.sort(rng.integers(0, 100 * DAY_MS, ROWS))
    edges = Edges(source, target, ts, np.ones(ROWS, np.int64), np.zeros(ROWS, np.int32))
    features = np.stack((name[source], hint[source], name[target], hint[target]), axis=1)
    rated = rated_over(edges, every=1, features=features, label=guilty[source] & guilty[target])
    return rated, split_by_time(rated.ts, rated.known, (60, 20, 20), label_delay_ms=DAY_MS)


def separation(rated: Rated, split: Split) -> float:
    """How well guilty ends of training rows are told apart (0.5: by chance)."""
    ends = AccountTrees(COLUMNS).fit(rated, split, 1).ends(rated)[split.train]
    guilty = guilty_accounts(rated, split.train)[owners_of(rated)[split.train]]
    return float(roc_auc_score(guilty.ravel(), ends.ravel()))


def test_an_account_that_was_caught_is_not_recognised_by_its_face() -> None:
    rated, split = world(1, telling=0.0)
    assert separation(rated, split) < 0.7


def test_what_guilty_accounts_share_is_learnt() -> None:
    rated, split = world(1, telling=4.0)
    assert separation(rated, split) > 0.9


def test_labels_of_the_test_part_move_no_score() -> None:
    rated, split = world(2, telling=1.0)
    ends = AccountTrees(COLUMNS).fit(rated, split, 1).ends(rated)
    label = rated.label.copy()
    label[split.test] ^= 1
    turned = rated_over(rated.edges, every=1, features=rated.features, label=label)
    assert np.array_equal(ends, AccountTrees(COLUMNS).fit(turned, split, 1).ends(turned))


def test_folds_are_even() -> None:
    counts = np.bincount(fold_of(np.arange(40_000, dtype=np.int64)), minlength=FOLDS)
    assert counts.min() > 0.95 * 40_000 / FOLDS
