"""Replies that a teacher took back: the recording keeps them, a file says so, and nothing counts them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from harness.errors import StoreError
from harness.schema import Verdict
from harness.store.disk import in_words, write_atomically
from harness.store.folder import RunFolder

NAME = "withdrawn.jsonl"


def withdrawn_keys(folder: RunFolder) -> frozenset[str]:
    """Keys of the completions that were taken back; raises StoreError where the file cannot be read."""
    return frozenset(_lines(folder))


def withdraw(folder: RunFolder, key: str, at: str) -> None:
    """Note that a reply was taken back, and when (ISO 8601); a second time changes nothing."""
    kept = _lines(folder)
    kept.setdefault(key, at)
    lines = [json.dumps({"completion_key": name, "withdrawn_at": when}) for name, when in kept.items()]
    write_atomically(folder.path / NAME, [f"{line}\n".encode() for line in lines])


def counted(verdicts: Iterable[Verdict], gone: frozenset[str]) -> Iterator[Verdict]:
    """Those verdicts that rest on no reply that was taken back."""
    return (one for one in verdicts if gone.isdisjoint(one.completion_keys))


def _lines(folder: RunFolder) -> dict[str, str]:
    path = folder.path / NAME
    with in_words(path):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    try:
        told = [json.loads(line) for line in text.splitlines()]
        return {one["completion_key"]: one["withdrawn_at"] for one in told}
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: cannot be read: {error}") from error
