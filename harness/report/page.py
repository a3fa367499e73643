"""The whole page: both languages, one style, no script, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import jinja2

from harness.report.contrast import contrast_panel
from harness.report.edition import edition, voice_for
from harness.report.panels.panel import Panel
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.schema import LANGUAGES, Comparison, Contrast, Language, Manifest

_PALETTE = re.compile(r":root\{(.*?)\}", re.DOTALL)
_COLOUR = re.compile(r"--([a-z0-9]+):(#[0-9a-f]{3,6})")


def render_html(
    comparison: Comparison,
    manifest: Manifest,
    *,
    language: Language = "fr",
    contrast: Contrast | None = None,
) -> str:
    """Render the report as one self-contained HTML page.

    `language` is the one shown first; `contrast` adds a section beside another run.
    """
    editions = [edition(comparison, manifest, voice_for(comparison, one), contrast) for one in LANGUAGES]
    return render_editions("page.html.j2", editions, language)


def render_contrast(
    contrast: Contrast, *, language: Language = "fr", comparison: Comparison | None = None
) -> str:
    """Render two runs side by side as a page of its own, in both languages.

    `comparison`, of either run, gives the rows their full names.
    """
    return render_leaf([_facing(contrast, comparison, one) for one in LANGUAGES], language)


@dataclass(frozen=True)
class Leaf:
    """What a page of one panel says in one language."""

    voice: Voice
    heading: str
    eyebrow: str
    panel: Panel


def render_leaf(leaves: list[Leaf], language: Language) -> str:
    """Render one panel as a page of its own, in both languages; `language` is the one shown first."""
    return render_editions("leaf.html.j2", leaves, language)


def _facing(contrast: Contrast, comparison: Comparison | None, language: Language) -> Leaf:
    voice = voice_for(comparison, language) if comparison else Voice(language)
    eyebrow = f"{contrast.first_run_id} / {contrast.second_run_id}"
    return Leaf(voice, voice.say("contrast_page"), eyebrow, contrast_panel(contrast, voice, comparison))


def palette() -> dict[str, str]:
    """Give the colours of the light theme by name."""
    found = _PALETTE.search(_source("style.css"))
    return dict(_COLOUR.findall(found[1])) if found else {}


def figure_style() -> str:
    """Give the rules of the drawings."""
    return _source("figures.css")


class Spoken(Protocol):
    """What a page says in one language."""

    @property
    def voice(self) -> Voice:
        """The language, and how it is said."""
        ...


def render_editions(template: str, editions: Sequence[Spoken], language: Language, *sheets: str) -> str:
    """Render a page whose template shows every edition; `sheets` are style sheets beside the usual ones."""
    style = _source("style.css") + figure_style() + "".join(map(_source, sheets))
    return (
        _environment()
        .get_template(template)
        .render(
            editions=editions,
            language=language,
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("harness.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def _finalize(value: object) -> object:
    """Let no control character through, whatever the template forgets."""
    return disarm(value) if type(value) is str else value


@cache
def _source(name: str) -> str:
    environment = _environment()
    source, _, _ = (
        environment.loader.get_source(environment, name) if environment.loader else ("", None, None)
    )
    return source
