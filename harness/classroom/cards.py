"""What chance decides for each pupil, from the session's seed: the employer, and the order of the cards."""

from __future__ import annotations

import random
from collections.abc import Sequence

from harness.stats.squares import williams_orders


def rulebook_for(rulebooks: Sequence[str], seed: int, number: int) -> str:
    """The rulebook of the pupil who joined as number `number` (from 1).

    Chance decides within each block of as many pupils as there are rulebooks, so that the halves of a class
    never differ by more than one.
    """
    n_rulebooks = len(rulebooks)
    block, place = divmod(number - 1, n_rulebooks)
    drawn = list(rulebooks)
    random.Random(f"{seed}/rulebook/{block}").shuffle(drawn)
    return drawn[place]


def card_order(answer_ids: Sequence[str], seed: int, number: int, case_id: str) -> tuple[str, ...]:
    """The order in which pupil `number` sees the answers of a case.

    Each block of pupils walks through one Williams square of a newly drawn order, so that every answer stands
    in every place equally often, and follows every other equally often.
    """
    orders = williams_orders(len(answer_ids))
    block, place = divmod(number - 1, len(orders))
    drawn = list(answer_ids)
    random.Random(f"{seed}/cards/{case_id}/{block}").shuffle(drawn)
    return tuple(drawn[position] for position in orders[place])
