"""Into which fold an account is dealt: by its own id, so that training and serving agree in every process."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FOLDS: Final = 4


def fold_of(accounts: NDArray[np.int64]) -> NDArray[np.int32]:
    """The fold of accounts by a number that stands for each of them, such as a hash of its id."""
    mixed = (accounts.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)
    return (mixed % np.uint64(FOLDS)).astype(np.int32)
