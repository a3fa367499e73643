"""One experiment, checked against the cases, rulebooks and judges that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import Problem
from harness.load.authored import read_plan, read_set
from harness.load.near import listing, suggestion
from harness.load.overrides import NOTHING, Overrides, narrowed
from harness.load.roots import find_by_id, find_content, known_case_sets, known_ids, set_file
from harness.load.rulebooks import read_rulebook
from harness.load.yaml import Place, Reading
from harness.schema import PROTOCOLS, CaseSet, Experiment, Language, Part, Rulebook, Wording
from harness.schema.ablation import LONGEST_ENDING, MIN_RULES, ablations
from harness.schema.shots import shot_variant

RULEBOOKS = "prompts/rulebooks"
JUDGES = "prompts/judges"
MAX_ID_CHARACTERS = 64


@dataclass(frozen=True)
class _World:
    """What an experiment may name: read once, asked often."""

    roots: tuple[Path, ...]
    case_set: CaseSet | None
    rulebooks: dict[str, Rulebook]


def read_experiment(
    path: Path, *, roots: Sequence[Path], overrides: Overrides = NOTHING
) -> tuple[Experiment | None, list[Problem]]:
    """Read one experiment without raising: the record where the file holds one, and every problem."""
    reading = read_plan(path, roots, overrides)
    experiment = reading.record
    if experiment is None:
        return None, list(reading.problems)
    world = _world(experiment, tuple(roots))
    problems = [*_check_id(reading, experiment), *_check_set(reading, experiment, world)]
    for position, part in enumerate(experiment.parts):
        place: Place = ("parts", position)
        if part.part_id in [other.part_id for other in experiment.parts[:position]]:
            problems.append(
                reading.problem((*place, "part_id"), f"'{part.part_id}' is the id of another part")
            )
        problems += [reading.problem((*place, *rest), words) for rest, words in _part_problems(part, world)]
    problems += [reading.problem(place, words) for place, words in _panel_problems(experiment)]
    if problems:
        return experiment, problems
    return narrowed(experiment, overrides, world.case_set.case_order if world.case_set else ())


def _panel_problems(experiment: Experiment) -> Iterator[tuple[Place, str]]:
    asked = [judge for part in experiment.parts for judge in part.judges]
    for name, judges in experiment.panels.items():
        if name in PROTOCOLS:
            yield ("panels", name), "is the name of the panel of all judges asked that way; choose another"
        yield from _unknown(("panels", name), judges, "judge of this experiment", asked)
        for position, judge in enumerate(judges):
            if judge in judges[:position]:
                yield ("panels", name, position), f"'{judge}' is listed twice"


def _world(experiment: Experiment, roots: tuple[Path, ...]) -> _World:
    folder = find_content(Path("cases", experiment.case_set), roots=roots)
    description = None if folder is None else set_file(folder)
    # Its cases are read, and checked, by whoever loads them.
    case_set = None if description is None else read_set(description).record
    rulebooks = {}
    for rulebook_id in {name for part in experiment.parts for name in part.rulebooks}:
        path = find_by_id(RULEBOOKS, rulebook_id, roots=roots)
        rulebook = None if path is None else read_rulebook(path)[0]
        if rulebook is not None:
            rulebooks[rulebook_id] = rulebook
    return _World(roots, case_set, rulebooks)


def _check_id(reading: Reading[Experiment], experiment: Experiment) -> list[Problem]:
    path = reading.document.path
    if experiment.experiment_id == path.stem:
        return []
    words = f"'{experiment.experiment_id}' stands in {path.name}; the id and the file's name must be the same"
    return [reading.problem(("experiment_id",), words)]


def _check_set(reading: Reading[Experiment], experiment: Experiment, world: _World) -> list[Problem]:
    known = known_case_sets(roots=world.roots)
    if experiment.case_set in known:
        return []
    words = f"unknown case set '{experiment.case_set}'{suggestion(experiment.case_set, known)}"
    return [reading.problem(("case_set",), words)]


def _part_problems(part: Part, world: _World) -> Iterator[tuple[Place, str]]:
    judges = known_ids(JUDGES, roots=world.roots)
    rulebooks = known_ids(RULEBOOKS, roots=world.roots)
    bases = [shot_variant(name) for name in part.judges]
    named = [name if base is None else base[0] for name, base in zip(part.judges, bases, strict=True)]
    yield from _unknown(("judges",), named, "judge", judges)
    yield from _unknown(("rulebooks",), part.rulebooks, "rulebook", rulebooks)
    if world.case_set is not None:
        yield from _unknown(("cases",), part.cases or (), "case", world.case_set.case_order)
        yield from _set_languages(part, world.case_set)
    for name in ("judges", "rulebooks", "wordings", "languages", "cases"):
        yield from _twice(name, getattr(part, name) or ())
    for position, rulebook_id in enumerate(part.rulebooks):
        if rulebook_id in world.rulebooks:
            place = ("rulebooks", position)
            yield from _untranslated(place, world.rulebooks[rulebook_id], part)
    yield from _ablations(part, world)


def _unknown(
    place: Place, names: Sequence[str], kind: str, known: Sequence[str]
) -> Iterator[tuple[Place, str]]:
    for position, name in enumerate(names):
        if name not in known:
            yield (*place, position), f"unknown {kind} '{name}'{suggestion(name, known)}"


def _twice(name: str, values: Sequence[str]) -> Iterator[tuple[Place, str]]:
    for position, value in enumerate(values):
        if value in values[:position]:
            yield (name, position), f"'{value}' is listed twice"


def _set_languages(part: Part, case_set: CaseSet) -> Iterator[tuple[Place, str]]:
    for position, language in enumerate(part.languages):
        if language not in case_set.languages:
            has = listing(case_set.languages)
            words = f"the case set '{case_set.set_id}' is written in {has}, not in {language}"
            yield ("languages", position), words


def _ablations(part: Part, world: _World) -> Iterator[tuple[Place, str]]:
    if not part.ablate_rules:
        return
    known = [world.rulebooks[name] for name in part.rulebooks if name in world.rulebooks]
    if len(known) == len(part.rulebooks) and not any(ablations(rulebook) for rulebook in known):
        words = f"no rulebook of this part has {MIN_RULES} rules or more: there is none to leave out"
        yield ("ablate_rules",), words
    for position, rulebook_id in enumerate(part.rulebooks):
        longest = MAX_ID_CHARACTERS - LONGEST_ENDING
        if len(rulebook_id) > longest:
            yield ("rulebooks", position), f"ablate_rules needs ids of {longest} characters at most"


def _untranslated(place: Place, rulebook: Rulebook, part: Part) -> Iterator[tuple[Place, str]]:
    for wording in part.wordings:
        for language in part.languages:
            if not _has_text(rulebook, wording, language):
                yield (
                    place,
                    f"the rulebook '{rulebook.rulebook_id}' has no wording '{wording}' in '{language}'",
                )


def _has_text(rulebook: Rulebook, wording: Wording, language: Language) -> bool:
    worded = [rulebook.preamble, *(rule.text for rule in rulebook.rules)]
    return all(language in texts.get(wording, {}) for texts in worded)
