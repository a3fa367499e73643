"""One task of a Label Studio export: its texts, and what each annotation or prediction says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.formats.base import Place
from harness.formats.nested import (
    Fields,
    is_blank,
    kind_of,
    name_in,
    name_of,
    object_in,
    objects_in,
    optional_name,
    optional_text,
    seconds_in,
)
from harness.formats.reading import clean_text, fail

NO_BUCKET = "_"
"""Where the editor keeps what was put in no bucket."""

_MESSAGES = ("prompt", "question", "instruction", "message", "query", "input")
_PAIRS = (
    ("text1", "text2"),
    ("answer1", "answer2"),
    ("answer_1", "answer_2"),
    ("response1", "response2"),
    ("response_1", "response_2"),
    ("answer_a", "answer_b"),
    ("response_a", "response_b"),
    ("left", "right"),
)
_TEXTS = ("body", "text", "html", "title")


@dataclass(frozen=True)
class Keys:
    """Which fields of a task's data hold what; empty = found by name."""

    prompt: str = ""
    items: str = ""
    pair: tuple[str, ...] = ()
    control: str = ""
    buckets: tuple[str, ...] = ()
    authors_are_ids: bool = False


@dataclass(frozen=True)
class Shown:
    """One answer as the task shows it."""

    name: str
    text: str | None
    author: str | None


@dataclass(frozen=True)
class Ranked:
    """Tiers of answer names, best first."""

    tiers: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Pick:
    """The choice between the two answers of a task."""

    left: bool


@dataclass(frozen=True)
class Said:
    """An annotation or prediction: who, and what (None: nothing was chosen)."""

    who: str | None
    is_prediction: bool
    is_cancelled: bool
    began_prefilled: bool
    seconds: float | None
    what: Ranked | Pick | None


@dataclass(frozen=True)
class Task:
    """One task: the question, the answers in the order shown, what was said about them."""

    task_id: str
    message: str | None
    shown: tuple[Shown, ...]
    said: tuple[Said, ...]


def read_task(place: Place, fields: Fields, keys: Keys) -> Task:
    """Read one task of an export; raises ImportFormatError."""
    if "data" not in fields or not ("annotations" in fields or "completions" in fields):
        words = "is no task with data and annotations: export as JSON (not JSON-MIN, CSV or TSV)"
        fail(place, "", words)
    content = object_in(fields, "data", place)
    annotations = objects_in(fields, "annotations" if "annotations" in fields else "completions", place)
    predictions = objects_in(fields, "predictions", place)
    said = [_said(found, keys, place, is_prediction=False) for found in annotations]
    said += [_said(found, keys, place, is_prediction=True) for found in predictions]
    ranked = any(isinstance(one.what, Ranked) for one in said)
    picked = any(isinstance(one.what, Pick) for one in said)
    if ranked and picked:
        fail(
            place, "", "holds rankings and choices between two; name one of the tags with the option control"
        )
    shown = _pair(content, keys, place) if picked else _list(content, keys, place)
    return Task(_task_id(fields, place), _message(content, keys, place), shown, tuple(said))


def _task_id(fields: Fields, place: Place) -> str:
    return optional_name(fields, "id", place) or f"{place.path.stem} {place.line}"


def _message(content: Fields, keys: Keys, place: Place) -> str | None:
    if keys.prompt:
        return name_in(content, keys.prompt, place)
    found = next((name for name in _MESSAGES if isinstance(content.get(name), str)), None)
    return optional_text(content, found, place) if found else None


def _list(content: Fields, keys: Keys, place: Place) -> tuple[Shown, ...]:
    """The answers of a List tag, in the order in which a browser shows them."""
    name = keys.items or _items_key(content, place)
    found: dict[str, Shown] = {}
    for entry in objects_in(content, name, place):
        answer = name_in(entry, "id", place)
        if answer in found:
            fail(place, name, f"the id '{answer}' stands twice")
        text = next((entry[key] for key in _TEXTS if isinstance(entry.get(key), str) and entry[key]), None)
        author = answer if keys.authors_are_ids else optional_name(entry, "model", place)
        found[answer] = Shown(answer, clean_text(text) if isinstance(text, str) else None, author)
    return tuple(found[answer] for answer in _as_shown(list(found)))


def _as_shown(ids: Sequence[str]) -> list[str]:
    """JavaScript lists the keys of an object that are array indices first, in rising order."""
    short = [name for name in ids if name.isascii() and name.isdigit() and len(name) <= 10]
    indices = sorted((name for name in short if name == str(int(name)) and int(name) < 2**32 - 1), key=int)
    return [*indices, *(name for name in ids if name not in set(indices))]


def _items_key(content: Fields, place: Place) -> str:
    lists = [
        name
        for name, value in content.items()
        if isinstance(value, list)
        and value
        and all(isinstance(entry, dict) and "id" in entry for entry in value)
    ]
    if len(lists) != 1:
        fail(
            place,
            "data",
            f"{len(lists)} fields hold a list of objects with ids; name one: option items=FIELD",
        )
    return lists[0]


def _pair(content: Fields, keys: Keys, place: Place) -> tuple[Shown, ...]:
    """The two answers of a Pairwise tag; the export does not say which fields they come from."""
    pairs = [keys.pair] if keys.pair else [pair for pair in _PAIRS if all(name in content for name in pair)]
    if len(pairs) != 1 or len(pairs[0]) != 2:
        fail(place, "data", "which fields hold the two answers? name them: option pair=LEFT,RIGHT")
    return tuple(
        Shown(name, optional_text(content, name, place), name if keys.authors_are_ids else None)
        for name in pairs[0]
    )


# --- annotations ------------------------------------------------------------------------------------


def _said(found: Fields, keys: Keys, place: Place, *, is_prediction: bool) -> Said:
    who = optional_name(found, "model_version", place) if is_prediction else _person(found, place)
    return Said(
        who=who,
        is_prediction=is_prediction,
        is_cancelled=found.get("was_cancelled") is True,
        began_prefilled=not is_blank(found.get("parent_prediction")),
        seconds=seconds_in(found, "lead_time"),
        what=_what(found, keys, place),
    )


def _person(found: Fields, place: Place) -> str | None:
    """The number of a user; a name or an address is not kept."""
    who = found.get("completed_by")
    if isinstance(who, dict):
        who = who.get("id")
    return None if is_blank(who) else name_of(who, "completed_by", place)


def _what(found: Fields, keys: Keys, place: Place) -> Ranked | Pick | None:
    read = dict(_regions(found, keys, place))
    if len(read) > 1:
        fail(place, "", f"has answers to {', '.join(sorted(read))}; name one: option control=NAME")
    return next(iter(read.values()), None)


def _regions(found: Fields, keys: Keys, place: Place) -> Iterator[tuple[str, Ranked | Pick]]:
    # the documentation's own example of a prediction has no `result` around its value
    regions = objects_in(found, "result", place) if "result" in found else [found]
    for region in regions:
        name = optional_name(region, "from_name", place) or ""
        if region.get("type") not in ("ranker", "pairwise") or (keys.control and name != keys.control):
            continue
        value = object_in(region, "value", place)
        if region.get("type") == "pairwise":
            if value.get("selected") not in ("left", "right"):
                fail(place, "selected", f"is {value.get('selected')!r}; it may be left or right")
            yield name, Pick(value.get("selected") == "left")
        elif "ranker" in value:
            yield name, Ranked(_tiers(value["ranker"], keys, place))
        else:
            fail(place, "ranker", "is missing: this is the Ranker of 2019, with items and weights")


def _tiers(ranker: object, keys: Keys, place: Place) -> tuple[tuple[str, ...], ...]:
    if isinstance(ranker, list):
        return tuple((name_of(name, "ranker", place),) for name in ranker)
    if not isinstance(ranker, dict):
        fail(place, "ranker", f"must be a list or an object, found {kind_of(ranker)}")
    columns = {str(name): _names(ids, place) for name, ids in ranker.items()}
    filled = [name for name, ids in columns.items() if ids]
    if keys.buckets:
        strangers = [name for name in filled if name not in keys.buckets and name != NO_BUCKET]
        if strangers:
            fail(place, "ranker", f"has the bucket '{strangers[0]}', which the option buckets does not name")
        return tuple(columns[name] for name in keys.buckets if columns.get(name))
    if len(columns) > 1:
        words = "name them from best to worst: option buckets=BEST,...,WORST"
        fail(place, "ranker", f"has the buckets {', '.join(columns)}; {words}")
    return tuple((name,) for ids in columns.values() for name in ids)


def _names(ids: object, place: Place) -> tuple[str, ...]:
    if not isinstance(ids, list):
        fail(place, "ranker", f"a bucket must be a list, found {kind_of(ids)}")
    return tuple(name_of(name, "ranker", place) for name in ids)


def twice(tiers: Sequence[Sequence[str]]) -> str | None:
    """An answer that stands twice in a ranking, if there is one."""
    seen: set[str] = set()
    for name in (name for tier in tiers for name in tier):
        if name in seen:
            return name
        seen.add(name)
    return None


def grades_of(tiers: Sequence[Sequence[str]], ids: Mapping[str, str]) -> dict[str, float]:
    """Grades by answer id from tiers, best first."""
    return {ids[name]: float(len(tiers) - place) for place, tier in enumerate(tiers) for name in tier}
