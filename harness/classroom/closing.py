"""The closing section, "What annotation hides": an editable file, and what a page shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.classroom.payslip import PayLine, Payslip
from harness.classroom.rendering import render
from harness.classroom.steered_part import SteeredExample, steered_example
from harness.classroom.texts import Words, words
from harness.classroom.values_part import ValueAnswer
from harness.errors import InputError
from harness.load.yaml import read_record
from harness.report.numbers import decimal, percent, whole
from harness.report.typography import typeset
from harness.schema import Estimate, Language, Localised
from harness.schema.classroom import Closing, ClosingFigure, Wage

SHIPPED = Path(__file__).with_name("closing.yaml")
_AGREEMENT_PART = "not-simple"
_MINUTES = 60.0


@dataclass(frozen=True)
class ShownFigure:
    """One published figure, in the reader's language."""

    text: str
    source: str
    url: str | None


@dataclass(frozen=True)
class ShownPart:
    """One heading of the section; `own` sets the class's own number beside the published ones."""

    part_id: str
    title: str
    text: str
    figures: tuple[ShownFigure, ...]
    own: str = ""


@dataclass(frozen=True)
class ShownLine:
    """One line of the payslip."""

    title: str
    source: str
    rate: float
    currency: str
    per_hour: str
    amount: str
    per_pupil: str
    editable: bool
    """The page lets the rate be changed, and computes anew."""


@dataclass(frozen=True)
class ShownSlip:
    """The payslip."""

    title: str
    work: str
    note: str
    lines: tuple[ShownLine, ...]
    hours: float
    n_pupils: int


@dataclass(frozen=True)
class ShownClosing:
    """The whole section."""

    title: str
    parts: tuple[ShownPart, ...]
    slip: ShownSlip
    values: tuple[ValueAnswer, ...] = ()
    """What recorded judges answered on value-laden cases, where there are such recordings."""
    steered: SteeredExample | None = None
    """What rewards of several employers let out of the same replies, where that recording is there."""


def load_closing(folder: Path | None = None) -> Closing:
    """Read `closing.yaml` of a content folder, or the shipped one where that folder has none.

    Raises
    ------
    InputError
        The file is no YAML, or a field is missing, unknown or wrong; every figure needs source and date.
    """
    own = folder / SHIPPED.name if folder is not None else SHIPPED
    path = own if own.is_file() else SHIPPED
    return read_record(path, Closing, InputError)


def published_agreement(closing: Closing) -> tuple[ClosingFigure, ...]:
    """Agreement of professional annotators: what the class's own is drawn beside."""
    part = next((part for part in closing.parts if part.part_id == _AGREEMENT_PART), None)
    return tuple(one for one in part.figures if one.value is not None) if part else ()


def shown_closing(closing: Closing, slip: Payslip, agreement: Estimate, language: Language) -> ShownClosing:
    """Put the section into the reader's language, with the class's own agreement and payslip."""
    said = words(language)
    own = _own_agreement(agreement, said)
    parts = tuple(
        ShownPart(
            part_id=part.part_id,
            title=_local(part.title, language),
            text=_local(part.text, language),
            figures=tuple(
                ShownFigure(_local(one.text, language), _source(one.source, one.date), one.url)
                for one in part.figures
            ),
            own=own if part.part_id == _AGREEMENT_PART else "",
        )
        for part in closing.parts
    )
    steered = steered_example(language)
    return ShownClosing(_local(closing.title, language), parts, _slip(slip, said), steered=steered)


def closing_fragment(closing: ShownClosing, language: Language) -> str:
    """Render the section for a pupil's page."""
    return render("fragments/end.html.j2", language, closing=closing)


def _own_agreement(agreement: Estimate, said: Words) -> str:
    if agreement.value is None:
        return said("closing.own_agreement_none")
    share = percent(agreement.value, said.language)
    return said("closing.own_agreement", share=share, n=agreement.n)


def _slip(slip: Payslip, said: Words) -> ShownSlip:
    counts = {"judgements": whole(slip.n_judgements, said.language), "n": whole(slip.n_pupils, said.language)}
    minutes = decimal(slip.hours * _MINUTES, said.language, 0)
    timed = slip.n_timed > 0
    work = (
        said("closing.work", minutes=minutes, **counts) if timed else said("closing.work_untimed", **counts)
    )
    return ShownSlip(
        title=said("closing.payslip_title"),
        work=work,
        note=said("closing.note", timed=slip.n_timed, ballots=slip.n_ballots) if timed else "",
        lines=tuple(_line(line, said.language) for line in slip.lines),
        hours=slip.hours,
        n_pupils=slip.n_pupils,
    )


def _line(line: PayLine, language: Language) -> ShownLine:
    wage = line.wage
    return ShownLine(
        title=_local(wage.title, language),
        source=_source(wage.source, wage.date),
        rate=wage.per_hour,
        currency=wage.currency,
        per_hour=_money(wage.per_hour, wage, language),
        amount=_money(line.for_the_class, wage, language),
        per_pupil=_money(line.per_pupil, wage, language),
        editable=wage.editable,
    )


def _money(amount: float | None, wage: Wage, language: Language) -> str:
    if amount is None:
        return "–"
    sign = {"USD": "$", "EUR": "€"}[wage.currency]
    text = decimal(amount, language)
    return f"{text}\u00a0{sign}" if language == "fr" else f"{sign}{text}"


def _source(source: str, date: str) -> str:
    """The source, with the year of its date where it does not say it."""
    return f"({source})" if date[:4] in source else f"({source}, {date[:4]})"


def _local(text: Localised, language: Language) -> str:
    return typeset(text[language], language) if language in text else next(iter(text.values()))
