"""Shapes of points: each judge its own, people another, so that colour is never needed to tell them apart."""

from __future__ import annotations

from markupsafe import Markup

from harness.report.svg import tag

N_MARKS = 6
_POLYGONS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    ((-5, -5), (5, -5), (5, 5), (-5, 5)),
    ((0, -6.5), (6, 5), (-6, 5)),
    ((0, -7), (6, 0), (0, 7), (-6, 0)),
    ((0, 6.5), (6, -5), (-6, -5)),
    (
        (-2, -6),
        (2, -6),
        (2, -2),
        (6, -2),
        (6, 2),
        (2, 2),
        (2, 6),
        (-2, 6),
        (-2, 2),
        (-6, 2),
        (-6, -2),
        (-2, -2),
    ),
)


def mark(kind: str | int, x: float, y: float) -> Markup:
    """Draw a point: a judge by its place; `people`, `both`, `person`, `panel`, `learned` by name."""
    if kind == "people":
        return tag("circle", cx=x, cy=y, r=6.5, class_="w-people")
    if kind == "person":
        return tag("circle", cx=x, cy=y, r=3.4, class_="w-people")
    if isinstance(kind, str):
        return tag(
            "path",
            d=f"M{x - 6:.1f} {y:.1f}L{x:.1f} {y - 6:.1f}L{x + 6:.1f} {y:.1f}L{x:.1f} {y + 6:.1f}Z",
            class_=f"w-{kind}",
        )
    place = kind % N_MARKS
    if place == 0:
        return tag("circle", cx=x, cy=y, r=5.3, class_="w0")
    path = "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in _POLYGONS[place])
    return tag("path", d=f"M{path}Z", class_=f"w{place}")
