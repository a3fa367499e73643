"""PandaLM: agreement of three people, counts of their labels, both judges' four metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.formats.assemble import assemble
from harness.formats.base import Imported, Vote
from harness.schema import FailedVerdict, RankedVerdict
from harness.stats import nominal
from harness.stats.arrays import FloatArray

Read = Callable[..., Imported]
CODES = {"tie": 0.0, "first": 1.0, "second": 2.0}
PEOPLE = ("annotator1", "annotator2", "annotator3")
WRONG = 9.0
"""A category that the truth does not have."""


@pytest.fixture(scope="module")
def pandalm(read_set: Read) -> Imported:
    """The 999 pairs."""
    return read_set("pandalm")


def codes(imported: Imported, who: str) -> FloatArray:
    """The labels of one annotator, case by case; NaN = failed."""
    return np.array([_code(vote) for vote in imported.votes if vote.annotator_id == who])


def _code(vote: Vote) -> float:
    return float("nan") if vote.choice is None else CODES[vote.choice]


def majority(imported: Imported) -> FloatArray:
    """What at least two of the three said; there is always one, for the authors left the others out."""
    counts = nominal.category_counts([codes(imported, who) for who in PEOPLE], [0, 1, 2])
    found = nominal.plurality(counts)
    assert (found >= 0).all()
    return found.astype(float)


@pytest.mark.parametrize("pair", ["1-2", "1-3", "2-3"])
def test_published_kappas_between_people(pair: str, pandalm: Imported, published: Mapping[str, Any]) -> None:
    """Cohen's kappas of the README, .85, .88 and .86, to their two digits."""
    one, other = (codes(pandalm, f"annotator{number}") for number in pair.split("-"))
    expected = published["pandalm"]["cohen_kappa_between_annotators"][pair]
    assert nominal.cohen_kappa(one, other) == pytest.approx(expected, abs=0.005)


def test_published_label_counts(pandalm: Imported, published: Mapping[str, Any]) -> None:
    """The majority says tie 105 times, first 422 and second 472."""
    counts = np.bincount(majority(pandalm).astype(int)).tolist()
    assert counts == published["pandalm"]["human_majority_label_counts_0_1_2"]


def test_published_metrics_of_pandalm(pandalm: Imported, published: Mapping[str, Any]) -> None:
    """PandaLM-7B's four metrics, to their four digits."""
    found = four_metrics(codes(pandalm, "pandalm-7b"), majority(pandalm))
    assert found == pytest.approx(published["pandalm"]["pandalm-7b"], abs=5.1e-5)


def four_metrics(given: FloatArray, truth: FloatArray) -> dict[str, float]:
    """Accuracy and macro means over the three kinds."""
    macro = nominal.macro_scores(given, truth, [0, 1, 2])
    return {"accuracy": nominal.accuracy(given, truth), **macro._asdict()}


@pytest.mark.parametrize(
    ("treatment", "accuracy", "precision", "recall", "f1"),
    [
        ("tie", 0.7107, 0.5879, 0.5736, 0.5755),
        ("dropped", 0.7156, None, None, None),
        ("wrong", 0.6977, None, None, None),
    ],
)
def test_published_metrics_of_gpt35_hang_on_25_replies(
    treatment: str,
    accuracy: float,
    precision: float | None,
    recall: float | None,
    f1: float | None,
    pandalm: Imported,
) -> None:
    """Only when the 25 replies without a verdict count as ties are GPT-3.5's metrics those published."""
    given, truth = codes(pandalm, "gpt-3.5-turbo"), majority(pandalm)
    assert int(np.isnan(given).sum()) == 25
    filler = {"tie": 0.0, "dropped": float("nan"), "wrong": WRONG}[treatment]
    found = four_metrics(np.where(np.isnan(given), filler, given), truth)
    assert found["accuracy"] == pytest.approx(accuracy, abs=5.1e-5)
    expected = {"precision": precision, "recall": recall, "f1": f1}
    agrees = {name: value for name, value in expected.items() if value is not None}
    assert {name: found[name] for name in agrees} == pytest.approx(agrees, abs=5.1e-5)


def test_published_row_is_only_one_of_three_treatments(
    pandalm: Imported, published: Mapping[str, Any]
) -> None:
    """Of tie, dropped and wrong, exactly one treatment gives the published accuracy."""
    given, truth = codes(pandalm, "gpt-3.5-turbo"), majority(pandalm)
    found = {
        name: nominal.accuracy(np.where(np.isnan(given), filler, given), truth)
        for name, filler in (("tie", 0.0), ("dropped", float("nan")), ("wrong", WRONG))
    }
    printed = published["pandalm"]["gpt-3.5"]["accuracy"]
    assert [name for name, value in found.items() if abs(value - printed) < 5.1e-5] == ["tie"]


def test_published_garbage_is_a_failure(pandalm: Imported) -> None:
    """The 25 verdicts called garbage are unparsable failures here, and never one of the 38 ties."""
    verdicts = [one for one in assemble(pandalm).judges if one.cell.annotator_id == "gpt-3.5-turbo"]
    failed = [one for one in verdicts if isinstance(one, FailedVerdict)]
    tied = [one for one in verdicts if isinstance(one, RankedVerdict) and len(set(one.grades.values())) == 1]
    assert (len(failed), {one.failure for one in failed}) == (25, {"unparsable"})
    assert len(tied) == 38


def test_published_three_people_are_the_same_throughout(pandalm: Imported) -> None:
    """Here the annotators are persons, not slots: three ids, 999 votes each."""
    votes = Counter(vote.annotator_id for vote in pandalm.votes if vote.kind == "person")
    assert pandalm.people_known
    assert votes == dict.fromkeys(PEOPLE, 999)


def test_published_answers_that_are_no_text(pandalm: Imported, shared_data: Path) -> None:
    """Six answers stand as the JSON value true in the file; they are read as the text 'true', and counted."""
    entries = json.loads((shared_data / "pandalm/testset-v1.json").read_text("utf-8"))
    odd = [
        (entry["idx"], which) for entry in entries for which in (1, 2) if entry[f"response{which}"] is True
    ]
    assert len(odd) == 6
    texts = {answer.answer_id: answer.text["en"] for case in pandalm.cases for answer in case.answers}
    assert {texts[f"pair-{idx:03d}-{which}"] for idx, which in odd} == {"true"}
    assert any(note.startswith("6 answers") for note in pandalm.notes)


def test_published_rankings_of_five(read_set: Read) -> None:
    """Twenty tasks have all ten pairs; five show a system with two texts, so fifteen become rankings."""
    rankings = read_set("pandalm", view="rankings")
    assert len(rankings.cases) == 15
    assert {len(case.answers) for case in rankings.cases} == {5}
    assert len(rankings.graded) == 15 * 5
    assert any("20 tasks" in note for note in rankings.notes)
