"""QR codes: as SVG in a page, as blocks in a terminal."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=64)
def qr_svg(text: str, *, title: str = "") -> Markup:
    """An inline SVG without sizes or styles of its own: classes `qr` and `qr-line` carry the looks."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        svgclass="qr",
        lineclass="qr-line",
        title=title or text,
        border=4,
        dark="#000",
        light="#fff",
        nl=False,
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - segno escapes the title, the rest is drawn


def qr_terminal(text: str) -> str:
    """The code in half blocks, dark on light or light on dark: phones read both."""
    out = io.StringIO()
    segno.make_qr(text, error="l").terminal(out, compact=True, border=2)
    return out.getvalue()
