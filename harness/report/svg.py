"""Drawing with text: SVG elements, escaped, without a plotting library."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from harness.report.typography import disarm

Attribute = str | float


@dataclass(frozen=True)
class Frame:
    """What every figure has: a name that is unique in the page, a size, a title and a description."""

    figure_id: str
    width: float
    height: float
    title: str
    description: str


def tag(name: str, *children: str, **attributes: Attribute) -> Markup:
    """Build one element; `_` in an attribute's name stands for `-`, a trailing one is dropped."""
    written = "".join(_attribute(key, attribute) for key, attribute in attributes.items())
    if not children:
        return Markup(f"<{name}{written}/>")  # noqa: S704 - names are our own constants, the rest is escaped
    inside = "".join(child if isinstance(child, Markup) else escape(disarm(child)) for child in children)
    return Markup(f"<{name}{written}>{inside}</{name}>")  # noqa: S704 - the same


def group(children: Iterable[Markup], **attributes: Attribute) -> Markup:
    """Build a `g` element around several others."""
    return tag("g", Markup("").join(children), **attributes)


def words(text: str, x: float, y: float, **attributes: Attribute) -> Markup:
    """Write a text at a place."""
    return tag("text", text, x=x, y=y, **attributes)


def drawing(frame: Frame, *children: Markup) -> Markup:
    """Build the whole figure, which says in words what it shows to those who do not see it."""
    head = (
        tag("title", frame.title, id=f"{frame.figure_id}-t"),
        tag("desc", frame.description, id=f"{frame.figure_id}-d"),
    )
    return tag(
        "svg",
        *head,
        *children,
        role="img",
        aria_labelledby=f"{frame.figure_id}-t {frame.figure_id}-d",
        viewBox=f"0 0 {_short(frame.width)} {_short(frame.height)}",
        width=frame.width,
        height=frame.height,
    )


def _attribute(key: str, attribute: Attribute) -> str:
    """Write an attribute by hand: figures have thousands, and templates were half of a report's time."""
    text = escape(attribute) if isinstance(attribute, str) else _short(attribute)
    return f' {_name(key)}="{text}"'


@cache
def _name(key: str) -> str:
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
