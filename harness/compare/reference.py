"""The record of whose rankings the judges are compared with."""

from __future__ import annotations

import numpy as np

from harness.compare.coefficients import kendall, krippendorff
from harness.compare.crowd import Crowd
from harness.compare.estimates import SHARE, mean_over_cases, nan_mean, transformed, undefined
from harness.compare.figures import NAN
from harness.compare.source import ComparisonSource
from harness.schema import Estimate, Reference
from harness.stats.agreement import pair_counts
from harness.stats.arrays import FloatArray
from harness.stats.pairs import ratio, tie_share

_BLOCK = 256
"""People held against all others at once, when rankings are incomplete."""


def reference_of(crowd: Crowd, source: ComparisonSource) -> Reference:
    """Describe the people (or the key): how far they agree, and what any ranking could expect at most."""
    human_human = crowd.human_human(tuple(crowd.grades))
    rulebook_ids = sorted({name for member in crowd.members for name in member.rulebook_ids})
    titles = {rulebook.rulebook_id: rulebook.title for rulebook in source.rulebooks}
    return Reference(
        kind=crowd.kind,
        n_annotators=len(crowd.members),
        rulebook_ids=tuple(rulebook_ids),
        simulated=any(member.simulated for member in crowd.members),
        human_human=human_human,
        crowd_ceiling=crowd.crowd_ceiling(),
        best_expected=transformed(human_human, lambda tau: (1.0 + tau) / 2.0),
        krippendorff_alpha=krippendorff(crowd),
        kendall_w=kendall(crowd),
        people_known=crowd.people_known,
        rulebook_titles={name: titles[name] for name in rulebook_ids if name in titles},
        published_key=crowd.kind == "key" and source.manifest.imported is not None,
        human_floor=_human_floor(crowd),
        votes_aside=dict(crowd.votes_aside),
    )


def _human_floor(crowd: Crowd) -> Estimate:
    """Mean over cases of the agreement that chance gives two people, with the ties that they use."""
    because = crowd.why_no_human_human
    if not crowd.enough:
        return undefined(because)
    return mean_over_cases([chance_between(grades) for grades in crowd.grades.values()], because, SHARE)


def chance_between(grades: FloatArray) -> float:
    """Mean of `harness.stats.agreement.floor` over all pairs of annotators; NaN when no two share a pair."""
    voters = grades[~np.isnan(grades).all(axis=1)]
    if len(voters) < 2:
        return NAN
    if np.isnan(voters).any():
        return _chance_with_holes(voters)
    ties = tie_share(voters)
    n_pairs = len(ties) * (len(ties) - 1)
    return float((ties.sum() ** 2 - (ties**2).sum()) / n_pairs)


def _chance_with_holes(voters: FloatArray) -> float:
    """Pair by pair, on the answers that both graded."""
    found = []
    for start in range(0, len(voters), _BLOCK):
        counts = pair_counts(voters[start : start + _BLOCK, None], voters[None])
        ties = (counts.tied_a + counts.tied_both, counts.tied_b + counts.tied_both)
        table = np.array(ratio(ties[0], counts.n_pairs) * ratio(ties[1], counts.n_pairs))
        rows = np.arange(len(table))
        table[rows, start + rows] = np.nan
        found.append(table.ravel())
    return nan_mean(np.concatenate(found))
