"""Reply codes: all that a pupil said, in a few signs that can be copied by hand, mailed or scanned.

A code has five parts, most significant sign first; for six cases of four answers that is 20 signs:

    tag 4 | payload 12 | digest of the case set 2 | check 2          K7QX-3M2P-9TWA-BC4D-EFGH

* The tag is drawn once per pupil, so that the second vote finds the first.
* The payload is one number: every grade in the order of the cases as a digit in base n_grades + 1
  (0 = blank), then which of two rulebooks, then which vote; padded, so that groups of four come out even.
* The check signs make the sum of all signs, and their sum weighted by place, multiples of 31. Because 31 is
  prime, a code shorter than 31 signs with one or two wrong signs is refused; so is every swap of neighbours,
  at any length.

`static/codec.js` does the same in the file edition; both are tested with one table of codes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.classroom.codes import ALPHABET
from harness.errors import HarnessError
from harness.schema import Case
from harness.schema.classroom import Ballot, Vote

N_TAG = 4
_BASE = len(ALPHABET)
_N_DIGEST = 2
_N_CHECK = 2
_GROUP = 4
_SEPARATORS = re.compile(r"[\s\u2010-\u2014_.-]+")

Trouble = Literal["no_code", "length", "sign", "check", "other_set", "range"]
"""Why a code is refused; the pages have words for each."""


class ReplyCodeError(HarnessError):
    """A reply code that cannot be what a pupil's page wrote; `trouble` says why."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        self.trouble: Trouble = trouble
        super().__init__(message)


@dataclass(frozen=True)
class CodeFrame:
    """What the codes of a lesson are about: page and teacher must mean the same cases by them."""

    set_id: str
    n_grades: int
    rulebooks: tuple[str, ...]
    cases: tuple[tuple[str, tuple[str, ...]], ...]
    """Each case_id with its answer_ids, in the order of the lesson."""

    @property
    def n_answers(self) -> int:
        """How many grades a whole reply has."""
        return sum(len(answers) for _, answers in self.cases)

    @property
    def limit(self) -> int:
        """How many different payloads there are."""
        different: int = (self.n_grades + 1) ** self.n_answers
        return 4 * different

    @property
    def n_payload(self) -> int:
        """Signs of the payload."""
        n = 1
        while _BASE**n < self.limit:
            n += 1
        return n + -(N_TAG + n + _N_DIGEST + _N_CHECK) % _GROUP

    @property
    def length(self) -> int:
        """Signs of a whole code, without hyphens."""
        return N_TAG + self.n_payload + _N_DIGEST + _N_CHECK

    @property
    def digest(self) -> str:
        """Two signs that stand for the cases, their answers, the scale and the rulebooks."""
        told = [self.set_id, self.n_grades, self.rulebooks, self.cases]
        number = int(hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest(), 16)
        return _spell(number % _BASE**_N_DIGEST, _N_DIGEST)


@dataclass(frozen=True)
class Reply:
    """What one code says."""

    tag: str
    vote: Vote
    rulebook_id: str
    grades: Mapping[str, Mapping[str, int]]
    """case_id -> answer_id -> grade; blanks are left out."""

    @property
    def annotator_id(self) -> str:
        """The name of this pupil in tables, the same for both votes."""
        return f"c-{self.tag.lower()}"

    def ballots(self, pupil_id: str) -> tuple[Ballot, ...]:
        """Give the reply as ballots of a pupil, one for each case with a grade."""
        return tuple(
            Ballot(pupil_id=pupil_id, case_id=case_id, vote=self.vote, grades=dict(grades))
            for case_id, grades in self.grades.items()
            if grades
        )


@dataclass(frozen=True)
class BadLine:
    """A pasted line that holds no code that can be read."""

    line: int
    text: str
    trouble: Trouble


@dataclass(frozen=True)
class Pasted:
    """What was read in pasted text: one reply per pupil and vote, the last one where there are several."""

    replies: tuple[Reply, ...]
    bad: tuple[BadLine, ...]
    n_again: int = 0
    """Codes that came more than once, unchanged."""
    replaced: tuple[str, ...] = field(default=())
    """Tags whose earlier, different code was replaced by a later one."""


def frame_of(set_id: str, n_grades: int, cases: Sequence[Case], rulebooks: Sequence[str]) -> CodeFrame:
    """Give the frame of a lesson with these cases, in this order."""
    answers = tuple((case.case_id, tuple(answer.answer_id for answer in case.answers)) for case in cases)
    return CodeFrame(set_id=set_id, n_grades=n_grades, rulebooks=tuple(rulebooks), cases=answers)


def encode(reply: Reply, frame: CodeFrame) -> str:
    """Spell a reply as a code in groups of four."""
    number = 0
    for case_id, answers in frame.cases:
        for answer_id in answers:
            grade = reply.grades.get(case_id, {}).get(answer_id, 0)
            number = number * (frame.n_grades + 1) + grade
    number = (number * 2 + frame.rulebooks.index(reply.rulebook_id)) * 2 + reply.vote - 1
    body = reply.tag + _spell(number, frame.n_payload) + frame.digest
    signs = body + _check_signs(body)
    return "-".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))


def decode(text: str, frame: CodeFrame) -> Reply:
    """Read one code; raises ReplyCodeError."""
    signs = _SEPARATORS.sub("", text).upper()
    if len(signs) != frame.length:
        raise ReplyCodeError("length", f"a code of this lesson has {frame.length} signs, found {len(signs)}")
    unknown = sorted({sign for sign in signs if sign not in ALPHABET})
    if unknown:
        raise ReplyCodeError("sign", f"no code contains {', '.join(unknown)}: 0, O, 1, I and L are not used")
    if _check_signs(signs[:-_N_CHECK]) != signs[-_N_CHECK:]:
        raise ReplyCodeError("check", "a sign is wrong or two are swapped: compare it with the pupil's page")
    if signs[-_N_CHECK - _N_DIGEST : -_N_CHECK] != frame.digest:
        raise ReplyCodeError("other_set", "this code comes from a lesson with other cases or other rules")
    number = _value(signs[N_TAG : N_TAG + frame.n_payload])
    if number >= frame.limit or number // 2 % 2 >= len(frame.rulebooks):
        raise ReplyCodeError("range", "no page of this lesson writes such a code")
    return _reply(signs[:N_TAG], number, frame)


def read_codes(text: str, frame: CodeFrame) -> Pasted:
    """Read pasted codes, one per line; words before or after a code do no harm."""
    found: dict[tuple[str, Vote], Reply] = {}
    bad: list[BadLine] = []
    replaced: list[str] = []
    n_again = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            reply = _first_code(line, frame)
        except ReplyCodeError as error:
            bad.append(BadLine(number, line.strip()[:80], error.trouble))
            continue
        earlier = found.pop((reply.tag, reply.vote), None)
        n_again += earlier == reply
        if earlier is not None and earlier != reply:
            replaced.append(reply.tag)
        found[reply.tag, reply.vote] = reply
    return Pasted(tuple(found.values()), tuple(bad), n_again, tuple(replaced))


def _first_code(line: str, frame: CodeFrame) -> Reply:
    """Read the first stretch of a line that is a code; raises what is wrong with the likeliest one."""
    groups = r"[\s\u2010-\u2014_.-]*".join([r"[A-Za-z0-9]{4}"] * (frame.length // _GROUP))
    # Every start of a word is tried, because a pupil's name before the code may look like a group.
    candidates = re.findall(rf"(?<![A-Za-z0-9])(?=({groups})(?![A-Za-z0-9]))", line)
    trouble = ReplyCodeError("no_code", f"no code of {frame.length} signs in this line")
    for candidate in candidates:
        try:
            return decode(candidate, frame)
        except ReplyCodeError as error:
            trouble = error
    raise trouble


def _reply(tag: str, number: int, frame: CodeFrame) -> Reply:
    number, second = divmod(number, 2)
    number, half = divmod(number, 2)
    answers = [(case_id, answer_id) for case_id, ids in frame.cases for answer_id in ids]
    digits: list[int] = []
    for _ in answers:
        number, digit = divmod(number, frame.n_grades + 1)
        digits.append(digit)
    grades: dict[str, dict[str, int]] = {case_id: {} for case_id, _ in frame.cases}
    for (case_id, answer_id), digit in zip(answers, reversed(digits), strict=True):
        if digit:
            grades[case_id][answer_id] = digit
    return Reply(tag=tag, vote=2 if second else 1, rulebook_id=frame.rulebooks[half], grades=grades)


def _spell(number: int, n_signs: int) -> str:
    signs = []
    for _ in range(n_signs):
        number, digit = divmod(number, _BASE)
        signs.append(ALPHABET[digit])
    return "".join(reversed(signs))


def _value(signs: Iterable[str]) -> int:
    number = 0
    for sign in signs:
        number = number * _BASE + ALPHABET.index(sign)
    return number


def _check_signs(body: str) -> str:
    """Give the two signs x, y that make sum(v) = 0 and sum(place * v) = 0 modulo 31, places from 1."""
    values = [ALPHABET.index(sign) for sign in body]
    plain = sum(values)
    weighted = sum(place * value for place, value in enumerate(values, start=1))
    # x + y = -plain and p x + (p + 1) y = -weighted, where p is the place of x.
    y = ((len(values) + 1) * plain - weighted) % _BASE
    x = (-plain - y) % _BASE
    return ALPHABET[x] + ALPHABET[y]
