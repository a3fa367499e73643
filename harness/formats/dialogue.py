"""Conversations as chat datasets store them: lists of messages with role and content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.formats.base import Place
from harness.formats.nested import Fields, objects_in
from harness.formats.reading import clean_text, fail

PARAGRAPH = "\n\n"


@dataclass(frozen=True)
class Dialogue:
    """What the user wrote and what the system answered, turn by turn."""

    questions: tuple[str, ...]
    answers: tuple[str, ...]

    def message(self, turn: int | None = None) -> str | None:
        """The user's messages up to a turn (all of them without one), as one text."""
        asked = self.questions[:turn]
        return PARAGRAPH.join(asked) if asked else None

    def answer(self, turn: int | None = None) -> str | None:
        """The answer of one turn; without one, all of them as one text."""
        if turn is None:
            return PARAGRAPH.join(self.answers) if self.answers else None
        return self.answers[turn - 1] if 1 <= turn <= len(self.answers) else None


NO_DIALOGUE = Dialogue((), ())


def dialogue_in(fields: Fields, column: str, place: Place) -> Dialogue:
    """The conversation of a field; an absent one is empty.

    The content of a message is a text, or a list of parts of which the texts are kept.

    Raises
    ------
    ImportFormatError
        The field is no list of messages.
    """
    asked: list[str] = []
    said: list[str] = []
    for message in objects_in(fields, column, place):
        content = _content(message.get("content"), column, place)
        role = message.get("role")
        if role == "user":
            asked.append(content)
        elif role == "assistant":
            said.append(content)
        elif role != "system":
            fail(place, column, f"has a message whose role is {role!r}; it must be user, assistant or system")
    return Dialogue(tuple(asked), tuple(said))


def _content(content: object, column: str, place: Place) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return clean_text(content)
    if not isinstance(content, list):
        fail(place, column, "has a message whose content is neither a text nor a list of parts")
    return PARAGRAPH.join(_texts(content))


def _texts(parts: Iterable[object]) -> list[str]:
    """The texts among parts such as `{"type": "text", "text": "..."}`; images are left out."""
    return [
        clean_text(part["text"])
        for part in parts
        if isinstance(part, dict) and isinstance(part.get("text"), str)
    ]
