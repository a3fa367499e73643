from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.compare.crowd import build_crowd
from harness.compare.leaderboards import leaderboards
from harness.compare.source import build_layout
from harness.schema import Cell, Leaderboard
from harness.stats.worth import davidson_luce

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Said

CASES = ("one", "two", "three")


def written_by(source: ComparisonSource, authors: Mapping[str, str] | str) -> ComparisonSource:
    """The same source, with authors of the answers a to d, in every case or by case; '-' = unsaid."""

    def names(case_id: str) -> list[str | None]:
        words = authors if isinstance(authors, str) else authors[case_id]
        return [None if word == "-" else word for word in words.split()]

    cases = tuple(
        case.model_copy(
            update={
                "answers": tuple(
                    answer.model_copy(update={"author_model_id": name})
                    for answer, name in zip(case.answers, names(case.case_id), strict=True)
                )
            }
        )
        for case in source.cases
    )
    return dataclasses.replace(source, cases=cases)


def boards(source: ComparisonSource) -> dict[str | None, Leaderboard]:
    """The leaderboards of a source, by side."""
    layout = build_layout(source)
    crowd = build_crowd(source.people, layout.cases)
    return {board.row_id: board for board in leaderboards(layout, crowd)}


def by_system(board: Leaderboard) -> dict[str, float | None]:
    """Win shares by system."""
    return {standing.system_id: standing.win_share.value for standing in board.standings}


def test_people_and_judges_rank_the_systems(kit: Kit) -> None:
    """Four systems answer three cases: worths of case H with a ghost, win shares and places by hand."""
    bench = kit.bench({"steady": kit.always("4312")}, people=kit.six_people(CASES), rulebooks=("hhh",))
    found = boards(written_by(bench.source(), "w x y z"))
    assert list(found) == [None, "judge:steady:hhh:base:fr"]
    people = found[None]
    assert [standing.system_id for standing in people.standings] == ["w", "x", "y", "z"]
    # Mean mid-ranks of the six people (methods.md §1.5), the same in every case; win share = (place - 1) / 3.
    places = [3.25, 2.75, 2.25, 1.75]
    assert [standing.mean_mid_rank for standing in people.standings] == pytest.approx(places)
    shares = [(place - 1) / 3 for place in places]
    assert [standing.win_share.value for standing in people.standings] == pytest.approx(shares)
    six = np.array([[vote.grades[f"one-{letter}"] for letter in "abcd"] for vote in bench.people[::3]])
    fit = davidson_luce(np.tile(six, (3, 1)), npseudo=0.5)
    assert [standing.worth.value for standing in people.standings] == pytest.approx(fit.log_worth, abs=1e-7)
    assert people.log_tie == pytest.approx(fit.log_delta[0], abs=1e-7)
    assert people.connected
    assert people.spearman_people.undefined_because == "does_not_apply"
    assert [standing.n_answers for standing in people.standings] == [3, 3, 3, 3]


def test_worths_have_intervals_over_cases_and_name_them(kit: Kit) -> None:
    """Cases that differ give an interval for other cases and quasi-errors; two cases give none."""

    def moody(cell: Cell, _order: tuple[str, ...]) -> Said:
        rng = np.random.default_rng([*cell.case_id.encode(), cell.repeat])
        return {letter: float(grade) for letter, grade in zip("abcd", rng.integers(1, 5, 4), strict=True)}

    names = [f"case-{number}" for number in range(8)]
    bench = kit.bench({"moody": moody}, cases=names, rulebooks=("hhh",))
    (board,) = boards(written_by(bench.source(), "w x y z")).values()
    for standing in board.standings:
        (interval,) = standing.worth.intervals
        assert (interval.target, interval.method, interval.n) == ("T3", "t, cluster-robust over cases", 8)
        assert standing.worth.value is not None
        assert interval.low < standing.worth.value < interval.high
        assert standing.quasi_se is not None
        assert standing.worth.undefined_because is None
    few = dataclasses.replace(
        bench.source(), verdicts=tuple(v for v in bench.source().verdicts if v.cell.case_id in names[:2])
    )
    (board,) = boards(written_by(few, "w x y z")).values()
    for standing in board.standings:
        assert (standing.worth.intervals, standing.worth.undefined_because) == ((), "too_few_cases")
        assert standing.quasi_se is None


def test_the_judge_beside_the_people(kit: Kit) -> None:
    """Worths of 4312 against those of the people (w x y z): one swap, rho = 1 - 6 * 2 / 60 = .8."""
    bench = kit.bench(
        {"steady": kit.always("4312"), "mirror": kit.always("1234"), "flat": kit.always("2222")},
        people=kit.six_people(CASES),
        rulebooks=("hhh",),
    )
    found = boards(written_by(bench.source(), "w x y z"))
    steady = found["judge:steady:hhh:base:fr"].spearman_people
    assert steady.value == pytest.approx(0.8)
    assert (steady.n, steady.unit) == (4, "pairs")
    assert found["judge:mirror:hhh:base:fr"].spearman_people.value == pytest.approx(-1.0)
    # A judge that never orders anything: not connected, worths without a finite tie rate.
    flat = found["judge:flat:hhh:base:fr"]
    assert not flat.connected
    assert {standing.worth.undefined_because for standing in flat.standings} == {"everything_tied"}
    assert flat.spearman_people.undefined_because == "everything_tied"
    assert set(by_system(flat).values()) == {0.5}


def test_a_system_that_nobody_beat_is_finite_and_said_to_be_unconnected(kit: Kit) -> None:
    """One judge that always says the same: finite by the ghost, not connected."""
    bench = kit.bench({"steady": kit.always("4312")}, rulebooks=("hhh",))
    (board,) = boards(written_by(bench.source(), "w x y z")).values()
    assert not board.connected
    assert [standing.system_id for standing in board.standings] == ["w", "x", "z", "y"]
    assert by_system(board) == pytest.approx({"w": 1.0, "x": 2 / 3, "z": 1 / 3, "y": 0.0})
    assert board.spearman_people.undefined_because == "no_people"
    assert board.log_tie is None


def test_systems_are_joined_over_cases_by_name(kit: Kit) -> None:
    """Incomplete cases: w beats x in one, x beats y in two; answers without an author are left out."""
    bench = kit.bench({"steady": kit.always("4312")}, cases=("one", "two"), rulebooks=("hhh",))
    source = written_by(bench.source(), {"one": "vendor/w x - -", "two": "x y - W"})
    (board,) = boards(source).values()
    # Case two: x 4, y 3, W 2, so x beats both and y beats W; case one: w beats x.
    assert [standing.n_answers for standing in sorted(board.standings, key=lambda s: s.system_id)] == [
        2,
        2,
        1,
    ]
    assert by_system(board) == pytest.approx({"vendor/w": 0.5, "x": 0.5, "y": 0.5})
    assert board.connected
    assert all(standing.mean_mid_rank is None for standing in board.standings)


def test_places_of_pair_votes_are_not_told(kit: Kit) -> None:
    """People who vote on pairs of four answers give no place of four: only the judge, who ranks all, does."""
    votes = [
        vote
        for i, pair in enumerate(("43..", ".43.", "..43", "4..1"))
        for vote in kit.votes(f"p{i}", dict.fromkeys(CASES, pair))
    ]
    bench = kit.bench({"steady": kit.always("4312")}, people=votes, rulebooks=("hhh",))
    found = boards(written_by(bench.source(), "w x y z"))
    assert {standing.mean_mid_rank for standing in found[None].standings} == {None}
    assert found["judge:steady:hhh:base:fr"].standings[0].mean_mid_rank == 4.0


@pytest.mark.parametrize(
    "authors",
    [
        "- - - -",
        "w w w w",
        {"one": "w x y z", "two": "a b c d", "three": "e f g h"},
    ],
)
def test_nothing_to_join_gives_no_leaderboard(kit: Kit, authors: Mapping[str, str] | str) -> None:
    """No authors, one author, or no author in two cases: there is no leaderboard."""
    bench = kit.bench({"steady": kit.always("4312")})
    assert boards(written_by(bench.source(), authors)) == {}


def test_only_base_wordings_and_readable_sides_have_a_board(kit: Kit) -> None:
    """A paraphrase has none, nor a judge that nobody can read, nor the author's key."""
    bench = kit.bench(
        {"steady": kit.always("4312"), "mute": kit.failing("refused")},
        wordings=("base", "paraphrase"),
        rulebooks=("hhh",),
        people=kit.votes("key", dict.fromkeys(CASES, "4321"), annotator_kind="key"),
    )
    assert list(boards(written_by(bench.source(), "w x y z"))) == ["judge:steady:hhh:base:fr"]


def test_many_pair_votes_from_many_cases(kit: Kit) -> None:
    """Two hundred cases of four of twelve systems: the order that made the votes comes back."""
    rng = np.random.default_rng(12)
    names = [f"case-{number}" for number in range(200)]
    chosen = {name: rng.permutation(12)[:4] for name in names}

    def honest(cell: Cell, _order: tuple[str, ...]) -> Said:
        utility = 0.5 * chosen[cell.case_id] + np.random.default_rng([*cell.case_id.encode()]).gumbel(size=4)
        return {letter: float(grade) for letter, grade in zip("abcd", utility, strict=True)}

    bench = kit.bench({"honest": honest}, cases=names, rulebooks=("hhh",), repeats=1)
    authors = {name: " ".join(f"system-{place:02d}" for place in places) for name, places in chosen.items()}
    (board,) = boards(written_by(bench.source(), authors)).values()
    order: Sequence[str] = [standing.system_id for standing in board.standings]
    places = [int(name[-2:]) for name in order]
    assert np.corrcoef(places, range(12))[0, 1] < -0.95
    assert sum(standing.n_answers for standing in board.standings) == 800
    assert sum(standing.worth.value or 0.0 for standing in board.standings) == pytest.approx(0.0, abs=1e-8)
