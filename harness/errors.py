"""Every exception of the harness, drawn as a tree.

HarnessError                        the message says what to do next; exit code 1, no traceback
  InputError                        a file to fix: path, line, field
    CaseError                       a case or a case set
    RulebookError                   a rulebook
    JudgeSpecError                  a judge preset
    ExperimentError                 an experiment
    TemplateError                   a prompt template
    ImportFormatError               people's grades, or another tool's file
  JudgeError                        no usable text came back: judge_id, case_id
    TransientJudgeError             worth another attempt; the only class that is ever retried
    JudgeRejectedError              this prompt will fail again
    JudgeUnavailableError           key, billing, unknown model: this judge stops
      NotAskedError                 the run ends: interrupted, or a limit of its budget is reached
  VerdictParseError                 text came back and cannot be read: reason, text
  CassetteMissError                 replay asked for something that was never recorded
  StoreError                        a store is damaged, busy, or would be overwritten
  UndefinedStatisticError           the data do not define the number: reason
  ClassroomError                    a class's session refuses something: reason
    NotAdmittedError                no such session, code, pupil or key, or no longer
    MoveRefusedError                the teacher's move is not possible from here
    GradeRefusedError               a grade that cannot be kept: wrong phase, case, answer or number
    StateChangedError               another device of the teacher was quicker
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class HarnessError(Exception):
    """Base of every error the harness raises on purpose; its message says what to do next."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file: where it stands, what is wrong, what would be right."""

    path: Path
    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line is not None else str(self.path)
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class InputError(HarnessError):
    """One or more files to fix; every problem found is listed, one per line."""

    def __init__(self, problems: list[Problem]) -> None:
        if not problems:
            raise ValueError("an InputError needs at least one problem")
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))

    @property
    def path(self) -> Path:
        """File of the first problem."""
        return self.problems[0].path

    @property
    def line(self) -> int | None:
        """Line (from 1) of the first problem, where it is known."""
        return self.problems[0].line

    @property
    def field(self) -> str:
        """Dotted field of the first problem."""
        return self.problems[0].field


class CaseError(InputError):
    """A case file or a case set cannot be used as it is."""


class RulebookError(InputError):
    """A rulebook file cannot be used as it is."""


class JudgeSpecError(InputError):
    """A judge preset cannot be used as it is."""


class ExperimentError(InputError):
    """An experiment file cannot be used as it is."""


class TemplateError(InputError):
    """A prompt template is missing, or asks for a variable that does not exist."""


class ImportFormatError(InputError):
    """People's grades, or another tool's file, cannot be read as the named format."""


class JudgeError(HarnessError):
    """A judge gave no usable text, after `attempts` attempts."""

    def __init__(self, message: str, *, judge_id: str = "", case_id: str = "", attempts: int = 1) -> None:
        self.judge_id = judge_id
        self.case_id = case_id
        self.attempts = attempts
        super().__init__(message)


class TransientJudgeError(JudgeError):
    """Worth another attempt: timeout, rate limit, server error, dropped connection."""

    def __init__(  # noqa: PLR0913 - what the provider said about when to come back belongs to it
        self,
        message: str,
        *,
        judge_id: str = "",
        case_id: str = "",
        attempts: int = 1,
        retry_after_s: float | None = None,
        overloaded: bool = False,
    ) -> None:
        self.retry_after_s = retry_after_s
        self.overloaded = overloaded
        """The provider says that it is asked too much (429)."""
        super().__init__(message, judge_id=judge_id, case_id=case_id, attempts=attempts)


class JudgeRejectedError(JudgeError):
    """The provider refuses this prompt and would refuse it again (too long, invalid request)."""


class JudgeUnavailableError(JudgeError):
    """Key, billing, unknown model: this judge stops, its calls stay open for resume.

    `whole_account`: the key or the account is refused, so that the provider's other judges stop too.
    """

    def __init__(
        self,
        message: str,
        *,
        judge_id: str = "",
        case_id: str = "",
        attempts: int = 1,
        whole_account: bool = False,
    ) -> None:
        self.whole_account = whole_account
        super().__init__(message, judge_id=judge_id, case_id=case_id, attempts=attempts)


class NotAskedError(JudgeUnavailableError):
    """The call was not made, because the run ends: interrupted, or a limit of its budget is reached."""


class VerdictParseError(HarnessError):
    """Text came back and cannot be read as a verdict."""

    def __init__(self, message: str, *, reason: str = "unparsable", text: str = "") -> None:
        self.reason = reason
        self.text = text
        super().__init__(message)


class CassetteMissError(HarnessError):
    """Replay asked for a request that was never recorded; the message names the nearest one."""


class StoreError(HarnessError):
    """A store is damaged, in use by another process, or would be overwritten."""


class UndefinedStatisticError(HarnessError):
    """The data do not define the number; `reason` says why, in words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ClassroomError(HarnessError):
    """A class's session refuses something; `reason` is a word that pages put into their own language."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class NotAdmittedError(ClassroomError):
    """There is no such session, code, pupil or key, or it is gone."""


class MoveRefusedError(ClassroomError):
    """The teacher's move is not possible from where the session stands."""


class GradeRefusedError(ClassroomError):
    """A grade that cannot be kept: the case takes none now, or there is no such case, answer or grade."""


class StateChangedError(ClassroomError):
    """The session moved on since the page was drawn: another device of the teacher was quicker."""
