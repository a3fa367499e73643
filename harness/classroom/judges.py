"""What judges said of a lesson's cases: in recorded runs, and at the lesson's own desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.classroom.withdrawn import counted, withdrawn_keys
from harness.errors import StoreError
from harness.load.near import suggestion
from harness.load.roots import content_roots
from harness.schema import ResolvedJudge, Verdict
from harness.schema.classroom import ClassSession
from harness.store.folder import RunFolder


@dataclass(frozen=True)
class Judged:
    """Judges, and their verdicts on the session's cases; every verdict names one of the judges."""

    judges: tuple[ResolvedJudge, ...]
    verdicts: tuple[Verdict, ...]


def run_roots() -> tuple[Path, ...]:
    """Folders in which recorded runs are looked for: `results` here, then beside the cases."""
    return tuple(dict.fromkeys([Path.cwd() / "results", *(root / "results" for root in content_roots())]))


def find_run(named: str) -> RunFolder:
    """The run of that path or name.

    Raises
    ------
    StoreError
        There is no such run; near names are named.
    """
    paths = [Path(named).expanduser(), *(root / named for root in run_roots())]
    for path in paths:
        if (path / "manifest.json").is_file():
            return RunFolder(path)
    known = sorted({path.parent.name for root in run_roots() for path in root.glob("*/manifest.json")})
    raise StoreError(f"there is no recorded run '{named}'{suggestion(named, known)}")


def gather_judges(session: ClassSession, desk: RunFolder) -> Judged:
    """All judges of a lesson. What the desk asked comes last; a judge that two runs have keeps both.

    Raises
    ------
    StoreError
        A recorded run is missing or damaged.
    """
    runs = [find_run(named) for named in session.settings.runs]
    if desk.manifest_path.is_file():
        runs.append(desk)
    judges: dict[str, ResolvedJudge] = {}
    verdicts: dict[tuple[object, ...], Verdict] = {}
    for run in runs:
        names = _add_judges(judges, run)
        for verdict in _renamed(_of_cases(run, session), names):
            verdicts.setdefault(_place(verdict), verdict)
    said = {verdict.cell.annotator_id for verdict in verdicts.values()}
    heard = tuple(judge for judge in judges.values() if judge.spec.judge_id in said)
    return Judged(heard, tuple(verdicts.values()))


def _add_judges(judges: dict[str, ResolvedJudge], run: RunFolder) -> dict[str, str]:
    """Put a run's judges among the others; those whose id means another judge there get a new one."""
    names: dict[str, str] = {}
    for judge in run.read_manifest().judges:
        judge_id = judge.spec.judge_id
        number = 2
        while judge_id in judges and not _same(judges[judge_id], judge):
            judge_id = f"{judge.spec.judge_id}-{number}"
            number += 1
        named = judge.spec.model_copy(update={"judge_id": judge_id})
        judges.setdefault(judge_id, judge.model_copy(update={"spec": named}))
        names[judge.spec.judge_id] = judge_id
    return names


def _same(one: ResolvedJudge, other: ResolvedJudge) -> bool:
    """Whether two runs mean the same judge by an id, however it was asked."""
    asked = {"judge_id", "limits", "transport", "price", "title", "note"}
    specs = (judge.spec.model_dump(exclude=asked) for judge in (one, other))
    return next(specs) == next(specs)


def _of_cases(run: RunFolder, session: ClassSession) -> Iterator[Verdict]:
    wanted, read = set(session.settings.case_ids), counted(run.read_verdicts(), withdrawn_keys(run))
    return (verdict for verdict in read if verdict.cell.case_id in wanted)


def _renamed(verdicts: Iterable[Verdict], names: dict[str, str]) -> Iterator[Verdict]:
    for verdict in verdicts:
        name = names[verdict.cell.annotator_id]
        cell = verdict.cell.model_copy(update={"annotator_id": name})
        yield verdict if name == verdict.cell.annotator_id else verdict.model_copy(update={"cell": cell})


def _place(verdict: Verdict) -> tuple[object, ...]:
    cell = verdict.cell
    return (
        cell.annotator_id,
        cell.case_id,
        cell.rulebook_id,
        cell.wording,
        cell.language,
        cell.repeat,
    )
