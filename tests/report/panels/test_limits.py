"""What the data can and cannot say follows from their numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.report.limits import close, say_limits, say_possible, typical_half_width
from harness.report.selection import select
from harness.report.voice import Voice
from harness.schema import CaseFacts, Comparison, Estimate, Interval, Language

ENGLISH = Voice("en")


def with_cases(comparison: Comparison, n_cases: int) -> Comparison:
    """The comparison with as many cases, copies of its first."""
    first: CaseFacts = comparison.cases[0]
    return comparison.model_copy(
        update={"cases": tuple(first.model_copy(update={"case_id": f"case-{n}"}) for n in range(n_cases))}
    )


def said(comparison: Comparison) -> str:
    """Every limit as one text with plain spaces."""
    return "\n".join(say_limits(comparison, ENGLISH)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("n_cases", "half"),
    [(6, 0.2), (9, 0.15), (12, 0.13), (20, 0.09), (30, 0.07), (50, 0.06), (100, 0.04), (2139, 0.04)],
)
def test_more_cases_tell_closer_rows_apart(comparison: Comparison, n_cases: int, half: float) -> None:
    """Two rows are ranked from t·0.20/√C on: 0.21 at six cases, 0.13 at twelve, 0.04 at a hundred."""
    assert close(with_cases(comparison, n_cases)) == half


def test_between_two_answers_the_rows_own_intervals_count(two_answers: Comparison) -> None:
    """One verdict is all or nothing there, so the usual table would promise too much."""
    assert typical_half_width(select(two_answers)) == pytest.approx(0.07)
    assert close(two_answers) == pytest.approx(0.07)


def test_six_cases_forbid_what_they_cannot_carry(full: Comparison) -> None:
    """The general claim, replacement, weights, camps: each is named as not said by six cases."""
    text = said(full)
    assert "on cases other than these 6 cases, that agreement is known only to ± 0.35" in text
    assert "about 0.20 are not ranked" in text
    assert "they may be ten points higher or lower" in text
    assert "the test would need at least 30 cases" in text
    assert "with 6 cases, a direction at most, no numbers" in text
    assert "no “good” or “bad” annotator" in text


def test_a_hundred_cases_lift_those_limits(full: Comparison) -> None:
    """With a hundred cases the limits of small sets are gone; what rankings never tell stays."""
    text = said(with_cases(full, 100))
    assert "at least 30 cases" not in text
    assert "a direction at most" not in text
    assert "ten points" not in text
    assert "How severe a judge is" in text
    assert "a minority may have its reasons" in text


def test_two_cases_extend_to_nothing(full: Comparison) -> None:
    """Below three cases there is no interval over cases, and the page says so."""
    assert "With 2 cases, nothing extends to other cases" in said(with_cases(full, 2))


def test_people_limits_follow_the_people(full: Comparison, comparison: Comparison) -> None:
    """A key and two people are no group, anonymous votes tell nothing per person, retests lift one limit."""
    assert "the reference is no group of people" in said(comparison)
    two = full.reference.model_copy(update={"n_annotators": 2})
    assert "2 people are no group" in said(full.model_copy(update={"reference": two}))
    hidden = full.reference.model_copy(update={"people_known": False})
    assert "Who voted is unknown" in said(full.model_copy(update={"reference": hidden}))
    assert "nobody graded the same case twice" in said(full)
    person = full.rows[0].model_copy(
        update={"kind": "person", "retest": Estimate(value=0.5, n=2, unit="cases")}
    )
    assert "nobody graded the same case twice" not in said(
        full.model_copy(update={"rows": (*full.rows, person)})
    )


def test_one_run_leaves_noise_unknown(full: Comparison) -> None:
    """A single verdict per cell is said to hide noise."""
    single = tuple(part.model_copy(update={"n_runs": 1}) for part in full.components)
    assert "everything was asked only once" in said(full.model_copy(update={"components": single}))
    assert "everything was asked only once" not in said(full)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_was_measured_may_be_said(
    full: Comparison, undefined_comparison: Comparison, language: Language
) -> None:
    """Six sentences for a full comparison; without a readable verdict, only that verdicts are counted."""
    assert len(say_possible(full, Voice(language))) == 6
    assert len(say_possible(undefined_comparison, Voice(language))) == 1


def test_an_interval_about_these_cases_says_nothing_of_others(
    make: Callable[..., Comparison], comparison: Comparison
) -> None:
    """Only intervals over cases (T3) become the sentence about other cases."""
    span = Interval(low=0.1, high=0.5, target="T1", method="jackknife-t", n=4)
    value = Estimate(value=0.3, n=6, unit="cases", intervals=(span,))
    rows = tuple(row.model_copy(update={"tau_people": value}) for row in comparison.rows)
    assert "known only to" not in said(make(rows=rows))
