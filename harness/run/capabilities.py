"""What a capability table changes in a run: refused parameters are left out before any key is made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from harness.errors import InputError, Problem
from harness.run.content import Content
from harness.schema import Manifest
from harness.schema.capability import CapabilityTable, JudgeCapabilities, without_parameters
from harness.store.folder import RunFolder


def load_capabilities(path: Path) -> CapabilityTable:
    """Read what `harness judges check --write` wrote; raises InputError."""
    try:
        return CapabilityTable.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError([Problem(path, None, "", f"cannot be read ({error.strerror})")]) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        words = f"is no capability table ({first['msg']}); `harness judges check --write FILE` writes one"
        raise InputError([Problem(path, None, where, words)]) from error


def table_in_force(
    folder: RunFolder, given: CapabilityTable | None, judge_ids: Collection[str]
) -> CapabilityTable | None:
    """The table of a run: what the folder holds already, else what was given; only the run's own judges.

    A run keeps the table that it began with, so that resuming needs no file, and a later check that finds the
    same changes nothing. One that finds something else changes what is asked: the folder then refuses it.
    """
    written = folder.read_manifest() if folder.manifest_path.exists() else None
    lines = [_line(judge_id, written, given) for judge_id in judge_ids]
    kept = tuple(line for line in lines if line is not None)
    return CapabilityTable(judges=kept) if kept else None


def _line(judge_id: str, written: Manifest | None, given: CapabilityTable | None) -> JudgeCapabilities | None:
    now = given.of(judge_id) if given else None
    if written is None or judge_id not in {judge.spec.judge_id for judge in written.judges}:
        return now
    before = written.capabilities.of(judge_id) if written.capabilities else None
    dropped = before.dropped if before else ()
    return now if now is not None and now.dropped != dropped else before


def with_capabilities(content: Content, table: CapabilityTable | None) -> Content:
    """The content with each judge's refused parameters left out."""
    if table is None:
        return content
    judges = {
        judge_id: without_parameters(spec, line.dropped) if (line := table.of(judge_id)) else spec
        for judge_id, spec in content.judges.items()
    }
    return replace(content, judges=judges)


def only_of(table: CapabilityTable | None, judge_ids: Collection[str]) -> CapabilityTable | None:
    """The lines of some judges; None without any."""
    kept = tuple(line for line in table.judges if line.judge_id in judge_ids) if table else ()
    return CapabilityTable(judges=kept) if kept else None


def loud_lines(table: CapabilityTable | None) -> list[str]:
    """What a table changes or warns of, one line each: nothing is left out in silence."""
    lines = []
    for one in table.judges if table else ():
        answers = {trait.name: trait.words for trait in one.traits}
        lines += [
            f"{one.judge_id}: {name} is left out of every request: the provider refuses it"
            f" (checked {one.checked_at}: {answers.get(name, '')})"
            for name in one.dropped
        ]
        if not one.usable:
            said = "; ".join(trait.words for trait in one.traits if trait.answer in ("no", "unknown"))
            lines.append(f"{one.judge_id}: was not usable when it was checked ({one.checked_at}: {said})")
    return lines
