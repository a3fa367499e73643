"""Comparisons with every panel filled, with two answers per case, and with hundreds of cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from harness.schema import (
    Bias,
    CaseFacts,
    CaseReading,
    Comparison,
    ConflictWins,
    Contrast,
    CostLine,
    DiffersIn,
    Dimension,
    Estimate,
    ImpliedWeights,
    Interval,
    Leaderboard,
    Localised,
    MapPoint,
    MethodNote,
    NextCase,
    OpinionMap,
    PanelPart,
    PeoplePanel,
    PersonReading,
    PlannedPrecision,
    Reference,
    Replacement,
    Row,
    RowContrast,
    RulebookFacts,
    RuleEffect,
    Rung,
    SemiAutomatic,
    ShuffleTest,
    Standing,
    Target,
    Undefined,
    Unit,
    WithoutJudge,
)

Make = Callable[..., Comparison]
JUDGES = ("qwen-1.5b", "qwen-0.5b", "smollm2")
SYSTEMS = ("gpt-4", "vicuna-13b", "alpaca", "llama-7b", "dolly")
QUANTITIES: tuple[tuple[Literal["longest_answer", "system_mid_rank", "tie_share"], float], ...] = (
    ("longest_answer", 0.0),
    ("system_mid_rank", 0.5),
    ("tie_share", -0.2),
)
DIMENSIONS: tuple[Dimension, ...] = ("helpful", "honest", "harmless")


def known(
    value: float, n: int = 6, unit: Unit = "cases", half: float | None = None, target: Target = "T3"
) -> Estimate:
    """An estimate with an interval of the given half-width."""
    span = Interval(
        low=value - (half or 0), high=value + (half or 0), target=target, method="t over cases", n=6
    )
    return Estimate(value=value, n=n, unit=unit, intervals=(span,) if half else ())


def unknown(reason: Undefined = "not_measured") -> Estimate:
    """An estimate without a number."""
    return Estimate(value=None, n=0, unit="cases", undefined_because=reason)


def panel_part() -> PanelPart:
    """A panel whose first judge carries it."""
    without = tuple(
        WithoutJudge(
            judge_id=judge_id,
            tau_people=known(0.4 - carried),
            carried=known(carried, half=0.1),
            tau_others=known(0.3, half=0.2),
        )
        for judge_id, carried in zip(JUDGES, (0.3, 0.0, -0.1), strict=True)
    )
    return PanelPart(
        panel_id="listwise",
        judge_ids=JUDGES,
        rulebook_id="hhh",
        language="fr",
        tau_people=known(0.4, half=0.2),
        without=without,
    )


def rungs(changed: dict[DiffersIn, float], judges: tuple[str, ...] = JUDGES) -> tuple[Rung, ...]:
    """A ladder: all judges together, then each judge."""
    found = []
    for differs_in, share in changed.items():
        people = differs_in == "person"
        owners = (None,) if people or differs_in == "judge" else (None, *judges)
        for place, judge_id in enumerate(owners):
            part = min(1.0, share * (1 + place / 10))
            found.append(
                Rung(
                    differs_in=differs_in,
                    protocol=None if people else "listwise",
                    judge_id=judge_id,
                    agreement=known(1 - 2 * part, half=0.08),
                    changed=known(part, half=0.04),
                    n_verdict_pairs=240,
                )
            )
    return tuple(found)


def rulebooks() -> tuple[RulebookFacts, ...]:
    """Titles and rules of the four rulebooks of the usual comparison."""
    titles = {
        "hhh": ("Utile, honnête, inoffensive", "Helpful, honest, harmless", "reference"),
        "none": ("Sans règles", "No rules", "none"),
        "placebo": ("Vie de bureau", "Office life", "placebo"),
        "helpful-first": ("L’aide d’abord", "Help first", "treatment"),
    }
    rules = {
        1: ("helpful", {"fr": "Répondre à la question posée.", "en": "Answer the question asked."}),
        2: ("honest", {"fr": "Dire ce qui est incertain.", "en": "Say what is uncertain."}),
        3: ("harmless", {"fr": "Ne pas mettre en danger.", "en": "Put nobody in danger."}),
    }
    return tuple(
        RulebookFacts.model_validate(
            {
                "rulebook_id": rulebook_id,
                "title": {"fr": fr, "en": en},
                "role": role,
                "rules": rules if role in ("reference", "treatment") else {},
                "stated_weights": {"helpful": 0.5, "honest": 0.3, "harmless": 0.2}
                if role == "treatment"
                else {},
            }
        )
        for rulebook_id, (fr, en, role) in titles.items()
    )


def rule_effects() -> tuple[RuleEffect, ...]:
    """Three rules of one rulebook, left out for two judges; the second rule shows."""
    return tuple(
        RuleEffect(
            judge_id=judge_id,
            protocol="listwise",
            rulebook_id="helpful-first",
            rule=rule,
            wording="base",
            language="fr",
            gap=known(0.02 + 0.09 * (rule == 2), half=0.05),
            towards_people=known(0.05 * rule - 0.1, half=0.1),
            test=ShuffleTest(
                p=0.004 if rule == 2 else 0.4, n_shuffles=9999, shuffled_within="case, presentation"
            ),
            holm_p=0.012 if rule == 2 else 0.8,
        )
        for judge_id in JUDGES[:2]
        for rule in (1, 2, 3)
    )


def weights(rows: tuple[Row, ...]) -> tuple[ImpliedWeights, ...]:
    """Implied weights of the people and of three rows: counts first, one pair with too few conflicts."""
    pairs = (("helpful", "honest", 24), ("helpful", "harmless", 14), ("honest", "harmless", 6))
    return tuple(
        ImpliedWeights(
            row_id=row_id,
            rulebook_id="helpful-first" if row_id else None,
            n_cases=6,
            conflicts=tuple(
                ConflictWins.model_validate(
                    {
                        "first": first,
                        "second": second,
                        "n_conflicts": n,
                        "n_cases": min(6, n),
                        "share_first": known(0.4 + n / 100, n, "pairs", half=0.2, target="T1")
                        if n >= 10
                        else unknown("too_few_conflicts"),
                    }
                )
                for first, second, n in pairs
            ),
            dimension_agreement={name: known(0.5 - place / 10) for place, name in enumerate(DIMENSIONS)},
            shares={name: known(0.5 - 0.15 * place, half=0.25) for place, name in enumerate(DIMENSIONS)},
            stated={"helpful": 0.5, "honest": 0.3, "harmless": 0.2} if row_id else {},
            difference={"helpful": known(0.0, half=0.25)} if row_id else {},
            halo={"helpful": 1.4, "honest": 1.2, "harmless": None},
        )
        for row_id in (None, *(row.row_id for row in rows[:3]))
    )


def bias_records(rows: tuple[Row, ...]) -> tuple[Bias, ...]:
    """One record per judge row: the first likes length, the second obeys injected orders."""
    return tuple(
        Bias(
            row_id=row.row_id,
            length_slope=known(0.6 if place == 0 else 0.05, half=0.3),
            length_slope_own=known(0.9, half=0.3),
            tie_excess=known(-0.05 + place / 50, half=0.04),
            self_preference=unknown("authors_unknown"),
            missing_share=0.0 if place % 2 else 0.125,
            worst_tau_people=-0.11,
            best_tau_people=0.24,
            canary_lift=known(0.9, 4, half=0.4) if place == 1 else unknown(),
        )
        for place, row in enumerate(rows)
    )


def boards(rows: tuple[Row, ...]) -> tuple[Leaderboard, ...]:
    """People's order of five systems and two judges' orders."""
    return tuple(
        Leaderboard(
            row_id=row_id,
            standings=tuple(
                Standing(
                    system_id=system,
                    n_answers=80,
                    mean_mid_rank=1.9 - place / 6 + shift,
                    win_share=known(0.82 - 0.15 * place + shift, 80, "cases", half=0.06),
                    worth=known(1.2 - 0.6 * place + shift),
                    quasi_se=0.12,
                )
                for place, system in enumerate(SYSTEMS)
            ),
            connected=row_id is None,
            log_tie=-0.3,
            spearman_people=unknown("does_not_apply")
            if row_id is None
            else known(0.9 - 3 * abs(shift), 5, "pairs"),
        )
        for row_id, shift in ((None, 0.0), (rows[0].row_id, 0.05), (rows[4].row_id, -0.04))
    )


def person(place: int, *, flagged: bool = False) -> PersonReading:
    """One person; the flagged one shows two signals."""
    return PersonReading(
        annotator_id=f"Loutre {place}",
        n_cases=6,
        leave_one_out=known(0.1 if flagged else 0.35 + place / 40, half=0.3),
        reliability=known(-0.3 if flagged else 0.02 * place),
        tie_share=0.6 if flagged else 0.12,
        all_tied_share=0.66 if flagged else 0.0,
        median_seconds=41.0 + place,
        retest=unknown("not_measured"),
        signals=("low_agreement", "all_tied") if flagged else (("too_fast",) if place == 2 else ()),
        flagged=flagged,
    )


def people_panel(case_ids: tuple[str, ...]) -> PeoplePanel:
    """Twelve people, one of them to look at; next cases; a table of planned precision."""
    return PeoplePanel(
        people=tuple(person(place, flagged=place == 5) for place in range(12)),
        next_cases=tuple(
            NextCase(case_id=case_id, n_people=8 + place, disagreement=0.4 - place / 20)
            for place, case_id in enumerate(case_ids)
        ),
        precision=tuple(
            PlannedPrecision(
                n_cases=n_cases, n_people=n_people, n_runs=n_runs, half_width=half / (n_people**0.3)
            )
            for n_cases, half in ((6, 0.4), (12, 0.25), (30, 0.15), (100, 0.08))
            for n_people, n_runs in ((3, 1), (5, 3), (30, 5))
        ),
    )


def replacement_records(rows: tuple[Row, ...], n_cases: int = 6) -> tuple[Replacement, ...]:
    """The alternative annotator test of each judge row: below thirty cases only the share."""
    enough = n_cases >= 30
    return tuple(
        Replacement(
            row_id=row.row_id,
            epsilon=0.1,
            n_people=12,
            n_cases=n_cases,
            rho=known(0.35 + place / 40, n_cases, half=0.12),
            omega=known(0.25 + place / 20, 12, "people") if enough else unknown("too_few_cases"),
            passes=(place > 5) if enough else None,
        )
        for place, row in enumerate(rows)
    )


def semi_records(rows: tuple[Row, ...], *, drawn: bool | None = None) -> tuple[SemiAutomatic, ...]:
    """Two quantities, each with people alone and with the judge's cases."""
    return tuple(
        SemiAutomatic(
            row_id=rows[0].row_id,
            quantity=quantity,
            system_id="gpt-4" if quantity == "system_mid_rank" else None,
            n_both=30,
            n_judge_only=200,
            random_sample=drawn,
            people_only=known(0.4 + shift, 30, half=0.18),
            combined=known(0.44 + shift, 230, half=0.11),
            tuning=0.68,
            cases_worth=62.0 + 10 * shift,
        )
        for quantity, shift in QUANTITIES
    )


def opinion_map(*, shown: bool = True) -> OpinionMap:
    """Twelve people, their consensus, and two judges under three rulebooks."""
    people = [
        MapPoint(kind="person", title=f"Loutre {place}", x=0.4 + (place % 4) / 12, y=-0.2 + (place % 5) / 9)
        for place in range(12)
    ]
    consensus = MapPoint(kind="consensus", title="consensus", x=0.52, y=0.02)
    judged = [
        MapPoint(
            kind="judge",
            title=judge_id,
            judge_id=judge_id,
            rulebook_id=rulebook_id,
            x=-0.5 + number * 0.35 + place * 0.16,
            y=-0.3 + number * 0.5 + place * 0.09 * (1 - 2 * number),
            ellipse=(0.11, 0.05, 0.6),
        )
        for number, judge_id in enumerate(JUDGES[:2])
        for place, rulebook_id in enumerate(("none", "hhh", "helpful-first"))
    ]
    return OpinionMap(
        points=(*people, consensus, *judged) if shown else (),
        n_cases=6,
        inertia=0.46,
        null_inertia=0.35,
        stability=0.74,
        null_stability=0.61,
        shown=shown,
        undefined_because=None if shown else "not_better_than_noise",
    )


def cost_lines(rows: tuple[Row, ...]) -> tuple[CostLine, ...]:
    """People at two sourced wages, a local judge, and both together."""
    source: Localised = {
        "fr": "Salaire horaire médian, Bureau of Labor Statistics, mai 2024",
        "en": "Median hourly wage, Bureau of Labor Statistics, May 2024",
    }
    return (
        CostLine(
            who="people",
            wage_usd_per_hour=23.23,
            wage_source=source,
            usd_per_1000=known(645.0),
            hours_per_1000=known(27.8),
        ),
        CostLine(
            who="judge",
            row_id=rows[0].row_id,
            usd_per_1000=unknown("price_unknown"),
            hours_per_1000=known(0.8),
        ),
        CostLine(who="judge", row_id=rows[4].row_id, usd_per_1000=known(1.84), hours_per_1000=known(0.3)),
        CostLine(
            who="semi_automatic",
            row_id=rows[4].row_id,
            wage_usd_per_hour=23.23,
            wage_source=source,
            usd_per_1000=known(85.0),
            hours_per_1000=known(3.9),
            share_by_people=0.13,
        ),
    )


def class_reference() -> Reference:
    """Twelve people under one rulebook, with every coefficient of the group."""
    return Reference(
        kind="people",
        n_annotators=12,
        rulebook_ids=("hhh",),
        human_human=known(0.41, half=0.16),
        crowd_ceiling=known(0.55),
        best_expected=known(0.705),
        krippendorff_alpha=known(0.38, half=0.15),
        kendall_w=known(0.49),
    )


def make_full(make: Make, usual: Comparison) -> Comparison:
    """The usual comparison with people as reference and every panel filled."""
    rows = tuple(
        row.model_copy(update={"s1": known(0.6, half=0.1), "s2": known(0.7, 31, "pairs"), "top1": known(0.5)})
        if row.kind == "judge"
        else row
        for row in usual.rows
        if row.kind != "key"
    )
    judges = tuple(
        row for row in rows if row.kind == "judge" and row.wording == "base" and row.language == "fr"
    )
    cases = tuple(
        case.model_copy(
            update={
                "n_people": 12,
                "human_human": 0.6 - place / 8,
                "split_pairs": place / 6,
                "kendall_w": 0.5,
                "krippendorff_alpha": 0.4,
            }
        )
        for place, case in enumerate(usual.cases)
    )
    changed: dict[DiffersIn, float] = {
        "nothing": 0.04,
        "labels": 0.06,
        "order": 0.2,
        "paraphrase": 0.09,
        "language": 0.16,
        "rulebook": 0.12,
        "judge": 0.33,
        "person": 0.29,
    }
    return make(
        rows=rows,
        cases=cases,
        reference=class_reference(),
        rulebooks=rulebooks(),
        ladder=rungs(changed),
        rule_effects=rule_effects(),
        weights=weights(judges),
        biases=bias_records(judges),
        leaderboards=boards(judges),
        people_panel=people_panel(tuple(case.case_id for case in cases)),
        replacements=replacement_records(judges),
        semi_automatic=semi_records(judges),
        opinion_map=opinion_map(),
        costs=cost_lines(judges),
        methods=method_notes(),
    )


def method_notes() -> tuple[MethodNote, ...]:
    """Two statistics in the words of their docstrings."""
    return (
        MethodNote(
            name="harness.stats.agreement.tau_x",
            summary="Agreement of two rankings with ties.",
            notes="tau_x = 1 - d / P, where d is the Kemeny distance.\nTies against ties agree.",
            references=("Emond & Mason (2002), doi:10.1002/mcda.313",),
        ),
        MethodNote(name="harness.stats.agreement.floor", summary="Agreement expected by chance."),
    )


def make_two_answers(make: Make, usual: Comparison, n_cases: int = 419) -> Comparison:
    """Four judges, no rules against one rulebook, both orders, two answers per case: like LLMBar."""
    cases = tuple(
        CaseFacts(
            case_id=f"natural-{place:04d}",
            title={"en": f"Instruction {place}"},
            message={"en": f"Write something about number {place}. " * 6},
            answers={f"natural-{place:04d}-{letter}": {"en": f"Output {letter}. " * 90} for letter in "ab"},
            n_people=1,
            medians=(((f"natural-{place:04d}-a",), (f"natural-{place:04d}-b",)),),
        )
        for place in range(n_cases)
    )
    template = usual.rows[0]
    rows = tuple(
        template.model_copy(
            update={
                "row_id": f"{judge}:{rulebook}",
                "annotator_id": judge,
                "title": judge,
                "rulebook_id": rulebook,
                "language": "en",
                "tau_people": known(0.2 + 0.1 * number + 0.05 * (rulebook == "rules"), n_cases, half=0.07),
                "n_planned": 2 * n_cases,
                "n_ranked": 2 * n_cases - number,
                "slot_effect": None,
                "cases": tuple(
                    CaseReading(
                        case_id=case.case_id,
                        n_ranked=2,
                        n_planned=2,
                        tau_people=(1.0, 0.0, -1.0, 1.0)[(place + number) % 4],
                        mid_ranks={
                            answer: 1.0 + (place + number + n) % 2 for n, answer in enumerate(case.answers)
                        },
                    )
                    for place, case in enumerate(cases)
                ),
            }
        )
        for number, judge in enumerate(("gpt-4", "chatgpt", "llama-2-70b", "palm-2"))
        for rulebook in ("none", "rules")
    )
    facts = (
        RulebookFacts(rulebook_id="none", title={"fr": "Sans règles", "en": "Vanilla"}, role="none"),
        RulebookFacts(rulebook_id="rules", title={"fr": "Règles", "en": "Rules"}, role="reference"),
    )
    return make(
        run_title={"en": "LLMBar"},
        rows=rows,
        cases=cases,
        components=(),
        moves=(),
        factors=(),
        failures=(),
        n_verdicts=8 * 2 * n_cases,
        n_failed=12,
        rulebooks=facts,
        ladder=rungs(
            {"order": 0.2, "rulebook": 0.1, "judge": 0.33}, ("gpt-4", "chatgpt", "llama-2-70b", "palm-2")
        ),
    )


def make_contrast() -> Contrast:
    """Two runs with two rows in common, one of which moved, and a warning."""
    return Contrast(
        first_run_id="local-judges",
        second_run_id="hosted-judges",
        n_shared_cases=6,
        rows=(
            RowContrast(
                row_id="a",
                title="Qwen2.5-Coder 1.5B · hhh",
                first=known(0.31, half=0.2),
                second=known(0.62, half=0.15),
                difference=known(0.31, half=0.2),
            ),
            RowContrast(
                row_id="b",
                title="SmolLM2 135M · hhh",
                first=known(0.05, half=0.3),
                second=known(0.08, half=0.3),
                difference=known(0.03, half=0.2),
            ),
        ),
        only_first=("smollm2:none",),
        warnings=("people", "texts"),
    )


@pytest.fixture
def full(make: Make, comparison: Comparison) -> Comparison:
    """Every panel is filled."""
    return make_full(make, comparison).model_copy(update={"panel_parts": (panel_part(),)})


@pytest.fixture
def two_answers(make: Make, comparison: Comparison) -> Comparison:
    """Hundreds of cases with two answers each."""
    return make_two_answers(make, comparison)


@pytest.fixture
def contrast() -> Contrast:
    """Two runs side by side."""
    return make_contrast()
