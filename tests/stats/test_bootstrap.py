"""Cases and people drawn anew: what holds on average, and the trap of one's own copy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.errors import UndefinedStatisticError
from harness.stats import bootstrap
from harness.stats.agreement import tau_x
from harness.stats.group import mean_pairwise_tau
from harness.stats.intervals import mean_t_interval

NAN = float("nan")


TEN_PEOPLE = np.array(
    [
        [float(grade) for grade in grades]
        for grades in (
            "2234",
            "2434",
            "1424",
            "2224",
            "1144",
            "2334",
            "1243",
            "1234",
            "1243",
            "1124",
        )
    ]
)
"""Ten people who agree by 144/270 = .5333 on one case."""


def test_the_trap_of_ones_own_copy() -> None:
    """Ten people drawn anew: .579 with copies compared, .533 without, which is true (methods.md §4.3)."""
    grades = TEN_PEOPLE
    truth = mean_pairwise_tau(grades)
    found = bootstrap.people_bootstrap([grades], np.random.default_rng(1), 20_000)
    assert round(truth, 3) == 0.533
    assert float(found.mean()) == pytest.approx(truth, abs=0.002)
    rng = np.random.default_rng(2)
    naive = [mean_pairwise_tau(grades[rng.integers(0, 10, 10)]) for _ in range(4000)]
    # truth + (1 - truth) / 10 = .58
    assert float(np.mean(naive)) == pytest.approx(0.579, abs=0.003)


@pytest.mark.parametrize("holes", [0.0, 0.25])
def test_people_drawn_one_by_one_give_the_same(holes: float) -> None:
    """Weights give what copying the drawn people and leaving out pairs of copies gives."""
    rng = np.random.default_rng(3)
    cases = rng.integers(1, 5, (3, 6, 4)).astype(float)
    cases[rng.random(cases.shape) < holes] = NAN
    cases[1, 2] = NAN
    found = bootstrap.people_bootstrap(list(cases), np.random.default_rng(4), 50)
    drawn = np.random.default_rng(4).integers(0, 6, (50, 6))
    for replicate, who in zip(found, drawn, strict=True):
        other = who[:, None] != who[None]
        tables = [np.where(other, tau_x(case[who][:, None], case[who][None]), NAN) for case in cases]
        means = [float(np.nanmean(table)) for table in tables if not np.isnan(table).all()]
        assert replicate == pytest.approx(sum(means) / len(means), abs=1e-12)


def test_means_are_those_of_the_drawn_cases() -> None:
    """Counting draws gives the mean of the drawn cases, figure by figure, undefined ones left out."""
    figures = np.random.default_rng(5).normal(size=(12, 2))
    figures[3, 1] = NAN
    found = bootstrap.resampled_means(figures, np.random.default_rng(6), 40)
    drawn = np.random.default_rng(6).integers(0, 12, (40, 12))
    assert found == pytest.approx(np.nanmean(figures[drawn], axis=1), abs=1e-12)


def test_blocks_of_replicates_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few replicates at a time use the same random numbers as all at once."""
    figures = np.random.default_rng(7).normal(size=20)
    whole = bootstrap.resampled_means(figures, np.random.default_rng(8), 100)
    monkeypatch.setattr(bootstrap, "_DRAWS", 60)
    pieces = bootstrap.resampled_means(figures, np.random.default_rng(8), 100)
    assert pieces == pytest.approx(whole, abs=1e-12)


def test_scipy_gives_the_same_interval() -> None:
    """Percentiles of many replicates are those of scipy.stats.bootstrap, up to chance."""
    figures = np.random.default_rng(9).exponential(size=80)
    found = bootstrap.case_bootstrap_interval(figures, np.random.default_rng(10), n_replicates=40_000)
    other = stats.bootstrap(
        (figures,), np.mean, n_resamples=40_000, method="percentile", rng=np.random.default_rng(11)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=0.01)
    assert found.n_units == 80


def test_many_cases_make_it_the_t_interval() -> None:
    """With 600 cases percentiles and t interval are the same to the width of a line."""
    figures = np.random.default_rng(12).normal(0.3, 0.2, 600)
    found = bootstrap.case_bootstrap_interval(figures, np.random.default_rng(13))
    t_interval = mean_t_interval(figures)
    assert (found.low, found.high) == pytest.approx((t_interval.low, t_interval.high), abs=0.002)


def test_a_quotient_of_means() -> None:
    """An estimator makes one number of several means, replicate by replicate, as chance correction does."""
    figures = np.random.default_rng(14).uniform(0.1, 0.4, (70, 2))
    found = bootstrap.case_bootstrap_interval(
        figures, np.random.default_rng(15), lambda mean: (mean[:, 0] - mean[:, 1]) / (1 - mean[:, 1]), 500
    )
    means = bootstrap.resampled_means(figures, np.random.default_rng(15), 500)
    alpha = (means[:, 0] - means[:, 1]) / (1 - means[:, 1])
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(alpha, [0.025, 0.975])))


def test_the_same_seed_gives_the_same_interval() -> None:
    """Nothing but the given generator is random."""
    figures = np.arange(60.0)
    one, other = (bootstrap.case_bootstrap_interval(figures, np.random.default_rng(1)) for _ in range(2))
    assert one == other


def test_few_cases_are_sent_elsewhere() -> None:
    """Fifty-nine cases with a figure get no percentile interval, however many have none."""
    figures = np.concatenate([np.arange(59.0), np.full(40, NAN)])
    with pytest.raises(UndefinedStatisticError, match="59 cases"):
        bootstrap.case_bootstrap_interval(figures, np.random.default_rng(1))


def test_nothing_to_draw_is_undefined() -> None:
    """Two people, no case, no replicate or an undefined one: each is said."""
    rng = np.random.default_rng(1)
    with pytest.raises(UndefinedStatisticError, match="three at least"):
        bootstrap.people_bootstrap([[[1, 2], [2, 1]]], rng)
    with pytest.raises(UndefinedStatisticError, match="no case"):
        bootstrap.people_bootstrap([], rng)
    with pytest.raises(UndefinedStatisticError, match="no case"):
        bootstrap.resampled_means([], rng, 10)
    with pytest.raises(UndefinedStatisticError, match="some replicate"):
        bootstrap.percentile_interval([0.1, NAN], 60)


def test_wrong_shapes_are_the_callers_error() -> None:
    """Several figures need an estimator, and people stand in the same row of every case."""
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="estimator"):
        bootstrap.case_bootstrap_interval(np.ones((60, 2)), rng)
    with pytest.raises(ValueError, match="every person"):
        bootstrap.people_bootstrap([np.ones((3, 2)), np.ones((4, 2))], rng)


def test_a_case_that_nobody_ranked_is_left_out() -> None:
    """An empty case changes no replicate."""
    grades = np.random.default_rng(16).integers(1, 5, (6, 4)).astype(float)
    alone = bootstrap.people_bootstrap([grades], np.random.default_rng(17), 100)
    beside = bootstrap.people_bootstrap([grades, np.full((6, 4), NAN)], np.random.default_rng(17), 100)
    assert beside.tolist() == alone.tolist()


@pytest.mark.slow
def test_sixty_cases_hold_the_promise_and_six_do_not() -> None:
    """Percentile intervals of a mean cover some .94 with 60 cases and far less with 6 (methods.md §4.3)."""
    rng = np.random.default_rng(18)
    covered = {6: 0, 60: 0}
    for n_cases in covered:
        for _ in range(1000):
            means = bootstrap.resampled_means(rng.normal(size=n_cases), rng, 400)
            low, high, _ = bootstrap.percentile_interval(means, n_cases)
            covered[n_cases] += low <= 0 <= high
    assert 0.92 <= covered[60] / 1000 <= 0.965
    assert covered[6] / 1000 < 0.89
