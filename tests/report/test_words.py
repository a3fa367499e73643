from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from harness.report import prose_words, words
from harness.report.prose import COLLECTIONS, PHRASES
from harness.schema import (
    Baseline,
    ContrastWarning,
    DiffersIn,
    Dimension,
    FailureReason,
    Flag,
    Language,
    PersonSignal,
    Protocol,
    RowKind,
    Target,
    Undefined,
    Unit,
    Wording,
)

TABLES: list[tuple[dict[Any, Any], Any]] = [
    (words.UNDEFINED, Undefined),
    (words.FAILURES, FailureReason),
    (words.FLAGS, Flag),
    (words.BASELINES, Baseline),
    (words.ROW_KINDS, RowKind),
    (words.PROTOCOLS, Protocol),
    (words.WORDINGS, Wording),
    (words.LANGUAGE_NAMES, Language),
    (words.TARGETS, Target),
    (words.UNITS, Unit),
    (prose_words.RUNGS, DiffersIn),
    (prose_words.ACTS, DiffersIn),
    (prose_words.DIMENSION_NAMES, Dimension),
    (prose_words.SIGNALS, PersonSignal),
    (prose_words.WARNINGS, ContrastWarning),
]


def texts_of(table: object) -> Iterator[dict[str, str]]:
    """Every pair of texts in a table, however deep."""
    if isinstance(table, dict) and set(table) <= {"fr", "en"}:
        yield table
    elif isinstance(table, dict):
        for inside in table.values():
            yield from texts_of(inside)
    elif isinstance(table, tuple):
        for inside in table:
            yield from texts_of(inside)


@pytest.mark.parametrize(("table", "kinds"), TABLES, ids=[str(kinds)[:40] for _, kinds in TABLES])
def test_every_kind_has_its_word(table: dict[Any, Any], kinds: object) -> None:
    """A reason, kind or unit that the records know has words, and no word is left over."""
    assert set(table) == set(get_args(kinds))


def test_both_languages_say_everything() -> None:
    """Nothing is said in one language only, and nothing is empty."""
    named = [
        getattr(source, name) for source in (words, prose_words) for name in dir(source) if name.isupper()
    ]
    tables = [*named, PHRASES]
    pairs = [pair for table in tables for pair in texts_of(table)]
    assert len(pairs) > 500
    assert [pair for pair in pairs if set(pair) != {"fr", "en"} or not all(pair.values())] == []


@pytest.mark.parametrize("name", sorted(PHRASES))
def test_both_languages_have_the_same_gaps(name: str) -> None:
    """A number that stands in the French sentence stands in the English one."""
    gaps = [
        {gap for _, gap, _, _ in string.Formatter().parse(text) if gap} for text in PHRASES[name].values()
    ]
    assert gaps[0] == gaps[1]


def test_no_phrase_hides_another() -> None:
    """No two collections of phrases share a name."""
    assert sum(len(one) for one in COLLECTIONS) == len(PHRASES)


def test_every_phrase_is_said_somewhere(root: Path) -> None:
    """A phrase that nobody says is removed rather than translated for ever."""
    sources = [path for path in (root / "harness" / "report").rglob("*") if path.suffix in (".py", ".j2")]
    others = "\n".join(
        path.read_text(encoding="utf-8") for path in sources if not path.name.startswith("prose")
    )

    def said(name: str) -> bool:
        # A phrase for votes or for a key is said wherever its plain sister is.
        names = (name, name.removesuffix("_votes"), name.removesuffix("_key"))
        return any(f'"{one}"' in others or f"'{one}'" in others for one in names)

    built = re.compile(
        r"^(reference_(key|none|people(_votes)?)|switch_(fr|en)|n_(judges|rulebooks)(_one)?"
        r"|bias_(length_slope(_key)?|self_preference|canary_lift)|plan_(this_run|published_world))$"
    )
    assert [name for name in PHRASES if not said(name) and not built.match(name)] == []
