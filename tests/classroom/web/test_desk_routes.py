"""The judges desk over HTTP: prompts out, replies in, and a key that stays in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.classroom.web.conftest import Site, Teacher

ABOUT = {"model_name": "Le Chat", "date": "2026-11-20", "rulebook_id": "hhh"}
REPLY = '{"case": 1, "A": 3, "B": 2, "C": 1, "D": 4}'


@pytest.fixture
def desk(site: Site) -> Teacher:
    """Give a lesson on one case of the annotator set."""
    return site.begin(case_set="annotator", case_ids=["poem"], language="fr")


def _post(teacher: Teacher, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - an answer of the browser
    return teacher.browser.post(teacher.api(path), json=body)


def test_a_reply_is_pasted_shown_and_kept(desk: Teacher) -> None:
    """Prompt out, reply in: shown before it is kept, a judge of the lesson afterwards, and only once."""
    (prompt,) = _post(desk, "/desk/prompts", ABOUT).json()["prompts"]
    assert prompt["case_ids"] == ["poem"]
    body = {"about": ABOUT, "key": prompt["key"], "text": REPLY}
    (shown,) = _post(desk, "/desk/read", body).json()["cases"]
    assert shown["slots"] == {"A": 3, "B": 2, "C": 1, "D": 4}
    assert desk.browser.get(desk.api("/desk")).json()["judges"] == []
    assert _post(desk, "/desk/keep", body).status_code == 200
    (judge,) = desk.browser.get(desk.api("/desk")).json()["judges"]
    assert (judge["n_ranked"], judge["n_failed"]) == (1, 0)
    assert "Le Chat" in judge["title"]
    assert _post(desk, "/desk/keep", body).status_code == 409


def test_a_wrong_reply_is_taken_back(desk: Teacher) -> None:
    """A kept reply is listed; taken back it stays listed and its judge is gone; for the teacher alone."""
    (prompt,) = _post(desk, "/desk/prompts", ABOUT).json()["prompts"]
    _post(desk, "/desk/keep", {"about": ABOUT, "key": prompt["key"], "text": REPLY})
    (kept,) = desk.browser.get(desk.api("/desk")).json()["replies"]
    assert (kept["repeat"], kept["withdrawn"], kept["key"]) == (1, False, prompt["key"])
    assert "Le Chat" in kept["title"]
    body = {"key": kept["key"]}
    assert desk.join().post(desk.api("/desk/withdraw"), json=body).status_code == 401
    told = _post(desk, "/desk/withdraw", body).json()
    assert told["judges"] == []
    assert [one["withdrawn"] for one in told["replies"]] == [True]
    assert told == desk.browser.get(desk.api("/desk")).json()
    assert "<s>" in desk.browser.get(f"/t/{desk.session_id}/desk").text
    assert _post(desk, "/desk/withdraw", {"key": "0" * 64}).status_code == 422


def test_what_is_typed_at_the_desk_stays_text(desk: Teacher) -> None:
    """HTML in the names of model and maker, or in a reply, is a tag on no page, wall or export."""
    evil = "<img src=x onerror=alert(1)>"
    about = {**ABOUT, "model_name": f"Le Chat {evil}", "maker": evil}
    (prompt,) = _post(desk, "/desk/prompts", about).json()["prompts"]
    reply = f"{REPLY}\n{evil}"
    assert _post(desk, "/desk/keep", {"about": about, "key": prompt["key"], "text": reply}).status_code == 200
    desk.move(move="open_all")
    for number in range(5):
        sheet = {"grades": {"poem": {"poem-a": 1, "poem-d": 4}}, "receipt": f"receipt-{number}"}
        assert _post(desk, "/sheets", sheet).status_code in {200, 201}
    desk.walk("poem", "locked", "class", "judges")
    desk.browser.get(desk.begun["projector_url"])
    pages = [
        desk.browser.get(path).text
        for path in (
            f"/t/{desk.session_id}/desk",
            f"/t/{desk.session_id}/print",
            desk.api("/fragment/projector"),
            desk.api("/figure/judges.csv?case_id=poem"),
        )
    ]
    assert all("Le Chat" in page for page in pages)
    assert not any("<img" in page for page in pages[:-1])


def test_an_unreadable_reply_says_so(desk: Teacher) -> None:
    """What cannot be read is shown as unreadable, without a grade that nobody gave."""
    (prompt,) = _post(desk, "/desk/prompts", ABOUT).json()["prompts"]
    body = {"about": ABOUT, "key": prompt["key"], "text": "Je ne peux pas répondre."}
    (shown,) = _post(desk, "/desk/read", body).json()["cases"]
    assert shown["failure"]
    assert shown["grades"] == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"rulebook_id": "nothing"},
        {"date": "tomorrow"},
        {"model_name": ""},
        {"model_name": "???"},
        {"model_name": "3\U000ef961", "maker": ""},
        {"maker": " \u0000 "},
        {"date": "7236-42-04"},
        {"date": "2999-01-01"},
        {"repeat": 8},
        {"repeat": 99},
    ],
)
def test_an_ask_that_fits_nothing_is_refused(desk: Teacher, changed: dict[str, object]) -> None:
    """Unknown rules, a model or maker without a name, no such date or repeat: 422 in words, not a fault."""
    answer = _post(desk, "/desk/prompts", {**ABOUT, **changed})
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_a_reply_to_another_prompt_is_refused(desk: Teacher) -> None:
    """A key that is none of the prompts' keeps nothing."""
    body = {"about": ABOUT, "key": "0" * 64, "text": REPLY}
    assert _post(desk, "/desk/keep", body).status_code == 422


def test_a_judge_without_a_preset_fails_in_words(desk: Teacher, classes: Path) -> None:
    """A judge that cannot be asked says why, and the key is in no answer and in no file."""
    secret = "sk-" + "a1b2c3d4" * 5
    asked = _post(desk, "/desk/ask", {"judge_id": "nobody", "rulebooks": ["hhh"], "api_key": secret})
    assert asked.status_code == 202
    while (now := desk.browser.get(desk.api("/desk/asking")).json())["state"] == "asking":
        pass
    assert now["state"] == "failed"
    assert "nobody" in now["message"]
    assert secret not in asked.text + str(now)
    files = [path for path in classes.parent.rglob("*") if path.is_file()]
    assert not any(secret.encode() in path.read_bytes() for path in files)


def test_deleting_a_lesson_deletes_its_desk(desk: Teacher, classes: Path) -> None:
    """What was pasted goes with the lesson."""
    (prompt,) = _post(desk, "/desk/prompts", ABOUT).json()["prompts"]
    _post(desk, "/desk/keep", {"about": ABOUT, "key": prompt["key"], "text": REPLY})
    folder = classes.parent / "desks" / desk.session_id
    assert folder.is_dir()
    assert _post(desk, "/delete", {"code": desk.code}).status_code == 200
    assert not folder.exists()
