"""Williams squares as plain tuples: a run needs them at its start, and numpy takes 0.1 s to load."""

from __future__ import annotations

from harness.errors import UndefinedStatisticError


def williams_orders(n_answers: int) -> tuple[tuple[int, ...], ...]:
    """Rows of `harness.stats.design.williams_square`, which says what they are for.

    Parameters
    ----------
    n_answers : int
        k >= 2.

    Returns
    -------
    tuple of tuple of int
        One presentation each; entry p = the answer (from 0) in slot p. k orders for even k, 2k for odd k.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Examples
    --------
    >>> williams_orders(3)
    ((0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (0, 2, 1), (1, 0, 2))
    """
    if n_answers < 2:
        raise UndefinedStatisticError(f"{n_answers} answer(s) have no orders to balance")
    first = [
        (slot + 1) // 2 if slot % 2 else (n_answers - slot // 2) % n_answers for slot in range(n_answers)
    ]
    rows = tuple(tuple((answer + step) % n_answers for answer in first) for step in range(n_answers))
    return rows if n_answers % 2 == 0 else rows + tuple(row[::-1] for row in rows)
