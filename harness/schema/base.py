"""What every record shares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")

Wording = Literal["base", "paraphrase"]
WORDINGS: tuple[Wording, ...] = ("base", "paraphrase")

Protocol = Literal["listwise", "pairwise", "pointwise"]
"""All answers at once; two at a time, every pair in both orders; each alone."""
PROTOCOLS: tuple[Protocol, ...] = ("listwise", "pairwise", "pointwise")

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""Lower-case letters, digits, dot, hyphen, underscore; 64 characters at most."""

Text = Annotated[str, Field(min_length=1)]
Localised = Annotated[dict[Language, Text], Field(min_length=1)]
"""The same text in one or more languages, side by side."""


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
