"""Shares of model, rulebook, reaction and noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import design, group, pairs, shift

SQUARE = design.williams_square(4)


def rankings(*grades: str) -> np.ndarray:
    """Thermometers of rankings written as grades, 4 = best."""
    return pairs.thermometer(np.array([[float(grade) for grade in one] for one in grades]))


def we3() -> list[list[np.ndarray]]:
    """Worked example WE3 of methods.md §4.1: two judges, two rulebooks, two runs."""
    return [
        [rankings("4321", "4321"), rankings("4321", "3421")],
        [rankings("4321", "4231"), rankings("1234", "2234")],
    ]


def slot_judge(by_slot: list[float], n_rulebooks: int = 7) -> np.ndarray:
    """A judge that grades by slot only, whatever stands there, under every rulebook alike."""
    grades = np.empty((len(SQUARE), 4))
    np.put_along_axis(grades, SQUARE, np.broadcast_to(by_slot, SQUARE.shape), axis=1)
    return np.broadcast_to(pairs.thermometer(grades), (n_rulebooks, len(SQUARE), 12)).copy()


def content_judge(grades: list[float], n_rulebooks: int = 7) -> np.ndarray:
    """A judge that grades by content only, never changing its mind."""
    return np.broadcast_to(pairs.thermometer(grades), (n_rulebooks, len(SQUARE), 12)).copy()


def test_we3_components_and_shares() -> None:
    """The components 23/32, 21/32, 15/32, 5/8 of WE3 and the shares they give."""
    found = shift.components(we3())
    assert (found.between_models, found.between_rulebooks, found.reaction) == (23 / 32, 21 / 32, 15 / 32)
    assert found.noise == 5 / 8
    divided = shift.shares([found])
    expected = [0.2911392, 0.2658228, 0.1898734, 0.2531646]
    assert [
        divided.between_models,
        divided.between_rulebooks,
        divided.reaction,
        divided.noise,
    ] == pytest.approx(expected, abs=1e-7)


def test_we3_naive_components() -> None:
    """Uncorrected, WE3's parts are 51/64, 47/64, 35/64, 5/16: each correction takes off what noise makes."""
    means = np.array([[cell.mean(axis=0) for cell in row] for row in we3()])
    grand = means.mean(axis=(0, 1))
    by_model, by_rulebook = means.mean(axis=1), means.mean(axis=0)
    crossed = means - by_model[:, None] - by_rulebook[None] + grand
    naive = [float((one**2).sum(axis=-1).mean()) for one in (by_model - grand, by_rulebook - grand, crossed)]
    assert naive == [51 / 64, 47 / 64, 35 / 64]
    within = np.mean([((cell - cell.mean(axis=0)) ** 2).sum() / len(cell) for row in we3() for cell in row])
    assert within == 5 / 16
    # e = mean of v / n = (5/8) / 2; every correction is 1/4 of it: 5/64
    found = shift.components(we3())
    corrected = [found.between_models, found.between_rulebooks, found.reaction]
    assert corrected == [part - 5 / 64 for part in naive]


def test_we3_noise_is_the_retest_agreement() -> None:
    """1 - 2 V_noise / P of WE3 is the mean retest agreement .7916667 of its four cells."""
    grades = [["4321", "4321"], ["4321", "3421"], ["4321", "4231"], ["1234", "2234"]]
    retest = [group.mean_pairwise_tau([[float(c) for c in one] for one in cell]) for cell in grades]
    assert np.mean(retest) == pytest.approx(0.7916667, abs=1e-7)
    assert 1 - 2 * shift.components(we3()).noise / 6 == pytest.approx(0.7916667, abs=1e-7)


def test_shares_are_omega_squared_of_the_sums_of_squares() -> None:
    """Balanced shares are (SS - df MS_e) / (SS_tot + MS_e), with WE3's SS as vegan gives them."""
    ss_model, ss_rulebook, ss_reaction, ss_noise = 6.375, 5.875, 4.375, 2.5
    ms_noise = ss_noise / 4
    omega = [(ss - ms_noise) / (19.125 + ms_noise) for ss in (ss_model, ss_rulebook, ss_reaction)]
    divided = shift.shares([shift.components(we3())])
    assert [divided.between_models, divided.between_rulebooks, divided.reaction] == pytest.approx(omega)


def test_slot_only_judges_are_all_noise_in_complete_squares() -> None:
    """Judges that look at slots only give model, rule and reaction 0 and noise 1, all of it order."""
    judges = [slot_judge([4, 3, 2, 1]), slot_judge([1, 2, 3, 4]), slot_judge([4, 3, 2, 1])]
    divided = shift.shares([shift.components_square(judges)])
    assert [divided.between_models, divided.between_rulebooks, divided.reaction] == pytest.approx([0, 0, 0])
    assert divided.noise == pytest.approx(1)
    assert divided.order == pytest.approx(1)


def test_the_plain_estimator_misreads_slot_only_judges() -> None:
    """What §4.1 would print for them, -3 / -9 / -19 / 131 %, is why squares have their own estimator."""
    judges = [slot_judge([4, 3, 2, 1]), slot_judge([1, 2, 3, 4]), slot_judge([4, 3, 2, 1])]
    divided = shift.shares([shift.components([list(judge) for judge in judges])])
    # v = 4 in every cell, so e = 4/4 = 1 and V_M = -2/21, V_R = -6/21, V_MR = -12/21; the total is 64/21
    expected = [-2 / 64, -6 / 64, -12 / 64, 84 / 64]
    found = [divided.between_models, divided.between_rulebooks, divided.reaction, divided.noise]
    assert found == pytest.approx(expected)


def test_one_content_judge_beside_two_slot_judges_by_hand() -> None:
    """A judge that means something shows up as model, never as rule or reaction."""
    judges = [slot_judge([4, 3, 2, 1]), slot_judge([1, 2, 3, 4]), content_judge([2, 4, 1, 3])]
    # Slot judges average to ½ in all 12 columns, the content judge is ½ away: squared length 3.
    # V_M = mean of (4/9, 1/9, 1/9)·3 = 2/3; noise = mean of (4, 4, 0) = 8/3; share 1/5.
    divided = shift.shares([shift.components_square(judges)])
    assert divided.between_models == pytest.approx(1 / 5)
    assert [divided.between_rulebooks, divided.reaction] == pytest.approx([0, 0], abs=1e-12)
    assert divided.noise == pytest.approx(4 / 5)


def test_a_rulebook_that_everyone_obeys_is_all_rulebook() -> None:
    """Judges that agree and follow the rule without noise give the rulebook the whole share."""
    obeying = content_judge([4, 3, 2, 1], n_rulebooks=2)
    obeying[1] = pairs.thermometer([1, 2, 4, 3])
    divided = shift.shares([shift.components_square([obeying, obeying])])
    assert divided.between_rulebooks == pytest.approx(1)
    assert [divided.between_models, divided.reaction, divided.noise] == pytest.approx([0, 0, 0])


def test_noise_of_a_square_against_plain_loops() -> None:
    """Order is the variance inside cells beyond the two-way residual, as written out in loops."""
    table = np.random.default_rng(8).integers(0, 2, (2, 3, 4, 12)).astype(float)
    residual, within = [], []
    for judge in table:
        ss = 0.0
        for r in range(3):
            for p in range(4):
                rest = (
                    judge[r, p] - judge[r].mean(axis=0) - judge[:, p].mean(axis=0) + judge.mean(axis=(0, 1))
                )
                ss += float(rest @ rest)
            within.append(sum(float(d @ d) for d in judge[r] - judge[r].mean(axis=0)) / 3)
        residual.append(ss / (2 * 3))
    found = shift.components_square(table)
    assert found.order == pytest.approx(max(0.0, np.mean(within) - np.mean(residual)))
    assert found.noise == pytest.approx(max(np.mean(within), np.mean(residual)))
    naive = ((table.mean(axis=(1, 2)) - table.mean(axis=(0, 1, 2))) ** 2).sum(axis=1).mean()
    assert found.between_models == pytest.approx(naive - (2 - 1) / (2 * 3) * np.mean(residual) / 4)


def test_order_is_never_negative() -> None:
    """Where runs differ between rulebooks in opposite ways, order is 0 and the noise all residual."""
    # one pair, (u, v) under two presentations: rulebook 1 says +, -; rulebook 2 says -, +
    plus, minus = [1.0, 1.0], [0.0, 0.0]
    found = shift.components_square([[[plus, minus], [minus, plus]]])
    # every deviation is ½ in two columns: ms_res = 4·½ / 1 = 2, v = 2·½ / 1 = 1 in each cell
    assert (found.order, found.noise) == (0.0, 2.0)
    assert found.between_rulebooks == pytest.approx(0 - 1 / 2 * 2 / 2)


def test_two_levels_give_the_value_gap() -> None:
    """With one judge and two rulebooks, V_R = P gap / 4 when runs are independent."""
    first = np.array([[4.0, 3, 2, 1], [4, 3, 2, 1], [3, 4, 2, 1]])
    second = np.array([[1.0, 2, 3, 4], [2, 1, 3, 4], [4, 3, 1, 2]])
    found = shift.components([[pairs.thermometer(first), pairs.thermometer(second)]])
    assert found.between_rulebooks == pytest.approx(6 * group.value_gap(first, second) / 4)


def test_unequal_runs_by_hand() -> None:
    """Cells with different numbers of runs each weigh the same and bring their own error."""
    # columns of one pair (u, v): cell A runs ++-, cell B runs -- : means (2/3, 2/3), (0, 0)
    plus, minus = [1.0, 1.0], [0.0, 0.0]
    found = shift.components([[[plus, plus, minus], [minus, minus]]])
    # v_A = 2·(2/9 + ... )= 2·(1/3) = 2/3, v_B = 0; e = (2/9 + 0)/2 = 1/9; naive V_R = 2·(1/3)² = 2/9
    assert found.noise == pytest.approx(1 / 3)
    assert found.between_rulebooks == pytest.approx(2 / 9 - 1 / 2 * 1 / 9)
    assert found.between_models is None


@given(st.integers(0, 2**32 - 1))
def test_naming_the_answers_judges_or_rulebooks_differently_changes_nothing(seed: int) -> None:
    """Components do not depend on the order of answers, judges, rulebooks or presentations."""
    rng = np.random.default_rng(seed)
    grades = rng.integers(1, 5, (3, 2, 4, 4)).astype(float)
    before = shift.components_square(pairs.thermometer(grades))
    order = rng.permutation(4)
    shuffled = grades[rng.permutation(3)][:, rng.permutation(2)][:, :, rng.permutation(4)][..., order]
    after = shift.components_square(pairs.thermometer(shuffled))
    assert list(vars(after).values()) == pytest.approx(list(vars(before).values()))


def test_one_judge_has_no_model_share_and_one_rulebook_no_rulebook_share() -> None:
    """A factor with one level is None, not 0, and a single rulebook falls back to independent runs."""
    table = np.random.default_rng(4).integers(0, 2, (2, 3, 4, 12)).astype(float)
    one_judge = shift.shares([shift.components_square(table[:1])])
    assert (one_judge.between_models, one_judge.reaction) == (None, None)
    assert one_judge.between_rulebooks is not None
    one_rulebook = shift.components_square(table[:, :1])
    assert (one_rulebook.between_rulebooks, one_rulebook.reaction, one_rulebook.order) == (None, None, None)
    assert one_rulebook == shift.components(list(table[:, :1]))


def test_cases_weigh_by_their_pairs() -> None:
    """Each case is divided by its own number of pairs before cases are added."""
    small = shift.Components(1, 0.2, 0.1, 0.0, 0.7, 0.3)
    large = shift.Components(6, 1.2, 0.0, 0.6, 4.2, 0.0)
    divided = shift.shares([small, large])
    # totals per pair 1.0 and 6.0/6 = 1.0
    assert divided.between_models == pytest.approx((0.2 + 0.2) / 2)
    assert divided.reaction == pytest.approx(0.1 / 2)
    assert divided.order == pytest.approx(0.3 / 2)
    assert divided.total_per_pair == pytest.approx(1)


def test_people_lie_on_the_same_axis() -> None:
    """Full agreement is no spread, and case H's .1 is .45 per pair."""
    assert shift.spread_per_pair(1.0) == 0
    assert shift.spread_per_pair(0.1) == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda: shift.components([[rankings("4321"), rankings("4321", "1234")]]), "noise is unknown"),
        (lambda: shift.components_square(np.zeros((2, 2, 1, 12))), "noise is unknown"),
        (lambda: shift.components_square(np.full((2, 2, 3, 12), np.nan)), "missing"),
        (lambda: shift.shares([]), "no case"),
        (lambda: shift.shares([shift.components_square(np.ones((2, 2, 3, 12)))]), "nothing to divide"),
    ],
)
def test_undefined_components(compute: Callable[[], object], reason: str) -> None:
    """One run, missing grades, no case, or no difference at all: undefined, in words."""
    with pytest.raises(UndefinedStatisticError, match=reason):
        compute()


def test_mixed_designs_are_refused() -> None:
    """Cases with different judges cannot be added, and every judge needs every rulebook."""
    table = np.random.default_rng(4).integers(0, 2, (2, 3, 4, 12)).astype(float)
    both = [shift.components_square(table), shift.components_square(table[:1])]
    with pytest.raises(ValueError, match="cannot be added"):
        shift.shares(both)
    with pytest.raises(ValueError, match="one cell for every rulebook"):
        shift.components([list(table[0]), list(table[1, :2])])


def noisy_square(rng: np.random.Generator, slot_bonus: float) -> np.ndarray:
    """One case, 3 judges × 4 rulebooks × 4 presentations: utilities + slot bonus + Gumbel noise, binned."""
    shown_in = np.argsort(SQUARE, axis=1)
    utility = rng.normal(size=4) + slot_bonus * (shown_in == 0) + rng.gumbel(size=(3, 4, 4, 4))
    return pairs.thermometer(np.digitize(utility, [-0.5, 0.7, 1.9]).astype(float))


@pytest.mark.slow
@pytest.mark.parametrize("slot_bonus", [0.0, 2.0])
def test_no_effect_gives_shares_around_zero(slot_bonus: float) -> None:
    """Where only order and chance act, the mean shares of 300 simulated grids lie within 4 SE of 0."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(300):
        cases = [shift.components_square(noisy_square(rng, slot_bonus)) for _ in range(6)]
        divided = shift.shares(cases)
        found.append([divided.between_models, divided.between_rulebooks, divided.reaction])
    shares = np.array(found, dtype=float)
    errors = shares.std(axis=0, ddof=1) / len(shares) ** 0.5
    assert (np.abs(shares.mean(axis=0)) < 4 * errors).all()


@pytest.mark.slow
def test_plain_components_are_unbiased_with_unequal_runs() -> None:
    """With 2 to 5 independent runs the mean components equal those of the known cell probabilities."""
    rng = np.random.default_rng(2)
    chance = rng.random((2, 3, 12))
    n_runs = [[2, 3, 5], [4, 2, 3]]
    found = []
    for _ in range(4000):
        cells = [
            [rng.random((n, 12)) < p for n, p in zip(*row, strict=True)]
            for row in zip(n_runs, chance, strict=True)
        ]
        one = shift.components(cells)
        found.append([one.between_models, one.between_rulebooks, one.reaction, one.noise])
    by_model, by_rulebook, grand = chance.mean(axis=1), chance.mean(axis=0), chance.mean(axis=(0, 1))
    crossed = chance - by_model[:, None] - by_rulebook[None] + grand
    truth = [
        ((by_model - grand) ** 2).sum(axis=-1).mean(),
        ((by_rulebook - grand) ** 2).sum(axis=-1).mean(),
        (crossed**2).sum(axis=-1).mean(),
        (chance * (1 - chance)).sum(axis=-1).mean(),
    ]
    parts = np.array(found, dtype=float)
    errors = parts.std(axis=0, ddof=1) / len(parts) ** 0.5
    assert (np.abs(parts.mean(axis=0) - truth) < 4 * errors).all()


@given(st.integers(2, 5), st.integers(2, 4), st.integers(0, 2**32))
def test_gaps_of_many_cases_are_those_of_each(n_presentations: int, n_answers: int, seed: int) -> None:
    """Two rulebooks in many cases at once: 4 V_R / P of every case's own components."""
    grades = np.random.default_rng(seed).integers(1, 5, (3, 2, n_presentations, n_answers)).astype(float)
    tables = pairs.thermometer(grades)
    found = shift.rulebook_gaps(tables)
    for table, gap in zip(tables, found, strict=True):
        own = shift.components_square(table[None])
        assert own.between_rulebooks is not None
        assert gap == pytest.approx(4 * own.between_rulebooks / own.n_pairs, abs=1e-12)


def test_gaps_are_undefined_where_components_are() -> None:
    """One presentation has no noise to take off, and a missing grade leaves nothing to compare."""
    with pytest.raises(UndefinedStatisticError, match="noise is unknown"):
        shift.rulebook_gaps(np.zeros((1, 2, 1, 6)))
    with pytest.raises(UndefinedStatisticError, match="missing"):
        shift.rulebook_gaps(np.full((1, 2, 3, 6), np.nan))
    with pytest.raises(ValueError, match="expected"):
        shift.rulebook_gaps(np.zeros((2, 3, 6)))
