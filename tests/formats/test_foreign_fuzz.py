"""Whatever another tool's file holds: an error that names the place, or an import that becomes verdicts."""

from __future__ import annotations

import copy
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ImportFormatError
from harness.formats import alpaca_eval, arena, argilla, inspect_log, label_studio, mt_bench
from harness.formats.assemble import assemble
from harness.formats.base import Format, Imported

FORMATS = (
    alpaca_eval.FORMAT,
    arena.FORMAT,
    argilla.FORMAT,
    inspect_log.FORMAT,
    label_studio.FORMAT,
    mt_bench.FORMAT,
)
SUFFIXES = {"mt-bench": ".jsonl", "argilla": ".jsonl"}

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**30, max_value=10**40),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["", " ", "tie", "model_1", "left", "\ud800", "\x00", "é" * 70, "tern", "_", "-1", "a" * 300]
    ),
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def example(found: Format) -> Any:  # noqa: ANN401 - JSON of any shape
    """Give the documented example as a list of entries; logs are two, of two systems."""
    if found.name == "inspect":
        return [json.loads(found.example), json.loads(found.example.replace("tern-7b", "wren-13b"))]
    if found.name == "argilla":
        return [json.loads(found.example)]
    if found.name == "mt-bench":
        return [json.loads(line) for line in found.example.splitlines()]
    return json.loads(found.example)


def places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Every place inside a JSON value."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield from places(child, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: object, *, remove: bool) -> Any:  # noqa: ANN401
    """Give the value with another one, or none, at one place."""
    whole = copy.deepcopy(value)
    parent = whole
    for key in path[:-1]:
        parent = parent[key]
    if remove:
        del parent[path[-1]]
    else:
        parent[path[-1]] = new
    return whole


def written(found: Format, content: Any, folder: Path) -> list[Path]:  # noqa: ANN401
    """Write entries in the shape that the format expects."""
    if found.name == "inspect":
        paths = [folder / f"log-{number}.json" for number in range(len(content))]
        for path, one in zip(paths, content, strict=True):
            path.write_text(json.dumps(one), encoding="utf-8")
        return paths
    path = folder / f"file{SUFFIXES.get(found.name, '.json')}"
    lines = [json.dumps(entry) for entry in content] if path.suffix == ".jsonl" else [json.dumps(content)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return [path]


def is_sound(found: Format, paths: list[Path]) -> Imported | None:
    """Read and assemble; the only error is one that names a place."""
    try:
        imported = found.read(paths, {})
        assemble(imported)
    except ImportFormatError:  # which cannot be made without a problem
        return None
    assert imported.cases
    assert imported.votes or imported.graded
    assert [case.case_id for case in imported.cases] == list(imported.case_set.case_order)
    # every record can be written: no half characters, nothing that is no JSON
    for case in imported.cases:
        case.model_dump_json().encode()
    return imported


@pytest.mark.parametrize("found", FORMATS, ids=lambda found: found.name)
@given(content=anything)
@settings(max_examples=60)
def test_any_json_is_an_error_or_an_import(found: Format, content: object) -> None:
    """Arbitrary JSON never gives anything but ImportFormatError or an import that becomes verdicts."""
    with tempfile.TemporaryDirectory() as folder:
        entries = content if isinstance(content, list) else [content]
        for path in written(found, entries or [None], Path(folder)):
            is_sound(found, [path])


@pytest.mark.parametrize("found", FORMATS, ids=lambda found: found.name)
@given(seed=st.integers(min_value=0, max_value=2**32), new=anything, remove=st.booleans(), more=anything)
@settings(max_examples=150)
def test_one_damaged_place_is_an_error_or_an_import(
    found: Format, seed: int, new: object, remove: bool, more: object
) -> None:
    """A good file with one value replaced or missing is read, or refused with the place; nothing else."""
    rng = random.Random(seed)
    good = example(found)
    good = good if found.name == "inspect" else good * 2
    once = changed(good, rng.choice(list(places(good))), new, remove=remove)
    spots = list(places(once))
    twice = changed(once, rng.choice(spots), more, remove=False) if spots else once
    with tempfile.TemporaryDirectory() as folder:
        is_sound(found, written(found, twice or [None], Path(folder)))


@pytest.mark.parametrize("found", FORMATS, ids=lambda found: found.name)
@given(content=st.binary(max_size=200), cut=st.integers(min_value=0, max_value=400))
@settings(max_examples=40)
def test_any_bytes_are_an_error_or_an_import(found: Format, content: bytes, cut: int) -> None:
    """Bytes of any kind, and good files that were cut, never give anything but ImportFormatError."""
    whole = json.dumps(example(found)).encode()
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".json", ".jsonl", ".csv", ".eval", ".parquet", ".txt"):
            path = Path(folder) / f"file{suffix}"
            path.write_bytes(content if suffix != ".json" else whole[:cut] + content)
            is_sound(found, [path])


@pytest.mark.parametrize("found", FORMATS, ids=lambda found: found.name)
def test_the_undamaged_file_is_read(found: Format, tmp_path: Path) -> None:
    """What is damaged above can be read as it stands, so that the damage is what is tested."""
    assert is_sound(found, written(found, example(found), tmp_path)) is not None


@pytest.mark.parametrize("found", FORMATS, ids=lambda found: found.name)
def test_no_file_and_a_folder_are_refused(found: Format, tmp_path: Path) -> None:
    """A path that is not there, an empty folder and no path at all are errors in words."""
    for paths in ([tmp_path / "absent.json"], [tmp_path], []):
        with pytest.raises(ImportFormatError):
            found.read(paths, {})
