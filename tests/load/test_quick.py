from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.load.quick import NotQuickError, quick_json
from harness.load.yaml import _read_yaml, read_value

HERE = Path("case.json")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=5), st.booleans(), st.sampled_from([None, 0, 2]))
def test_json_read_quickly_is_what_the_yaml_reader_reads(
    content: dict[str, object], ascii_only: bool, indent: int | None
) -> None:
    """Content, problems and lines are those of the YAML reader, however the JSON is written."""
    text = json.dumps(content, ensure_ascii=ascii_only, indent=indent)
    expected, problems = _read_yaml(HERE, text)
    document, found = read_value(HERE, text)
    assert found == problems
    assert document.content == expected.content
    assert dict(document.lines) == dict(expected.lines)


@pytest.mark.parametrize(
    "text",
    [
        *("a: 1", "[1]", '{"a": 1, "a": 2}', '{"a": "\\u0000"}', '{"a": " "}', '{"a": NaN}', '{"a": 1e999}'),
        *(
            '{"a": 9007199254740993}',
            '{"a": "\\ud83d"}',
            '{"é": 1}',
            '{"a":\t1}',
            '{"a": "\u2028"}',
            '{"a": 1',
        ),
        *('{"a":' * 60 + "1" + "}" * 60, '{"a": 1} {', '# note\n{"a": 1}'),
    ],
)
def test_what_is_odd_is_left_to_the_yaml_reader(text: str) -> None:
    """Whatever calls for a message, or could mean another thing in YAML, is not read quickly."""
    with pytest.raises(NotQuickError):
        quick_json(text)


def test_a_problem_in_json_still_has_its_line() -> None:
    """Lines are found out when a problem needs one."""
    document, problems = read_value(HERE, '{\n "a": 1,\n "b": [2,\n  3]\n}')
    assert problems == []
    assert document.problem(("b", 1), "is wrong").line == 4
    assert document.problem(("c",), "is missing").line == 1
