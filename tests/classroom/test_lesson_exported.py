"""A lesson taken home leaves like any other run: with a card, its people and itself under new names."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest

from harness.api.exporting import Order, Privacy, export_run
from harness.classroom.lesson import Lessons
from harness.classroom.store import open_store
from harness.formats.out.base import Choices
from harness.schema.classroom import ClassSettings, Edit, OpenAll
from harness.store.folder import RunFolder


async def lesson_of_people(folder: Path, n: int) -> str:
    """Teach a lesson whose pupils grade one case, and take it home."""
    lessons = Lessons(open_store(folder / "classes.sqlite"), folder, rng=random.Random(3))
    begun = await lessons.begin(ClassSettings(case_ids=("poem",)))
    session = begun.session
    await lessons.move(session.session_id, OpenAll())
    for number in range(n):
        joined = await lessons.join(session.code)
        grades: dict[str, int | None] = {
            f"poem-{slot}": 1 + (number + place) % 4 for place, slot in enumerate("abcd")
        }
        edit = Edit(page="page-0001", number=1, case_id="poem", grades=grades, seconds=10)
        await lessons.save(session.session_id, joined.token, edit)
    await lessons.export(session.session_id, folder / "home")
    await lessons.close()
    return session.session_id


def test_a_lesson_has_a_card_and_leaves_under_new_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six pupils: the card says n, k, consent and date; no byte holds the lesson's or a pupil's own id."""
    monkeypatch.chdir(tmp_path)
    session_id = asyncio.run(lesson_of_people(tmp_path, 6))
    run = RunFolder(tmp_path / "home")
    pupils = {verdict.cell.annotator_id for verdict in run.read_people()}
    privacy = Privacy(pseudonymised=True, consent="Form of 3 November", keep_until="2027-01-31")
    done = export_run(run, Order("rankings", tmp_path / "out", Choices(), None, privacy))
    card = (done.path / "README.md").read_text(encoding="utf-8")
    for said in ("people: 6", "has 6 (wanted: k = 5)", "Form of 3 November", "Keep until: 2027-01-31"):
        assert said in card
    text = "".join(one.read_text(encoding="utf-8") for one in done.path.iterdir())
    assert not any(name in text for name in (session_id, *pupils))
    assert json.loads((done.path / "export.json").read_bytes())["people"]["smallest"] == 6
