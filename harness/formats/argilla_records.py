"""One record of an Argilla export, in any of the shapes that Argilla 1 and 2 write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.formats.base import Place
from harness.formats.nested import (
    Fields,
    is_blank,
    kind_of,
    list_in,
    name_of,
    object_in,
    objects_in,
    optional_name,
)
from harness.formats.reading import clean_text, fail

Tiers = tuple[tuple[str, ...], ...]

_SHAPES = (
    "responses and suggestions by question (Argilla 2), a list of responses with values (Argilla 1, or the "
    "server itself), QUESTION.responses (Argilla 2, flat), or a column per question (Argilla 1, dataset)"
)


@dataclass(frozen=True)
class Response:
    """One person's or one agent's ranking of one record."""

    question: str
    who: str | None
    status: str | None
    """submitted, draft, discarded; None: the export does not say."""
    value: object
    is_suggestion: bool = False
    is_human: bool = False
    """A suggestion that Argilla marks as made by a person."""


@dataclass(frozen=True)
class Record:
    """One record: what was shown, and what was said about it."""

    record_id: str
    fields: Mapping[str, str]
    responses: tuple[Response, ...]


def read_record(place: Place, content: Fields) -> Record:
    """Read one record; raises ImportFormatError when it has none of the known shapes."""
    nested = isinstance(content.get("fields"), dict)
    if nested and isinstance(content.get("responses"), list):
        said = _as_list(place, content)
    elif nested and isinstance(content.get("responses"), dict | None):
        said = _by_question(place, content)
    elif any(_flat_question(name) for name in content):
        said = _flat(place, content)
    elif any(f"{name}-suggestion" in content for name in content):
        said = _columns(place, content)
    else:
        fail(place, "", f"is no record of Argilla; known are {_SHAPES}")
    shown = object_in(content, "fields", place) if nested else content
    texts = {name: clean_text(value) for name, value in shown.items() if isinstance(value, str)}
    return Record(_record_id(content, place), texts, tuple(said))


def _record_id(content: Fields, place: Place) -> str:
    found = (optional_name(content, key, place) for key in ("external_id", "id", "_server_id"))
    return next((name for name in found if name), f"{place.path.stem} {place.line}")


def _status(content: Fields, place: Place) -> str | None:
    status = optional_name(content, "status", place)
    if status not in (None, "submitted", "draft", "discarded"):
        fail(place, "status", f"is '{status}'; it may be submitted, draft or discarded")
    return status


def _as_list(place: Place, content: Fields) -> Iterator[Response]:
    """Argilla 1's FeedbackRecord, and the records that the server of Argilla 2 sends."""
    for response in objects_in(content, "responses", place):
        who, status = optional_name(response, "user_id", place), _status(response, place)
        values = object_in(response, "values", place)
        for question in values:
            value = object_in(values, question, place).get("value")
            yield Response(question, who, status, value)
        if not values:
            yield Response("", who, status, None)
    for suggestion in objects_in(content, "suggestions", place):
        yield _suggestion(place, optional_name(suggestion, "question_name", place) or "", suggestion)


def _by_question(place: Place, content: Fields) -> Iterator[Response]:
    """Argilla 2: `dataset.records.to_list()` and `to_json`; these drop the status of a response."""
    responses = object_in(content, "responses", place)
    for question in responses:
        for response in objects_in(responses, question, place):
            who = optional_name(response, "user_id", place)
            yield Response(question, who, _status(response, place), response.get("value"))
    suggestions = object_in(content, "suggestions", place)
    for question in suggestions:
        yield _suggestion(place, question, object_in(suggestions, question, place))


def _suggestion(place: Place, question: str, content: Fields) -> Response:
    who = optional_name(content, "agent", place)
    is_human = content.get("type") == "human"
    return Response(question, who, None, content.get("value"), is_suggestion=True, is_human=is_human)


def _flat_question(name: str) -> str | None:
    for end in (".responses", ".suggestion"):
        if name.endswith(end) and len(name) > len(end):
            return name.removesuffix(end)
    return None


def _flat(place: Place, content: Fields) -> Iterator[Response]:
    """Argilla 2: `to_list(flatten=True)` and `to_datasets()`; parallel lists under dotted names."""
    for question in dict.fromkeys(filter(None, map(_flat_question, content))):
        values = list_in(content, f"{question}.responses", place)
        users = list_in(content, f"{question}.responses.users", place)
        statuses = list_in(content, f"{question}.responses.status", place)
        if len(users) != len(values) or len(statuses) not in (0, len(values)):
            fail(place, f"{question}.responses", "has not as many users and statuses as responses")
        for position, value in enumerate(values):
            told = {"status": statuses[position] if statuses else None, "user_id": users[position]}
            yield Response(question, optional_name(told, "user_id", place), _status(told, place), value)
        if not is_blank(content.get(f"{question}.suggestion")):
            who = optional_name(content, f"{question}.suggestion.agent", place)
            value = content[f"{question}.suggestion"]
            yield Response(question, who, None, value, is_suggestion=True)


def _columns(place: Place, content: Fields) -> Iterator[Response]:
    """Argilla 1: `format_as("datasets")`, a column per question beside QUESTION-suggestion."""
    for question in content:
        if f"{question}-suggestion" not in content:
            continue
        for response in objects_in(content, question, place):
            who = optional_name(response, "user_id", place)
            yield Response(question, who, _status(response, place), response.get("value"))
        if not is_blank(content[f"{question}-suggestion"]):
            told = object_in(content, f"{question}-suggestion-metadata", place)
            value = content[f"{question}-suggestion"]
            yield _suggestion(place, question, {**told, "value": value})


# --- rankings ---------------------------------------------------------------------------------------


def is_ranking(value: object) -> bool:
    """Whether a value is a ranking: options with ranks, or (Argilla 2's client) options in order."""
    if isinstance(value, dict):
        return isinstance(value.get("value"), list) and isinstance(value.get("rank"), list)
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, dict) and "value" in one and "start" not in one for one in value) or all(
        isinstance(one, str) for one in value
    )


def has_ranks(value: object) -> bool:
    """Whether a ranking says its ranks, so that ties can be seen."""
    return isinstance(value, dict) or not all(isinstance(one, str) for one in _listed(value))


def tiers_of(value: object, place: Place, question: str) -> Tiers:
    """The tiers of a ranking, best first; options without a rank are left out.

    Raises
    ------
    ImportFormatError
        A rank is no whole number of 1 or more, or an option stands twice.
    """
    by_rank: dict[int, list[str]] = {}
    pairs = list(_ranked(value, place, question))
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        fail(place, question, "ranks an option twice")
    for name, rank in pairs:
        if rank is not None:
            by_rank.setdefault(rank, []).append(name)
    return tuple(tuple(by_rank[rank]) for rank in sorted(by_rank))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _ranked(value: object, place: Place, question: str) -> Iterator[tuple[str, int | None]]:
    if isinstance(value, dict):  # a dataset turns a list of objects into an object of lists
        names, ranks = _listed(value.get("value")), _listed(value.get("rank"))
        if len(names) != len(ranks):
            fail(place, question, f"has {len(names)} options and {len(ranks)} ranks")
        value = [{"value": name, "rank": rank} for name, rank in zip(names, ranks, strict=True)]
    for position, one in enumerate(_listed(value), start=1):
        if isinstance(one, dict):
            yield name_of(one.get("value"), question, place), _rank(one.get("rank"), place, question)
        else:
            yield name_of(one, question, place), position


def _rank(rank: object, place: Place, question: str) -> int | None:
    if rank is None:
        return None
    whole = isinstance(rank, int | float) and not isinstance(rank, bool) and rank == rank // 1
    if not whole or not 1 <= rank <= 10_000:  # type: ignore[operator]
        fail(place, question, f"a rank must be a whole number from 1, found {kind_of(rank)}")
    return int(rank)  # type: ignore[call-overload,no-any-return]
