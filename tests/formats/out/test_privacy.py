"""People in an export: pseudonyms, the mapping, small groups, and the simulated."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from harness.api.exporting import Export, Privacy, load_material
from harness.errors import HarnessError
from harness.formats.importing import Asked, import_files
from harness.formats.out.base import Material
from harness.formats.out.privacy import Pseudonyms, group_sizes, small_groups
from harness.formats.out.redacting import redacted
from harness.formats.out.registry import SUMMARIES
from harness.formats.redact import Searcher, Span
from harness.schema import Cell, RankedVerdict
from harness.store.folder import RunFolder

SECRET = b"sixteen bytes or more"
OPEN = Privacy(pseudonymised=True, refuse_small=False)


class Exporting(Protocol):
    """What the fixture gives."""

    run: RunFolder

    def __call__(self, name: str, privacy: Privacy = OPEN, **choices: Any) -> Export:  # noqa: ANN401
        """Export the small run."""

    def imported(self, name: str, simulated: str) -> RunFolder:
        """Make the small run; its first person may be invented."""


def whole(done: Export) -> str:
    """Every byte of an export."""
    return "".join(one.read_text(encoding="utf-8") for one in sorted(done.path.rglob("*")) if one.is_file())


def person(annotator_id: str, rulebook_id: str, session: str | None = "monday") -> RankedVerdict:
    """One person's verdict."""
    cell = Cell(
        annotator_id=annotator_id,
        annotator_kind="person",
        case_id="q",
        rulebook_id=rulebook_id,
        language="fr",
        session=session,
    )
    return RankedVerdict(cell=cell, grades={"q-a": 1, "q-b": 2})


@pytest.mark.parametrize("name", SUMMARIES)
def test_no_name_and_no_session_is_left_in_any_file(exporting: Exporting, name: str) -> None:
    """With --pseudonymise no byte of the export holds an old id, a session or a time taken."""
    text = whole(exporting(name, OPEN))
    assert not any(mark in text for mark in ("=p1", "monday", "tuesday", "12.5", '"p2"', ",p2,"))


def test_one_person_has_one_name_in_an_export_and_new_ones_in_the_next(exporting: Exporting) -> None:
    """Two cases of one person share the pseudonym; without a key, the next export draws anew."""
    found = []
    for _ in range(2):
        lines = (exporting("rankings", OPEN).path / "rankings.jsonl").read_text(encoding="utf-8").splitlines()
        found.append({json.loads(line)["annotator_id"] for line in lines})
    assert [len(one) for one in found] == [3, 3]
    assert not found[0] & found[1]


def test_a_key_gives_the_same_names_again_and_only_that_key() -> None:
    """Keyed pseudonyms are a function of key, session and id; where one ends and the other begins counts."""
    first, again, other = (Pseudonyms(key) for key in (SECRET, SECRET, b"another secret of bytes"))
    assert first.person("monday", "p1") == again.person("monday", "p1") != other.person("monday", "p1")
    assert first.person("mondayp", "1") != first.person("monday", "p1")
    assert first.person("tuesday", "p1") != first.person("monday", "p1")


def test_a_short_key_is_refused() -> None:
    """What can be guessed protects nobody."""
    with pytest.raises(HarnessError, match="16 or more"):
        Pseudonyms(b"short")


def test_the_mapping_is_written_only_when_asked_and_never_into_the_export(
    exporting: Exporting, tmp_path: Path
) -> None:
    """A file of its own undoes the pseudonyms; a place inside the export is refused."""
    before = set(tmp_path.iterdir())
    exporting("rankings", OPEN)
    assert len(set(tmp_path.iterdir()) - before) == 1
    done = exporting("rankings", OPEN._replace(mapping=tmp_path / "secret" / "mapping.csv"))
    mapping = (tmp_path / "secret" / "mapping.csv").read_text(encoding="utf-8")
    assert all(name in mapping for name in ("'=p1", "p2", "tuesday"))
    assert "mapping" not in " ".join(done.files)
    with pytest.raises(HarnessError, match="lies in the export"):
        exporting("rankings", OPEN._replace(mapping=tmp_path / "out-3" / "mapping.csv"))
    assert not (tmp_path / "out-3").exists()


def test_groups_too_small_are_named_in_words() -> None:
    """People are alike when they share every session, rulebook and language; a lone double is a group."""
    people = [person(f"p{n}", "hhh") for n in range(5)] + [person("p0", "none"), person("x", "none", None)]
    found = small_groups(group_sizes(people), 5)
    assert len(found) == 3
    assert found[0].startswith("1 person has rulebook none, language fr to themselves")
    assert any(one.startswith("4 people have session monday, rulebook hhh") for one in found)
    assert small_groups(group_sizes(people[:5]), 5) == []
    assert len(small_groups(group_sizes(people[:5]), 6)) == 1


def test_a_small_class_is_refused_under_pseudonyms_and_told_otherwise(exporting: Exporting) -> None:
    """Who pseudonymises means to publish: the refusal names the groups; the card counts them only."""
    with pytest.raises(HarnessError, match="2 people have session monday"):
        exporting("rankings", Privacy(pseudonymised=True))
    done = exporting("rankings", Privacy())
    assert len(done.warnings) == 2
    card = (done.path / "README.md").read_text(encoding="utf-8")
    assert "may be recognised: 2" in card
    assert "monday" not in card


@pytest.mark.parametrize("name", SUMMARIES)
def test_simulated_people_are_refused_or_marked_in_every_format(exporting: Exporting, name: str) -> None:
    """Nobody invented leaves unnoticed."""
    run = exporting.imported("invented", "true")
    with pytest.raises(HarnessError, match="--simulated"):
        exporting(name, Privacy(), run=run)
    done = exporting(name, Privacy(), run=run, simulated=True)
    files = [one for one in done.files if one.split(".")[0] not in ("answers", "task")]
    files = [one for one in files if one != "README.md"] or ["export.json"]
    assert "SIMULATED" in (done.path / "README.md").read_text(encoding="utf-8")
    assert any("simulated" in (done.path / one).read_text(encoding="utf-8").lower() for one in files)
    assert json.loads((done.path / "export.json").read_bytes())["simulated"] is True


# --- free text, and what the card says of people -------------------------------------------------------


class Finds(Searcher):
    """Finds one word, and says with what."""

    def spans(self, text: str, language: str) -> list[Span]:
        """Where the words stand."""
        assert language in ("en", "fr")
        return [Span(one.start(), one.end(), "EMAIL") for one in re.finditer("ostrich|sure", text)]

    def tools(self) -> dict[str, str]:
        """Its name."""
        return {"presidio-analyzer": "0", "phonenumbers": "0"}


def with_reason(exporting: Exporting) -> Material:
    """The small run, its judge with a reason."""
    material = load_material(exporting.run)
    judge = next(one for one in material.judges if isinstance(one, RankedVerdict))
    told = judge.model_copy(update={"reason": "I am sure that camille1 likes the ostrich."})
    return replace(material, judges=(told,))


def test_every_free_text_is_searched(exporting: Exporting) -> None:
    """Answers and reasons lose what is found, and known names as whole words; each text counts once."""
    material = redacted(with_reason(exporting), ["camille1", "lik"], Finds())
    texts = [answer.text["en"] for case in material.cases for answer in case.answers]
    assert "The [EMAIL]." in texts
    (judge,) = material.judges
    assert isinstance(judge, RankedVerdict)
    assert judge.reason == "I am [EMAIL] that [NAME] likes the [EMAIL]."
    assert material.redaction is not None
    assert material.redaction.counts == {"EMAIL": 3, "NAME": 1}
    assert material.redaction.tools == Finds().tools()


def test_names_of_its_own_people_are_replaced_without_any_library(
    exporting: Exporting, tmp_path: Path
) -> None:
    """A pseudonym protects nobody whose name stands in a text; ids of two signs are left alone."""
    votes = (tmp_path / "run.csv").read_text(encoding="utf-8").replace("p3,", "Camille,")
    (tmp_path / "named.csv").write_text(votes, encoding="utf-8")
    answers = (tmp_path / "answers.csv").read_text(encoding="utf-8")
    answers = answers.replace("Red.", "Ask Camille or p2; Camilles are flowers.")
    (tmp_path / "told.csv").write_text(answers, encoding="utf-8")
    tables = (tmp_path / "told.csv", tmp_path / "named.csv")
    import_files(Asked("long", tables, {}, None), tmp_path / "named")
    done = exporting("datasets", OPEN, run=RunFolder(tmp_path / "named"))
    text = whole(done)
    assert "Ask [NAME] or p2; Camilles are flowers." in text
    card = (done.path / "README.md").read_text(encoding="utf-8")
    assert "NAME 1" in card
    assert "names of these people only" in card


def test_the_card_says_that_nothing_was_searched(exporting: Exporting) -> None:
    """Neither redacted nor pseudonymised: in words, and null for programs."""
    done = exporting("card", Privacy())
    assert done.files == ("README.md",)
    card = (done.path / "README.md").read_text(encoding="utf-8")
    for said in ("not searched for personal data", "Consent: not said", "Keep until: not said", "smallest"):
        assert said in card
    assert "(wanted: k = 5)" in card
    account = json.loads((done.path / "export.json").read_bytes())
    assert account["redaction"] is None
    assert account["people"] == {"k": 5, "smallest": 1, "n_small": 2, "consent": "", "keep_until": ""}


def test_the_card_says_what_was_searched_agreed_and_for_how_long(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Library and version, what was replaced, that names need a pipeline, the consent, and the date."""
    monkeypatch.setattr("harness.api.exporting.Searcher", Finds)
    asked = Privacy(redact=True, consent="Signed forms, 3 <b>November</b>", keep_until="2027-01-31")
    done = exporting("rankings", asked, who="both")
    card = (done.path / "README.md").read_text(encoding="utf-8")
    for said in (
        "EMAIL 1",
        "presidio-analyzer 0",
        "no program that recognises names",
        "Signed forms, 3 \\<b\\>November",
        "Keep until: 2027-01-31",
    ):
        assert said in card
    account = json.loads((done.path / "export.json").read_bytes())
    assert account["redaction"]["counts"] == {"EMAIL": 1}
    assert account["redaction"]["tools"] == {"presidio-analyzer": "0", "phonenumbers": "0"}


@pytest.mark.slow
def test_an_export_is_searched_by_the_real_library(exporting: Exporting, tmp_path: Path) -> None:
    """What stands in a message, an answer and a reason of a run is in no byte of its export."""
    pytest.importorskip("presidio_analyzer", reason="the extra `privacy` is not installed")
    answers = (tmp_path / "answers.csv").read_text(encoding="utf-8")
    answers = answers.replace("Seven.", "Write to lea.martin@example.org.")
    answers = answers.replace("Name a colour.", "My name is Tom Reed. A colour? 06 12 34 56 78")
    (tmp_path / "told.csv").write_text(answers, encoding="utf-8")
    tables = (tmp_path / "told.csv", tmp_path / "run.csv")
    import_files(Asked("long", tables, {}, None), tmp_path / "searched")
    text = whole(exporting("datasets", OPEN._replace(redact=True), run=RunFolder(tmp_path / "searched")))
    assert "My name is [NAME]. A colour? [PHONE]" in text
    assert "Write to [EMAIL]." in text
    assert not any(mark in text for mark in ("lea.martin", "Tom Reed", "06 12"))
