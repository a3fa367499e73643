"""The page and the text about a reward model."""

from __future__ import annotations

from harness.report.page import Leaf, render_leaf
from harness.report.panel_text import render_panel_text
from harness.report.panels.reward import reward_panel
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.schema import LANGUAGES, Language
from harness.schema.reward import RewardReport


def render_reward(report: RewardReport, language: Language = "fr") -> str:
    """Render the page, in both languages; `language` is the one shown first."""
    leaves = []
    for one in LANGUAGES:
        voice = _voice(report, one)
        panel = reward_panel(report, voice)
        leaves.append(Leaf(voice, voice.say("reward_page"), disarm(report.reward.reward_id), panel))
    return render_leaf(leaves, language)


def render_reward_text(report: RewardReport, language: Language = "fr") -> str:
    """Render the same for a terminal."""
    return render_panel_text(reward_panel(report, _voice(report, language)))


def _voice(report: RewardReport, language: Language) -> Voice:
    return Voice(language, report.rulebook_titles)
