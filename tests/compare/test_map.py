"""Who stands where on the map, and when it is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import compare_verdicts, map_points
from harness.compare.crowd import build_crowd
from harness.compare.map import MAX_SINGLE, opinion_map
from harness.compare.map_points import MAX_PEOPLE, map_rankings
from harness.compare.source import build_layout
from harness.schema import MapPoint, OpinionMap, RankedVerdict
from harness.stats.pairs import thermometer

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Reply

SIX = ("one", "two", "three", "four", "five", "six")


def drawn(
    kit: Kit,
    people: Sequence[RankedVerdict],
    judges: Mapping[str, Reply] | None = None,
    cases: Sequence[str] = SIX,
    **source: object,
) -> OpinionMap:
    """The map of these people and judges."""
    # A run has a judge; without others it is one that was never asked.
    bench = kit.bench(judges or {"silent": lambda _cell, _order: None}, people=people, cases=cases)
    replaced = dataclasses.replace(bench.source(), **source)  # type: ignore[arg-type]
    layout = build_layout(replaced)
    crowd = build_crowd(replaced.people, layout.cases, people_known=replaced.people_known)
    return opinion_map(layout, crowd)


def random_people(
    kit: Kit, rng: np.random.Generator, n_people: int, cases: Sequence[str] = SIX
) -> list[RankedVerdict]:
    """People who grade blindly."""
    return [
        vote
        for who in range(n_people)
        for vote in kit.votes(
            f"p{who:02d}", {case: "".join(map(str, rng.integers(1, 5, 4))) for case in cases}
        )
    ]


def two_camps(kit: Kit) -> list[RankedVerdict]:
    """Five people for a b c d, five for the opposite; each turns two answers in one case."""
    votes = []
    for who in range(10):
        grades = "4321" if who < 5 else "1234"
        given = dict.fromkeys(SIX, grades)
        given[SIX[who % 6]] = grades[1] + grades[0] + grades[2:]
        votes += kit.votes(f"p{who}", given)
    return votes


def at(found: OpinionMap, title: str) -> MapPoint:
    """The point of this title."""
    (point,) = [point for point in found.points if point.title == title]
    return point


def test_two_camps_stand_apart_and_are_shown(kit: Kit) -> None:
    """Camps differ on the first axis, more stably than relabelled answers would, so the map is shown."""
    found = drawn(kit, two_camps(kit))
    first = [at(found, f"p{who}").x for who in range(10)]
    assert min(abs(left - right) for left in first[:5] for right in first[5:]) > 0.8
    assert max(first[:5]) - min(first[:5]) < 0.3
    assert found.shown
    assert found.undefined_because is None
    assert found.inertia is not None
    assert found.null_inertia is not None
    assert found.inertia > found.null_inertia + 0.2
    assert found.n_cases == 6


def test_coordinates_are_those_of_the_thermometers(kit: Kit) -> None:
    """People's coordinates are the principal components of all their thermometers together."""
    votes = two_camps(kit)
    by_person: dict[str, list[list[float]]] = {}
    for vote in votes:
        grades = [vote.grades[f"{vote.cell.case_id}-{letter}"] for letter in "abcd"]
        by_person.setdefault(vote.cell.annotator_id, []).append(grades)
    columns = np.array([thermometer(np.array(cases)).ravel() for cases in by_person.values()]) / 6
    left, singular, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
    found = drawn(kit, votes)
    assert found.inertia == pytest.approx((singular[:2] ** 2).sum() / (singular**2).sum())
    first = np.array([at(found, who).x for who in by_person])
    assert np.abs(first) == pytest.approx(np.abs(left[:, 0] * singular[0]), abs=1e-9)


@pytest.mark.slow
def test_blind_answers_are_seldom_shown(kit: Kit) -> None:
    """Twelve people who grade at random: the map is shown at most 5 % of the time."""
    rng = np.random.default_rng(40)
    shown = [drawn(kit, random_people(kit, rng, 12)).shown for _ in range(120)]
    assert np.mean(shown) <= 0.05


def test_a_map_of_noise_is_kept_with_its_reason(kit: Kit) -> None:
    """Blind answers: coordinates and null values are kept, the reason says that noise looks alike."""
    found = drawn(kit, random_people(kit, np.random.default_rng(41), 12))
    assert not found.shown
    assert found.undefined_because == "not_better_than_noise"
    assert found.inertia == pytest.approx(found.null_inertia, abs=0.1)
    assert found.stability == pytest.approx(found.null_stability, abs=0.12)
    assert len([point for point in found.points if point.kind == "person"]) == 12


def test_judges_stand_under_each_rulebook(kit: Kit) -> None:
    """Every judge has a point per rulebook, beside people, their consensus, panels and baselines."""
    judges = {"j": kit.always("4321"), "k": kit.by_slot("4321")}
    # Nine of the ten: five against four have a consensus, five against five have none.
    found = drawn(kit, two_camps(kit)[:-6], judges)
    of_judges = {(point.judge_id, point.rulebook_id) for point in found.points if point.kind == "judge"}
    assert of_judges == {("j", "hhh"), ("j", "none"), ("k", "hhh"), ("k", "none")}
    kinds = [point.kind for point in found.points]
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "person": 9,
        "judge": 4,
        "consensus": 1,
        "panel": 2,
        "baseline": 2,
    }
    assert {point.row_id for point in found.points if point.kind == "judge"} == {
        f"judge:{judge}:{rulebook}:base:fr" for judge, rulebook in of_judges
    }
    # Always a b c d: beside the first camp, whose people stray once each.
    assert abs(at(found, "p0").x - found.points[9].x) < 0.2


def test_row_ids_are_those_of_the_table(kit: Kit) -> None:
    """Every point that names a row names one that exists."""
    judges = {"j": kit.always("4321"), "k": kit.by_slot("4321")}
    bench = kit.bench(judges, people=two_camps(kit), cases=SIX)
    whole = compare_verdicts(bench.source(), n_shuffles=0)
    assert whole.opinion_map is not None
    named = {point.row_id for point in whole.opinion_map.points if point.row_id is not None}
    assert named <= {row.row_id for row in whole.rows}


def test_a_judge_that_answers_by_slot_stands_in_the_middle(kit: Kit) -> None:
    """Over a whole square a slot habit has no opinion: its mean thermometer is the middle, as all-tied's."""
    found = drawn(kit, two_camps(kit), {"k": kit.by_slot("4321")})
    (slots,) = [point for point in found.points if point.kind == "judge" and point.rulebook_id == "none"]
    assert abs(slots.x) < 0.15
    assert abs(at(found, "all-tied").x) < 0.15


def test_judges_alone_make_a_map(kit: Kit) -> None:
    """Without people five judges or more are compared with each other."""
    judges = {
        f"j{place}": kit.always(grades)
        for place, grades in enumerate(("4321", "4312", "1234", "1243", "2143"))
    }
    found = drawn(kit, (), judges)
    assert {point.kind for point in found.points} == {"judge", "panel", "baseline"}
    assert found.inertia is not None


def test_the_authors_key_is_no_consensus(kit: Kit) -> None:
    """One person's reading is neither people nor their consensus: it is not on the map."""
    key = kit.votes("author-key", dict.fromkeys(SIX, "2211"), annotator_kind="key")
    judges = {f"j{place}": kit.always(grades) for place, grades in enumerate(("4321", "4312", "1234"))}
    found = drawn(kit, key, judges)
    assert {point.kind for point in found.points} == {"judge", "panel", "baseline"}


def test_anonymous_votes_have_no_points(kit: Kit) -> None:
    """When ids are slots nobody is a person, but the votes' consensus stands among the judges."""
    judges = {f"j{place}": kit.always(grades) for place, grades in enumerate(("4321", "4312", "1234"))}
    found = drawn(kit, two_camps(kit)[:-6], judges, people_known=False)
    kinds = {point.kind for point in found.points}
    assert "person" not in kinds
    assert "consensus" in kinds


@pytest.mark.parametrize(
    ("n_people", "cases", "reason"),
    [(4, SIX, "too_few_people"), (12, SIX[:3], "too_few_cases"), (0, SIX, "no_people")],
)
def test_too_little_for_a_map(kit: Kit, n_people: int, cases: Sequence[str], reason: str) -> None:
    """Four annotators, or three cases, make no map, and the reason is said."""
    people = random_people(kit, np.random.default_rng(42), n_people, cases)
    found = drawn(kit, people, cases=cases)
    assert (found.points, found.shown, found.undefined_because) == ((), False, reason)


def test_everybody_in_one_place_is_no_map(kit: Kit) -> None:
    """Ten people who say the same differ in nothing."""
    votes = [vote for who in range(10) for vote in kit.votes(f"p{who}", dict.fromkeys(SIX, "4321"))]
    assert drawn(kit, votes).undefined_because == "no_variation"


def test_people_who_share_too_few_cases_make_no_map(kit: Kit) -> None:
    """Each person graded one case of many: no two share three, and nobody can be placed."""
    cases = tuple(f"case-{number}" for number in range(12))
    votes = [vote for who in range(12) for vote in kit.votes(f"p{who:02d}", {cases[who]: "4321"})]
    assert drawn(kit, votes, cases=cases).undefined_because == "incomplete_grid"


def test_who_has_gaps_is_placed_afterwards(kit: Kit) -> None:
    """A person with three cases stands with his or her camp; one with two has no place."""
    few = kit.votes("few", dict.fromkeys(SIX[:3], "4321")) + kit.votes("less", dict.fromkeys(SIX[4:], "4321"))
    found = drawn(kit, [*two_camps(kit), *few])
    titles = [point.title for point in found.points]
    assert "less" not in titles
    assert abs(at(found, "few").x - at(found, "p4").x) < 0.25


def test_gaps_everywhere_are_fitted(kit: Kit) -> None:
    """When most people lack most others, distances that exist are fitted, and camps still stand apart."""
    cases = tuple(f"case-{number:02d}" for number in range(16))
    votes = []
    for who in range(12):
        grades = "4321" if who % 2 else "1234"
        graded = [case for number, case in enumerate(cases) if (number + 4 * (who // 2)) % 16 < 8]
        votes += kit.votes(
            f"p{who:02d}", {case: grades if number else "2211" for number, case in enumerate(graded)}
        )
    found = drawn(kit, votes, cases=cases)
    first = np.array([at(found, f"p{who:02d}").x for who in range(12)])
    assert (np.sign(first[::2]) == np.sign(first[0])).all()
    assert (np.sign(first[1::2]) == -np.sign(first[0])).all()


def test_ellipses_come_from_maps_without_a_case(kit: Kit) -> None:
    """Every point has a region; a judge that never changes has a smaller one than one that does."""
    judges = {
        "j": kit.always("4321"),
        "k": lambda cell, _: kit.by_letter("4321" if len(cell.case_id) > 3 else "1234"),
    }
    found = drawn(kit, two_camps(kit), judges)
    regions = {point.title: point.ellipse for point in found.points if point.kind == "judge"}
    assert all(point.ellipse is not None for point in found.points if point.kind == "person")
    steady, changing = regions["j"], regions["k"]
    assert steady is not None
    assert changing is not None
    assert steady[0] < changing[0]
    assert steady[0] >= steady[1] >= 0.0
    assert -np.pi / 2 < steady[2] <= np.pi / 2


def test_many_people_are_drawn_down(kit: Kit) -> None:
    """Beyond 300 people a random 300 are compared, the same ones every time."""
    votes = [vote for who in range(MAX_PEOPLE + 20) for vote in kit.votes(f"p{who:03d}", {"one": "4321"})]
    source = kit.bench({"j": kit.always("4321")}, people=votes, cases=("one",)).source()
    layout = build_layout(source)
    crowd = build_crowd(source.people, layout.cases)
    found = [map_rankings(layout, crowd, np.random.default_rng(1)) for _ in range(2)]
    people = [[point.title for point in one.points if point.kind == "person"] for one in found]
    assert len(people[0]) == MAX_PEOPLE
    assert people[0] == people[1]


def test_many_cases_are_left_out_in_groups(kit: Kit) -> None:
    """Beyond twenty cases the maps leave out groups, and the figures stay defined."""
    cases = tuple(f"case-{number:02d}" for number in range(MAX_SINGLE + 9))
    votes = random_people(kit, np.random.default_rng(43), 6, cases)
    found = drawn(kit, votes, cases=cases)
    assert found.n_cases == len(cases)
    assert found.stability is not None
    assert found.stability > 0.8


def test_cases_in_small_stacks_make_the_same_map(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many cases stand in memory at once changes nothing, nor which answers are relabelled."""
    people = random_people(kit, np.random.default_rng(3), 6)[:-1]
    whole = drawn(kit, people, {"judge": kit.always("4213")})
    monkeypatch.setattr(map_points, "_MOST_RANKINGS", 15)
    monkeypatch.setattr(map_points, "_MOST_DISTANCES", 60)
    assert drawn(kit, people, {"judge": kit.always("4213")}) == whole


def test_the_map_is_the_same_every_time(kit: Kit) -> None:
    """The same source gives the same map to the last digit."""
    votes = random_people(kit, np.random.default_rng(44), 7)
    assert drawn(kit, votes) == drawn(kit, votes)
