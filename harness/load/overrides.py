"""What the command line changes in an experiment, before anything is asked: it becomes part of the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import Problem
from harness.load.layers import OWN, environment_problems, merged
from harness.load.near import suggestion
from harness.load.yaml import Document, Place, read_value
from harness.schema import Experiment, Part


@dataclass(frozen=True)
class Overrides:
    """`--set`, `--judges`, `--cases` and `--seed`; a run's manifest holds the experiment as they leave it."""

    settings: tuple[str, ...] = ()
    """`FIELD=VALUE`, the value written as in YAML."""
    judges: tuple[str, ...] = ()
    """Only these, in every part."""
    cases: tuple[str, ...] = ()
    seed: int | None = None


NOTHING = Overrides()


@dataclass(frozen=True)
class _Setting(Document):
    """One setting of the command line, standing in for a file."""

    def problem(self, place: Place, message: str) -> Problem:
        """The setting is named whole, so of the place only what lies inside the value is told."""
        inside = place[3:] if place[:1] == ("parts",) else place[1:]
        return Problem(self.path, None, ".".join(map(str, inside)), message)


def lay_settings(document: Document, overrides: Overrides) -> tuple[Document, list[Problem]]:
    """The content of an experiment with each setting laid over it, and the settings that fit nowhere."""
    words = [f"--set {setting}" for setting in overrides.settings]
    words += [] if overrides.seed is None else [f"--seed {overrides.seed}"]
    texts = [*overrides.settings, *([] if overrides.seed is None else [f"seed={overrides.seed}"])]
    problems: list[Problem] = []
    for name, text in zip(words, texts, strict=True):
        layer = _layer(Path(name), text, document)
        if isinstance(layer, list):
            problems += layer
        else:
            whole = merged(document, layer, leaving=())
            document = replace(whole, path=document.path, lines=document.lines)
    return document, problems


def _layer(name: Path, text: str, document: Document) -> Document | list[Problem]:
    place, sign, value = text.partition("=")
    if not sign or not place.strip():
        return [Problem(name, None, "", "must be FIELD=VALUE, like parts.PART.repeats=2 or seed=7")]
    read, problems = read_value(name, value)
    if problems:
        return [Problem(name, None, "", problem.message) for problem in problems]
    field, _, rest = place.strip().partition(".")
    content = {field: read.content}
    if field in OWN:
        return [Problem(name, None, "", f"{field} belongs to the file and cannot be set")]
    if field == "parts":
        found = _of_part(name, rest, document)
        if isinstance(found, Problem):
            return [found]
        part_id, inside = found
        content = {"parts": [{"part_id": part_id, inside: read.content}]}
    elif rest:
        content = {field: _inside(document, field, rest, read.content)}
    setting = _Setting(name, content, {})
    return environment_problems(setting) or setting


def _of_part(name: Path, rest: str, document: Document) -> tuple[str, str] | Problem:
    """The part and the field that `PART.FIELD` means; an id may hold dots itself."""
    whole = document.content if isinstance(document.content, dict) else {}
    parts = whole.get("parts")
    found = (
        [part.get("part_id") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    )
    ids = [part_id for part_id in found if isinstance(part_id, str)]
    known = sorted((one for one in ids if rest.startswith(f"{one}.")), key=len)
    if known:
        return known[-1], rest.removeprefix(f"{known[-1]}.")
    asked = rest.rpartition(".")[0] or rest
    words = f"there is no part '{asked}'{suggestion(asked, ids)}; write parts.PART.FIELD=VALUE"
    return Problem(name, None, "", words)


def _inside(document: Document, field: str, rest: str, value: object) -> object:
    """A field that holds names (title, panels) keeps its others."""
    whole = document.content if isinstance(document.content, dict) else {}
    before = whole.get(field)
    return {**(before if isinstance(before, dict) else {}), rest: value}


def narrowed(
    experiment: Experiment, overrides: Overrides, case_order: Sequence[str]
) -> tuple[Experiment, list[Problem]]:
    """Only the judges and cases that were named: a part that has none of them is left out."""
    problems = [*_strangers(experiment, overrides), *_unknown_cases(overrides, case_order)]
    if problems or not (overrides.judges or overrides.cases):
        return experiment, problems
    parts = tuple(one for part in experiment.parts if (one := _narrow(part, overrides, case_order)))
    if not parts:
        words = "no part asks these judges about these cases"
        return experiment, [Problem(Path("--judges, --cases"), None, "", words)]
    asked = {judge for part in parts for judge in part.judges}
    panels = {
        name: tuple(one for one in judges if one in asked) for name, judges in experiment.panels.items()
    }
    kept = {name: judges for name, judges in panels.items() if len(judges) > 1}
    return experiment.model_copy(update={"parts": parts, "panels": kept}), []


def _narrow(part: Part, overrides: Overrides, case_order: Sequence[str]) -> Part | None:
    judges = tuple(one for one in part.judges if not overrides.judges or one in overrides.judges)
    cases = part.cases
    if overrides.cases:
        cases = tuple(one for one in part.cases or case_order if one in overrides.cases)
    if not judges or cases == ():
        return None
    return part.model_copy(update={"judges": judges, "cases": cases})


def _strangers(experiment: Experiment, overrides: Overrides) -> Iterator[Problem]:
    known = {judge for part in experiment.parts for judge in part.judges}
    for judge in overrides.judges:
        if judge not in known:
            words = (
                f"no part asks '{judge}'{suggestion(judge, known)}; --set parts.PART.judges=[...] adds judges"
            )
            yield Problem(Path(f"--judges {judge}"), None, "", words)


def _unknown_cases(overrides: Overrides, case_order: Sequence[str]) -> Iterator[Problem]:
    for case in overrides.cases:
        if case not in case_order:
            words = f"unknown case '{case}'{suggestion(case, case_order)}"
            yield Problem(Path(f"--cases {case}"), None, "", words)
