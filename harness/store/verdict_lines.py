"""verdicts.jsonl and timing.jsonl read quickly: a line that looks as this harness writes it is taken apart.

A line of that form is valid: the form is as strict as the record, and every name, text and number in it is
one that the record would take. Any other line is validated as a record, and refused in the same words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from harness.schema import Presentation, Verdict, VerdictTiming
from harness.schema.small import TimingRow
from harness.store.verdict_table import Circumstances, TableBuilder

_ID = r'"[a-z0-9][a-z0-9._-]{0,63}+"'
_TEXT = r'"[^"\\\x00-\x1f]*+(?:\\["\\/bfnrt][^"\\\x00-\x1f]*+)*+"'
_INT = r"(?:0|[1-9][0-9]{0,8}+)"
_NUMBER = rf"(?:{_INT}(?:\.[0-9]{{1,17}}+)?)"
_SHA = r'"[0-9a-f]{64}"'


_NAMED_TWICE = -2
"""An answer that is named twice has the grade that is written last: such a line is left to the record."""

_Written = TypeVar("_Written")


def _many(form: str) -> str:
    return f"{form}(?:,{form})*+"


def _maybe_null(form: str) -> str:
    return f"(?:null|{form})"


_GRADE = f"{_ID}:-?{_NUMBER}"
_PROTOCOL = '"(?:listwise|pairwise|pointwise)"'
_FLAG = '"(?:best_not_top|worst_not_bottom|rules_unknown|repaired)"'
_SIGNED = f"-?{_INT}"
_PRESENTATION = rf'{{"order":\[{_many(_ID)}\],"slots":\[{_many(_TEXT)}\]}}'
_RANKED = re.compile(
    rf'{{"best":{_maybe_null(_ID)},'
    rf'"cell":{{("annotator_id":{_TEXT}),"annotator_kind":"(?:judge|person|key)","case_id":({_ID}),'
    rf'("language":"(?:fr|en)"),"phase":[1-9][0-9]{{0,8}}+,'
    rf'"protocol":{_maybe_null(_PROTOCOL)},"repeat":({_INT}),'
    rf'("rulebook_id":{_ID}),"session":{_maybe_null(_TEXT)},'
    rf'("simulated":(?:true|false),"wording":"(?:base|paraphrase)")}},'
    rf'"completion_keys":\[(?:{_many(_SHA)})?\],"dimensions":{{}},'
    rf'"flags":(\[(?:{_many(_FLAG)})?\]),'
    rf'"grades":{{({_many(_GRADE)})}},"outcome":"ranked","pairs":\[\],"parser_version":({_INT}),'
    rf'"presentation":({_maybe_null(_PRESENTATION)}),"reason":{_maybe_null(_TEXT)},'
    rf'"rules_cited":\[(?:{_many(_SIGNED)})?\],"seconds":{_maybe_null(_NUMBER)},"worst":{_maybe_null(_ID)}}}'
).fullmatch
_TIMING = re.compile(
    rf'{{"attempts":({_INT}),"completion_tokens":(null|-?{_INT}),"latency_s":(null|{_NUMBER}),'
    rf'"position":({_INT}),"prompt_tokens":(null|-?{_INT})}}'
).fullmatch


class _Understood(dict[_Written, int]):
    """Numbers of what is written, each text understood when it is first met."""

    def __init__(self, understand: Callable[[_Written], int]) -> None:
        self._understand = understand

    def __missing__(self, written: _Written) -> int:
        number = self[written] = self._understand(written)
        return number


class LineReader:
    """Puts lines into a table; what many lines write alike is understood once."""

    def __init__(self, builder: TableBuilder) -> None:
        self._builder = builder
        self._circumstances = _Understood(self._circumstance)
        self._cases: _Understood[str] = _Understood(lambda written: builder.cases[written[1:-1]])
        self._names = _Understood(self._answers)
        self._flags: _Understood[str] = _Understood(lambda written: builder.flags[tuple(json.loads(written))])
        self._shown = _Understood(self._presentation)
        self._versions = _Understood(self._version)

    def read(self, line: bytes) -> bool:
        """Add the verdict of a line; False, and nothing is added, where its form is another."""
        try:
            found = _RANKED(line.decode())
        except UnicodeDecodeError:
            return False
        if found is None:
            return False
        annotator, case, language, repeat, rulebook, how, flags, grades, version, shown = found.groups()
        parts = grades.replace(":", ",").split(",")
        names = self._names[tuple(parts[::2])]
        if names == _NAMED_TWICE:
            return False
        self._versions[version]
        numbers = (
            self._circumstances[annotator, language, rulebook, how],
            self._cases[case],
            int(repeat),
            names,
            self._shown[shown],
            self._flags[flags],
        )
        self._builder.add_row(numbers, map(float, parts[1::2]))
        return True

    def _answers(self, written: tuple[str, ...]) -> int:
        if len(set(written)) < len(written):
            return _NAMED_TWICE
        return self._builder.names[tuple(name[1:-1] for name in written)]

    def _circumstance(self, written: tuple[str, str, str, str]) -> int:
        told = json.loads("{" + ",".join(written) + "}")
        return self._builder.circumstances[Circumstances(**told)]

    def _presentation(self, written: str) -> int:
        told = None if written == "null" else Presentation.model_validate_json(written)
        return self._builder.shown(told)

    def _version(self, written: str) -> int:
        self._builder.see_version(int(written))
        return int(written)


def read_verdicts(lines: Iterable[bytes], validate: Callable[[int, bytes], Verdict]) -> TableBuilder:
    """Gather the verdicts of all lines; `validate` reads the odd one by its number, from 1, or refuses it."""
    builder = TableBuilder()
    read = LineReader(builder).read
    for number, line in enumerate(lines, start=1):
        if not read(line):
            builder.add(validate(number, line))
    return builder


def read_timings(
    lines: Iterable[bytes], validate: Callable[[int, bytes], VerdictTiming]
) -> Iterator[TimingRow | VerdictTiming]:
    """What each verdict took, line by line."""
    for number, line in enumerate(lines, start=1):
        found = _TIMING(line.decode("ascii", "replace"))
        if found is None:
            yield validate(number, line)
        else:
            attempts, completion, seconds, position, prompt = found.groups()
            yield TimingRow(
                int(position),
                None if seconds == "null" else float(seconds),
                int(attempts),
                None if prompt == "null" else int(prompt),
                None if completion == "null" else int(completion),
            )
