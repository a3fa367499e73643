from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.report.findings import find, slot_pattern
from harness.report.headline import drawn_shares, headline_components
from harness.report.voice import Voice
from harness.schema import (
    Comparison,
    Components,
    Estimate,
    Interval,
    Language,
    Manifest,
    Reference,
    Row,
    Share,
    ShuffleTest,
    SlotEffect,
    Undefined,
)

Make = Callable[..., Comparison]


def said(comparison: Comparison, language: Language = "en", manifest: Manifest | None = None) -> str:
    """Everything that the findings say, as one text with plain spaces."""
    finding = find(comparison, manifest, Voice(language))
    text = "\n".join([finding.headline, *finding.basis, *finding.caveats, *finding.limits])
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def changed(part: Components, **fields: object) -> Components:
    """Components with some fields replaced."""
    return part.model_copy(update=fields)


def undefined(reason: Undefined) -> Estimate:
    """No number."""
    return Estimate(value=None, n=0, unit="cases", undefined_because=reason)


def test_the_headline_names_the_four_parts(comparison: Comparison) -> None:
    """The first sentence gives the four parts, and the line below it the grid and the intervals."""
    text = said(comparison)
    assert text.startswith(
        "Of the difference between two AI judgements of the same case, "
        "58% is which model, −1% which company rule, 4%"
    )
    assert "In these 6 cases: 3 judges × 4 rulebooks × 4 verdicts per case" in text
    assert "95% intervals for “these cases, asked again”: model [50%, 66%]" in text
    assert "A slightly negative share means: nothing measurable." in text


def test_the_headline_is_said_in_french(comparison: Comparison) -> None:
    """The same sentence in French, with French numbers."""
    assert said(comparison, "fr").startswith(
        "De la différence entre deux jugements d’IA du même cas, 58 % tient au modèle"
    )


def test_one_judge_gets_no_model_share(comparison: Comparison, make: Make) -> None:
    """With one judge the sentence says so instead of giving a share of the model."""
    part = comparison.components[0]
    lone = tuple(
        share.model_copy(update={"share": undefined("one_judge")})
        if share.part in ("model", "reaction")
        else share
        for share in part.shares
    )
    text = said(make(components=(changed(part, judge_ids=("smollm2",), shares=lone),)))
    assert text.startswith("One judge only: nothing can be said about the part of the model.")
    assert "58%" not in text


def test_without_shares_the_headline_gives_the_reason(comparison: Comparison, make: Make) -> None:
    """Too few repeats make words, not a number."""
    none = (Share(part="noise", share=undefined("too_few_runs")),)
    text = said(make(components=(changed(comparison.components[0], shares=none),)))
    assert text.startswith("These data cannot tell what moves an AI judgement")


def test_the_headline_is_listwise_where_it_can_be(comparison: Comparison, make: Make) -> None:
    """Pairwise noise has the order averaged out, so listwise comes first, whatever the order of the file."""
    found = headline_components(make(components=comparison.components[::-1]))
    assert found is not None
    assert found.protocol == "listwise"


def test_small_local_judges_are_called_small(comparison: Comparison) -> None:
    """Judges that all run on this machine are named as small ones."""
    assert "All judges are small models" in said(comparison)


def test_one_large_judge_ends_that_sentence(comparison: Comparison, make: Make) -> None:
    """As soon as one judge is not local, nothing is said about small models."""
    rows = (
        *comparison.rows,
        comparison.rows[0].model_copy(update={"annotator_id": "gpt", "model_id": "openai/gpt-4.1"}),
    )
    assert "small models" not in said(make(rows=rows))


def test_scripted_judges_are_named(comparison: Comparison, make: Make) -> None:
    """A fake judge is never presented as a language model."""
    rows = tuple(row.model_copy(update={"model_id": "scripted/first"}) for row in comparison.rows)
    assert "no language model was asked" in said(make(rows=rows))


def test_the_key_is_one_person(comparison: Comparison) -> None:
    """The author's key is called what it is."""
    assert "one person’s key, not the truth; no class has graded" in said(comparison)


def test_near_chance_counts_the_rows_whose_interval_holds_the_floor(
    comparison: Comparison, make: Make
) -> None:
    """Two of three rows near the floor are counted as two of three."""

    def around(value: float) -> Estimate:
        span = Interval(low=value - 0.2, high=value + 0.2, target="T3", method="t over cases", n=6)
        return Estimate(value=value, n=6, unit="cases", intervals=(span,))

    rows = [row for row in comparison.rows if row.kind == "judge" and row.protocol == "listwise"][:3]
    three = tuple(
        row.model_copy(update={"tau_people": around(tau)})
        for row, tau in zip(rows, (0.1, 0.0, 0.7), strict=True)
    )
    assert "Near chance: for 2 of the 3" in said(make(rows=three))


@pytest.mark.parametrize(
    ("longest", "sentence"),
    [(0.9, "does as well"), (0.61, "is not far"), (0.2, None)],
    ids=["ahead", "close", "behind"],
)
def test_the_length_baseline_is_compared_without_ranking_close_rows(
    comparison: Comparison, make: Make, longest: float, sentence: str | None
) -> None:
    """A baseline that reads nothing is named when no judge is clearly above it."""
    value = Estimate(value=longest, n=6, unit="cases")
    rows = tuple(
        row.model_copy(update={"tau_people": value}) if row.annotator_id == "longest-answer" else row
        for row in comparison.rows
    )
    text = said(make(rows=rows))
    assert ("Longest answer first" in text) is (sentence is not None)
    assert sentence is None or sentence in text


@pytest.mark.parametrize(
    ("p", "sentence"),
    [(0.41, "No effect of the rules can be shown"), (0.01, "The rules move the verdicts")],
)
def test_the_rulebook_test_decides_what_is_said_about_rules(
    comparison: Comparison, make: Make, p: float, sentence: str
) -> None:
    """Rules that moved nothing are reported as loudly as rules that did."""
    test = ShuffleTest(p=p, n_shuffles=9999, shuffled_within="case")
    assert sentence in said(make(components=(changed(comparison.components[0], rulebook_test=test),)))


@pytest.mark.parametrize(
    ("effects", "p", "pattern"),
    [
        ((1.4, 0.5, -0.5, -1.4), 0.0001, True),
        ((0.3, 0.1, -0.1, -0.3), 0.001, False),
        ((1.4, 0.5, -0.5, -1.4), 0.4, False),
    ],
    ids=["stairs", "small", "by chance"],
)
def test_a_slot_pattern_is_large_and_not_by_chance(
    comparison: Comparison, effects: tuple[float, ...], p: float, pattern: bool
) -> None:
    """Only an effect of half the range or more, with a small p, is called a pattern."""
    test = ShuffleTest(p=p, n_shuffles=9999, shuffled_within="case")
    row: Row = comparison.rows[0].model_copy(
        update={"slot_effect": SlotEffect(slots=tuple("ABCD"), effects=effects, test=test)}
    )
    assert slot_pattern(row) is pattern


def test_slot_patterns_flips_and_failures_are_said(comparison: Comparison) -> None:
    """What is odd about small judges is among the first things said."""
    text = said(comparison)
    assert "Slot effect: in 8 of the 16 rows measured" in text
    assert "Qwen2.5-Coder 0.5B, SmolLM2 135M" in text
    assert "62% to 77% of the pairs" in text
    assert "24 of 384 verdicts are missing (unreadable 24)" in text
    assert "probably do not miss at random" in text


def test_noise_is_drawn_in_two_parts_only_where_order_was_separated(comparison: Comparison) -> None:
    """Order and other noise replace noise; without them noise stays whole."""
    part = comparison.components[0]
    assert [share.part for share in drawn_shares(part)] == [
        "model",
        "rulebook",
        "reaction",
        "order",
        "residual",
    ]
    whole = changed(
        part, shares=tuple(share for share in part.shares if share.part not in ("order", "residual"))
    )
    assert [share.part for share in drawn_shares(whole)] == ["model", "rulebook", "reaction", "noise"]


def test_people_are_counted_with_their_rulebook(comparison: Comparison, make: Make) -> None:
    """A class is named with its size, its rulebook and its own agreement."""
    human = Estimate(value=0.53, n=6, unit="cases")
    people = Reference(
        kind="people",
        n_annotators=24,
        rulebook_ids=("hhh",),
        human_human=human,
        crowd_ceiling=human,
        best_expected=human,
    )
    text = said(make(reference=people, simulated=True))
    assert "The reference: 24 people (1 per case). Mean" in text
    assert "0.53 (6 cases)" in text
    assert "simulated" in text


def test_nothing_measured_is_said_without_a_crash(undefined_comparison: Comparison) -> None:
    """A comparison without a single number still gives sentences in both languages."""
    for language in ("fr", "en"):
        assert len(said(undefined_comparison, language)) > 100
