"""Kendall's W and Krippendorff's alpha."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from harness.errors import UndefinedStatisticError
from harness.stats import pairs, reliability

NAN = float("nan")
# Krippendorff (2011), the matrix of irr::kripp.alpha: four observers, twelve units.
KRIPPENDORFF_2011 = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def test_krippendorffs_own_example() -> None:
    """Ordinal alpha of Krippendorff (2011) is .8153875038, as irr and krippendorff 0.9 give it."""
    alpha = reliability.krippendorff_alpha_ordinal(KRIPPENDORFF_2011)
    assert alpha == pytest.approx(0.8153875038, abs=1e-10)


def test_alpha_of_case_h_on_mid_ranks(six_people: np.ndarray) -> None:
    """Case H on mid-ranks gives .1719687 (and .0736 on dense grades, which is why mid-ranks are fed)."""
    alpha = reliability.krippendorff_alpha_ordinal(pairs.mid_ranks(six_people))
    assert alpha == pytest.approx(0.1719687, abs=1e-7)
    dense = reliability.krippendorff_alpha_ordinal(pairs.dense_grades(six_people))
    assert dense == pytest.approx(0.0736, abs=5e-5)


def test_kendall_w_of_case_h(six_people: np.ndarray) -> None:
    """W corrected for ties, chi-square and p of methods.md §1.5 (irr)."""
    found = reliability.kendall_w(six_people)
    assert found.w == pytest.approx(0.2777778, abs=1e-7)
    assert found.chi_square == pytest.approx(5.0)
    assert found.degrees_of_freedom == 3
    assert found.p_value == pytest.approx(0.1717971, abs=1e-7)


@pytest.mark.parametrize("share_missing", [0.0, 0.3])
def test_alpha_equals_the_krippendorff_package(share_missing: float) -> None:
    """Alpha of random, uneven values equals that of the package, complete and with holes."""
    rng = np.random.default_rng(77)
    for _ in range(20):
        values = rng.choice([1, 1.5, 2, 3, 4.0], p=[0.4, 0.1, 0.2, 0.2, 0.1], size=(4, 9))
        values[rng.random(values.shape) < share_missing] = NAN
        expected = krippendorff.alpha(reliability_data=values, level_of_measurement="ordinal")
        assert reliability.krippendorff_alpha_ordinal(values) == pytest.approx(expected, abs=1e-12)


def test_w_follows_friedmans_statistic() -> None:
    """M (k - 1) W is Friedman's chi-square, ties included, as scipy computes it."""
    values = np.random.default_rng(5).integers(1, 5, (7, 5)).astype(float)
    friedman = friedmanchisquare(*values.T)
    found = reliability.kendall_w(values)
    assert found.chi_square == pytest.approx(friedman.statistic)
    assert found.p_value == pytest.approx(friedman.pvalue)


def test_full_agreement_is_one() -> None:
    """The same order from everybody gives 1 in both, as long as something differs between answers."""
    same = [[1, 3, 2], [1, 3, 2], [2, 9, 5]]
    assert reliability.kendall_w(same).w == pytest.approx(1)
    assert reliability.krippendorff_alpha_ordinal(same[:2]) == pytest.approx(1)


def test_two_strict_opposite_orders_have_no_concordance() -> None:
    """W of an order and its reverse is 0."""
    assert reliability.kendall_w([[1, 2, 3, 4], [4, 3, 2, 1]]).w == pytest.approx(0)


def test_alpha_when_everyone_says_the_same_everywhere_is_undefined() -> None:
    """If nothing differs anywhere alpha is undefined, neither 1 nor NaN."""
    with pytest.raises(UndefinedStatisticError, match="nothing could have differed"):
        reliability.krippendorff_alpha_ordinal([[2, 2, 2], [2, 2, 2]])


def test_alpha_without_a_shared_unit_is_undefined() -> None:
    """If no unit has two values there is nothing to compare."""
    with pytest.raises(UndefinedStatisticError, match="two annotators"):
        reliability.krippendorff_alpha_ordinal([[1, NAN], [NAN, 2]])


@pytest.mark.parametrize(
    ("grades", "reason"),
    [
        ([[1, 1, 1], [2, 2, 2]], "ties all"),
        ([[1, 2, 3]], "two annotators"),
        ([[1, 2, NAN], [1, 2, 3]], "complete"),
    ],
)
def test_kendall_w_undefined(grades: list[list[float]], reason: str) -> None:
    """All tied, one annotator, or a missing grade: undefined, in words."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        reliability.kendall_w(grades)
