from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from harness.classroom.content import Shelf
from harness.classroom.desk import Desk, LiveAsk, UnderstoodCase, recorded_runs
from harness.classroom.judges import gather_judges
from harness.classroom.phases import start
from harness.classroom.withdrawn import NAME
from harness.errors import HarnessError, StoreError
from harness.load.content import load_rulebooks
from harness.run.execute import Ended
from harness.run.pasting import Told
from harness.schema import LANGUAGES, Language, RankedVerdict
from harness.schema.classroom import ClassSession, ClassSettings
from harness.store.cassette import Cassette

TOLD = Told("Le Chat", "2026-11-21")
CASES = ("ibuprofen", "poem")
SETTINGS = ClassSettings(language="fr", case_ids=CASES)
ALL_CASES = ("ibuprofen", "screens", "poison-novel", "language", "antidepressant", "poem")
JOINT = '{"case": 1, "A": 3, "B": 2, "C": 1, "D": 4}\n{"case": 2, "A": 1, "B": 2, "C": 3, "D": 3}'


class _Nobody:
    """A progress that nobody watches."""

    def started(self, n_calls: dict[str, int]) -> None: ...

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None: ...

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None: ...


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give the desk of a lesson with two cases."""
    return Desk(tmp_path / "desks" / "lesson", SETTINGS)


def test_what_is_understood_is_shown_before_it_is_kept(desk: Desk) -> None:
    """Grades come by the letters of the reply and by answer; nothing is written until they are confirmed."""
    (prompt,) = desk.prompts(TOLD, "hhh")
    assert prompt.case_ids == CASES
    first, second = desk.read_pasted(TOLD, prompt, "hhh", JOINT)
    assert first.slots == {"A": 3, "B": 2, "C": 1, "D": 4}
    assert sorted(first.grades) == [f"ibuprofen-{letter}" for letter in "abcd"]
    assert second.failure is None
    assert desk.verdicts() == ()
    asyncio.run(desk.keep(TOLD, prompt, "hhh", JOINT))
    assert [verdict.cell.case_id for verdict in desk.verdicts()] == list(CASES)
    (prompt,) = desk.prompts(TOLD, "hhh")
    assert prompt.is_answered


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_prompt_holds_the_commentary(tmp_path: Path, language: Language) -> None:
    """Whatever is carried to a model, the discussion of a case, its key and its conflict are not in it."""
    settings = ClassSettings(language=language, case_ids=ALL_CASES)
    content, desk = Shelf().of(settings), Desk(tmp_path / "desk", settings)
    books = [book.rulebook_id for book in load_rulebooks()]
    asked = [
        prompt for book in books for how in (True, False) for prompt in desk.prompts(TOLD, book, together=how)
    ]
    assert len(asked) == len(books) * (1 + len(ALL_CASES))
    texts = "\n".join(prompt.text for prompt in asked)
    for case in content.cases:
        assert case.message[language][:25] in texts
        assert case.commentary is not None
        assert case.commentary[language][:25] not in texts
        assert case.conflict is None or case.conflict[language] not in texts


def test_one_case_at_a_time(desk: Desk) -> None:
    """Prompts one by one are answered in any order."""
    _, poem = desk.prompts(TOLD, "none", together=False)
    kept = asyncio.run(desk.keep(TOLD, poem, "none", "A: 1\nB: 2\nC: 3\nD: 4"))
    assert [one.case_id for one in kept] == ["poem"]
    assert [one.is_answered for one in desk.prompts(TOLD, "none", together=False)] == [False, True]


def test_a_reply_without_grades_says_why(desk: Desk) -> None:
    """What cannot be read has no grades and a reason in words."""
    (prompt,) = desk.prompts(TOLD, "hhh")
    found = desk.read_pasted(TOLD, prompt, "hhh", "Quelle belle classe !")
    assert found[0] == UnderstoodCase("ibuprofen", {}, failure="unparsable", message="nothing about case 1")


def test_a_reply_that_was_taken_back_stays_recorded_and_is_counted_nowhere(desk: Desk) -> None:
    """A withdrawn reply is in cassette and list, marked; no verdict or judge comes from it any more."""
    (prompt,) = desk.prompts(TOLD, "hhh")
    asyncio.run(desk.keep(TOLD, prompt, "hhh", JOINT))
    (reply,) = desk.replies()
    assert (reply.title, reply.rulebook_id, reply.repeat) == (
        "Le Chat (pasted, all cases at once)",
        "hhh",
        0,
    )
    assert (reply.case_ids, reply.withdrawn) == (CASES, False)
    recorded = list(Cassette.read(desk.folder.cassette_path))
    asyncio.run(desk.withdraw(reply.key))
    asyncio.run(desk.withdraw(reply.key))
    assert desk.verdicts() == ()
    assert [one.withdrawn for one in desk.replies()] == [True]
    assert list(Cassette.read(desk.folder.cassette_path)) == recorded
    session = _session()
    assert gather_judges(session, desk.folder).verdicts == ()
    (again,) = desk.prompts(TOLD, "hhh", 1)
    asyncio.run(desk.keep(TOLD, again, "hhh", JOINT, 1))
    assert {one.cell.repeat for one in desk.verdicts()} == {1}
    assert {one.cell.repeat for one in gather_judges(session, desk.folder).verdicts} == {1}


def test_only_a_reply_that_was_kept_can_be_taken_back(desk: Desk) -> None:
    """A key that the desk never recorded is refused, and nothing is written."""
    with pytest.raises(HarnessError, match="no such reply"):
        asyncio.run(desk.withdraw("0" * 64))
    assert not desk.folder.path.exists()


def test_a_damaged_list_of_withdrawn_replies_is_named(desk: Desk) -> None:
    """Where nobody can say what was taken back, nothing is counted in silence."""
    (prompt,) = desk.prompts(TOLD, "hhh")
    asyncio.run(desk.keep(TOLD, prompt, "hhh", JOINT))
    (desk.folder.path / NAME).write_text("{}\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"withdrawn\.jsonl"):
        desk.verdicts()


def _session() -> ClassSession:
    return ClassSession(
        session_id="s",
        code="K7QP",
        settings=SETTINGS,
        state=start(SETTINGS),
        seed=3,
        created_at="2026-11-22T08:00:00+00:00",
        expires_at="2026-11-23T08:00:00+00:00",
    )


def test_deleting_leaves_nothing(desk: Desk) -> None:
    """The desk's folder goes with the lesson; deleting twice is harmless."""
    (prompt,) = desk.prompts(TOLD, "hhh")
    asyncio.run(desk.keep(TOLD, prompt, "hhh", JOINT))
    desk.delete()
    desk.delete()
    assert not desk.folder.path.exists()
    assert desk.verdicts() == ()


def test_recorded_runs_of_the_same_cases_are_found(desk: Desk, tmp_path: Path) -> None:
    """Runs of other cases, damaged folders and other files are passed over."""
    (prompt,) = desk.prompts(TOLD, "hhh")
    asyncio.run(desk.keep(TOLD, prompt, "hhh", JOINT))
    (tmp_path / "desks" / "damaged").mkdir()
    (tmp_path / "desks" / "damaged" / "manifest.json").write_text("{", encoding="utf-8")
    (tmp_path / "desks" / "notes.txt").write_text("hello", encoding="utf-8")
    (found,) = recorded_runs([tmp_path / "desks", tmp_path / "absent"], "annotator")
    assert found.name == "lesson"
    assert found.judges == ("Le Chat (pasted, all cases at once)",)
    assert (found.rulebooks, found.languages, found.n_verdicts) == (("hhh",), ("fr",), 2)
    assert recorded_runs([tmp_path / "desks"], "values") == ()


def preset(content: Path, body: str) -> None:
    """Write the preset `lent`."""
    path = content / "prompts" / "judges" / "lent.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(f"judge_id: lent\n{body}", encoding="utf-8")


def ask_live(desk: Desk) -> object:
    """Ask the preset `lent` with a teacher's key."""
    ask = LiveAsk("lent", ("hhh",))
    return asyncio.run(desk.ask_live(ask, "teachers-own-key-123456", _Nobody(), asyncio.Event()))


def test_a_lent_key_is_gone_afterwards(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is in no file that was written; the environment is as it was before."""
    monkeypatch.setenv("HARNESS_CONTENT", str(tmp_path / "content"))
    monkeypatch.setenv("LENT_KEY", "before")
    preset(tmp_path / "content", "model_id: scripted/longest\napi_key_env: LENT_KEY\n")
    ask_live(desk)
    assert os.environ["LENT_KEY"] == "before"
    assert all(isinstance(verdict, RankedVerdict) for verdict in desk.verdicts())
    assert len(desk.verdicts()) == len(CASES)
    kept = [path for path in desk.folder.path.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"teachers-own-key" in path.read_bytes() for path in kept)


def test_a_preset_without_a_key_cannot_be_lent_one(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A local model is run before the lesson, not lent a key in it."""
    monkeypatch.setenv("HARNESS_CONTENT", str(tmp_path / "content"))
    preset(tmp_path / "content", "model_id: scripted/longest\n")
    with pytest.raises(HarnessError, match="names no variable"):
        ask_live(desk)


def test_live_and_pasted_judges_share_the_folder(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live judge after a pasted one: both stay, and a reply is still never replaced."""
    monkeypatch.setenv("HARNESS_CONTENT", str(tmp_path / "content"))
    preset(tmp_path / "content", "model_id: scripted/longest\napi_key_env: LENT_KEY\n")
    (prompt,) = desk.prompts(TOLD, "hhh")
    asyncio.run(desk.keep(TOLD, prompt, "hhh", JOINT))
    ask_live(desk)
    assert {verdict.cell.annotator_id for verdict in desk.verdicts()} == {"lent", "pasted-le-chat-together"}
    with pytest.raises(StoreError, match="has a reply already"):
        asyncio.run(desk.keep(TOLD, prompt, "hhh", JOINT))
