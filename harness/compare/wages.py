"""What people are paid for annotating: wages that were reported, with whose, when, from where."""

from __future__ import annotations

from dataclasses import dataclass

from harness.schema import Localised


@dataclass(frozen=True)
class Wage:
    """An hourly wage and where it comes from."""

    usd_per_hour: float
    source: Localised


_TIME_BILLED: Localised = {
    "en": "billed to the client for data labellers in Kenya (Sama for OpenAI); TIME, January 2023",
    "fr": "facturés au client pour des annotateurs au Kenya (Sama pour OpenAI) ; TIME, janvier 2023",
}
_TIME_PAID_LEAST: Localised = {
    "en": "paid to data labellers in Kenya, least (Sama for OpenAI); TIME, January 2023",
    "fr": "versés aux annotateurs au Kenya, au moins (Sama pour OpenAI) ; TIME, janvier 2023",
}
_TIME_PAID_MOST: Localised = {
    "en": "paid to data labellers in Kenya, most (Sama for OpenAI); TIME, January 2023",
    "fr": "versés aux annotateurs au Kenya, au plus (Sama pour OpenAI) ; TIME, janvier 2023",
}
_VERGE_KENYA_LEAST: Localised = {
    "en": "paid to annotators in Kenya, least; The Verge / New York Magazine, 2023",
    "fr": "versés à des annotateurs au Kenya, au moins ; The Verge / New York Magazine, 2023",
}
_VERGE_KENYA_MOST: Localised = {
    "en": "paid to annotators in Kenya, most; The Verge / New York Magazine, 2023",
    "fr": "versés à des annotateurs au Kenya, au plus ; The Verge / New York Magazine, 2023",
}
_VERGE_US_LEAST: Localised = {
    "en": "paid to annotators in the United States, least; The Verge / New York Magazine, 2023",
    "fr": "versés à des annotateurs aux États-Unis, au moins ; The Verge / New York Magazine, 2023",
}
_VERGE_US_MOST: Localised = {
    "en": "paid to annotators in the United States, most; The Verge / New York Magazine, 2023",
    "fr": "versés à des annotateurs aux États-Unis, au plus ; The Verge / New York Magazine, 2023",
}
_STATED: Localised = {
    "en": "as you stated it",
    "fr": "selon votre indication",
}

BILLED = Wage(12.5, _TIME_BILLED)
"""What the client pays, which is what annotation costs; between it and the wage stands the contractor."""
REPORTED: tuple[Wage, ...] = (
    Wage(1.0, _VERGE_KENYA_LEAST),
    Wage(1.32, _TIME_PAID_LEAST),
    Wage(2.0, _TIME_PAID_MOST),
    Wage(3.0, _VERGE_KENYA_MOST),
    Wage(10.0, _VERGE_US_LEAST),
    BILLED,
    Wage(25.0, _VERGE_US_MOST),
)
"""Lowest first."""


def stated_wages(usd_per_hour: tuple[float, ...]) -> tuple[Wage, ...]:
    """Wages that the user gave."""
    return tuple(Wage(wage, _STATED) for wage in usd_per_hour)
