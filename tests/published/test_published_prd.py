"""PRD / Vicuna-80: what its authors printed, from the votes as our reader gives them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from harness.formats.assemble import assemble
from harness.formats.base import Imported, Vote
from harness.schema import RankedVerdict
from harness.stats import nominal, wins

SYSTEMS = ("gpt4", "claude", "vicuna-13b", "gpt35", "bard")
JUDGES = {"gpt-4": "gpt4", "gpt-3.5": "gpt35", "claude": "claude", "vicuna": "vicuna-13b", "bard": "bard"}
SIGN = {"first": -1, "tie": 0, "second": 1}
"""The authors' code: negative = the first shown wins."""

Read = Callable[..., Imported]
Key = tuple[str, str, str]
"""(case, system shown first, system shown second)."""
Signs = dict[Key, int]


@pytest.fixture(scope="module")
def prd(read_set: Read) -> Imported:
    """The set with the files that the published figures need."""
    return read_set("prd", "prd_vicuna80")


def key_of(vote: Vote) -> Key:
    """Which question, and which systems in which order."""
    return (
        vote.case_id,
        *(answer.removeprefix(f"{vote.case_id}-") for answer in (vote.shown_first, vote.shown_second)),
    )  # type: ignore[return-value]


def signs_of(imported: Imported, judge_id: str) -> Signs:
    """What one judge said of every ordered pair."""
    return {key_of(vote): SIGN[str(vote.choice)] for vote in imported.votes if vote.annotator_id == judge_id}


def people_signs(imported: Imported) -> Signs:
    """The authors' human majority: sign of the mean vote, in the order in which the pair was shown."""
    votes: dict[Key, list[int]] = defaultdict(list)
    for vote in imported.votes:
        if vote.kind == "person":
            votes[key_of(vote)].append(SIGN[str(vote.choice)])
    return {key: int(np.sign(np.mean(signs))) for key, signs in votes.items()}


def doubled(signs: Signs) -> Signs:
    """The same with every pair turned round as well, as the authors do before comparing."""
    return signs | {(case, second, first): -sign for (case, first, second), sign in signs.items()}


def against_people(said: Signs, people: Signs) -> tuple[float, float]:
    """Accuracy and Fleiss' kappa of two sides over the same ordered pairs."""
    keys = sorted(people)
    assert said.keys() == people.keys()
    sides = [[side[key] for key in keys] for side in (said, people)]
    return nominal.accuracy(*sides), nominal.fleiss_kappa(nominal.category_counts(sides))


def rates(battles: Iterable[tuple[Key, int]]) -> dict[str, float]:
    """Win rate of each system, ties half."""
    told = list(battles)
    first, second = ([SYSTEMS.index(key[place]) for key, _ in told] for place in (1, 2))
    found = wins.win_rates(first, second, [(1 - sign) / 2 for _, sign in told], len(SYSTEMS))
    return dict(zip(SYSTEMS, found.tolist(), strict=True))


@pytest.mark.parametrize("judge", ["gpt-4", "gpt-3.5", "claude"])
def test_published_accuracy_and_fleiss_kappa(judge: str, prd: Imported, published: Mapping[str, Any]) -> None:
    """Three judges agree with the human majority as in notebook cells 70-72, to 8 digits."""
    said = signs_of(prd, JUDGES[judge])
    accuracy, kappa = against_people(said, doubled(people_signs(prd)))
    expected = published["prd_vicuna80"]
    assert accuracy == pytest.approx(expected["accuracy_vs_human_majority"][judge], abs=1e-8)
    assert kappa == pytest.approx(expected["fleiss_kappa_vs_human_majority"][judge], abs=1e-8)


@pytest.mark.parametrize("judge", ["gpt-4", "gpt-3.5", "human", "all five judges"])
def test_published_win_rates(judge: str, prd: Imported, published: Mapping[str, Any]) -> None:
    """Win rates by GPT-4, GPT-3.5, people and all judges are those of cells 18-21, to 8 digits."""
    if judge == "human":
        battles = list(people_signs(prd).items())
    elif judge == "all five judges":
        battles = [pair for name in JUDGES.values() for pair in signs_of(prd, name).items()]
    else:
        battles = list(signs_of(prd, JUDGES[judge]).items())
    expected = published["prd_vicuna80"]["win_rate_by_judge"][judge]
    assert rates(battles) == pytest.approx(expected, abs=1e-8)


def test_published_peer_rank(prd: Imported) -> None:
    """Judges weighted by their own win rates vote with accuracy .673125 and kappa .40995961 (cell 65)."""
    said = {name: signs_of(prd, name) for name in JUDGES.values()}
    weights, won = dict.fromkeys(said, 1.0), dict[str, float]()
    for _ in range(5):
        won = weighted_rates(said, weights)
        spread = {name: rate - min(won.values()) for name, rate in won.items()}
        weights = {name: value / sum(spread.values()) for name, value in spread.items()}
    votes = {
        key: weighted_vote([signs[key] for signs in said.values()], [weights[name] for name in said])
        for key in said["gpt4"]
    }
    accuracy, kappa = against_people(votes, doubled(people_signs(prd)))
    assert won["gpt4"] == pytest.approx(0.8020248859751706, abs=1e-12)
    assert weights["gpt4"] == pytest.approx(0.488444868709263, abs=1e-12)
    assert (accuracy, kappa) == pytest.approx((0.673125, 0.40995961100205325), abs=1e-8)


def weighted_rates(said: Mapping[str, Signs], weights: Mapping[str, float]) -> dict[str, float]:
    """Win rates when a judge's verdicts count as much as its weight, mean weight 1."""
    by_judge = {name: rates(signs.items()) for name, signs in said.items()}
    total = sum(weights.values())
    return {
        system: sum(weights[name] * by_judge[name][system] for name in said) / total for system in SYSTEMS
    }


def weighted_vote(signs: Sequence[int], weights: Sequence[float]) -> int:
    """Sign of the weighted mean; within .01 of zero it is a tie."""
    mean = float(np.average(signs, weights=weights))
    return 0 if abs(mean) <= 0.01 else int(np.sign(mean))


@pytest.mark.parametrize(
    ("judge", "accuracy", "kappa"),
    [("gpt-4", 0.44375, 0.10386709039992445), ("gpt-3.5", 0.475, 0.1920892068167473)],
)
def test_published_figures_of_the_closest_pair(
    judge: str, accuracy: float, kappa: float, prd: Imported
) -> None:
    """On GPT-3.5 against Vicuna alone, judges agree far less with people (cells 74 and 75)."""
    pair = {"gpt35", "vicuna-13b"}
    both = [
        {key: sign for key, sign in side.items() if set(key[1:]) == pair}
        for side in (signs_of(prd, JUDGES[judge]), doubled(people_signs(prd)))
    ]
    assert against_people(*both) == pytest.approx((accuracy, kappa), abs=1e-8)


@pytest.mark.parametrize("judge", list(JUDGES))
def test_published_order_flips(judge: str, prd: Imported, published: Mapping[str, Any]) -> None:
    """Same verdict in both orders, and first shown wins both: as recomputed, to 4 digits."""
    said = signs_of(prd, JUDGES[judge])
    pairs = [(said[key], said[key[0], key[2], key[1]]) for key in said if key[1] < key[2]]
    assert len(pairs) == 800
    expected = published["prd_vicuna80"]["recomputed_not_published"]
    same = np.mean([one == -other for one, other in pairs])
    first = np.mean([one == other == -1 for one, other in pairs])
    assert same == pytest.approx(expected["same_verdict_in_both_orders"][judge], abs=6e-5)
    assert first == pytest.approx(expected["first_shown_wins_both_orders"][judge], abs=6e-5)


def test_published_raw_agreement_of_people(prd: Imported, published: Mapping[str, Any]) -> None:
    """Two votes on one question and pair agree in .5236 of the 480 keys that have three."""
    votes: dict[Key, list[int]] = defaultdict(list)
    for vote in prd.votes:
        if vote.kind == "person":
            votes[key_of(vote)].append(SIGN[str(vote.choice)])
    full = [signs for signs in votes.values() if len(signs) == 3]
    assert len(full) == 480
    expected = published["prd_vicuna80"]["recomputed_not_published"]
    agreement = nominal.pairwise_agreement(nominal.category_counts(np.array(full).T))
    assert agreement == pytest.approx(expected["human_human_raw_agreement_480_keys_with_3_votes"], abs=5e-5)


def test_published_figures_need_the_file_with_the_underscore(prd: Imported, read_set: Read) -> None:
    """Judge gpt35's second file of gpt4 against gpt35 moves its accuracy from .620625 to .618125."""
    other = read_set("prd", "prd_vicuna80", spelling="hyphen")
    people = doubled(people_signs(prd))
    first, second = (against_people(signs_of(one, "gpt35"), people)[0] for one in (prd, other))
    assert first == pytest.approx(0.620625)
    assert second == pytest.approx(0.618125)
    changed = {key for key, sign in signs_of(other, "gpt35").items() if signs_of(prd, "gpt35")[key] != sign}
    assert {frozenset(key[1:]) for key in changed} == {frozenset(("gpt4", "gpt35"))}
    assert sum("was not used" in note for note in prd.notes) == 2


def test_published_votes_are_not_persons(prd: Imported) -> None:
    """A voter of ours never votes on two pairs: row order in the files is not a person."""
    pairs = defaultdict(set)
    for vote in prd.votes:
        if vote.kind == "person":
            pairs[vote.annotator_id].add(frozenset(key_of(vote)[1:]))
    assert prd.people_known is False
    assert len(pairs) == 22
    assert {len(found) for found in pairs.values()} == {1}


def test_published_majority_is_no_plurality(prd: Imported) -> None:
    """Of one vote for an answer and two ties the authors make a win; a plurality would make a tie."""
    votes: dict[Key, list[int]] = defaultdict(list)
    for vote in prd.votes:
        if vote.kind == "person":
            votes[key_of(vote)].append(SIGN[str(vote.choice)])
    told = np.array([signs for signs in votes.values() if len(signs) == 3])
    most = nominal.plurality(nominal.category_counts(told.T, [-1, 0, 1]))
    two_ties = (told == 0).sum(axis=1) == 2
    assert (most[two_ties] == 1).all()
    assert (np.sign(told.sum(axis=1))[two_ties] != 0).all()
    assert int(two_ties.sum()) == 19
    assert int((most == -1).sum()) == 56


def test_published_verdicts_become_rankings_of_five(prd: Imported) -> None:
    """All twenty verdicts of a judge on a question become one ranking with its ten pairs; none is lost."""
    judged = assemble(prd).judges
    assert len(judged) == 400
    assert all(isinstance(verdict, RankedVerdict) and len(verdict.pairs) == 10 for verdict in judged)


def test_published_judges_wrote_the_answers(prd: Imported) -> None:
    """Every judge's model is the author of one answer of every case, so that self-preference can be asked."""
    models = {judge.model_id.removeprefix("imported/") for judge in prd.judges}
    assert models == set(SYSTEMS)
    for case in prd.cases:
        assert {answer.author_model_id for answer in case.answers} == models
