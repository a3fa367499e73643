"""Quantiles of Student's t are those of scipy."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from harness.stats.student import t_quantile


@given(
    st.integers(1, 2_000) | st.sampled_from([999, 1_000, 1_001, 9_999, 100_000]),
    st.floats(0.51, 0.9999),
)
def test_a_quantile_is_that_of_scipy(degrees_of_freedom: int, share: float) -> None:
    """To twelve digits, of few degrees of freedom as of many: two more than any file keeps."""
    assert t_quantile(degrees_of_freedom, share) == pytest.approx(
        float(stdtrit(degrees_of_freedom, share)), rel=1e-11
    )


@pytest.mark.parametrize(("degrees_of_freedom", "share"), [(0, 0.975), (5, 0.5), (5, 1.0)])
def test_what_has_no_such_quantile_is_refused(degrees_of_freedom: int, share: float) -> None:
    """No degree of freedom, a share that is no upper one, and certainty are errors, not numbers."""
    with pytest.raises(ValueError, match="quantile of t"):
        t_quantile(degrees_of_freedom, share)


def test_scipy_is_not_loaded_for_it() -> None:
    """An interval over cases costs no half second: scipy stays on the disk."""
    asked = "import sys; from harness.stats.intervals import mean_t_interval as m; m([1, 2, 4]); "
    found = subprocess.run(
        [sys.executable, "-c", asked + "print('scipy' in sys.modules)"], capture_output=True, check=True
    )
    assert found.stdout.strip() == b"False"
