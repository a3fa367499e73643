"""Orders of up to four things as one small number: which of each two comes first."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from harness.stats.arrays import FloatArray, IntArray

MAX_THINGS = 4
"""Six comparisons, which fit into a byte."""


@lru_cache(maxsize=MAX_THINGS)
def orders_of_codes(n_things: int) -> IntArray:
    """List the order that stands behind each code.

    Parameters
    ----------
    n_things : int
        At most four.

    Returns
    -------
    ndarray of shape (2 ** n_pairs, n_things)
        What `argsort` gives; zeros for a code that no order has. Shared by all callers and not writeable.
    """
    pairs = list(combinations(range(n_things), 2))
    orders = np.zeros((1 << len(pairs), n_things), dtype=np.int64)
    for order in permutations(range(n_things)):
        place = {thing: rank for rank, thing in enumerate(order)}
        code = 0
        for one, other in pairs:
            code = code << 1 | (place[one] > place[other])
        orders[code] = order
    orders.flags.writeable = False
    return orders


def codes_of(numbers: FloatArray) -> NDArray[np.intp]:
    """Say in which order `argsort` would put the numbers on the last axis, at most four of them.

    Returns
    -------
    ndarray of int of shape (...)
        Rows of `orders_of_codes`; the first of equal numbers comes first.

    Examples
    --------
    >>> orders_of_codes(3)[codes_of(np.array([[0.2, 0.9, 0.1], [0.1, 0.2, 0.3]]))].tolist()
    [[2, 0, 1], [0, 1, 2]]
    """
    columns = np.ascontiguousarray(np.moveaxis(numbers, -1, 0))
    codes = np.zeros(columns.shape[1:], dtype=np.uint8)
    later = np.empty(columns.shape[1:], dtype=np.bool_)
    for one, other in combinations(range(len(columns)), 2):
        np.greater(columns[one], columns[other], out=later)
        codes <<= 1
        codes |= later.view(np.uint8)
    return codes.astype(np.intp)
