"""Cases, rulebooks, judges and experiments by id or by path: the record, or every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from harness.errors import CaseError, ExperimentError, InputError, JudgeSpecError, Problem, RulebookError
from harness.load.cases import read_case_set
from harness.load.experiments import JUDGES, RULEBOOKS, read_experiment
from harness.load.judges import read_judge
from harness.load.layers import EXPERIMENTS
from harness.load.near import suggestion
from harness.load.overrides import NOTHING, Overrides
from harness.load.roots import (
    as_path,
    content_roots,
    find_by_id,
    find_content,
    known_case_sets,
    known_ids,
    set_file,
)
from harness.load.rulebooks import read_rulebook
from harness.schema import Case, CaseSet, Experiment, JudgeSpec, Record, Rulebook
from harness.schema.ablation import ablated_rule, without_rule
from harness.schema.shots import shot_variant, with_shots

R = TypeVar("R", bound=Record)
IdOrPath = str | Path
Roots = Sequence[Path] | None


def load_case_set(id_or_path: IdOrPath, *, roots: Roots = None) -> tuple[CaseSet, tuple[Case, ...]]:
    """The case set of that id, folder or set.yaml, and its cases in the set's order; raises CaseError."""
    reading = read_case_set(find_case_set(id_or_path, roots=roots))
    if reading.case_set is None or reading.problems:
        raise CaseError(list(reading.problems))
    return reading.case_set, reading.cases


def find_case_set(id_or_path: IdOrPath, *, roots: Roots = None) -> Path:
    """The folder of the case set of that id or path; raises CaseError."""
    path = as_path(id_or_path)
    if path is None:
        for root in _searched(roots):
            if set_file(root / "cases" / str(id_or_path)) is not None:
                return root / "cases" / str(id_or_path)
        path = Path(id_or_path)
        if not path.is_dir():
            known = known_case_sets(roots=roots)
            words = f"unknown case set '{id_or_path}'{suggestion(str(id_or_path), known)}"
            raise CaseError([_nowhere("cases", words, roots)])
    return path.parent if path.stem == "set" and path.is_file() else path


def load_rulebook(id_or_path: IdOrPath, *, roots: Roots = None) -> Rulebook:
    """The rulebook of that id or file; raises RulebookError.

    `<id>.without-<n>` is the rulebook `<id>` without its rule n.
    """
    kind = (RULEBOOKS, "rulebook", RulebookError)
    ablated = ablated_rule(str(id_or_path))
    if ablated is None:
        return _load(id_or_path, kind, read_rulebook, roots)
    whole = _load(ablated[0], kind, read_rulebook, roots)
    try:
        return without_rule(whole, ablated[1])
    except ValueError as error:
        raise RulebookError([_nowhere(RULEBOOKS, str(error), roots)]) from error


def load_rulebooks(
    ids_or_paths: Iterable[IdOrPath] | None = None, *, roots: Roots = None
) -> tuple[Rulebook, ...]:
    """Several rulebooks, in the order asked for (None = all that are known); raises RulebookError."""
    return _load_all(ids_or_paths, (RULEBOOKS, "rulebook", RulebookError), read_rulebook, roots)


def load_judge(id_or_path: IdOrPath, *, roots: Roots = None) -> JudgeSpec:
    """The judge preset of that id or file; raises JudgeSpecError.

    `<id>.shots-<n>` is the judge `<id>` after n graded cases.
    """
    return load_judges((id_or_path,), roots=roots)[0]


def load_judges(
    ids_or_paths: Iterable[IdOrPath] | None = None, *, roots: Roots = None
) -> tuple[JudgeSpec, ...]:
    """Several judge presets, in the order asked for (None = all that are known); raises JudgeSpecError."""
    kind = (JUDGES, "judge", JudgeSpecError)
    if ids_or_paths is None:
        return _load_all(None, kind, read_judge, roots)
    names = list(ids_or_paths)
    variants = [shot_variant(str(name)) for name in names]
    bases = [name if variant is None else variant[0] for name, variant in zip(names, variants, strict=True)]
    specs = _load_all(bases, kind, read_judge, roots)
    return tuple(
        spec if variant is None else with_shots(spec, variant[1])
        for spec, variant in zip(specs, variants, strict=True)
    )


def load_experiment(
    id_or_path: IdOrPath, *, roots: Roots = None, overrides: Overrides = NOTHING
) -> Experiment:
    """The experiment of that id or file, checked with all that it names; raises ExperimentError."""
    searched = _searched(roots)
    reader = partial(read_experiment, roots=searched, overrides=overrides)
    return _load(id_or_path, (EXPERIMENTS, "experiment", ExperimentError), reader, roots)


def find_template(template_id: str, language: str, *, roots: Roots = None) -> Path | None:
    """Path of a prompt template (`prompts/templates/<id>.<language>.j2`) in the search path, or None."""
    return find_content(f"prompts/templates/{template_id}.{language}.j2", roots=roots)


_Kind = tuple[str, str, type[InputError]]
_Reader = Callable[[Path], tuple[R | None, list[Problem]]]


def _load(id_or_path: IdOrPath, kind: _Kind, reader: _Reader[R], roots: Roots) -> R:
    return _load_all((id_or_path,), kind, reader, roots)[0]


def _load_all(
    ids_or_paths: Iterable[IdOrPath] | None, kind: _Kind, reader: _Reader[R], roots: Roots
) -> tuple[R, ...]:
    folder, _, error_type = kind
    names = known_ids(folder, roots=roots) if ids_or_paths is None else ids_or_paths
    records: list[R] = []
    problems: list[Problem] = []
    for name in names:
        path = _find(name, kind, roots)
        if isinstance(path, Problem):
            problems.append(path)
            continue
        record, found = reader(path)
        problems += found
        if record is not None:
            records.append(record)
    if problems:
        raise error_type(problems)
    return tuple(records)


def _find(id_or_path: IdOrPath, kind: _Kind, roots: Roots) -> Path | Problem:
    folder, word, _ = kind
    path = as_path(id_or_path)
    if path is not None:
        return path
    name = str(id_or_path)
    path = find_by_id(folder, name, roots=roots)
    if path is not None:
        return path
    return _nowhere(
        folder, f"unknown {word} '{name}'{suggestion(name, known_ids(folder, roots=roots))}", roots
    )


def _nowhere(folder: str, words: str, roots: Roots) -> Problem:
    return Problem(_searched(roots)[0] / folder, None, "", words)


def _searched(roots: Roots) -> tuple[Path, ...]:
    return content_roots() if roots is None else tuple(roots)
