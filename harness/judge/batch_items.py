"""The files of a batch: one line per request on the way out, one line per answer on the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from harness.judge.remote import MAX_REPLY_BYTES, TOO_LONG
from harness.judge.reply import Reply, plain_reply
from harness.judge.translate import Failure, classify_reply, classify_said, no_answer

CHAT_URL = "/v1/chat/completions"
UNFINISHED = frozenset({"batch_expired", "batch_cancelled", "batch_canceled", "request_cancelled"})
"""Codes of requests that the batch did not come to."""


def request_line(key: str, body: Mapping[str, object]) -> bytes:
    """One line of the file that is uploaded; the custom id is the key of the recording, 64 letters."""
    line = {"custom_id": key, "method": "POST", "url": CHAT_URL, "body": body}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


@dataclass
class Items:
    """What the files of one batch hold, by custom id; a line is read again when its turn comes."""

    lines: dict[str, bytes] = field(default_factory=dict)
    n_duplicates: int = 0
    """Lines about a request that an earlier line answered: the first one counts."""
    n_unreadable: int = 0
    """Lines that are half or no answer, as a cut file leaves them."""

    def add(self, content: bytes) -> None:
        """Take in the lines of one file, in any order."""
        for line in content.split(b"\n"):
            if line.strip():
                self._add_line(line)

    def _add_line(self, line: bytes) -> None:
        read = _parsed(line)
        custom_id = None if read is None else read.get("custom_id")
        if not isinstance(custom_id, str):
            self.n_unreadable += 1
        elif custom_id in self.lines:
            self.n_duplicates += 1
        else:
            self.lines[custom_id] = line

    def answer(self, custom_id: str, now: datetime) -> Reply | Failure | None:
        """The reply to a request, or the failure that its line speaks of, as over the wire; None: no line."""
        line = self.lines.get(custom_id)
        if line is None:
            return None
        if len(line) > MAX_REPLY_BYTES:
            return no_answer(TOO_LONG)
        return _read(_parsed(line) or {}, now)


def _parsed(line: bytes) -> dict[str, JsonValue] | None:
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _read(line: Mapping[str, JsonValue], now: datetime) -> Reply | Failure:
    response = line.get("response")
    if line.get("error") and not isinstance(response, dict):
        return _unanswered(line["error"])
    if not isinstance(response, dict):
        return no_answer("the batch holds neither an answer nor an error for it")
    status, body = response.get("status_code"), response.get("body")
    if not isinstance(status, int) or isinstance(status, bool):
        return no_answer("the batch's answer has no status")
    plain = json.dumps(body)
    if status != 200:
        return classify_reply(status, {}, plain, now)
    return plain_reply(plain.encode())


def _unanswered(error: JsonValue) -> Failure:
    code = error.get("code") if isinstance(error, dict) else None
    if code in UNFINISHED:
        return no_answer(f"{code}: the batch ended before it was this request's turn")
    return classify_said(error)
