"""What `harness plan` says, in both languages."""

from __future__ import annotations

from harness.compare.plan import FEW_DESIGN, PairedPlan, PlannedStudy, StudyPlan
from harness.report.numbers import decimal, whole
from harness.schema import Language

Both = dict[Language, str]

GOAL: Both = {
    "en": "Goal: a judge's mean agreement with people, to ±{wanted} (95 %), for other cases like these.",
    "fr": "But : connaître à ±{wanted} près (95 %) l’accord moyen d’un juge avec les personnes, pour "
    "d’autres cas semblables.",
}
VARIES: dict[str, Both] = {
    "published_world": {
        "en": "Agreement varies between cases by {case}, people {person}, runs {run}, the rest {rest} "
        "(standard deviations in a simulated world; a pilot's own: --from RUN --grades FILE).",
        "fr": "L’accord varie de {case} entre cas, {person} entre personnes, {run} entre passages, {rest} "
        "pour le reste (écarts-types d’un monde simulé ; ceux d’un pilote : --from RUN --grades FICHIER).",
    },
    "this_run": {
        "en": "Agreement varies between cases by {case}, people {person}, runs {run}, the rest {rest} "
        "(standard deviations in your pilot).",
        "fr": "L’accord varie de {case} entre cas, {person} entre personnes, {run} entre passages, {rest} "
        "pour le reste (écarts-types de votre pilote).",
    },
}
HEADS: dict[Language, tuple[str, ...]] = {
    "en": ("cases", "people", "runs", "half-width", "people's rankings", "judges' verdicts"),
    "fr": ("cas", "personnes", "passages", "demi-largeur", "classements", "verdicts des juges"),
}
NOBODY: Both = {"en": "no number", "fr": "aucun nombre"}
LOAD: Both = {
    "en": "Verdicts: {judges} judges × {rulebooks} rulebooks. A judge asked in pairs needs k(k−1) calls for "
    "each, 12 for four answers. Each run shows the answers in another order.",
    "fr": "Verdicts : {judges} juges × {rulebooks} règlements. Un juge interrogé par paires demande k(k−1) "
    "appels pour chacun, 12 pour quatre réponses. Chaque passage montre les réponses dans un autre ordre.",
}
LESSON: Both = {
    "en": "More people and runs sharpen only what is inside a case; what differs between cases needs more "
    "cases.",
    "fr": "Plus de personnes et de passages ne précisent que l’intérieur d’un cas ; ce qui change d’un cas à "
    "l’autre demande plus de cas.",
}
PAIRED: dict[str, Both] = {
    "people": {
        "en": "A judge minus people's own agreement, on the same cases (SD {sd}): {cases} cases.",
        "fr": "Un juge moins l’accord des personnes entre elles, sur les mêmes cas (écart-type {sd}) : "
        "{cases} cas.",
    },
    "judges": {
        "en": "One judge minus another, on the same cases (SD {sd}): {cases} cases.",
        "fr": "Un juge moins un autre, sur les mêmes cas (écart-type {sd}) : {cases} cas.",
    },
}
FEW_CASES: Both = {
    "en": "Six cases: ±{best} at best for other cases, whatever the number of people and runs. They cannot "
    "say that judges agree with people in general, nor rank two judges closer than about {apart}. For these "
    "six cases alone, {people} people and {runs} runs give ±{own}.",
    "fr": "Six cas : ±{best} au mieux pour d’autres cas, quel que soit le nombre de personnes et de "
    "passages. Ils ne peuvent dire ni que les juges s’accordent avec les personnes en général, ni lequel de "
    "deux juges est meilleur à moins de {apart} environ. Pour ces six cas seulement, {people} personnes et "
    "{runs} passages donnent ±{own}.",
}


def plan_text(plan: StudyPlan, language: Language, paired: str | None) -> str:
    """The whole answer, as lines."""
    wanted = _short(plan.asked.half_width, language)
    lines = [GOAL[language].format(wanted=wanted)]
    if paired is None:
        shown = {name: _short(value, language) for name, value in plan.spread._asdict().items()}
        lines += [VARIES[plan.source][language].format(**shown), ""]
        lines += [*_table(plan.studies, language), ""]
        lines.append(_load(plan, language))
        lines.append(LESSON[language])
    lines += ["", *_pairs(plan, language, paired)]
    return "\n".join([*lines, _few(plan, language)])


def _pairs(plan: StudyPlan, language: Language, paired: str | None) -> list[str]:
    found: dict[str, PairedPlan] = {"people": plan.judge_minus_people, "judges": plan.judge_minus_judge}
    return [
        PAIRED[name][language].format(sd=_short(one.sd, language), cases=whole(one.n_cases, language))
        for name, one in found.items()
        if paired in (None, name)
    ]


def _load(plan: StudyPlan, language: Language) -> str:
    asked = plan.asked
    judges, rulebooks = whole(asked.n_judges, language), whole(asked.n_rulebooks, language)
    return LOAD[language].format(judges=judges, rulebooks=rulebooks)


def _few(plan: StudyPlan, language: Language) -> str:
    return FEW_CASES[language].format(
        best=_short(plan.few_at_best, language),
        apart=_short(plan.few_apart, language),
        own=_short(plan.few_for_themselves, language),
        people=FEW_DESIGN.n_people,
        runs=FEW_DESIGN.n_runs,
    )


def _table(studies: tuple[PlannedStudy, ...], language: Language) -> list[str]:
    rows = [HEADS[language], *(_cells(study, language) for study in studies)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS[language]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _cells(study: PlannedStudy, language: Language) -> tuple[str, ...]:
    return (
        whole(study.n_cases, language),
        NOBODY[language] if study.n_people is None else whole(study.n_people, language),
        whole(study.n_runs, language),
        f"±{_short(study.half_width, language)}",
        "–" if study.n_rankings is None else whole(study.n_rankings, language),
        whole(study.n_verdicts, language),
    )


def _short(number: float, language: Language) -> str:
    return decimal(number, language, 3 if number < 0.1 else 2)
