"""Every fuzz target with hypothesis; `make fuzz` runs the same functions for long, guided by coverage."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.schema import RankedVerdict
from harness.verdict import Expected
from tests.fuzz import replies
from tests.fuzz.targets import FORM, FOUR_OF_FOUR, TARGETS

ROOT = Path(__file__).resolve().parents[2]
SEEDS = {name: tuple(target.seeds()) for name, target in TARGETS.items()}
SPLICES = (
    *(b"{", b"}", b"[", b"]", b'"', b"'", b":", b",", b"\n", b"\r", b"\t", b"\0", b"\\u0033", b"\\ud800"),
    *(b"1", b"4", b"-1", b"1e999", b"99999999999999999999", b"NaN", b"null", b"true", b"trois", b"A", b"a"),
    *("é’𝟛٣".encode(), b"\xff\xfe", b"\xed\xa0\x80", b"&a *a", b"!!python/object:os.system", b"<<: *x"),
)
PROBABILITIES = b'{"choices":[{"logprobs":{"content":[{"token":"A","logprob":%b,"top_logprobs":[{}]}]}}]}'

FOUND = (
    ("listwise-reply", FOUR_OF_FOUR + b"\1\0{'A': 'tr\\ois', 'B': '4/4', 'c': 1, 'D': 2,}"),
    ("provider-body", b"\tSun, 22 Nov 2026 0:55555555555555555555555555555555555555555555"),
    ("provider-body", b"Sun, 22 Nov 2026 00:00:07 +99999999999999999999"),
    (
        "provider-body",
        b'{"choices":[{"logprobs":{"content":[{"token":"A","logprob":1e308,"top_logprobs":[{}]}]}}]}',
    ),
    (
        "provider-body",
        b'{"choices":[{"logprobs":{"content":[{"token":"A","logprob":NaN,"top_logprobs":[{}]}]}}]}',
    ),
    ("provider-body", b'{"usage":{"prompt_tokens":99999999999999999999,"completion_tokens":true}}'),
)
"""Inputs that once broke a promise, or nearly."""


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> bytes:
    """Give a good input with a few pieces put in, taken out or written over; or any bytes at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    content = draw(st.sampled_from(SEEDS[name]))
    for _ in range(draw(st.integers(0, 5))):
        place, width = draw(st.integers(0, len(content))), draw(st.sampled_from((0, 1, 4, 40)))
        piece = draw(st.one_of(st.sampled_from((b"", *SPLICES)), st.binary(max_size=4)))
        content = content[:place] + piece + content[place + width :]
    return content


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_fuzzer_begins_with_keeps_every_promise(name: str) -> None:
    """Good examples of every kind are read."""
    for seed in SEEDS[name]:
        TARGETS[name].run(seed)


@pytest.mark.parametrize(("name", "content"), FOUND)
def test_what_fuzzing_found_stays_mended(name: str, content: bytes) -> None:
    """No input breaks a promise twice."""
    TARGETS[name].run(content)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40)
@given(draws=st.data())
def test_a_few_spoilt_inputs(name: str, draws: st.DataObject) -> None:
    """Whatever comes is read or refused in words; nothing crashes, nothing is invented."""
    TARGETS[name].run(draws.draw(spoilt(name)))


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=1_500)
@given(draws=st.data())
def test_many_spoilt_inputs(name: str, draws: st.DataObject) -> None:
    """The same, for long."""
    TARGETS[name].run(draws.draw(spoilt(name)))


def _read_four(text: str) -> RankedVerdict:
    verdict = replies.listwise_reply(FOUR_OF_FOUR + b"\0\0" + text.encode())
    assert isinstance(verdict, RankedVerdict)
    return verdict


def test_an_invented_grade_is_noticed() -> None:
    """The promise can fail: a grade, a rule or a slot that the reply does not hold breaks it."""
    verdict = _read_four(FORM)
    asked = Expected(answer_ids=tuple(verdict.grades), n_grades=4)
    replies.check_reading(verdict, FORM, asked)
    for text in (
        FORM.replace("3", "2"),
        FORM.replace("D", "E"),
        FORM.replace('"rules": [1]', "").replace("1", "2"),
    ):
        with pytest.raises(AssertionError):
            replies.check_reading(verdict, text, asked)


def test_numbers_are_found_however_they_are_spelt() -> None:
    """Digits, decimals, words of both languages and JSON's escapes count as standing in a reply."""
    assert replies.numbers_in('{"A": "\\u0033", "B": 2.0, "C": "Quatre", "D": 10}') >= {3.0, 2.0, 4.0, 10.0}
    assert replies.numbers_in("no number") == set()


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_the_driver_counts_what_it_ran(tmp_path: Path) -> None:
    """`make fuzz` ends by itself and says how often it ran each target and what broke."""
    command = ["-m", "tests.fuzz.drive", "pair-reply", "--cpu-minutes", "0.1", "--folder", str(tmp_path)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["broken"] == {}
    assert told["executions"] > 100
