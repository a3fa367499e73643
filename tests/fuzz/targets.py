"""Every fuzz target by name, with what a fuzzer may begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from harness.formats.registry import FORMATS, NAMES
from harness.store.shards import _manifest_bytes
from tests.fuzz import files, replies

ROOT = Path(__file__).resolve().parents[2]
FORM = '{"A": 3, "B": 4, "C": 1, "D": 2, "best": "B", "worst": "C", "rules": [1], "reason": "x"}'
FOUR_OF_FOUR = bytes([2 + 9 * 2])
"""The setting of `listwise_reply` for four answers and grades from 1 to 4."""


@dataclass(frozen=True)
class Target:
    """A function that raises where a promise broke, and examples of good input."""

    run: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]


def _reply_seeds() -> Iterator[bytes]:
    bodies = (
        FORM,
        f"Here is my verdict:\n```json\n{FORM}\n```\nI hope it helps.",
        "{'A': 'trois', 'B': '4/4', 'c': 1, 'D': 2,}",
        '{"grades": [{"slot": "A", "grade": 3}, {"slot": "B", "grade": 4}, {"slot": "C", "note": 1}]}',
        "A: 3\n**B** = 4/4\nRéponse C : un\n| D | 2 |\nmeilleure : B\npire : C",
        f"<think>{FORM}</think>{FORM}",
        f"<A-1a2b3c4d>{FORM}</A-1a2b3c4d>\nI’m sorry, but I can’t.",
        '{"A": 3, "A_helpful": 4, "A_honest": 2, "B": "\\u0034", "C": 1.0, "D": 2}',
    )
    for body, setting in product(bodies, (b"\0\0", b"\1\0", b"\2\1", b"\4\2")):
        yield FOUR_OF_FOUR + setting + body.encode()


def _pair_seeds() -> Iterator[bytes]:
    for number, word in product(range(3), ("A", "réponse B.", "2", "ex aequo", "X\nbecause Y is worse")):
        yield bytes([number]) + word.encode()


def _body_seeds() -> Iterator[bytes]:
    yield b'{"choices":[{"message":{"content":"x","refusal":null},"finish_reason":"stop"}],"usage":{}}'
    yield (
        b'{"choices":[{"logprobs":{"content":[{"token":"A","logprob":-0.1,"top_logprobs":'
        b'[{"token":" A","logprob":-1},{"token":"B","logprob":-2}]}]},"finish_reason":"length"}],'
        b'"model":"m","usage":{"prompt_tokens":7,"completion_tokens":1}}'
    )
    yield b'{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}'
    yield b'{"error":{"message":"slow down","code":"rate_limit","type":"x","innererror":{"code":"y"}}}'
    yield b"Sun, 22 Nov 2026 00:00:07 GMT"
    yield b"7.5"


def _authored_seeds() -> Iterator[bytes]:
    patterns = ("cases/*/[!s]*.yaml", "cases/*/set.yaml", "prompts/experiments/*.yaml")
    for number, pattern in enumerate((*patterns, "prompts/rulebooks/*.yaml", "prompts/judges/*.yaml")):
        for path in sorted(ROOT.glob(pattern))[:3]:
            yield bytes([number]) + path.read_bytes()[:3000]


def _people_seeds() -> Iterator[bytes]:
    yield (
        b"\0session,annotator_id,case_id,answer_id,grade,slot,seconds\n"
        b"s,anna,poem,poem-a,4,A,12.5\ns,anna,poem,poem-b,1,B,12.5\n"
    )
    yield b'\1{"session":"s","annotator_id":"a","case_id":"poem","answer_id":"poem-a","grade":3}\n'
    yield b"\2session\tannotator_id\tcase_id\tanswer_id\tgrade\ns\ta\tpoem\tpoem-c\t2\n"


def _import_seeds() -> Iterator[bytes]:
    for number, name in enumerate(NAMES):
        for suffix in range(len(files.SUFFIXES)):
            yield bytes([number, suffix]) + FORMATS[name].example.encode()


def _recorded_lines() -> Iterator[bytes]:
    for path in sorted((ROOT / "results/local-judges/cassette").glob("*.jsonl"))[:3]:
        yield from path.read_bytes().splitlines()[:2]


def _line_seeds() -> Iterator[bytes]:
    for line in _recorded_lines():
        yield line
        yield line[11:-77]


def _folder_seeds() -> Iterator[bytes]:
    run = ROOT / "results/local-judges"
    for line in _recorded_lines():
        yield b"\0" + line[11:-77] + b"\n" + line
    for kind, name in enumerate(("verdicts.jsonl", "timing.jsonl", "manifest.json"), start=1):
        if (run / name).exists():
            whole = (run / name).read_bytes()
            yield bytes([kind]) + (whole if kind == 3 else b"\n".join(whole.split(b"\n")[:2]) + b"\n")
    yield b"\4SQLite format 3\0"


def _manifest_seeds() -> Iterator[bytes]:
    yield _manifest_bytes({})


REPLIES = {
    "listwise-reply": Target(replies.listwise_reply, _reply_seeds),
    "pair-reply": Target(replies.pair_reply, _pair_seeds),
    "provider-body": Target(replies.provider_body, _body_seeds),
}
FILES = {
    "authored-file": Target(files.authored_file, _authored_seeds),
    "people-table": Target(files.people_table, _people_seeds),
    "import-file": Target(files.import_file, _import_seeds),
    "store-line": Target(files.store_line, _line_seeds),
    "run-folder": Target(files.run_folder, _folder_seeds),
    "cassette-manifest": Target(files.cassette_manifest, _manifest_seeds),
}
TARGETS = REPLIES | FILES
