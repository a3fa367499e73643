"""Bytes of a small file to text: size, encoding and control characters."""

from __future__ import annotations

import re
from pathlib import Path

from harness.errors import Problem

MAX_BYTES = 5_000_000
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udfff]")
"""What no text may hold: control characters (line ends and tabs are none) and halves of characters."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path) -> str | list[Problem]:
    """The text of a UTF-8 file of 5 MB at most (a byte order mark is dropped), or what is wrong with it."""
    try:
        if not path.is_file():
            what = "is a folder; a file is needed" if path.is_dir() else "no such file"
            return [Problem(path, None, "", what)]
        size = path.stat().st_size
        if size > MAX_BYTES:
            return [Problem(path, None, "", f"is {size / 1e6:.1f} MB; a file may have 5 MB at most")]
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        return [Problem(path, None, "", f"cannot be read: {getattr(error, 'strerror', None) or error}")]
    return _decode(path, content)


def _decode(path: Path, content: bytes) -> str | list[Problem]:
    if content.startswith(_UTF16):
        return [Problem(path, 1, "", "is in UTF-16; save it as UTF-8")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        return [Problem(path, line, "", f"is not UTF-8 (byte 0x{byte:02x}); save it as UTF-8")]
    return _control_characters(path, text) or text


def _control_characters(path: Path, text: str) -> list[Problem]:
    return [
        Problem(path, text.count("\n", 0, found.start()) + 1, "", f"{describe_control(found[0])}; remove it")
        for found in list(CONTROL.finditer(text))[:50]
    ]


def describe_control(character: str) -> str:
    """Words for a character that no text may hold."""
    return f"holds the control character U+{ord(character):04X}"
