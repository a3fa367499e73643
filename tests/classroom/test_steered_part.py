from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.classroom import steered_part
from harness.classroom.closing import closing_fragment, load_closing, shown_closing
from harness.classroom.payslip import payslip
from harness.classroom.steered_part import MOST_CHARACTERS, steered_example
from harness.schema import LANGUAGES, NOT_MEASURED, Language
from harness.steer.folder import SteerFolder


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    """Forget what was read, before and after."""
    steered_example.cache_clear()
    yield
    steered_example.cache_clear()


@pytest.mark.parametrize("language", LANGUAGES)
def test_whose_grades_decides_what_is_let_out(language: Language) -> None:
    """The shipped example: one question in the class's language, not all picks the same, short enough."""
    shown = steered_example(language)
    assert shown is not None
    assert len(shown.picks) == 3
    assert len({one.text for one in shown.picks}) > 1
    assert all(len(one.text) <= MOST_CHARACTERS + len(" […]") for one in shown.picks)
    assert [one.simulated for one in shown.picks] == [False, True, True]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_end_shows_it_and_says_what_is_simulated(language: Language) -> None:
    """The closing section holds the question and the picks, the made-up grades called so."""
    closing = load_closing()
    shown = shown_closing(closing, payslip([], closing.wages), NOT_MEASURED, language)
    fragment = closing_fragment(shown, language)
    assert {"fr": "Mêmes réponses, autres notes", "en": "Same replies, other grades"}[language] in fragment
    assert fragment.count({"fr": "notes simulées", "en": "simulated grades"}[language]) == 2


def test_hostile_replies_are_only_text() -> None:
    """What a model wrote adds no element to a pupil's page."""
    closing = load_closing()
    shown = shown_closing(closing, payslip([], closing.wages), NOT_MEASURED, "en")
    assert shown.steered is not None
    hostile = replace(shown.steered.picks[0], text="<script>alert(1)</script>")
    fragment = closing_fragment(replace(shown, steered=replace(shown.steered, picks=(hostile,))), "en")
    assert "<script" not in fragment
    assert "&lt;script" in fragment


def test_without_the_recording_the_end_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that lacks the recording, or has a damaged one, shows nothing of it."""
    monkeypatch.setattr(steered_part, "shipped_steering", lambda: SteerFolder(tmp_path))
    assert steered_example("fr") is None
    (tmp_path / "steering.json").write_text("{}", encoding="utf-8")
    steered_example.cache_clear()
    assert steered_example("fr") is None
    closing = load_closing()
    shown = shown_closing(closing, payslip([], closing.wages), NOT_MEASURED, "fr")
    assert "Mêmes réponses" not in closing_fragment(shown, "fr")
