"""Pages and fragments of pages: templates, words and assets joined; what comes from outside is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from harness.classroom.assets import asset_url
from harness.classroom.texts import words
from harness.report.typography import disarm, typeset
from harness.schema import Language

_ESCAPES = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def render(template: str, language: Language, **context: object) -> str:
    """Render a template of the classroom (`pupil.html.j2`) in one language.

    Every template knows `language`, `text(key, …)`, `counted(key, n, …)`, `section(prefix)`, `asset(name)`
    and the filters `typeset` (French spacing) and `json` (data for a script, safe inside `<script>`).
    """
    said = words(language)
    return (
        _environment()
        .get_template(template)
        .render(
            language=language,
            text=said,
            counted=said.counted,
            section=said.section,
            pseudonym=said.pseudonym,
            **context,
        )
    )


def data_block(value: object) -> Markup:
    """Data as JSON that cannot end the `<script type="application/json">` in which it stands."""
    return Markup(json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))  # noqa: S704 - `<`, `>` and `&` are spelled by number


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.classroom"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals["asset"] = asset_url
    environment.filters["json"] = data_block
    environment.filters["typeset"] = _typeset
    return environment


@jinja2.pass_context
def _typeset(context: Mapping[str, Any], text: str) -> str:
    return typeset(text, context["language"])


def _finalize(value: object) -> object:
    """Let no control character through, whatever the template forgets."""
    return disarm(value) if type(value) is str else value
