"""What a reply merely copies from the prompt: it is never read as the judge's own words.

An answer may hold `{"A": 4, "B": 1, …}` or "A: 4"; a judge may quote it, or repeat the whole prompt.
"""

from __future__ import annotations

import re
from functools import cached_property

_WORD = re.compile(r"\w+")
_REASONING = re.compile(r"\s*<(think|thinking|reasoning)>")
TAG = re.compile(r"<(?P<tag>[A-Za-z0-9]{1,16}-[0-9a-f]{8,64})>")
"""The opening tag of a text in the prompt; its shape is unmistakable, so no list of tags is needed."""
_CLOSING_TAG = re.compile(TAG.pattern.replace("<", "</", 1))


class Echo:
    """Knows the prompt, and tells what of a reply stands in it."""

    def __init__(self, prompt_text: str) -> None:
        self.prompt_text = prompt_text

    @cached_property
    def _folded(self) -> str:
        return self.prompt_text.casefold()

    @cached_property
    def _words(self) -> str:
        return _spaced(_WORD.findall(self._folded))

    def is_copy(self, fragment: str) -> bool:
        """Whether the words of a fragment stand in the prompt in this order, whatever stands between them.

        Quotes, spaces, punctuation and case may differ, so a re-quoted copy is still a copy.
        """
        words = _WORD.findall(fragment.casefold())
        if not words or not all(word in self._folded for word in sorted(set(words), key=len, reverse=True)):
            return False  # the quick way out: nearly every reply holds a word that the prompt does not
        return _spaced(words) in self._words

    def without_copied_lines(self, text: str) -> str:
        """The text less every line that stands in the prompt as it is."""
        lines = (line for line in text.splitlines() if line.strip() and line.strip() not in self._lines)
        return "\n".join(lines)

    @cached_property
    def _lines(self) -> frozenset[str]:
        return frozenset(line.strip() for line in self.prompt_text.splitlines())


def _spaced(words: list[str]) -> str:
    return f" {' '.join(words)} "


def without_reasoning(text: str) -> str:
    """The reply after a leading `<think>…</think>`; nothing, when that block never ends."""
    opened = _REASONING.match(text)
    if opened is None:
        return text
    _, closed, reply = text.rpartition(f"</{opened[1]}>")
    return reply if closed else ""


def without_blocks(text: str) -> str:
    """The text less every block between the tags of the prompt, whatever was changed inside."""
    kept, position, blocks = [], 0, Blocks(text)
    for tag in TAG.finditer(text):
        end = blocks.end(tag) if tag.start() >= position else None
        if end is not None:
            kept.append(text[position : tag.start()])
            position = end
    return "\n".join([*kept, text[position:]])


class Blocks:
    """Where the blocks of a text end; it knows which tags are closed, so that no search is in vain."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = {closing[1]: closing.start() for closing in _CLOSING_TAG.finditer(text)}

    def end(self, tag: re.Match[str]) -> int | None:
        """The end of the block that a tag opens, its closing tag included; None when it stays open."""
        if self._last.get(tag["tag"], -1) < tag.end():
            return None
        closing = f"</{tag['tag']}>"
        return self._text.index(closing, tag.end()) + len(closing)
