from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError, StoreError
from harness.judge.clock import Clock
from harness.run.pasting import MAX_PASTED, PasteAsk, PastePrompt, Pasting, Told, pasted_judge
from harness.run.session import Finished
from harness.schema import FailedVerdict, RankedVerdict, Recording
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.run.conftest import Runs

TOLD = Told("Le Chat, Mistral Large 3", "2026-11-21", "Mistral AI")
ASK = PasteAsk("annotator", ("ibuprofen", "poem"), "hhh", "fr")
REPLY = "A : 3\nB : 2\nC : 1\nD : 4"
JOINT = '{"case": 1, "A": 3, "B": 2, "C": 1, "D": 4}\n{"case": 2, "A": 1, "B": 2, "C": 3, "D": 3}'


@pytest.fixture
def pasting(tmp_path: Path) -> Pasting:
    """Give an empty folder at noon of 22 November 2026."""
    clock = Clock(now=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))
    return Pasting(RunFolder(tmp_path / "chats"), clock)


def keep(pasting: Pasting, prompt: PastePrompt, text: str = REPLY, ask: PasteAsk = ASK) -> Finished:
    """Paste one reply."""
    return asyncio.run(pasting.keep(TOLD, ask, prompt.key, text))


def test_a_prompt_is_one_text_without_a_parameter(pasting: Pasting) -> None:
    """What is copied is the whole request: one message, no setting that nobody could set."""
    first, second = pasting.prompts(TOLD, ASK)
    assert (first.case_ids, second.case_ids) == (("ibuprofen",), ("poem",))
    keep(pasting, first)
    (recorded,) = Cassette.read(pasting.folder.cassette_path)
    assert isinstance(recorded, Recording)
    assert [one.role for one in recorded.request.messages] == ["user"]
    assert recorded.request.parameters == {}
    assert recorded.request.model_id == "pasted/le-chat-mistral-large-3"


def test_a_reply_becomes_an_ordinary_verdict_with_its_provenance(pasting: Pasting) -> None:
    """The recording says that it was pasted, which model was named and when."""
    prompt, _ = pasting.prompts(TOLD, ASK)
    finished = keep(pasting, prompt)
    (verdict,) = finished.verdicts
    assert isinstance(verdict, RankedVerdict)
    assert verdict.presentation is not None
    assert verdict.grades == dict(zip(verdict.presentation.order, (3, 2, 1, 4), strict=True))
    (recorded,) = Cassette.read(pasting.folder.cassette_path)
    assert isinstance(recorded, Recording)
    completion = recorded.completion
    assert completion.versions == {"source": "pasted", "date_told": "2026-11-21"}
    assert completion.model_echo == "Le Chat, Mistral Large 3"
    assert completion.usage.prompt_tokens is None
    assert finished.manifest.judges[0].spec.maker == "Mistral AI"


def test_a_run_is_whole_after_every_reply_and_replays(pasting: Pasting, runs: Runs, tmp_path: Path) -> None:
    """With one of two replies pasted nothing is open, and a replay writes the same bytes."""
    prompt, _ = pasting.prompts(TOLD, ASK)
    assert keep(pasting, prompt).n_open == 0
    replayed = runs.replay(pasting.folder.path, tmp_path / "again")
    assert replayed.folder.verdicts_path.read_bytes() == pasting.folder.verdicts_path.read_bytes()


def test_all_cases_in_one_prompt(pasting: Pasting, runs: Runs, tmp_path: Path) -> None:
    """One prompt holds every case, one reply gives a verdict for each, and the run replays."""
    ask = replace(ASK, together=True)
    (prompt,) = pasting.prompts(TOLD, ask)
    assert prompt.case_ids == ("ibuprofen", "poem")
    assert prompt.text.count('{"case": ') == 2
    finished = keep(pasting, prompt, JOINT, ask)
    assert [verdict.cell.case_id for verdict in finished.verdicts] == ["ibuprofen", "poem"]
    assert finished.n_failed == 0
    assert len(list(Cassette.read(pasting.folder.cassette_path))) == 1
    replayed = runs.replay(pasting.folder.path, tmp_path / "again")
    assert list(replayed.verdicts) == list(finished.verdicts)


def test_reading_writes_nothing(pasting: Pasting) -> None:
    """The grades are shown before anything is kept."""
    prompt, _ = pasting.prompts(TOLD, ASK)
    (verdict,) = pasting.read(TOLD, ASK, prompt.key, "Désolé, je ne sais pas.")
    assert isinstance(verdict, FailedVerdict)
    assert not pasting.folder.path.exists()


def test_a_reply_is_never_replaced(pasting: Pasting) -> None:
    """A second reply to the same prompt is refused; the next repeat shows another presentation."""
    prompt, _ = pasting.prompts(TOLD, ASK)
    keep(pasting, prompt)
    with pytest.raises(StoreError, match="has a reply already"):
        keep(pasting, prompt)
    again = replace(ASK, repeat=1)
    other, missing = pasting.prompts(TOLD, again)
    assert other.text != prompt.text
    assert keep(pasting, other, ask=again).n_open == 0
    with pytest.raises(HarnessError, match="repeat 0 of these cases first"):
        keep(pasting, missing, ask=again)


def test_replies_join_a_run_that_asked_other_judges(pasting: Pasting) -> None:
    """Another model and another rulebook are further judges and cells of the same run."""
    other = replace(TOLD, model_name="GPT-5.2")
    under_none = replace(ASK, rulebook_id="none")
    keep(pasting, pasting.prompts(TOLD, ASK)[0])
    prompt = pasting.prompts(other, under_none)[0]
    finished = asyncio.run(pasting.keep(other, under_none, prompt.key, REPLY))
    assert [one.spec.judge_id for one in finished.manifest.judges] == [
        "pasted-le-chat-mistral-large-3",
        "pasted-gpt-5.2",
    ]
    assert [verdict.cell.rulebook_id for verdict in finished.verdicts] == ["hhh", "none"]


@pytest.mark.parametrize(
    ("text", "told", "words"),
    [
        ("  \n", TOLD, "nothing was pasted"),
        ("x" * (MAX_PASTED + 1), TOLD, "at most"),
        (REPLY, replace(TOLD, date="22/11/2026"), "no date"),
        (REPLY, replace(TOLD, date="2026-12-01"), "future"),
        ("sk-proj-" + "a1B2" * 12, TOLD, "secret|key"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_written(
    pasting: Pasting, text: str, told: Told, words: str
) -> None:
    """Nothing, too much, an impossible day or a key: refused in words, and the folder stays as it was."""
    prompt, _ = pasting.prompts(TOLD, ASK)
    with pytest.raises(HarnessError, match=words):
        asyncio.run(pasting.keep(told, ASK, prompt.key, text))
    assert not pasting.folder.verdicts_path.exists()
    assert not pasting.folder.work_path.exists()


def test_a_reply_to_another_prompt_is_refused(pasting: Pasting) -> None:
    """A key that no prompt of the ask has is not guessed."""
    with pytest.raises(HarnessError, match="copy the prompt again"):
        asyncio.run(pasting.keep(TOLD, ASK, "0" * 64, REPLY))


def test_a_name_that_says_nothing_is_refused() -> None:
    """A model without a letter or digit in its name cannot be told from another."""
    with pytest.raises(HarnessError, match="name the model"):
        pasted_judge(Told("…", "2026-11-21"))


@pytest.mark.parametrize("maker", ["", "  ", "\x00\n"])
def test_a_maker_without_a_name_is_refused_in_words(maker: str) -> None:
    """A maker's name that nobody can read is an error of whoever typed it, not a fault of the record."""
    with pytest.raises(HarnessError, match="maker's name is blank"):
        pasted_judge(replace(TOLD, maker=maker))


def test_a_name_is_kept_on_one_line() -> None:
    """Line breaks and signs without a shape never get into the title of a judge."""
    spec = pasted_judge(Told("Le\n Chat\x00", "2026-11-21", " Mistral\tAI "))
    assert (spec.title, spec.maker) == ("Le Chat (pasted)", "Mistral AI")


def test_a_day_that_is_none_is_said_before_anything_is_copied(pasting: Pasting) -> None:
    """A wrong day is refused with the prompts, not after the reply was fetched."""
    with pytest.raises(HarnessError, match="no date"):
        pasting.prompts(replace(TOLD, date="7236-42-04"), ASK)
