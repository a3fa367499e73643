"""Marks of a chat template inside a text: the runtime would read them as the end of a message.

The local runtime renders messages to one text and turns every `<|im_end|>` in it into a control token, also
one that an answer brings along; such an answer could end the user's message and speak as the system. A hosted
provider sees to this itself. An invisible joiner after the first sign leaves a text that reads the same and
forges nothing.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"<(?=\|[^<>|\s]{1,40}\|>)|<(?=/?s>)|\[(?=/?INST\])|<(?=</?SYS>>)")
_JOINER = "\u2060"


def without_marks(content: str) -> str:
    """The text with every mark of a chat template broken; other texts as they are."""
    return _MARK.sub(lambda found: found[0] + _JOINER, content)
