"""One execution: its manifest, and what each verdict took."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from harness.schema.base import Record
from harness.schema.call import Sha256
from harness.schema.capability import CapabilityTable
from harness.schema.content import CaseSet, Provenance
from harness.schema.judge import Experiment, JudgeSpec
from harness.schema.shots import ShotSource

RUN_FORMAT_VERSION = 1


class ResolvedJudge(Record):
    """A judge as it was when the run started: its preset, and the identity of what runs it."""

    spec: JudgeSpec
    runtime: Annotated[
        dict[str, JsonValue],
        Field(description="local models: weights_sha256, runtime, prompt_cache, threads"),
    ] = {}


class SourceFile(Record):
    """A file that was imported: its name below the path that was named, and its content's hash."""

    name: str
    n_bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256


class ImportRecord(Record):
    """Where an imported run comes from: nobody was asked, the verdicts were read from these files."""

    format: Annotated[str, Field(description="name of the reader: pairwise, mt-bench, ...")]
    options: dict[str, str] = {}
    sources: tuple[SourceFile, ...]
    notes: Annotated[
        tuple[str, ...], Field(description="what was left out, mapped or counted on the way in")
    ] = ()
    people_known: Annotated[bool, Field(description="False: who voted is unknown")] = True
    random_sample: Annotated[
        bool | None, Field(description="the graded cases were drawn at random; None = nobody said")
    ] = None
    provenance: Annotated[Provenance | None, Field(description="origin and licence of the files")] = None
    imported_at: Annotated[str, Field(description="UTC, ISO 8601")]


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
    imported: Annotated[
        ImportRecord | None, Field(description="set when the run was imported; its folder holds its cases")
    ] = None

    capabilities: Annotated[
        CapabilityTable | None,
        Field(description="set when the judges were checked: what was refused is not in their settings"),
    ] = None

    shots: Annotated[
        ShotSource | None, Field(description="people's grades that judges were shown before the case")
    ] = None

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A run says nothing of imports and checks that were not: its manifest keeps its bytes."""
        content: dict[str, Any] = handler(self)
        for name in ("imported", "capabilities", "shots"):
            if content.get(name) is None:
                content.pop(name, None)
        return content


class VerdictTiming(Record):
    """What one verdict took; kept apart, so that verdicts carry no times."""

    position: Annotated[int, Field(ge=0, description="line of the verdict in verdicts.jsonl, from 0")]
    latency_s: Annotated[
        float | None, Field(ge=0, description="null: an answer came in a batch, so nobody knows")
    ]
    attempts: Annotated[int, Field(ge=0)]
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
