"""The record of whose rankings the judges are compared with."""

from __future__ import annotations

from harness.compare.coefficients import kendall, krippendorff
from harness.compare.crowd import Crowd
from harness.compare.estimates import transformed
from harness.schema import Reference


def reference_of(crowd: Crowd) -> Reference:
    """Describe the people (or the key): how far they agree, and what any ranking could expect at most."""
    human_human = crowd.human_human(tuple(crowd.grades))
    return Reference(
        kind=crowd.kind,
        n_annotators=len(crowd.members),
        rulebook_ids=tuple(sorted({name for member in crowd.members for name in member.rulebook_ids})),
        simulated=any(member.simulated for member in crowd.members),
        human_human=human_human,
        crowd_ceiling=crowd.crowd_ceiling(),
        best_expected=transformed(human_human, lambda tau: (1.0 + tau) / 2.0),
        krippendorff_alpha=krippendorff(crowd),
        kendall_w=kendall(crowd),
        people_known=crowd.people_known,
    )
