"""How large a figure of the classroom is drawn, and what all of them share: texts, inks, patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.report.svg import Frame, drawing, group, tag, words

_ENDS = " ,.;:-–("
"""What a cut name does not end with."""
_CUT = _ENDS + "…"
_CHARACTER, _BOLD = 0.62, 0.74
"""Width of a character: that of a wide font, because nobody knows what the projector's machine has."""


@dataclass(frozen=True)
class Sheet:
    """A size of drawing: its width, the size of all its texts, and the height it may fill."""

    name: str
    width: float
    text: float
    height: float

    @property
    def line(self) -> float:
        """From one line of text to the next."""
        return self.text * 1.22

    @property
    def dot(self) -> float:
        """Radius of a dot that holds one letter."""
        return self.text * 0.72

    def room(self, text: str, *, bold: bool = False) -> float:
        """About the width of a text."""
        return len(text) * self.text * (_BOLD if bold else _CHARACTER)

    def cut(self, text: str, width: float) -> str:
        """As much of a text as fits into a width; the table beneath the figure holds it whole."""
        fits = self._fits(width)
        return text if len(text) <= fits else text[: fits - 1].rstrip(_ENDS) + "…"

    def lines(self, text: str, width: float) -> list[str]:
        """A name on at most two lines of this width, broken at a space, else at a hyphen, else anywhere."""
        fits = self._fits(width)
        if len(text) <= fits:
            return [text]
        end = text.rfind(" ", 1, fits + 1)
        if end < 0:
            end = text.rfind("-", 1, fits) + 1 or fits
        return [text[:end].rstrip(), self.cut(text[end:].lstrip(), width)]

    def names(self, texts: Sequence[str], width: float) -> list[str]:
        """Names of one line each; names that differ look different, however little room there is."""
        fits = self._fits(width)

        def cut(text: str) -> tuple[str, ...]:
            return (self.cut(text, width),)

        def middle_out(text: str) -> tuple[str, ...]:
            return (_middle_out(text, fits),)

        def end(text: str) -> tuple[str, ...]:
            return (_end_of(text, fits),)

        return [lines[0] for lines in _apart(texts, [cut, middle_out, end], fits)]

    def heads(self, texts: Sequence[str], width: float) -> list[tuple[str, ...]]:
        """Names of two lines at most each; names that differ look different."""
        fits = self._fits(width)

        def shortened(text: str, short: Callable[[str, int], str]) -> tuple[str, ...]:
            first, *rest = self.lines(text, width)
            return (first, short(text[len(first) :].lstrip(_ENDS), fits)) if rest else (first,)

        ways = [
            lambda text: tuple(self.lines(text, width)),
            lambda text: shortened(text, _middle_out),
            lambda text: shortened(text, _end_of),
        ]
        return _apart(texts, ways, fits)

    def _fits(self, width: float) -> int:
        return max(2, int(width / (self.text * _CHARACTER)))


def _middle_out(text: str, fits: int) -> str:
    """Beginning and end of a text: what tells two models apart is often said last."""
    if len(text) <= fits:
        return text
    end = fits // 2
    return text[: fits - 1 - end].rstrip(_ENDS) + "…" + text[-end:].lstrip()


def _end_of(text: str, fits: int) -> str:
    return text if len(text) <= fits else "…" + text[-(fits - 1) :].lstrip()


def _apart(
    texts: Sequence[str], ways: Sequence[Callable[[str], tuple[str, ...]]], fits: int
) -> list[tuple[str, ...]]:
    """Write each text in the first way in which nothing else looks like it; at worst with a number."""
    shown = [ways[0](text) for text in texts]
    for way in ways[1:]:
        alike = _alike(texts, shown)
        shown = [way(text) if place in alike else shown[place] for place, text in enumerate(texts)]
    for number, place in enumerate(sorted(_alike(texts, shown)), start=1):
        *above, last = shown[place]
        mark = f" {number}"
        shown[place] = (*above, last[: max(1, fits - len(mark))] + mark)
    return shown


def _alike(texts: Sequence[str], shown: Sequence[tuple[str, ...]]) -> set[int]:
    """Places of texts that differ from another which is written alike, but for the dots of a cut."""
    read = ["".join(found).rstrip(_CUT) for found in shown]
    meant: dict[str, set[str]] = {}
    for text, found in zip(texts, read, strict=True):
        meant.setdefault(found, set()).add(text)
    return {place for place, found in enumerate(read) if len(meant[found]) > 1}


BIG = Sheet("big", 1216, 30, 440)
"""A projector's, one pixel for one at 1280 × 720: no text below 28 pixels there."""
SMALL = Sheet("small", 300, 15, 360)
"""A phone's, 320 pixels wide with its margins."""

GROUNDS = ("#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d8daeb", "#998ec3", "#542788")
"""From the worst grade to the best: orange to violet, told apart by every eye; a pattern lies on each."""
_DARK = ("#b35806", "#542788")
_PATTERNS = ("M0 12L12 0M-3 3L3 -3M9 15L15 9", "M0 12L12 0", "M3 3h2M9 9h2", "", "M0 6H12", "M6 0V12", "")
TINTS = ("#1b5c94", "#b8500a", "#0b6b3a", "#8f2d77", "#5b5b00", "#a3262a")
DASHES = ("", "12 7", "3 6", "16 6 3 6", "8 4", "2 4 8 4")
INK, PAPER, SOFT, RULE = "#1c2430", "#ffffff", "#515c6a", "#c9c5b8"


def step_of(grade: int, n_grades: int) -> int:
    """Which of the seven grounds a grade has."""
    return round((grade - 1) * (len(GROUNDS) - 1) / max(1, n_grades - 1))


def ink_on(ground: str) -> str:
    """The ink that can be read on a ground."""
    return PAPER if ground in _DARK else INK


def patterns(figure_id: str, steps: tuple[int, ...]) -> Markup:
    """The textures of some grounds, so that no information is carried by colour alone."""
    made = [
        tag(
            "pattern",
            tag("rect", width=12, height=12, fill=GROUNDS[step]),
            tag("path", d=_PATTERNS[step], stroke=ink_on(GROUNDS[step]), stroke_opacity="0.45", fill="none"),
            id=f"{figure_id}-g{step}",
            width=12,
            height=12,
            patternUnits="userSpaceOnUse",
        )
        for step in steps
    ]
    return tag("defs", *made)


def label(text: str, x: float, y: float, **attributes: str | float) -> Markup:
    """A text in ink; `y` is its middle."""
    return words(text, x, y, dominant_baseline="central", fill=attributes.pop("fill", INK), **attributes)


def haloed(text: str, x: float, y: float, ground: str) -> Markup:
    """A text on a patterned ground, with a rim in the colour of the ground."""
    return label(
        text,
        x,
        y,
        fill=ink_on(ground),
        stroke=ground,
        stroke_width=7,
        stroke_linejoin="round",
        paint_order="stroke",
        text_anchor="middle",
        font_weight="700",
    )


def rimmed(text: str, x: float, y: float) -> Markup:
    """Words that stand where a number is missing, on top of the lines behind them."""
    return label(text, x, y, fill=SOFT, stroke=PAPER, stroke_width=7, paint_order="stroke")


def sheet_drawing(sheet: Sheet, frame: Frame, *children: Markup) -> Markup:
    """The whole figure on its own paper: forced colours and dark pages leave it as it is."""
    ground = tag("rect", width=frame.width, height=frame.height, fill=PAPER)
    inside = group(children, font_size=sheet.text, font_family="system-ui, sans-serif")
    return drawing(frame, ground, inside)
