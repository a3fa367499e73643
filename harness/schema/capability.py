"""What a provider took and what it refused, found by asking it once: the capability table of a run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Identifier, Record
from harness.schema.judge import JudgeSpec, Mechanism

CAPABILITY_FORMAT_VERSION: Literal[1] = 1

TraitAnswer = Literal["yes", "no", "ignored", "not_asked", "unknown"]
"""`ignored`: taken without an error, and without effect."""

_SAMPLED = ("temperature", "top_p", "seed")


class Trait(Record):
    """One thing that was tried."""

    name: Annotated[
        str, Field(description="key, weights, model, structured_output, logprobs, or a parameter's name")
    ]
    answer: TraitAnswer
    words: str = ""


class JudgeCapabilities(Record):
    """What one judge's provider takes, as of one moment."""

    judge_id: Identifier
    model_id: str
    service: Annotated[str, Field(description="named server or URL; empty = the provider's own")] = ""
    mechanism: Mechanism
    checked_at: Annotated[str, Field(description="UTC, ISO 8601")]
    usable: Annotated[bool, Field(description="a run would get answers")]
    traits: tuple[Trait, ...]
    dropped: Annotated[
        tuple[str, ...], Field(description="parameters of the preset that are refused: a run leaves them out")
    ] = ()
    model_echo: str | None = None
    n_calls: Annotated[int, Field(ge=0, description="calls that finding this out took")]


class CapabilityTable(Record):
    """The judges that were checked, one line each."""

    format_version: Literal[1] = CAPABILITY_FORMAT_VERSION
    judges: tuple[JudgeCapabilities, ...]

    def of(self, judge_id: str) -> JudgeCapabilities | None:
        """The line of one judge, if it was checked."""
        return next((one for one in self.judges if one.judge_id == judge_id), None)


def parameters_of(spec: JudgeSpec) -> tuple[str, ...]:
    """The parameters that a preset asks for and could do without: all but the length of the reply."""
    asked = [name for name in _SAMPLED if getattr(spec.sampling, name) is not None]
    return (*asked, *spec.extra_parameters)


def without_parameters(spec: JudgeSpec, names: tuple[str, ...]) -> JudgeSpec:
    """The preset without some of its parameters; the same preset where it has none of them."""
    sampling = {name: None for name in _SAMPLED if name in names}
    extra = {name: value for name, value in spec.extra_parameters.items() if name not in names}
    sampled = spec.sampling.model_copy(update=sampling)
    return spec.model_copy(update={"sampling": sampled, "extra_parameters": extra})
