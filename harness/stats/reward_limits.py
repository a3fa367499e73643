"""How much may be learned from how few graded situations, and what may be said of it."""

from __future__ import annotations

from typing import Literal

MIN_SITUATIONS = 4
"""One is left out to predict it and one more to see how much that matters: two are left to learn from."""
MIN_TRIAL = 12
"""Below it, tau_x of the situations left out is known to ± .2 at best (6 cases: ± .23 to .33; 12: ± .15 to
.20), and no ridge can be told from another: the ridge is fixed, and the page says `demonstration`."""
MIN_SOUND = 60
"""From here an interval over cases covers what it says, and tau_x is known to about ± .07."""
COMPARISONS_PER_FEATURE = 6
"""Independent comparisons (answers of a case less one, over all cases) for each feature that may be learned.

Ten to twenty are asked for where nothing draws coefficients towards 0; the ridge does. Six cases of four
answers make 18 comparisons: three features, and two when a case is left out.
"""

Standing = Literal["too_few", "demonstration", "trial", "sound"]


def standing(n_situations: int) -> Standing:
    """Say what a reward model learned from so many situations is good for."""
    if n_situations < MIN_SITUATIONS:
        return "too_few"
    if n_situations < MIN_TRIAL:
        return "demonstration"
    return "trial" if n_situations < MIN_SOUND else "sound"


def most_features(n_comparisons: int) -> int:
    """How many features so many independent comparisons can bear: one at least."""
    return max(1, n_comparisons // COMPARISONS_PER_FEATURE)
