"""A payslip from a class's own work: judgements and minutes, at documented rates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.schema.classroom import Ballot, Wage

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class PayLine:
    """What the class's work would have earned at one rate; None where no time was measured."""

    wage: Wage
    for_the_class: float | None
    per_pupil: float | None


@dataclass(frozen=True)
class Payslip:
    """What a class did, and what that is worth at each rate."""

    n_judgements: int
    n_pupils: int
    n_ballots: int
    n_timed: int
    """Ballots whose time was measured; the others count as judgements, and as no time."""
    hours: float
    lines: tuple[PayLine, ...]


def payslip(ballots: Iterable[Ballot], wages: Sequence[Wage]) -> Payslip:
    """Add up every grade and every measured second, of both votes.

    Grades typed in from paper have no time: the amounts are then of the measured work only, and `n_timed`
    says of how much. Without any measured time there are no amounts.
    """
    judgements, pupils, timed_pupils, timed = 0, set[str](), set[str](), list[float]()
    n_ballots = 0
    for ballot in ballots:
        if not ballot.grades:
            continue
        n_ballots += 1
        judgements += len(ballot.grades)
        pupils.add(ballot.pupil_id)
        if ballot.seconds is not None:
            timed.append(ballot.seconds)
            timed_pupils.add(ballot.pupil_id)
    hours = sum(timed) / SECONDS_PER_HOUR
    return Payslip(
        n_judgements=judgements,
        n_pupils=len(pupils),
        n_ballots=n_ballots,
        n_timed=len(timed),
        hours=hours,
        lines=tuple(_line(wage, hours, len(timed_pupils)) for wage in wages),
    )


def _line(wage: Wage, hours: float, n_pupils: int) -> PayLine:
    if hours == 0.0:
        return PayLine(wage, None, None)
    amount = hours * wage.per_hour
    return PayLine(wage, amount, amount / n_pupils)
