"""Which repeats an experiment asks for, line by line and case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from harness.compare.lines import LineKey
from harness.schema import Case, Manifest, Part, Protocol, Rulebook
from harness.schema.ablation import ablations

PAIRWISE_REPEATS = 3
"""Label pairs that a pairwise judge is asked with when the experiment does not say."""
POINTWISE_REPEATS = 3
"""The same, of a pointwise judge and the names of its only slot."""


def planned_repeats(
    manifest: Manifest, rulebooks: Sequence[Rulebook], cases: Mapping[str, Case]
) -> dict[LineKey, dict[str, tuple[int, ...]]]:
    """Repeats that the experiment asks for, per line and case; parts that overlap are joined.

    Nobody planned an imported run: what is not in its files was not asked, and is not missing.
    """
    if manifest.imported is not None:
        return {}
    ablated_of = {
        rulebook.rulebook_id: tuple(one.rulebook_id for one in ablations(rulebook)) for rulebook in rulebooks
    }
    protocols = {judge.spec.judge_id: judge.spec.protocol for judge in manifest.judges}
    plan: dict[LineKey, dict[str, tuple[int, ...]]] = {}
    for part in manifest.experiment.parts:
        asked = part.cases if part.cases is not None else manifest.case_set.case_order
        known = [cases[case_id] for case_id in asked if case_id in cases]
        for key in _line_keys(part, ablated_of):
            if key.judge_id in protocols and known:
                own = plan.setdefault(key, {})
                for case in known:
                    repeats = _repeats(_n_repeats(part, protocols[key.judge_id], case))
                    own[case.case_id] = max(repeats, own.get(case.case_id, repeats), key=len)
    return plan


@lru_cache(maxsize=64)
def _repeats(n_repeats: int) -> tuple[int, ...]:
    """All lines and cases that were asked so often share it."""
    return tuple(range(n_repeats))


def _line_keys(part: Part, ablated_of: Mapping[str, tuple[str, ...]]) -> list[LineKey]:
    # Of a rulebook that is not at hand, only those variants are known that have verdicts.
    variants = [one for name in part.rulebooks if part.ablate_rules for one in ablated_of.get(name, ())]
    return [
        LineKey(judge_id, rulebook_id, wording, language)
        for judge_id in part.judges
        for rulebook_id in (*part.rulebooks, *variants)
        for wording in part.wordings
        for language in part.languages
    ]


def _n_repeats(part: Part, protocol: Protocol, case: Case) -> int:
    if part.repeats is not None:
        return part.repeats
    if protocol == "pairwise":
        return PAIRWISE_REPEATS
    return POINTWISE_REPEATS if protocol == "pointwise" else n_presentations(len(case.answers))


def n_presentations(n_answers: int) -> int:
    """Orders in a full square: k for an even number of answers, 2k for an odd one."""
    return n_answers if n_answers % 2 == 0 else 2 * n_answers
