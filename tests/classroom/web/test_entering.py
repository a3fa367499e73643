"""A class without devices: hands, typed sheets, reply codes, and everything taken home."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from harness.classroom.file_edition import frame
from harness.classroom.replycodes import Reply, encode
from harness.load.content import load_case_set
from harness.load.people import load_people

if TYPE_CHECKING:
    from pathlib import Path

    from tests.classroom.web.conftest import Site, Teacher

SHEET = {"doctor": {"doctor-a": 1, "doctor-b": 4}, "garden": {"garden-c": 2}}


def _post(teacher: Teacher, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - an answer of the browser
    return teacher.browser.post(teacher.api(path), json=body)


def _view(teacher: Teacher) -> dict[str, Any]:
    found = teacher.browser.get(teacher.api("/teacher")).json()
    assert isinstance(found, dict)
    return found


def test_a_typed_sheet_is_a_pupil(teacher: Teacher) -> None:
    """A sheet counts as one pupil under a pseudonym; sent twice it counts once, corrected it replaces."""
    teacher.move(move="open_all")
    first = _post(teacher, "/sheets", {"grades": SHEET, "receipt": "receipt-1"})
    assert first.json()["n_grades"] == 3
    corrected = {**SHEET, "doctor": {"doctor-a": 2, "doctor-b": 4}}
    again = _post(teacher, "/sheets", {"grades": corrected, "receipt": "receipt-1"})
    assert again.json()["pseudonym"] == first.json()["pseudonym"]
    assert _view(teacher)["n_pupils"] == 1
    rows = list(csv.DictReader(io.StringIO(_csv(teacher)), delimiter=";"))
    kept = {row["answer_id"]: row["grade"] for row in rows}
    assert kept == {
        "doctor-a": "2",
        "doctor-b": "4",
        "garden-c": "2",
    }


def test_a_correction_may_blank_a_whole_case(teacher: Teacher) -> None:
    """A case that the corrected sheet leaves blank is not graded any more, and is no ballot of anybody."""
    teacher.move(move="open_all")
    _post(teacher, "/sheets", {"grades": SHEET, "receipt": "receipt-1"})
    blanked = {"doctor": SHEET["doctor"], "garden": {}}
    assert _post(teacher, "/sheets", {"grades": blanked, "receipt": "receipt-1"}).json()["n_grades"] == 2
    progress = _view(teacher)["progress"]
    assert [progress[name]["1"]["n"] for name in ("doctor", "garden")] == [1, 0]
    rows = csv.DictReader(io.StringIO(_csv(teacher)), delimiter=";")
    assert {row["case_id"] for row in rows} == {"doctor"}


def test_a_sheet_of_nothing_is_refused(teacher: Teacher) -> None:
    """An empty sheet, an answer of another case, or a grade off the scale keeps nothing."""
    wrong: tuple[dict[str, dict[str, int]], ...] = (
        {},
        {"doctor": {}},
        {"doctor": {"garden-a": 1}},
        {"doctor": {"doctor-a": 5}},
    )
    for grades in wrong:
        assert _post(teacher, "/sheets", {"grades": grades, "receipt": "receipt-1"}).status_code == 422
    assert _view(teacher)["n_pupils"] == 0


def test_hands_are_counted_and_counted_again(teacher: Teacher) -> None:
    """Counts of a show of hands are kept; a second count of the same answer replaces the first."""
    for counts in ([3, 0, 1, 9], [2, 2, 2, 7]):
        hands = [{"case_id": "doctor", "answer_id": "doctor-a", "counts": counts}]
        assert _post(teacher, "/hands", {"hands": hands}).status_code == 200
    assert [one["counts"] for one in _view(teacher)["hands"]] == [[2, 2, 2, 7]]
    short = [{"case_id": "doctor", "answer_id": "doctor-a", "counts": [1]}]
    assert _post(teacher, "/hands", {"hands": short}).status_code == 422


def _code(site: Site, teacher: Teacher, tag: str, vote: int = 1, grade: int = 3) -> str:
    session = site.first.portal.call(site.here.lessons.session, teacher.session_id)  # type: ignore[union-attr]
    codes = frame(site.here.lessons.content(session))
    reply = Reply(tag, 2 if vote == 2 else 1, "hhh", {"doctor": {"doctor-a": grade}, "garden": {}})
    return encode(reply, codes)


def test_reply_codes_are_read_in_bulk(site: Site, teacher: Teacher) -> None:
    """Codes pasted together count once each, both votes of a pupil meet, and wrong lines are named."""
    one, two = _code(site, teacher, "K7QX"), _code(site, teacher, "M3NP")
    second = _code(site, teacher, "K7QX", vote=2, grade=1)
    text = f"Loutre {one}\n{two.lower()}\n{one}\n\n{second}\nno code here\n{two[:-1]}2"
    kept = _post(teacher, "/codes", {"text": text}).json()
    assert (kept["n_kept"], kept["n_again"]) == (3, 1)
    assert [line["line"] for line in kept["wrong"]] in ([6, 7], [6])
    assert _post(teacher, "/codes", {"text": one}).json()["n_kept"] == 1
    assert _view(teacher)["n_pupils"] == 2
    assert _view(teacher)["progress"]["doctor"]["2"]["n"] == 1


def _csv(teacher: Teacher, separator: str = ";") -> str:
    answer = teacher.browser.get(teacher.api("/export.csv"), params={"separator": separator})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content.decode("utf-8-sig")


@pytest.mark.parametrize("separator", [";", ","])
def test_the_csv_is_read_again_unchanged(teacher: Teacher, separator: str, tmp_path: Path) -> None:
    """What a spreadsheet gets, byte order mark and all, is what the harness reads as people's grades."""
    teacher.move(move="open_all")
    teacher.edit(teacher.join(), grades={"doctor-a": 1, "doctor-b": 2, "doctor-c": 2})
    path = tmp_path / "class.csv"
    answer = teacher.browser.get(teacher.api("/export.csv"), params={"separator": separator})
    path.write_bytes(answer.content)
    case_set, cases = load_case_set("mini")
    people = load_people(path, case_set, cases)
    (verdict,) = people
    assert verdict.grades == {"doctor-a": 1, "doctor-b": 2, "doctor-c": 2}


def test_the_zip_is_a_run_folder(teacher: Teacher, tmp_path: Path) -> None:
    """The zip holds a folder that the harness opens as a run, with nothing that leads out of it."""
    teacher.move(move="open_all")
    teacher.edit(teacher.join(), grades={"doctor-a": 1, "doctor-b": 2, "doctor-c": 2})
    content = teacher.browser.get(teacher.api("/export.zip")).content
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert all(name.startswith(f"{teacher.session_id}/") and ".." not in name for name in archive.namelist())
    archive.extractall(tmp_path)
    manifest = json.loads((tmp_path / teacher.session_id / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["run_id"] == teacher.session_id


def test_no_export_holds_a_secret(teacher: Teacher) -> None:
    """Neither the seed, from which the projector's key comes, nor a token leaves in an export."""
    pupil = teacher.join()
    teacher.move(move="open_all")
    teacher.edit(pupil)
    session = teacher.site.first.portal.call(  # type: ignore[union-attr]
        teacher.site.here.lessons.session, teacher.session_id
    )
    tokens = [one.value or "" for one in pupil.cookies.jar]
    for path in ("/export.json", "/export.csv", "/export.zip"):
        content = teacher.browser.get(teacher.api(path)).content
        if path.endswith("zip"):
            archive = zipfile.ZipFile(io.BytesIO(content))
            content = b"".join(archive.read(name) for name in archive.namelist())
        assert str(session.seed).encode() not in content
        assert not any(token.encode() in content for token in tokens)


def test_a_rehearsal_says_so_in_its_exports(site: Site) -> None:
    """Invented pupils are marked as simulated in each line that leaves the server."""
    teacher = site.begin(n_invented=6)
    rows = list(csv.DictReader(io.StringIO(_csv(teacher)), delimiter=";"))
    assert rows
    assert {row["simulated"].lower() for row in rows} <= {"true", "1", "yes"}
