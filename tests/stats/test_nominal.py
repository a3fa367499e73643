"""Accuracy, kappas and macro scores on verdicts without an order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.errors import UndefinedStatisticError
from harness.stats import nominal

NAN = float("nan")
# Fleiss (1971), as in many textbooks: ten subjects, fourteen raters, five categories.
FLEISS_1971 = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
# Uneven on purpose: drawn with numpy's generator 2026, and given to scikit-learn 1.9.1 and statsmodels 0.15.
A = [int(one) for one in "0111122011221212111111101101111221121121"]
B = [int(one) for one in "0110122011221212111111102001211220001121"]
C = [int(one) for one in "1111121111111111111111101101111211121121"]

labels = arrays(np.float64, st.integers(2, 30), elements=st.sampled_from([0.0, 1.0, 2.0]))


def two_sides() -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    """Two arrays of labels of one length."""
    return labels.flatmap(
        lambda one: st.tuples(
            st.just(one), arrays(np.float64, len(one), elements=st.sampled_from([0.0, 1.0, 2.0]))
        )
    )


def test_fleiss_own_example() -> None:
    """The table of Fleiss (1971) has kappa .210 (.2099307 in statsmodels) and agreement .378."""
    assert nominal.fleiss_kappa(FLEISS_1971) == pytest.approx(0.20993070442195522, abs=1e-12)
    assert nominal.pairwise_agreement(FLEISS_1971) == pytest.approx(0.378, abs=5e-4)


def test_cohen_equals_scikit_learn() -> None:
    """Cohen's kappa of two uneven annotators is cohen_kappa_score's."""
    assert nominal.cohen_kappa(A, B) == pytest.approx(0.7002141327623126, abs=1e-12)


def test_fleiss_equals_statsmodels() -> None:
    """Fleiss' kappa of three uneven annotators is inter_rater.fleiss_kappa's."""
    counts = nominal.category_counts(np.array([A, B, C]))
    assert nominal.fleiss_kappa(counts) == pytest.approx(0.4965034965034965, abs=1e-12)


def test_macro_scores_equal_scikit_learn() -> None:
    """Macro precision, recall and F1 are precision_recall_fscore_support's, with B said and A right."""
    assert nominal.accuracy(B, A) == pytest.approx(0.825)
    found = nominal.macro_scores(B, A)
    expected = (0.7542087542087542, 0.8897435897435897, 0.780697563306259)
    assert tuple(found) == pytest.approx(expected, abs=1e-12)


def test_macro_scores_with_a_category_that_is_never_said() -> None:
    """Undefined precision counts as 0 on demand, as scikit-learn's zero_division=0 has it."""
    said = [1 if one == 0 else one for one in B]
    found = nominal.macro_scores(said, A, undefined_as=0.0)
    expected = (0.54858934169279, 0.6076923076923078, 0.5766233766233766)
    assert tuple(found) == pytest.approx(expected, abs=1e-12)


def test_cohen_by_hand() -> None:
    """Agreement 3/4, chance (1/2)(3/4) + (1/2)(1/4) = 1/2: (3/4 - 1/2) / (1/2) = 1/2."""
    assert nominal.cohen_kappa([1, 1, 2, 2], [1, 1, 2, 1]) == pytest.approx(0.5)


def test_fleiss_of_two_is_scotts_pi() -> None:
    """Both sides share one habit: 2/3 alike, shares 1/2 and 1/2, so (2/3 - 1/2) / (1/2) = 1/3."""
    counts = nominal.category_counts([[0, 0, 1], [0, 1, 1]])
    assert counts.tolist() == [[2, 0], [1, 1], [0, 2]]
    assert nominal.fleiss_kappa(counts) == pytest.approx(1 / 3)


def test_macro_scores_by_hand() -> None:
    """Said 1,1,2,2 for 1,2,2,2: precision (1/2 + 1)/2, recall (1 + 2/3)/2, F1 (2/3 + 4/5)/2."""
    found = nominal.macro_scores([1, 1, 2, 2], [1, 2, 2, 2])
    assert tuple(found) == pytest.approx((3 / 4, 5 / 6, 11 / 15))


def test_failures_are_left_out_or_wrong_but_no_category_of_their_own() -> None:
    """A missing verdict is left out; as a category that the truth lacks it is wrong and lowers recall."""
    truth = [1, 1, 2, 2]
    left_out = nominal.macro_scores([1, NAN, 2, 2], truth)
    wrong = nominal.macro_scores([1, 9, 2, 2], truth)
    assert nominal.accuracy([1, NAN, 2, 2], truth) == 1
    assert nominal.accuracy([1, 9, 2, 2], truth) == 0.75
    assert tuple(left_out) == (1, 1, 1)
    assert wrong.precision == 1
    assert wrong.recall == pytest.approx(0.75)


def test_unequal_numbers_of_votes_have_an_agreement() -> None:
    """Units with one vote are left out, others count the same: (1 + 1/3) / 2."""
    assert nominal.pairwise_agreement([[2, 0], [2, 1], [1, 0]]) == pytest.approx((1 + 1 / 3) / 2)


def test_plurality_names_one_category_or_none() -> None:
    """Most votes win; equal most votes and no votes have no winner; a tie vote counts as a kind."""
    counts = [[2, 1, 1], [2, 2, 0], [0, 0, 0], [1, 0, 2]]
    assert nominal.plurality(counts).tolist() == [0, -1, -1, 2]


def test_counts_follow_the_named_categories() -> None:
    """Categories that nobody chose have a column of zeros, others are not counted."""
    counts = nominal.category_counts(np.array([[1, NAN, 2], [1, 3, 7]]), [3, 1, 5])
    assert counts.tolist() == [[0, 2, 0], [1, 0, 0], [0, 0, 0]]


@given(two_sides(), st.permutations([0.0, 1.0, 2.0]))
def test_names_of_categories_do_not_matter(sides: tuple[np.ndarray, np.ndarray], names: list[float]) -> None:
    """Calling the categories otherwise changes no kappa and no accuracy."""
    one, other = sides
    renamed = [np.array(names)[side.astype(int)] for side in sides]
    assert nominal.accuracy(*renamed) == nominal.accuracy(one, other)
    kappas = [_cohen(*renamed), _fleiss(*renamed)]
    assert kappas == [pytest.approx(_cohen(one, other)), pytest.approx(_fleiss(one, other))]


@given(two_sides())
def test_kappas_are_symmetric_and_bounded(sides: tuple[np.ndarray, np.ndarray]) -> None:
    """Which side comes first does not matter; 1 only for full agreement, and never below -1."""
    one, other = sides
    kappa = _cohen(one, other)
    assert kappa == pytest.approx(_cohen(other, one))
    if kappa is not None:
        assert -1 <= kappa <= 1
        assert (kappa == pytest.approx(1)) == bool((one == other).all())


@given(labels)
def test_agreement_with_oneself(one: np.ndarray) -> None:
    """Everything is 1 against oneself, unless all is of one kind."""
    assert nominal.accuracy(one, one) == 1
    assert tuple(nominal.macro_scores(one, one)) == (1, 1, 1)
    kappa = _cohen(one, one)
    assert kappa == (None if len(np.unique(one)) == 1 else pytest.approx(1))


@given(two_sides())
def test_two_annotators_agree_as_often_as_pairs_of_votes(sides: tuple[np.ndarray, np.ndarray]) -> None:
    """With two annotators raw agreement of pairs is accuracy."""
    counts = nominal.category_counts(np.stack(sides), [0, 1, 2])
    assert nominal.pairwise_agreement(counts) == pytest.approx(nominal.accuracy(*sides))


def _cohen(one: np.ndarray, other: np.ndarray) -> float | None:
    try:
        return nominal.cohen_kappa(one, other)
    except UndefinedStatisticError:
        return None


def _fleiss(one: np.ndarray, other: np.ndarray) -> float | None:
    try:
        return nominal.fleiss_kappa(nominal.category_counts(np.stack([one, other])))
    except UndefinedStatisticError:
        return None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nominal.accuracy([NAN], [1]), "no unit"),
        (lambda: nominal.accuracy([], []), "no unit"),
        (lambda: nominal.cohen_kappa([1, 1], [1, 1]), "of one kind"),
        (lambda: nominal.cohen_kappa([1, NAN], [NAN, 1]), "no unit"),
        (lambda: nominal.category_counts([[NAN]]), "nobody"),
        (lambda: nominal.pairwise_agreement([[1, 0]]), "two annotators"),
        (lambda: nominal.fleiss_kappa([]), "no unit"),
        (lambda: nominal.fleiss_kappa([[2, 0], [2, 1]]), "equally many"),
        (lambda: nominal.fleiss_kappa([[1, 0], [0, 1]]), "two annotators"),
        (lambda: nominal.fleiss_kappa([[3, 0], [3, 0]]), "of one kind"),
        (lambda: nominal.macro_scores([1, 1], [1, 2]), "precision of category 2"),
        (lambda: nominal.macro_scores([1, 2], [1, 1], [1, 2]), "recall of category 2"),
    ],
)
def test_undefined(call: object, words: str) -> None:
    """What the data do not define raises, and says why; nothing counts as 0 or 1 by itself."""
    with pytest.raises(UndefinedStatisticError, match=words):
        call()  # type: ignore[operator]


def test_sides_of_unequal_length_are_a_fault_of_the_caller() -> None:
    """Arrays of different lengths are refused, not cut."""
    with pytest.raises(ValueError, match="one length"):
        nominal.accuracy([1, 2], [1])
