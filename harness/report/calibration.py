"""The page and the text about which judge to choose."""

from __future__ import annotations

from harness.report.page import Leaf, render_leaf
from harness.report.panel_text import render_panel_text
from harness.report.panels.calibration import calibration_panel
from harness.report.typography import disarm
from harness.report.voice import Voice, against_of
from harness.schema import LANGUAGES, Language
from harness.schema.calibration import Calibration


def render_calibration(found: Calibration, language: Language = "fr") -> str:
    """Render the page, in both languages; `language` is the one shown first."""
    leaves = []
    for one in LANGUAGES:
        voice = _voice(found, one)
        panel = calibration_panel(found, voice)
        eyebrow = disarm(" / ".join(found.run_ids))
        leaves.append(Leaf(voice, voice.say("calibration_page"), eyebrow, panel))
    return render_leaf(leaves, language)


def render_calibration_text(found: Calibration, language: Language = "fr") -> str:
    """Render the same for a terminal."""
    return render_panel_text(calibration_panel(found, _voice(found, language)))


def _voice(found: Calibration, language: Language) -> Voice:
    return Voice(language, found.rulebook_titles, against_of(found.reference))
