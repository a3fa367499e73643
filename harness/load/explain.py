"""What a record's validation found, in plain words: what is wrong, and what would be right."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from harness.load.near import nearest
from harness.load.secret import looks_like_secret
from harness.schema import Record

R = TypeVar("R", bound=Record)

_PATTERNS = {
    r"^[a-z0-9][a-z0-9._-]{0,63}$": (
        "must be an id (lower-case letters, digits, '.', '-' or '_'; 64 at most), {found}"
    ),
    r"^\d{4}-\d{2}-\d{2}$": "must be a date like 2026-11-21, {found}",
    # what stands here may be the key itself, so it is never repeated
    r"^[A-Z][A-Z0-9_]*$": (
        "must be the name of an environment variable like OPENAI_API_KEY, never the key itself"
    ),
}
_KINDS = {
    "string_type": "a text (put it in quotes)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of fields to values",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "must be at least {}"),
    "greater_than": ("gt", "must be more than {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "less_than": ("lt", "must be less than {}"),
}


def validate(record_type: type[R], content: object) -> R | list[tuple[tuple[str | int, ...], str]]:
    """The record that plain content describes, or every (place, message) that is wrong with it.

    Nothing is converted: "3" is no number, 3.5 no whole number, and `yes` not true.
    """
    try:
        return record_type.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        return explain(record_type, error)


def explain(record_type: type[Record], error: ValidationError) -> list[tuple[tuple[str | int, ...], str]]:
    """Every (place, message) of a validation error; a place is the keys and positions that lead there."""
    return [
        (_place(detail), _message(record_type, detail))
        for detail in error.errors(include_url=False)
        if not _follows_from_another(detail)
    ]


def found(value: object) -> str:
    """`found ...`, cut to one short line; what looks like a key is not shown."""
    if isinstance(value, Mapping | list):
        return f"found {'a mapping' if isinstance(value, Mapping) else 'a list'}"
    if isinstance(value, str) and looks_like_secret(value):
        return "found what looks like a key (not shown)"
    shown = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return f"found {shown}" if len(shown) <= 60 else f"found {shown[:57]}..."


def _place(detail: ErrorDetails) -> tuple[str | int, ...]:
    return tuple(part for part in detail["loc"] if part != "[key]")


def _follows_from_another(detail: ErrorDetails) -> bool:
    """A list counts as too short when one of its members is wrong; only its true length matters."""
    least = detail.get("ctx", {}).get("min_length")
    value = detail["input"]
    return detail["type"] == "too_short" and isinstance(value, list | dict) and len(value) >= int(least or 0)


def _message(record_type: type[Record], detail: ErrorDetails) -> str:
    kind, value, bounds = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{words.format(bounds[name])}, {found(value)}"
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}, {found(value)}"
    special = _SPECIAL.get(kind)
    return special(record_type, detail) if special else f"{detail['msg']}, {found(value)}"


def _missing(record_type: type[Record], detail: ErrorDetails) -> str:
    owner, field = _owner(record_type, detail["loc"])
    purpose = f" ({field.description})" if field is not None and field.description else ""
    return f"is missing; {owner.__name__} needs it{purpose}"


def _unknown(record_type: type[Record], detail: ErrorDetails) -> str:
    owner, _ = _owner(record_type, detail["loc"])
    name, names = str(detail["loc"][-1]), list(owner.model_fields)
    near = nearest(name, names)
    remedy = f"did you mean '{near}'?" if near else f"its fields: {', '.join(names)}"
    return f"{owner.__name__} has no field '{name}'; {remedy}"


def _literal(_: type[Record], detail: ErrorDetails) -> str:
    expected = str(detail.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
    return f"must be one of {expected}, {found(detail['input'])}"


def _pattern(_: type[Record], detail: ErrorDetails) -> str:
    pattern = str(detail.get("ctx", {}).get("pattern"))
    words = _PATTERNS.get(pattern, f"must match {pattern}, {{found}}")
    return words.replace("{found}", found(detail["input"]))


def _too_short(_: type[Record], detail: ErrorDetails) -> str:
    least, value = detail["ctx"]["min_length"], detail["input"]
    return "is empty" if not value else f"must have at least {least} entries, found {len(value)}"


def _too_long(_: type[Record], detail: ErrorDetails) -> str:
    return f"must have at most {detail['ctx']['max_length']} entries, found {len(detail['input'])}"


_SPECIAL: dict[str, Callable[[type[Record], ErrorDetails], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _literal,
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda _record_type, _detail: "is empty; a text is needed",
    "too_short": _too_short,
    "too_long": _too_long,
}


def _owner(record_type: type[Record], place: tuple[int | str, ...]) -> tuple[type[Record], FieldInfo | None]:
    """The record that the last part of a place belongs to, and its field where it has one."""
    owner: type[Record] = record_type
    current: object = record_type
    for part in place[:-1]:
        current = _step(current, part)
        owner = current if isinstance(current, type) and issubclass(current, Record) else owner
    return owner, owner.model_fields.get(str(place[-1])) if place else None


def _step(annotation: object, part: int | str) -> object:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        field = annotation.model_fields.get(str(part))
        return _bare(field.annotation) if field is not None else None
    members = typing.get_args(annotation)
    return _bare(members[0 if isinstance(part, int) else -1]) if members else None


def _bare(annotation: object) -> object:
    """An annotation without its extras, and without `| None`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        kept = [member for member in typing.get_args(annotation) if member is not type(None)]
        return _bare(kept[0]) if len(kept) == 1 else None
    return annotation
