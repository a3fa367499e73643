from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import CaseError, JudgeSpecError, Problem, RulebookError
from harness.load.yaml import read_document, read_located, read_record
from harness.schema import Case, CaseSet, JudgeSpec, Rulebook


def written(folder: Path, text: str | bytes, name: str = "some.yaml") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems_of(path: Path) -> list[Problem]:
    """Give every problem of a file read as a judge preset."""
    return list(read_located(path, JudgeSpec).problems)


def test_sound_record_is_read(tmp_path: Path) -> None:
    """A sound file becomes its record, with a byte order mark in front or without."""
    for start in (b"", b"\xef\xbb\xbf"):
        path = written(tmp_path, start + b"judge_id: one\nmodel_id: openai/x\nsampling: {temperature: 0}\n")
        spec = read_record(path, JudgeSpec, JudgeSpecError)
        assert (spec.judge_id, spec.sampling.temperature) == ("one", 0.0)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is empty"),
        ("# only a remark\n", 1, "is empty"),
        ("- a\n- b\n", 1, "must hold the fields of a JudgeSpec, found a list"),
        ("just words\n", 1, "found a single value"),
        ("judge_id: one\nmodel_id: a: b\n", 2, "put a text that holds ': ' in quotes"),
        ("judge_id: one\nsampling:\n\tseed: 1\n", 3, "indent with spaces"),
        ("judge_id: one\n---\njudge_id: two\n", 2, "one file holds one record"),
        ('judge_id: "one\n', 2, "never closed"),
        ("judge_id: one\nnote: *star\n", 2, "needs quotes"),
        (b"judge_id: one\nnote: caf\xe9\n", 2, "not UTF-8 (byte 0xe9)"),
        (b"\xff\xfej\x00", 1, "UTF-16"),
        ("judge_id: one\nnote: a\x07b\n", 2, "control character U+0007"),
        ("judge_id: !!python/object/apply:os.system [ls]\n", 1, "tag"),
        ("[" * 5000, None, "nested too deeply"),
        ("judge_id: one\nseed: .nan\n", 2, "finite number"),
        ("judge_id: one\nsampling: {seed: 12345678901234567890}\n", 2, "too large"),
        ("judge_id: one\nnote: '   '\n", 2, "only white space"),
        ('judge_id: one\nnote: "\\ud83d"\n', 2, "U+D83D"),
        ("judge_id: one\n? [a, b]\n: c\n", 2, "plain word"),
    ],
)
def test_bad_yaml_is_one_clear_line(tmp_path: Path, text: str | bytes, line: int | None, words: str) -> None:
    """What is no readable YAML is named with its line, and with what would be right."""
    (problem,) = problems_of(written(tmp_path, text))
    assert problem.line == line
    assert words in problem.message
    assert "\n" not in str(problem)


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    """A path without a file, or with a folder, is a problem and no traceback."""
    assert "no such file" in problems_of(tmp_path / "none.yaml")[0].message
    assert "is a folder" in problems_of(tmp_path)[0].message


def test_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    """A file over 5 MB is refused by its size."""
    (problem,) = problems_of(written(tmp_path, b"x" * 5_000_001))
    assert "5 MB at most" in problem.message


def test_every_duplicate_field_is_named(tmp_path: Path) -> None:
    """Fields that stand twice are named with both lines, all of them."""
    text = "judge_id: a\nmodel_id: b\njudge_id: c\nsampling:\n  seed: 1\n  seed: 2\n"
    problems = problems_of(written(tmp_path, text))
    assert [(problem.line, problem.field) for problem in problems] == [(3, "judge_id"), (6, "sampling.seed")]
    assert "first on line 1" in problems[0].message


def test_all_wrong_fields_are_told_at_once(tmp_path: Path) -> None:
    """Each wrong field of a record has its line and its remedy, none hides another."""
    text = (
        "judge_id: My Judge\ntitel: x\nprotocol: listwize\nsampling:\n  temperature: '0'\n  max_tokens: 2.5\n"
        "limits:\n  concurrency: 0\nprompt_cache: yes\n"
    )
    problems = {problem.field: problem for problem in problems_of(written(tmp_path, text))}
    expected = {
        "judge_id": (1, "must be an id (lower-case letters"),
        "titel": (2, "JudgeSpec has no field 'titel'; did you mean 'title'?"),
        "protocol": (3, "must be one of 'listwise', 'pairwise', 'pointwise', found 'listwize'"),
        "sampling.temperature": (5, "must be a number, found '0'"),
        "sampling.max_tokens": (6, "must be a whole number, found 2.5"),
        "limits.concurrency": (8, "must be at least 1, found 0"),
        "prompt_cache": (9, "must be true or false, found 'yes'"),
        "model_id": (1, "is missing; JudgeSpec needs it (litellm model id"),
    }
    assert problems.keys() == expected.keys()
    for name, (line, words) in expected.items():
        assert problems[name].line == line, name
        assert words in problems[name].message


def test_nested_unknown_field_names_its_own_record(tmp_path: Path) -> None:
    """An unknown field inside a list is compared with the fields of the record that it stands in."""
    text = "rulebook_id: a\nrules:\n- number: 1\n  criterium: honest\n  text: {base: {de: x}}\n"
    reading = read_located(written(tmp_path, text), Rulebook)
    told = {problem.field: problem for problem in reading.problems}
    assert told["rules.0.criterium"].message == "Rule has no field 'criterium'; did you mean 'criterion'?"
    assert told["rules.0.criterium"].line == 4
    assert "must be one of 'fr', 'en', found 'de'" in told["rules.0.text.base.de"].message


def test_a_wrong_member_does_not_make_its_list_too_short(tmp_path: Path) -> None:
    """A list is called too short only for its own length."""
    base = "case_id: a\nanswers:\n- answer_id: a-a\n  text: {fr: 3}\n"
    fields = [problem.field for problem in read_located(written(tmp_path, base + "- x\n"), Case).problems]
    assert "answers.0.text.fr" in fields
    assert "answers" not in fields
    one = [str(problem) for problem in read_located(written(tmp_path, base), Case).problems]
    assert any("answers: must have at least 2 entries, found 1" in line for line in one)


def test_a_key_is_never_repeated_in_a_message(tmp_path: Path) -> None:
    """A secret in the wrong place is refused and not shown."""
    secret = "sk-proj-Abcdefghijklmnop123456"
    text = (
        f"judge_id: one\nmodel_id: openai/x\napi_key_env: {secret}\nprotocol: {secret}\nthreads: {secret}\n"
    )
    told = "\n".join(map(str, problems_of(written(tmp_path, text))))
    assert told.count("\n") == 2
    assert secret not in told


def test_yaml_words_stay_words(tmp_path: Path) -> None:
    """Dates, `no` and clock times are texts; numbers and true are what they look like (YAML 1.2)."""
    path = written(
        tmp_path, "a: 2026-11-21\nb: no\nc: 1:30\nd: 0x10\ne: 012\nf: 1e3\ng: true\nh: ~\ni: '1'\n"
    )
    document, problems = read_document(path)
    assert problems == []
    assert document.content == {
        "a": "2026-11-21",
        "b": "no",
        "c": "1:30",
        "d": 16,
        "e": 12,
        "f": 1000.0,
        "g": True,
        "h": None,
        "i": "1",
    }


def test_aliases_cannot_blow_up(tmp_path: Path) -> None:
    """A file whose aliases multiply into billions of values is refused, not expanded."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    problems = problems_of(written(tmp_path, text))
    assert "aliases count each time" in problems[0].message
    assert "too deeply" in problems_of(written(tmp_path, "&a [*a]"))[0].message


def test_json_with_tabs_and_escaped_emoji_is_read(tmp_path: Path) -> None:
    """JSON is read as well, escaped emoji and tabs included."""
    content = {"judge_id": "one", "model_id": "openai/x", "note": "😀 a/b שלום"}
    path = written(tmp_path, json.dumps(content, indent="\t"), "one.json")
    assert read_record(path, JudgeSpec, JudgeSpecError).note == "😀 a/b שלום"


def test_the_error_has_the_type_that_was_asked_for(tmp_path: Path) -> None:
    """The caller decides which error a broken file raises."""
    path = written(tmp_path, "")
    with pytest.raises(RulebookError):
        read_record(path, Rulebook, RulebookError)
    with pytest.raises(CaseError) as caught:
        read_record(path, CaseSet, CaseError)
    assert (caught.value.path, caught.value.line) == (path, 1)


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever stands in a file, reading gives a record or problems, each of one line."""
    path = written(tmp_path_factory.mktemp("fuzz"), content)
    reading = read_located(path, JudgeSpec)
    assert (reading.record is None) == bool(reading.problems)
    assert all(len(str(problem).splitlines()) == 1 for problem in reading.problems)
