"""The record of the reference: chance between people, votes left aside, rankings with holes, whose key."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import compare_verdicts
from harness.compare.reference import chance_between
from harness.schema import ImportRecord, RankedVerdict, Reference, Rulebook
from harness.stats.agreement import floor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.compare.conftest import Bench, Kit

THREE = ("one", "two", "three")
PAIRS = ("43..", "4.3.", "4..3", ".43.", ".4.3", "..43")
"""The six pairs of a > b > c > d, one vote each."""
IMPORTED = ImportRecord(format="pairwise", sources=(), imported_at="2026-11-22T00:00:00Z")


def reference(bench: Bench) -> Reference:
    """The record of a bench, without shuffles."""
    return compare_verdicts(bench.source(), n_shuffles=0).reference


def bench(kit: Kit, people: Sequence[RankedVerdict]) -> Bench:
    """One judge beside these people."""
    return kit.bench({"j": kit.always("4312")}, people=people, repeats=1)


def pair_votes(kit: Kit, pairs: Sequence[str]) -> list[RankedVerdict]:
    """Three people who vote on these pairs of every case."""
    return [vote for who in "pqr" for pair in pairs for vote in kit.votes(who, dict.fromkeys(THREE, pair))]


def test_votes_on_some_pairs_are_counted_as_left_aside(kit: Kit) -> None:
    """Five of six pairs make no ranking: four votes of three people on three cases are not compared."""
    found = reference(bench(kit, pair_votes(kit, PAIRS[:5])))
    assert found.votes_aside == {"other_pairs": 4 * 3 * 3}


def test_votes_on_all_pairs_are_all_used(kit: Kit) -> None:
    """Six pairs are one ranking: nothing is left aside, and two people agree fully."""
    found = reference(bench(kit, pair_votes(kit, PAIRS)))
    assert found.votes_aside == {}
    assert found.human_human.value == 1.0


def test_repeats_rulebooks_and_later_phases_have_their_own_count(kit: Kit) -> None:
    """A second time, another rulebook and a vote after talking are three reasons."""
    more = [
        *kit.votes("p", {"one": "4321"}, repeat=1),
        *kit.votes("q", {"one": "4321", "two": "4321"}, rulebook_id="zeal"),
        *kit.votes("r", dict.fromkeys(THREE, "4321"), phase=2),
    ]
    people = [vote for who in "pqr" for vote in kit.votes(who, dict.fromkeys(THREE, "4321"))]
    found = reference(bench(kit, [*people, *more]))
    assert found.votes_aside == {"repeats": 1, "other_rulebooks": 2, "later_phases": 3}


def test_rankings_with_holes_are_the_reason(kit: Kit) -> None:
    """Where nobody ranked all answers, W and the median say so, and not that everything is tied."""
    votes = [vote for who in "pqr" for vote in kit.votes(who, dict.fromkeys(THREE, "43.."))]
    found = reference(bench(kit, votes))
    assert found.kendall_w.undefined_because == "incomplete_rankings"
    assert found.crowd_ceiling.undefined_because == "incomplete_rankings"


def test_chance_between_people_is_the_product_of_their_ties(kit: Kit) -> None:
    """Case H: tie shares 0, 1/6, 1/6, 0, 1/2, 0, so the mean product over 15 pairs is 7/36 / 15."""
    found = reference(bench(kit, kit.six_people(THREE)))
    # (1/6)(1/6) + 2 (1/6)(1/2) = 7/36.
    assert found.human_floor.value == pytest.approx(7 / 36 / 15)
    assert found.human_floor.n == 3


def test_chance_with_holes_is_the_mean_floor_of_all_pairs() -> None:
    """With missing grades, pair by pair: the mean of `floor` over every two annotators who share a pair."""
    grades = np.array([[1, 1, 2, np.nan], [2, 2, 2, 1], [np.nan, 3, 3, 3], [1, np.nan, np.nan, 1.0]])
    pairs = [(0, 1), (0, 2), (1, 2), (1, 3)]
    expected = np.mean([floor(grades[i], grades[j]) for i, j in pairs])
    assert chance_between(grades) == pytest.approx(expected)
    assert np.isnan(chance_between(grades[:1]))


def test_peoples_rulebooks_carry_their_titles(kit: Kit) -> None:
    """A rulebook that only people had is named by its title."""
    votes = [
        vote
        for who in "pqr"
        for vote in kit.votes(who, dict.fromkeys(THREE, "4321"), rulebook_id="crowd-words")
    ]
    source = bench(kit, votes).source()
    book = Rulebook.model_validate(
        {
            "rulebook_id": "crowd-words",
            "title": {"en": "What the crowd was told"},
            "summary": {"en": "One sentence"},
            "preamble": {"base": {"en": "Choose."}},
            "rules": (),
            "role": "none",
            "provenance": source.manifest.case_set.provenance,
        }
    )
    found = compare_verdicts(dataclasses.replace(source, rulebooks=(book,)), n_shuffles=0).reference
    assert found.rulebook_titles == {"crowd-words": {"en": "What the crowd was told"}}


@pytest.mark.parametrize("imported", [True, False])
def test_a_key_in_an_import_is_its_publishers(kit: Kit, imported: bool) -> None:
    """Only a key that came with imported data is called published."""
    key = kit.votes("author-key", dict.fromkeys(THREE, "2211"), annotator_kind="key")
    source = bench(kit, key).source()
    manifest = source.manifest.model_copy(update={"imported": IMPORTED if imported else None})
    found = compare_verdicts(dataclasses.replace(source, manifest=manifest), n_shuffles=0).reference
    assert found.published_key is imported
