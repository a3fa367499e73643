from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.report.edition import voice_for
from harness.report.findings import find
from harness.report.panels.ladder import ladder_panel, say_ladder
from harness.report.panels.panel import Missing, Panel
from harness.report.voice import Voice
from harness.schema import Comparison, Estimate, Language

Make = Callable[..., Comparison]
ENGLISH = Voice("en")


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        (
            "en",
            "Swapping the judge changes 33% of the verdicts, swapping the order 20%, adding the rules 10%.",
        ),
        ("fr", "Changer de juge change 33 % des verdicts, inverser l’ordre 20 %, ajouter les règles 10 %."),
    ],
)
def test_between_two_answers_the_ladder_is_the_headline(
    two_answers: Comparison, language: Language, headline: str
) -> None:
    """What changes a verdict between two answers is the first sentence, strongest first."""
    finding = find(two_answers, None, voice_for(two_answers, language))
    assert plain(finding.headline) == headline


def test_with_more_answers_the_shares_stay_first(full: Comparison) -> None:
    """Four answers per case: the shares are the headline, and the ladder's sentence stands below it."""
    finding = find(full, None, ENGLISH)
    assert finding.headline.startswith("Of the difference")
    assert any(line.startswith("Swapping the judge changes the order of 33%") for line in finding.basis)


def test_the_sentence_names_four_steps_at_most(full: Comparison) -> None:
    """The three strongest and the weakest are named when there are eight."""
    assert say_ladder(full, ENGLISH) == (
        "Swapping the judge changes the order of 33% of the pairs of answers, asking another person 29%, "
        "changing the order of the answers 20%, asking the same again 4%."
    )


def test_rules_are_changed_where_there_are_several(full: Comparison) -> None:
    """“Adding the rules” is said only between no rules and one rulebook."""
    two = full.model_copy(
        update={"ladder": tuple(r for r in full.ladder if r.differs_in in ("rulebook", "order"))}
    )
    assert "changing the rulebook 12%" in say_ladder(two, ENGLISH)


def test_one_step_makes_no_sentence(full: Comparison) -> None:
    """A single rung has nothing to be compared with."""
    one = full.model_copy(
        update={"ladder": tuple(rung for rung in full.ladder if rung.differs_in == "order")}
    )
    assert say_ladder(one, ENGLISH) == ""
    assert isinstance(ladder_panel(one, ENGLISH), Panel)


def test_all_judges_first_and_each_behind_a_fold(full: Comparison) -> None:
    """The open figure holds one line per step, in the order from the same prompt to another person."""
    panel = ladder_panel(full, ENGLISH)
    assert isinstance(panel, Panel)
    names = [row[0] for row in panel.figures[0].table.rows]
    assert (names[0], names[-2], names[-1]) == ("the same prompt again", "another judge", "another person")
    assert len(names) == 8
    (fold,) = panel.folds
    assert fold.title == "The same ladder, judge by judge (3)"
    assert len(fold.figures[0].table.rows) == 18


def test_what_should_change_nothing_is_the_title(full: Comparison) -> None:
    """The largest change by something without importance is the yardstick for the rest."""
    panel = ladder_panel(full, ENGLISH)
    assert isinstance(panel, Panel)
    assert panel.figures[0].title.startswith(
        "Changing the order of the answers, which should change nothing, already changes 20%"
    )


def test_two_ways_of_asking_stand_apart(full: Comparison) -> None:
    """Listwise and pairwise rungs are never one line; each way has its head in the drawing."""
    more = tuple(
        rung.model_copy(update={"protocol": "pairwise"})
        for rung in full.ladder
        if rung.differs_in == "order" and rung.judge_id is None
    )
    panel = ladder_panel(full.model_copy(update={"ladder": (*full.ladder, *more)}), ENGLISH)
    assert isinstance(panel, Panel)
    drawn = str(panel.figures[0].svg)
    assert "all answers at once" in drawn
    assert "two answers at a time" in drawn
    assert len(panel.figures[0].table.rows) == 9


def test_without_numbers_there_is_a_reason(full: Comparison) -> None:
    """Rungs without a number make no figure."""
    none = Estimate(value=None, n=0, unit="cases", undefined_because="too_few_runs")
    rungs = tuple(rung.model_copy(update={"agreement": none, "changed": none}) for rung in full.ladder)
    assert ladder_panel(full.model_copy(update={"ladder": rungs}), ENGLISH) == Missing(
        "What changes a verdict?", "too few repeats"
    )
