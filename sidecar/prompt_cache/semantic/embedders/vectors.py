"""From what a model gives to what is kept: float32, of length one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def unit_vectors(rows: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
    """The same directions with length one. Raises ValueError where one has none, and for rows that make no matrix."""
    if len({row.shape for row in rows}) != 1:
        raise ValueError("its vectors differ in length")
    vectors = np.asarray(rows, dtype=np.float64)
    if not np.isfinite(vectors).all():
        raise ValueError("a vector holds what is no number")
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise ValueError("a vector has no direction")
    unit: NDArray[np.float32] = (vectors / lengths).astype("<f4")
    return unit
