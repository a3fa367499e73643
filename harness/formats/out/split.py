"""Train and test, cut by case: no message stands on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

from harness.errors import HarnessError
from harness.schema import Case, canonical_json

Side = Literal["train", "test"]
SIDES: tuple[Side, ...] = ("train", "test")


def split_cases(cases: Iterable[Case], test_share: float, seed: int) -> dict[str, Side]:
    """Case id -> side; cases with the same message, and a canary and its twin, stay together.

    The groups are put in the order of a SHA-256 of seed and group, and the first ones are the test side, so
    that any program can draw the same split.

    Raises
    ------
    HarnessError
        There is only one group of cases: it cannot be cut.
    """
    by_case = _groups(list(cases))
    groups = sorted(set(by_case.values()), key=lambda name: _digest(["split", seed, name]))
    if not test_share:
        return dict.fromkeys(by_case, "train")
    if len(groups) < 2:
        raise HarnessError(
            "one message only: it cannot stand on both sides of a split; leave out --test-share"
        )
    n_test = min(max(round(test_share * len(groups)), 1), len(groups) - 1)
    test = set(groups[:n_test])
    return {case_id: "test" if group in test else "train" for case_id, group in by_case.items()}


def _groups(cases: list[Case]) -> dict[str, str]:
    known = {case.case_id: case for case in cases}
    return {case.case_id: _group(case, known) for case in cases}


def _group(case: Case, known: dict[str, Case]) -> str:
    """What a case shares with those that must stay on its side."""
    twin = known.get(case.canary.twin_case_id) if case.canary is not None else None
    whole = twin or case
    if not whole.message:
        return whole.case_id
    texts = [" ".join(text.split()) for _, text in sorted(whole.message.items())]
    return _digest(["message", *texts])


def _digest(parts: list[str | int]) -> str:
    return hashlib.sha256(canonical_json(parts)).hexdigest()
