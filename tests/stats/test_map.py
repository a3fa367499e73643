"""Maps of annotators, and maps laid over each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats import map as maps
from harness.stats.agreement import tau_x
from harness.stats.pairs import thermometer
from harness.stats.procrustes import procrustes
from harness.stats.smacof import smacof

NAN = float("nan")
SEVEN = np.arange(7.0)


def uneven_distances() -> np.ndarray:
    """Seven points whose distances fit no plane, asymmetric in every way but d_ij = d_ji."""
    first, second = SEVEN[:, None], SEVEN[None]
    table = np.abs(np.sin(1.3 * first + 0.7 * second) + np.sin(1.3 * second + 0.7 * first)) + 0.5
    np.fill_diagonal(table, 0.0)
    return np.asarray((table + table.T) / 2)


def two_maps() -> tuple[np.ndarray, np.ndarray]:
    """Two unlike maps of seven points."""
    return (
        np.column_stack([np.cos(SEVEN), np.sin(2 * SEVEN)]),
        np.column_stack([SEVEN**0.5, np.cos(3 * SEVEN)]),
    )


def people(rng: np.random.Generator, n_cases: int, camps: float) -> np.ndarray:
    """Twelve people's grades, in two camps (0: pure noise and no shared opinion)."""
    shared = rng.normal(0.0, 1.0 if camps else 0.0, (n_cases, 1, 4))
    sides = rng.normal(0.0, 1.0, (n_cases, 1, 4)) * np.where(np.arange(12) < 6, camps, -camps)[None, :, None]
    own = shared + sides + 0.9 * rng.gumbel(size=(n_cases, 12, 4))
    return np.asarray(1.0 + np.searchsorted([-0.9, 0.0, 0.9], own - own.mean(axis=2, keepdims=True)))


@pytest.mark.parametrize(("n_cases", "inertia"), [(6, 0.35), (60, 0.23)])
def test_two_axes_of_pure_noise_hold_this_much(n_cases: int, inertia: float) -> None:
    """Twelve people who answer blindly: two axes hold 35 % at 6 cases, 23 % at 60 (methods.md §9)."""
    rng = np.random.default_rng(30)
    found = []
    for _ in range(40):
        tables = [maps.case_distances(thermometer(case)) for case in people(rng, n_cases, 0.0)]
        found.append(maps.plane(np.mean(tables, axis=0), rng).inertia)
    assert np.mean(found) == pytest.approx(inertia, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_cases", "camps", "r2"), [(6, 0.0, 0.61), (6, 0.7, 0.73), (20, 0.7, 0.79), (60, 0.7, 0.80)]
)
def test_bootstrap_maps_look_alike_even_in_noise(n_cases: int, camps: float, r2: float) -> None:
    """Bootstrap maps of two camps agree by .73 / .79 / .80, and of pure noise by .61 (methods.md §9)."""
    rng = np.random.default_rng(31)
    found = []
    for _ in range(60):
        tables = np.array([maps.case_distances(thermometer(case)) for case in people(rng, n_cases, camps)])
        whole = maps.plane(tables.mean(axis=0), rng).points
        for _ in range(5):
            drawn = tables[rng.integers(0, n_cases, n_cases)]
            found.append(procrustes(whole, maps.plane(drawn.mean(axis=0), rng).points).r2)
    assert np.mean(found) == pytest.approx(r2, abs=0.04)


def test_smacof_reaches_the_stress_of_scikit_learn() -> None:
    """The best of many starts has the stress that scikit-learn 1.9.1 reaches, .0657104487."""
    # min over 60 seeds of smacof(D, metric=True, n_components=2, n_init=1, max_iter=20000, eps=1e-14,
    # random_state=seed, normalized_stress=False)[1] / (numpy.triu(D)**2).sum(), with D as above.
    distances, weights = uneven_distances(), 1.0 - np.eye(7)
    starts = (np.random.default_rng(seed).normal(size=(7, 2)) for seed in range(30))
    best = min(smacof(distances, weights, start)[1] for start in starts)
    assert best == pytest.approx(0.0657104487, abs=1e-7)


def test_procrustes_disparity_of_scipy() -> None:
    """1 - R² is the disparity of scipy.spatial.procrustes: .9185646599 for two unlike maps."""
    assert 1.0 - procrustes(*two_maps()).r2 == pytest.approx(0.918564659896769, abs=1e-12)


def test_without_gaps_the_map_is_the_principal_components_of_the_thermometers() -> None:
    """Coordinates and inertia equal those of a singular value decomposition of all thermometer columns."""
    rng = np.random.default_rng(32)
    grades = rng.integers(1, 5, (5, 9, 4)).astype(float)
    columns = np.concatenate([thermometer(case) for case in grades], axis=1) / np.sqrt(6 * 5)
    left, singular, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
    found = maps.plane(np.mean([maps.case_distances(thermometer(case)) for case in grades], axis=0), rng)
    expected = left[:, :2] * singular[:2]
    assert np.abs(found.points) == pytest.approx(np.abs(expected))
    assert found.inertia == pytest.approx((singular[:2] ** 2).sum() / (singular**2).sum())
    assert found.complete


def test_case_distance_is_one_minus_tau(six_people: np.ndarray) -> None:
    """Between single rankings the squared distance is 1 - tau_x, holes included."""
    grades = six_people.copy()
    grades[2, 1] = NAN
    grades[4] = NAN
    expected = 1.0 - np.array(tau_x(grades[:, None], grades[None]))
    assert maps.case_distances(thermometer(grades)) == pytest.approx(expected, nan_ok=True)


def test_fewer_than_three_shared_cases_are_no_distance() -> None:
    """Two annotators who share two cases have no distance; the diagonal is always 0."""
    found = maps.mean_distances(np.array([[0.0, 1.2], [1.2, 0.0]]), np.array([[5.0, 2.0], [2.0, 2.0]]))
    assert np.isnan(found[0, 1])
    assert found.diagonal().tolist() == [0.0, 0.0]
    assert maps.mean_distances(np.full((2, 2), 1.2), np.full((2, 2), 3.0))[0, 1] == pytest.approx(0.4)


def test_gaps_do_not_hide_points_that_lie_on_a_plane() -> None:
    """Distances of a flat configuration, some unknown, give that configuration back."""
    truth = two_maps()[0]
    squared = ((truth[:, None] - truth[None]) ** 2).sum(axis=-1)
    for first, second in ((0, 3), (1, 5), (2, 6)):
        squared[first, second] = squared[second, first] = NAN
    found = maps.plane(squared, np.random.default_rng(33))
    assert not found.complete
    assert found.inertia == pytest.approx(1.0, abs=1e-5)
    assert procrustes(truth, found.points).r2 == pytest.approx(1.0, abs=1e-4)


def test_the_fit_never_worsens() -> None:
    """A start that fits perfectly stays, and no start ends with more stress than it has."""
    truth = two_maps()[0]
    distances = np.sqrt(((truth[:, None] - truth[None]) ** 2).sum(axis=-1))
    weights = 1.0 - np.eye(7)
    assert smacof(distances, weights, truth)[1] == pytest.approx(0.0, abs=1e-15)
    start = two_maps()[1]
    apart = np.sqrt(((start[:, None] - start[None]) ** 2).sum(axis=-1))
    before = (weights * (distances - apart) ** 2).sum() / (weights * distances**2).sum()
    assert smacof(distances, weights, start)[1] < before


def test_the_same_generator_gives_the_same_map() -> None:
    """With gaps random starts are drawn from the given generator, and signs are fixed by the points."""
    squared = uneven_distances() ** 2
    squared[0, 4] = squared[4, 0] = NAN
    first, second = (maps.plane(squared, np.random.default_rng(34)).points for _ in range(2))
    assert (first == second).all()
    complete = maps.plane(uneven_distances() ** 2, np.random.default_rng(0)).points
    assert (complete.max(axis=0) >= -complete.min(axis=0)).all()


def test_a_point_of_the_map_is_placed_where_it_is() -> None:
    """Gower's projection puts a flat map's own points, and a new one, where they belong; with a gap too."""
    truth = two_maps()[0]
    found = maps.plane(((truth[:, None] - truth[None]) ** 2).sum(axis=-1), np.random.default_rng(0))
    middle = (found.points[2] + found.points[4]) / 2
    for target in (found.points[3], middle):
        squared = ((found.points - target) ** 2).sum(axis=1)
        assert maps.place(found, squared) == pytest.approx(target)
        squared[5] = NAN
        assert maps.place(found, squared) == pytest.approx(target)
    assert np.isnan(maps.place(found, np.array([1.0, 1.0, *[NAN] * 5]))).all()


def test_placing_projects_like_principal_components() -> None:
    """An annotator who was left out of the map lands where the components of the others project to."""
    rng = np.random.default_rng(35)
    columns = thermometer(rng.integers(1, 5, (10, 4)).astype(float)) / np.sqrt(6)
    inside, outside = columns[:9], columns[9]
    _, _, axes = np.linalg.svd(inside - inside.mean(axis=0), full_matrices=False)
    squared = ((columns[:, None] - columns[None]) ** 2).sum(axis=-1)
    found = maps.place(maps.plane(squared[:9, :9], rng), squared[9, :9])
    assert np.abs(found) == pytest.approx(np.abs((outside - inside.mean(axis=0)) @ axes[:2].T))


def test_ellipse_by_hand() -> None:
    """Six maps along the diagonal with steps 2 1 0 0 1 2: half axis √(5/6 · 10), angle 45 degrees."""
    along = np.array([-2.0, -1, 0, 0, 1, 2])
    long, short, angle = maps.ellipse(along[:, None] * np.array([0.5**0.5, 0.5**0.5]))
    assert long == pytest.approx((10 * 5 / 6) ** 0.5)
    assert short == pytest.approx(0.0, abs=1e-6)
    assert angle == pytest.approx(np.pi / 4)


def test_the_ellipse_of_a_mean_is_its_standard_error() -> None:
    """Points that are plain means over cases have the ordinary standard error as half axis."""
    values = np.array([0.3, 0.9, -0.4, 0.1, 0.8])
    left_out = [np.delete(values, case).mean() for case in range(5)]
    long, short, angle = maps.ellipse(np.column_stack([np.zeros(5), left_out]))
    assert long == pytest.approx(values.std(ddof=1) / 5**0.5)
    assert short == pytest.approx(0.0)
    assert abs(angle) == pytest.approx(np.pi / 2)


def test_mean_thermometers_of_several_rankings() -> None:
    """A judge's repeats are averaged, pair by pair, over those that hold the pair."""
    grades = np.array([[2.0, 1, NAN], [1, 2, 3], [3, 2, 1]])
    found = maps.mean_columns(grades, [0, 0, 1])
    # First: u(a>=b) 1, 0 -> .5; u(a>=c) and u(b>=c) only from the second ranking: 0, 0; v alike.
    assert found.tolist() == [[0.5, 0, 0, 0.5, 0, 0], [1.0] * 6]


def test_relabelling_keeps_what_one_annotator_repeats(six_people: np.ndarray) -> None:
    """Repeats of one annotator are renamed alike, ties and holes stay, and others are renamed separately."""
    rng = np.random.default_rng(36)
    grades = np.concatenate([six_people[[0, 0, 1]], [[NAN, 1.0, 2.0, 2.0]]])
    seen = set()
    for _ in range(40):
        drawn = maps.relabelled(grades, [0, 0, 1, 2], rng)
        assert (drawn[0] == drawn[1]).all()
        assert sorted(drawn[2]) == sorted(grades[2])
        assert np.isnan(drawn[3, 0])
        assert sorted(drawn[3, 1:]) == [1.0, 2.0, 2.0]
        seen.add((tuple(drawn[0]), tuple(drawn[2])))
    assert len({first for first, _ in seen}) > 12
    assert len({second for _, second in seen}) > 6


def test_what_was_laid_over_takes_others_along() -> None:
    """A further point of the second map lands where it belongs on the first."""
    target, turn = two_maps()[0], np.array([[0.0, 1.0], [-1.0, 0.0]])
    found = procrustes(target, target @ turn + 3.0)
    extra = np.array([[0.5, -2.0]])
    assert found.carry(extra @ turn + 3.0) == pytest.approx(extra)


@given(
    st.floats(-3, 3),
    st.booleans(),
    st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=3, max_size=8),
)
def test_turning_mirroring_and_moving_change_nothing(
    angle: float, mirrored: bool, pairs: list[tuple[float, float]]
) -> None:
    """A map that was turned, mirrored, moved and stretched is laid back exactly, R² 1."""
    target = np.array(pairs)
    if ((target - target.mean(axis=0)) ** 2).sum() < 1e-3:
        return
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (target @ turn) * np.array([-1.0 if mirrored else 1.0, 1.0]) * 2.5 + np.array([7.0, -1.0])
    found = procrustes(target, moved, scaled=True)
    assert found.r2 == pytest.approx(1.0)
    assert found.points == pytest.approx(target, abs=1e-6)
    assert procrustes(target, moved).r2 == pytest.approx(1.0)


@given(st.integers(0, 1_000))
def test_the_share_explained_is_symmetric(seed: int) -> None:
    """R² of A laid over B is that of B laid over A, between 0 and 1."""
    first, second = np.random.default_rng(seed).normal(size=(2, 6, 2))
    found = procrustes(first, second).r2
    assert 0.0 <= found <= 1.0
    assert found == pytest.approx(procrustes(second, first).r2)


def apart() -> np.ndarray:
    """Two pairs of points with no distance between the pairs."""
    table = np.full((4, 4), NAN)
    np.fill_diagonal(table, 0.0)
    table[0, 1] = table[1, 0] = table[2, 3] = table[3, 2] = 1.0
    return table


@pytest.mark.parametrize(
    ("squared", "words"),
    [
        (np.zeros((2, 2)), "make no map"),
        (np.zeros((4, 4)), "one place"),
        (apart(), "no distance joins"),
    ],
)
def test_no_map(squared: np.ndarray, words: str) -> None:
    """Two points, everybody in one place, or two groups that nothing joins: no map."""
    with pytest.raises(UndefinedStatisticError, match=words):
        maps.plane(squared, np.random.default_rng(0))


def test_no_alignment_and_no_region() -> None:
    """A map in one place cannot be laid over another; three maps make no region."""
    with pytest.raises(UndefinedStatisticError):
        procrustes(np.ones((4, 2)), two_maps()[0][:4])
    with pytest.raises(UndefinedStatisticError):
        procrustes(two_maps()[0], np.full((7, 2), NAN))
    with pytest.raises(UndefinedStatisticError):
        maps.ellipse(np.zeros((3, 2)))
