"""The alternative annotator test: the authors' own data, scipy, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from harness.errors import UndefinedStatisticError
from harness.stats import replacement
from harness.stats.agreement import tau_x
from harness.stats.others import tau_sums
from harness.stats.replacement import Duel

NAN = float("nan")
Counts = list[tuple[int, int, int]]
FRAMING_GEMINI = [(130, 1859, 211), (212, 2101, 239), (116, 1942, 208), (47, 531, 60)]
FRAMING_MISTRAL = [(131, 1653, 416), (189, 1868, 495), (90, 1749, 427), (41, 449, 148)]
LESION_GPT_MINI = [
    (134, 249, 117),
    (102, 271, 127),
    (82, 275, 131),
    (59, 296, 144),
    (100, 264, 136),
    (129, 229, 135),
]
MTBENCH_GPT = [(14, 43, 17), (9, 59, 16), (8, 57, 23)]


def duels(counts: Counts) -> Duel:
    """Arrays with so many cases per person where the judge was nearer, both as near, the person nearer."""
    width = max(sum(row) for row in counts)
    judge, person = np.full((2, len(counts), width), NAN)
    for who, (nearer, same, farther) in enumerate(counts):
        judge[who, : nearer + same + farther] = [1] * (nearer + same) + [0] * farther
        person[who, : nearer + same + farther] = [0] * nearer + [1] * (same + farther)
    return Duel(judge, person)


@pytest.mark.parametrize(
    ("counts", "epsilon", "omega", "rho"),
    [
        (FRAMING_GEMINI, 0.15, 1.0, 0.9062),
        (FRAMING_MISTRAL, 0.15, 0.25, 0.7991),
        (LESION_GPT_MINI, 0.15, 0.6667, 0.7349),
        (MTBENCH_GPT, 0.2, 0.0, 0.7728),
    ],
)
def test_published_figures_of_the_authors(counts: Counts, epsilon: float, omega: float, rho: float) -> None:
    """Winning rate and advantage that the authors' notebook prints, methods.md §2.2."""
    # Per person: cases with d = -1, 0, +1, counted from data/{framing,lesion,mtbench} of the repository
    # nitaytech/AltTest at commit 18428b1 with its own scoring (accuracy; lesion: negative RMSE).
    found = replacement.alternative_annotator(*duels(counts), epsilon=epsilon)
    assert found.omega == pytest.approx(omega, abs=5e-5)
    assert found.rho == pytest.approx(rho, abs=5e-5)


def test_the_t_test_is_scipys() -> None:
    """With thirty cases and more a person's p-value is that of scipy.stats.ttest_1samp."""
    rng = np.random.default_rng(1)
    judge, person = rng.integers(0, 2, (2, 5, 40)).astype(float)
    judge[2, :7] = person[2, :7] = NAN
    found = replacement.alternative_annotator(judge, person, epsilon=0.1)
    expected = [
        stats.ttest_1samp(row[~np.isnan(row)], 0.1, alternative="less").pvalue for row in person - judge
    ]
    assert found.p_values.tolist() == pytest.approx(expected, rel=1e-9)
    assert found.n_cases.tolist() == [40, 40, 33, 40, 40]


def test_the_signed_rank_test_is_scipys() -> None:
    """Without ties the p-value is scipy's exact one; with ties it is that of all sign flips."""
    rng = np.random.default_rng(2)
    for n_cases in (5, 8, 12):
        plain = rng.normal(-0.3, 1, n_cases)
        exact = stats.wilcoxon(plain, alternative="less", method="exact").pvalue
        assert replacement.signed_rank_p(plain) == pytest.approx(exact, rel=1e-12)
        tied = rng.integers(-1, 2, n_cases) - 0.15
        flips = stats.wilcoxon(tied, alternative="less", method=stats.PermutationMethod(n_resamples=10**6))
        assert replacement.signed_rank_p(tied) == pytest.approx(flips.pvalue, rel=1e-9)


@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)))
def test_dependent_tests_are_rejected_as_scipy_adjusts_them(p_values: np.ndarray) -> None:
    """A test is rejected exactly when its Benjamini-Yekutieli adjusted p is at most .05."""
    adjusted = stats.false_discovery_control(p_values, method="by")
    clear = np.abs(adjusted - 0.05) > 1e-12
    rejected = replacement.rejected_under_dependence(p_values)
    assert (rejected == (adjusted <= 0.05))[clear].all()


def test_six_cases_never_pass_with_fourteen_people() -> None:
    """A judge that wins everywhere: p = 1/64 each, enough for 13 people, never for 14 (methods.md §2.2)."""
    for n_people, omega in ((13, 1.0), (14, 0.0)):
        judge, person = np.ones((n_people, 6)), np.zeros((n_people, 6))
        found = replacement.alternative_annotator(judge, person, min_cases=1)
        assert found.p_values.tolist() == pytest.approx([1 / 64] * n_people)
        assert found.omega == omega


def test_duel_by_hand() -> None:
    """One verdict against three people, worked through, and two verdicts as their mean."""
    # judge with h1..h3: 1, 0, 1. Without h1 the judge's mean is .5, without h2 1, without h3 .5
    # people's own means: .5 (tie: both), 1.0 (tie), .75 (the person)
    once = replacement.duel([[1, 0, 1]], [0.5, 1.0, 0.75])
    assert once.judge.tolist() == [1, 1, 0]
    assert once.person.tolist() == [1, 1, 1]
    # a second verdict -1, -1, -1 loses everywhere
    twice = replacement.duel([[1, 0, 1], [-1, -1, -1]], [0.5, 1.0, 0.75])
    assert twice.judge.tolist() == [0.5, 0.5, 0]
    assert twice.person.tolist() == [1, 1, 1]


def test_duel_of_case_h(six_people: np.ndarray, judge_repeats: np.ndarray) -> None:
    """Worked case H: the judge against each person, as a plain loop over the definitions finds."""
    taus = tau_x(judge_repeats[:, None], six_people[None])
    found = replacement.duel(taus, tau_sums(six_people).leave_one_out)
    judge, person = np.zeros((2, 6))
    for verdict in judge_repeats:
        for j in range(6):
            rest = [other for other in range(6) if other != j]
            s_f = np.mean([tau_x(verdict, six_people[other]) for other in rest])
            s_h = np.mean([tau_x(six_people[j], six_people[other]) for other in rest])
            judge[j] += (s_f >= s_h - 1e-12) / 3
            person[j] += (s_h >= s_f - 1e-12) / 3
    assert found.judge.tolist() == pytest.approx(judge.tolist())
    assert found.person.tolist() == pytest.approx(person.tolist())
    assert found.judge[5] == 1
    assert found.person[5] == 0  # the sixth person contradicts everybody


def test_a_person_alone_has_no_duel() -> None:
    """Where nobody else graded the case, or the judge said nothing, there is no duel."""
    lonely = replacement.duel([[NAN, 0.5, NAN]], [NAN, NAN, NAN])
    assert np.isnan(lonely.judge).all()
    silent = replacement.duel(np.empty((0, 3)), [0.1, 0.2, 0.3])
    assert np.isnan(silent.judge).all()
    assert np.isnan(silent.person).all()


wins = hnp.arrays(
    np.float64, st.tuples(st.integers(2, 5), st.integers(3, 9)), elements=st.sampled_from([0, 1.0])
)


@given(wins)
def test_leaving_a_case_out_is_deleting_it(judge: np.ndarray) -> None:
    """The fast jackknife of rho gives what deleting each case in turn gives."""
    judge[0, 1] = NAN
    expected = [replacement.advantage(np.delete(judge, case, axis=1)) for case in range(judge.shape[1])]
    assert replacement.advantage_leave_one_out(judge).tolist() == pytest.approx(expected)


@given(wins, st.floats(0, 0.3))
def test_a_larger_allowance_never_fails_more(judge: np.ndarray, epsilon: float) -> None:
    """The share of people for whom the judge passes does not fall with epsilon."""
    person = 1 - judge
    strict = replacement.alternative_annotator(judge, person, epsilon, min_cases=1)
    generous = replacement.alternative_annotator(judge, person, epsilon + 0.11, min_cases=1)
    assert generous.omega >= strict.omega
    assert strict.rho == generous.rho == pytest.approx(float(judge.mean()))


def test_people_with_few_cases_are_left_out() -> None:
    """A person with 29 cases enters neither figure, as in the authors' code."""
    judge, person = np.ones((2, 40)), np.zeros((2, 40))
    judge[1, :20], judge[1, 29:] = 0, NAN
    found = replacement.alternative_annotator(judge, person)
    assert (found.omega, found.rho) == (1.0, 1.0)
    assert np.isnan(found.p_values[1])
    assert found.n_cases.tolist() == [40, 29]


def test_no_spread_is_decided_by_the_mean() -> None:
    """A judge that is always nearer passes, one that never is does not; neither is an error."""
    always, never = np.ones((3, 30)), np.zeros((3, 30))
    assert replacement.alternative_annotator(always, never).omega == 1.0
    assert replacement.alternative_annotator(never, always).omega == 0.0


def test_nobody_to_test_is_undefined() -> None:
    """Too few cases for everybody, no duel at all, and no difference: each is said."""
    few = np.ones((3, 6))
    with pytest.raises(UndefinedStatisticError, match="nobody graded 30"):
        replacement.alternative_annotator(few, 1 - few)
    with pytest.raises(UndefinedStatisticError, match="met nobody"):
        replacement.advantage(np.full((2, 3), NAN))
    with pytest.raises(UndefinedStatisticError, match="other than 0"):
        replacement.signed_rank_p([0.0, 0.0])


def _world(rng: np.random.Generator, n_cases: int) -> tuple[Duel, Duel]:
    """Eight people of one opinion with noise; a judge without noise, and one more such person."""
    oracle, human = [], []
    for _ in range(n_cases):
        worth = rng.normal(0, 1, 4)
        seen = worth + rng.gumbel(0, 0.9, (9, 4))
        # cutting the scale makes ties
        grades = np.digitize(seen, np.arange(-1.0, 3.0, 0.5))
        means = tau_sums(grades[:8]).leave_one_out
        oracle.append(replacement.duel(tau_x(worth[None], grades[:8])[None], means))
        human.append(replacement.duel(tau_x(grades[8], grades[:8])[None], means))
    stacked = [[np.array(side).T for side in zip(*found, strict=True)] for found in (oracle, human)]
    return Duel(*stacked[0]), Duel(*stacked[1])


@pytest.mark.slow
def test_six_cases_fail_even_a_judge_without_noise() -> None:
    """A noise-free judge passes rarely with 6 cases and always with 30; one more human is near .5."""
    rng = np.random.default_rng(5)
    passed: dict[int, list[bool]] = {6: [], 30: []}
    human = []
    for n_cases in (6, 30):
        for _ in range(100):
            oracle, one_more = _world(rng, n_cases)
            passed[n_cases].append(replacement.alternative_annotator(*oracle, min_cases=1).omega >= 0.5)
            human.append(replacement.advantage(one_more.judge))
    # methods.md §2.2: 2 % with 6 cases, 100 % with 30, rho .53 for one more human
    assert np.mean(passed[6]) < 0.1
    assert np.mean(passed[30]) > 0.95
    assert np.mean(human) == pytest.approx(0.53, abs=0.03)
