"""Every figure as a file of its own: an SVG that carries its style, in the light theme."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup

from harness.report.edition import Edition, edition, voice_for
from harness.report.figures.figure import Figure
from harness.report.page import figure_style, palette
from harness.schema import Comparison, Language, Manifest

_NAME = re.compile(r'aria-labelledby="([A-Za-z0-9._-]+)-t ')
_SIZE = re.compile(r' width="([0-9.]+)" height="([0-9.]+)"')
_VARIABLE = re.compile(r"var\(--([a-z0-9]+)\)")
_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif'
_MARGIN = 16


def render_figures(comparison: Comparison, manifest: Manifest, language: Language = "fr") -> dict[str, str]:
    """Render every figure of the page in one language: name -> content of an SVG file, in page order."""
    made = edition(comparison, manifest, voice_for(comparison, language))
    style = _style()
    files: dict[str, str] = {}
    for figure in _figures(made):
        name = _NAME.search(str(figure.svg)) if figure.svg is not None else None
        if figure.svg is not None and name is not None:
            files[name[1].removesuffix(f"-{language}")] = _file(figure.svg, style, language)
    return files


def _figures(made: Edition) -> Iterator[Figure]:
    for panel in (*made.before, *made.after):
        yield from panel.figures
        for fold in panel.folds:
            yield from fold.figures
    yield from filter(None, (made.spread, made.heat))
    yield from (case.figure for case in made.cases)
    yield from (*made.shares, *made.moves)


def _style() -> str:
    """The figures' rules with every colour written out: other programs know no custom properties."""
    colours = palette()
    rules = _VARIABLE.sub(lambda found: colours[found[1]], figure_style())
    return f"svg{{font-family:{_FONTS}}}{rules}".replace("font-family:inherit", f"font-family:{_FONTS}")


def _file(svg: Markup, style: str, language: Language) -> str:
    """Add what a file needs and a page does not: the name space, the style, a ground and a margin."""
    text = str(svg)
    found = _SIZE.search(text)
    if found is None:
        return text
    width, height = (float(one) for one in found.groups())
    box = f"{-_MARGIN} {-_MARGIN} {width + 2 * _MARGIN:g} {height + 2 * _MARGIN:g}"
    head, _, body = text.partition(">")
    head = re.sub(r'viewBox="[^"]*"', f'viewBox="{box}"', head)
    head = head.replace(found[0], f' width="{width + 2 * _MARGIN:g}" height="{height + 2 * _MARGIN:g}"')
    head = head.replace("<svg", f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{language}"', 1)
    names, _, drawn = body.partition("</desc>")
    paper = palette()["bg"]
    ground = f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="100%" height="100%" fill="{paper}"/>'
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n{head}>{names}</desc>'
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n{head}>{names}</desc>'
    return f"{start}<style>{style}</style>{ground}{drawn}\n"
