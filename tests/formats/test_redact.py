"""Personal data in free text: what stands for what, what is missing, what is found on a list of our own."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from harness.errors import HarnessError
from harness.formats.redact import Searcher, Span, merged, replaced
from harness.formats.redact_patterns import is_nir

EXAMPLES = Path(__file__).with_name("redaction_examples.yaml")
EXTRA = "the extra `privacy` is not installed"


def test_spans_that_overlap_become_one_of_the_longest_kind() -> None:
    """A telephone number inside a longer number is that number; neighbours stay apart."""
    found = [Span(0, 4, "NAME"), Span(10, 16, "PHONE"), Span(8, 20, "NIR"), Span(20, 24, "IP")]
    assert merged(found) == [Span(0, 4, "NAME"), Span(8, 20, "NIR"), Span(20, 24, "IP")]
    assert replaced("Rose is 12 34 56 at home", [Span(0, 4, "NAME"), Span(8, 16, "PHONE")]) == (
        "[NAME] is [PHONE] at home"
    )


@pytest.mark.parametrize(
    ("number", "is_right"),
    [
        ("1 85 12 75 108 123 95", True),
        ("1 85 12 75 108 123 96", False),
        ("2 79 03 2A 004 011 89", True),  # 97 - 2790319004011 mod 97
        ("2 79 03 2b 004 011 89", False),
        ("1 85 12 75 108 123", None),
    ],
)
def test_the_key_of_a_social_security_number(number: str, is_right: bool | None) -> None:
    """97 less the rest of the first 13 digits; 2A counts as 19, 2B as 18; None where the key is missing."""
    assert is_nir(number) is is_right


def test_without_the_extra_a_search_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is silently left as it was: the message names what to install."""
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(HarnessError, match=r"llm-judge-harness\[privacy\]"):
        Searcher().spans("a@example.org", "en")


# --- with the library -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def searcher() -> Searcher:
    """Searches with patterns alone."""
    pytest.importorskip("presidio_analyzer", reason=EXTRA)
    return Searcher()


def shown(searcher: Searcher, text: str, language: str = "fr") -> str:
    """The text with its marks."""
    return replaced(text, searcher.spans(text, language))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Écrivez à lea@exemple.fr ou au 06 12 34 56 78.", "Écrivez à [EMAIL] ou au [PHONE]."),
        ("Mme de La Tour, 12 rue des Lilas, 75011 Paris", "Mme [NAME], [ADDRESS]"),
        ("My name is Tom Reed, born on 3 April 1991.", "My name is [NAME], born on [BIRTH]."),
        ("NIR 185127510812395, IP 203.0.113.7", "NIR [NIR], IP [IP]"),
        ("FR76 3000 6000 0112 3456 7890 189 / 4111 1111 1111 1111", "[IBAN] / [CARD]"),
        ("voir https://github.com/tomreed et @tom_reed", "voir [PROFILE] et [PROFILE]"),
        ("rien ici, ni en 2024 ni le 12/03", "rien ici, ni en 2024 ni le 12/03"),
    ],
)
def test_each_kind_leaves_its_mark_and_the_rest_as_it_was(
    searcher: Searcher, text: str, expected: str
) -> None:
    """What announces something personal stays; the thing itself is gone."""
    assert shown(searcher, text) == expected


@pytest.mark.slow
def test_nothing_is_fetched(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of domains that checks e-mail addresses is the one in the package."""
    import requests

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(requests.Session, "request", refuse)
    assert shown(Searcher(), "a.b@example.co.uk") == "[EMAIL]"


@pytest.mark.slow
def test_a_pattern_that_runs_out_of_time_is_an_error(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Presidio says in its log that it skipped something; here that stops the export."""
    searcher.spans("warm", "en")

    def warns(*_: object, **__: object) -> list[Any]:
        logging.getLogger("presidio-analyzer").warning("Regex pattern '%s' timed out", "x")
        return []

    monkeypatch.setattr(type(searcher._engine), "analyze", warns)
    with pytest.raises(HarnessError, match="could not be searched"):
        searcher.spans("anything", "en")


@pytest.mark.slow
def test_a_pipeline_finds_names_in_texts_of_its_language(searcher: Searcher, tmp_path: Path) -> None:
    """Whatever spaCy pipeline is installed may be named; a French one reads no English."""
    import spacy

    pipeline = spacy.blank("fr")
    pipeline.add_pipe("entity_ruler").add_patterns(
        [{"label": "PER", "pattern": "Camille"}, {"label": "LOC", "pattern": "Brest"}]
    )
    pipeline.to_disk(tmp_path / "names")
    found = Searcher((str(tmp_path / "names"),))
    assert shown(found, "Hier Camille est partie à Brest.") == "Hier [NAME] est partie à Brest."
    assert shown(found, "Camille left for Brest.", "en") == "Camille left for Brest."
    assert set(found.tools()) == {"presidio-analyzer", "phonenumbers", str(tmp_path / "names")}


@pytest.mark.slow
def test_a_pipeline_that_is_not_here_is_refused_in_words(searcher: Searcher) -> None:
    """Nothing is downloaded."""
    with pytest.raises(HarnessError, match="no spaCy pipeline of that name"):
        Searcher(("nobody_core_news_sm",)).spans("Camille", "fr")


def examples() -> list[dict[str, Any]]:
    """Our own sentences."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(EXAMPLES)
    return found


def wanted(row: dict[str, Any]) -> list[Span]:
    """What is personal in a sentence."""
    text = row["text"]
    return [
        Span(text.index(part), text.index(part) + len(part), kind)
        for kind, parts in row["holds"].items()
        for part in parts
    ]


def test_every_example_holds_what_it_says() -> None:
    """Each part stands in its sentence, and no kind is unknown."""
    rows = examples()
    assert len(rows) == 94
    assert {span.kind for row in rows for span in wanted(row)} == {
        "EMAIL", "PHONE", "IBAN", "CARD", "IP", "NIR", "PROFILE", "NAME", "ADDRESS", "BIRTH",
    }  # fmt: skip


@pytest.mark.slow
def test_what_is_found_on_our_list_is_what_the_page_says(searcher: Searcher) -> None:
    """docs/privacy.md tells how much is found, missed and mistaken: those figures, no better and no worse."""
    found: Counter[str] = Counter()
    n_wanted: Counter[str] = Counter()
    mistaken: Counter[str] = Counter()
    for row in examples():
        spans, personal = searcher.spans(row["text"], row["language"]), wanted(row)
        side = "unseen" if row.get("unseen") else "known"
        for want in personal:
            n_wanted[want.kind] += 1
            n_wanted[side] += 1
            whole = any(one.start <= want.start and want.end <= one.end for one in spans)
            found[want.kind] += whole
            found[side] += whole
        mistaken.update(
            one.kind for one in spans if not any(one.start < b.end and b.start < one.end for b in personal)
        )
    page = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
    for kind, n in n_wanted.items():
        line = f"| {kind} | {n} | {found[kind]} | {mistaken[kind]} |"
        if kind in ("known", "unseen"):
            line = f"| {kind} | {n} | {found[kind]} |"
        assert line in page, line
