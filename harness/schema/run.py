"""One execution: its manifest, and what each verdict took."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from harness.schema.base import Record
from harness.schema.call import Sha256
from harness.schema.content import CaseSet
from harness.schema.judge import Experiment, JudgeSpec

RUN_FORMAT_VERSION = 1


class ResolvedJudge(Record):
    """A judge as it was when the run started: its preset, and the identity of what runs it."""

    spec: JudgeSpec
    runtime: Annotated[
        dict[str, JsonValue],
        Field(description="local models: weights_sha256, runtime, prompt_cache, threads"),
    ] = {}


class Manifest(Record):
    """Which revision, versions, files and settings made a run."""

    format_version: int = RUN_FORMAT_VERSION
    run_id: str
    created_at: str
    harness_version: str
    experiment: Experiment
    case_set: CaseSet
    judges: tuple[ResolvedJudge, ...]
    files: Annotated[dict[str, Sha256], Field(description="cases, rulebooks and templates: path -> SHA-256")]
    versions: dict[str, str]


class VerdictTiming(Record):
    """What one verdict took; kept apart, so that verdicts carry no times."""

    position: Annotated[int, Field(ge=0, description="line of the verdict in verdicts.jsonl, from 0")]
    latency_s: Annotated[float, Field(ge=0)]
    attempts: Annotated[int, Field(ge=0)]
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
