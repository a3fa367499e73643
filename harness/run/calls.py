"""One cell of a plan and its calls: small, because a plan holds a million of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from pydantic import JsonValue

from harness.schema import Cell, JudgeSpec, Language, Message, Origin, Presentation, Request, Wording
from harness.schema.key import KeyFrame

Runtime = dict[str, JsonValue]


@dataclass(frozen=True)
class Grid:
    """One combination of a part: who, under which rules, in which words."""

    spec: JudgeSpec
    runtime: Runtime
    rulebook_id: str
    wording: Wording
    language: Language
    together: tuple[str, ...] = ()
    """The cases that stand in one prompt, in their order; empty = each has its own."""

    @cached_property
    def line(self) -> tuple[str, str, str, str]:
        """What tells its cells from those of others."""
        return self.spec.judge_id, self.rulebook_id, self.wording, self.language


@dataclass(frozen=True)
class Frame:
    """What the calls of one grid share that show as many slots in the same repeat: all but the messages."""

    grid: Grid
    template_id: str
    repeat: int
    settings: Request
    """The request of the first of them."""
    keys: KeyFrame = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One request and where it stands. A million of them fit: request and origin are made when asked for."""

    key: str
    messages: tuple[Message, ...]
    presentation: Presentation
    case_id: str
    frame: Frame

    @property
    def request(self) -> Request:
        """What is asked."""
        return self.frame.settings.model_copy(update={"messages": self.messages})

    @property
    def origin(self) -> Origin:
        """Where it stands in the plan."""
        grid = self.frame.grid
        return Origin(
            judge_id=grid.spec.judge_id,
            case_id=self.case_id,
            rulebook_id=grid.rulebook_id,
            wording=grid.wording,
            language=grid.language,
            protocol=grid.spec.protocol,
            repeat=self.frame.repeat,
            template_id=self.frame.template_id,
            presentation=self.presentation,
        )


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One verdict to be had: its cell, the judge, and the calls that it needs."""

    cell: Cell
    spec: JudgeSpec
    calls: tuple[Call, ...]
    dimensions: bool = False
    """Whether the calls also ask for helpful, honest and harmless grades."""
