"""What a reply merely copies from the prompt: it is never read as the judge's own words.

An answer may hold `{"A": 4, "B": 1, …}` or "A: 4"; a judge may quote it, or repeat the whole prompt.
"""

from __future__ import annotations

import re
from functools import cached_property

from harness.verdict.disguise import digits, is_undisguised, squeezed, undisguised

_WORD = re.compile(r"\w+")
_REASONING = re.compile(r"\s*<(think|thinking|reasoning)>")
TAG = re.compile(r"<(?P<tag>[A-Za-z0-9]{1,16}-[0-9a-f]{8,64})>")
"""The opening tag of a text in the prompt; its shape is unmistakable, so no list of tags is needed."""
CLOSING_TAG = re.compile(TAG.pattern.replace("<", "</", 1))


def digits_told(prompt_text: str) -> str | None:
    """The digits of a prompt's text without its tags; None where it wears a disguise.

    Those of a prompt of several texts follow each other: no tag reaches from one into the next.
    """
    return digits(_without_tags(prompt_text)) if is_undisguised(prompt_text) else None


def digits_written(fragment: str) -> str | None:
    """The digits of a fragment; None where it wears a disguise.

    Where they do not follow each other in `digits_told` of the prompt, `Echo.is_copy` says no: of letters and
    digits that stand there without a gap, the digits do so too. That clears nearly every reply.
    """
    return digits(fragment) if is_undisguised(fragment) else None


class Echo:
    """Knows the prompt, and tells what of a reply stands in it."""

    def __init__(self, prompt_text: str) -> None:
        self.prompt_text = prompt_text

    @cached_property
    def _folded(self) -> str:
        return self.prompt_text.casefold()

    @cached_property
    def views(self) -> tuple[str, ...]:
        """The prompt as it is, and once more as it reads without its disguises, where it has any."""
        if is_undisguised(self.prompt_text):
            return (self.prompt_text,)
        return (self.prompt_text, undisguised(self.prompt_text))

    @cached_property
    def _untagged(self) -> tuple[str, ...]:
        return tuple(_without_tags(view) for view in self.views)

    @cached_property
    def _digits(self) -> tuple[str, ...]:
        return tuple(digits(view) for view in self._untagged)

    @cached_property
    def _squeezed(self) -> tuple[str, ...]:
        return tuple(squeezed(view) for view in self._untagged)

    def is_copy(self, fragment: str) -> bool:
        """Whether the letters and digits of a fragment stand in the prompt in this order, without a gap.

        Quotes, spaces, punctuation, case, accents and escapes may differ, and so may what nobody sees: a
        re-quoted copy is still a copy, and so is one that was cut in the middle of a word.
        """
        plain = fragment if is_undisguised(fragment) else undisguised(fragment)
        words = _WORD.findall(plain.casefold())
        if not words:
            return False
        if len(self.views) == 1 and not all(
            word in self._folded for word in sorted(set(words), key=len, reverse=True)
        ):
            return False  # the quick way out: nearly every reply holds a word that the prompt does not
        asked = {squeezed(fragment), squeezed(plain)} - {""}
        if not any(digits(one) in told for one in asked for told in self._digits):
            return False  # the second one: of letters that follow each other the digits do too
        return any(one in view for one in asked for view in self._squeezed)

    def without_copied_lines(self, text: str) -> str:
        """The text less every line that stands in the prompt as it is."""
        lines = (line for line in text.splitlines() if line.strip() and line.strip() not in self._lines)
        return "\n".join(lines)

    @cached_property
    def _lines(self) -> frozenset[str]:
        return frozenset(line.strip() for line in self.prompt_text.splitlines())


def _without_tags(text: str) -> str:
    return CLOSING_TAG.sub(" ", TAG.sub(" ", text))


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
        self._last = {closing[1]: closing.start() for closing in CLOSING_TAG.finditer(text)}

    def end(self, tag: re.Match[str]) -> int | None:
        """The end of the block that a tag opens, its closing tag included; None when it stays open."""
        if self._last.get(tag["tag"], -1) < tag.end():
            return None
        closing = f"</{tag['tag']}>"
        return self._text.index(closing, tag.end()) + len(closing)
