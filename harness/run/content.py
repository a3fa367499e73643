"""Everything a run reads before its first call: cases, rulebooks, templates, judges, and their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import Problem, TemplateError
from harness.load.content import (
    find_case_set,
    find_template,
    load_case_set,
    load_judge,
    load_rulebook,
)
from harness.load.roots import find_by_id, record_files
from harness.prompt import Template
from harness.schema import Case, CaseSet, Experiment, JudgeSpec, Language, Rulebook, ShotSource
from harness.schema.ablation import ablated_rule, ablations


@dataclass(frozen=True)
class Content:
    """What an experiment names, loaded once."""

    case_set: CaseSet
    cases: dict[str, Case]
    rulebooks: dict[str, Rulebook]
    judges: dict[str, JudgeSpec]
    templates: dict[str, Template]
    """`<template_id>.<language>` -> template."""
    files: dict[str, str]
    """Relative path -> SHA-256 of every file that a prompt is rendered from."""
    shots: ShotSource | None = None
    """People's grades for the judges that are shown graded cases first."""

    def template(self, spec: JudgeSpec, language: Language) -> Template:
        """The template of a judge in a language."""
        return self.templates[template_name(spec, language)]


def template_name(spec: JudgeSpec, language: Language) -> str:
    """File name of a judge's template, without its ending."""
    return f"{template_of(spec)}.{language}"


def template_of(spec: JudgeSpec) -> str:
    """The id of a judge's template: its own, or that of the way in which it is asked."""
    return spec.template_id or ("together" if spec.together else spec.protocol)


def gather_content(experiment: Experiment, extra_judges: Mapping[str, JudgeSpec] | None = None) -> Content:
    """Load what an experiment names.

    Raises
    ------
    InputError
        A case, rulebook, judge or template is missing or wrong; each problem is named.
    """
    case_set, cases = load_case_set(experiment.case_set)
    known = extra_judges or {}
    judge_ids = _in_order(judge_id for part in experiment.parts for judge_id in part.judges)
    judges = {name: known[name] if name in known else load_judge(name) for name in judge_ids}
    rulebooks = _rulebooks(experiment)
    templates = _templates(experiment, judges)
    files = _hashes(experiment, tuple(rulebooks), templates)
    return Content(case_set, {case.case_id: case for case in cases}, rulebooks, judges, templates, files)


def _rulebooks(experiment: Experiment) -> dict[str, Rulebook]:
    """The rulebooks that are named, and those of a part that ablates without each of their rules."""
    named = _in_order(name for part in experiment.parts for name in part.rulebooks)
    rulebooks = {name: load_rulebook(name) for name in named}
    ablated = _in_order(name for part in experiment.parts if part.ablate_rules for name in part.rulebooks)
    for name in ablated:
        rulebooks |= {one.rulebook_id: one for one in ablations(rulebooks[name])}
    return rulebooks


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _templates(experiment: Experiment, judges: dict[str, JudgeSpec]) -> dict[str, Template]:
    wanted = {
        template_name(judges[judge_id], language): (judges[judge_id], language)
        for part in experiment.parts
        for judge_id in part.judges
        for language in part.languages
    }
    return {name: _template(spec, language) for name, (spec, language) in sorted(wanted.items())}


def _template(spec: JudgeSpec, language: Language) -> Template:
    template_id = template_of(spec)
    path = find_template(template_id, language)
    if path is None:
        name = Path("prompts", "templates", f"{template_id}.{language}.j2")
        raise TemplateError([Problem(name, None, "", f"is missing; judge {spec.judge_id} needs it")])
    return Template(path)


def _hashes(
    experiment: Experiment, rulebook_ids: tuple[str, ...], templates: dict[str, Template]
) -> dict[str, str]:
    folder = find_case_set(experiment.case_set)
    paths = {f"cases/{experiment.case_set}/{path.name}": path for path in record_files(folder)}
    for rulebook_id in rulebook_ids:
        # A rulebook without one rule comes from the file of the whole one.
        whole, _ = ablated_rule(rulebook_id) or (rulebook_id, 0)
        path = find_by_id("prompts/rulebooks", whole)
        if path is not None:
            paths[f"prompts/rulebooks/{path.name}"] = path
    paths |= {f"prompts/templates/{one.path.name}": one.path for one in templates.values()}
    return {name: hashlib.sha256(paths[name].read_bytes()).hexdigest() for name in sorted(paths)}


def shown_texts(content: Content) -> Iterator[tuple[str, object]]:
    """Every text of cases and rulebooks that a judge may be shown, each with what it is called."""
    for case in content.cases.values():
        yield f"case {case.case_id}", case.model_dump(mode="json", include={"message", "answers"})
    for rulebook in content.rulebooks.values():
        yield f"rulebook {rulebook.rulebook_id}", rulebook.model_dump(mode="json")
