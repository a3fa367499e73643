"""People in an export: pseudonyms, the mapping, small groups, and the simulated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from harness.api.exporting import Export, Privacy
from harness.errors import HarnessError
from harness.formats.out.privacy import Pseudonyms, group_sizes, small_groups
from harness.formats.out.registry import SUMMARIES
from harness.schema import Cell, RankedVerdict
from harness.store.folder import RunFolder

SECRET = b"sixteen bytes or more"
OPEN = Privacy(pseudonymised=True, refuse_small=False)


class Exporting(Protocol):
    """What the fixture gives."""

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
