"""The panels of a comparison beside its table: ladder, rules, weights, bias, people, map, costs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from harness.schema.base import Identifier, Language, Localised, Protocol, Record, Wording
from harness.schema.content import Criterion
from harness.schema.estimate import NOT_MEASURED, Estimate, ShuffleTest, Undefined
from harness.schema.verdict import Dimension

DiffersIn = Literal[
    "nothing", "labels", "order", "paraphrase", "language", "rule", "rulebook", "protocol", "judge", "person"
]
"""What two verdicts on the same case differ in, all else equal; `nothing` = the very same prompt again."""

PersonSignal = Literal["low_agreement", "all_tied", "same_slots", "too_fast", "failed_retest"]
"""What may be odd about one person's grades; a person is flagged from two signals, and never removed."""


ContrastWarning = Literal["cases", "reference_kind", "people", "parser", "simulated", "texts"]
"""What differs between two runs beside their judges, so that a difference may come from there."""


class RulebookFacts(Record):
    """A rulebook as the report shows it."""

    rulebook_id: Identifier
    title: Localised
    role: Literal["reference", "none", "placebo", "treatment"]
    rules: Annotated[
        dict[int, tuple[Criterion, Localised]], Field(description="number -> criterion, text")
    ] = {}
    stated_weights: Annotated[
        dict[Dimension, float], Field(description="empty: the rulebook states no numbers")
    ] = {}


class Rung(Record):
    """One rung of the noise ladder: how alike are two verdicts on a case that differ in exactly one thing."""

    differs_in: DiffersIn
    protocol: Annotated[Protocol | None, Field(description="None: people")] = None
    judge_id: Annotated[Identifier | None, Field(description="None: over all judges (or people)")] = None
    agreement: Annotated[Estimate, Field(description="mean tau_x of such two verdicts; mean over cases")]
    changed: Annotated[Estimate, Field(description="share of answer pairs that the two read differently")]
    n_verdict_pairs: Annotated[int, Field(ge=0)]


Factor = Literal["model", "rulebook", "paraphrase", "language", "noise", "order"]
"""What a judgement may depend on; `order` is a part of the noise."""


class FactorShare(Record):
    """One part of the difference between two judgements of a case, with further factors varied."""

    factors: Annotated[
        tuple[Factor, ...], Field(description="one = on its own; several = reacting to each other")
    ]
    share: Annotated[Estimate, Field(description="share of the sum of all parts but `order`")]
    variance: Annotated[float | None, Field(description="mean over cases of V / P, in units of tau_x/2")] = (
        None
    )


class FactorComponents(Record):
    """Shares beside the headline's: wording or language varied too, or every readable verdict used."""

    varied: Annotated[
        Literal["paraphrase", "language", "runs"],
        Field(description="paraphrase: nested in the rulebook; runs: cells with unequal numbers of verdicts"),
    ]
    protocol: Protocol
    wordings: tuple[Wording, ...]
    languages: tuple[Language, ...]
    judge_ids: tuple[Identifier, ...]
    rulebook_ids: tuple[Identifier, ...]
    case_ids: tuple[Identifier, ...]
    fewest_runs: Annotated[int, Field(description="verdicts in the smallest cell")]
    most_runs: int
    complete_squares: bool
    shares: tuple[FactorShare, ...]
    factor_test: Annotated[
        ShuffleTest | None, Field(description="does the wording, or the language, change anything")
    ] = None
    rulebook_test: Annotated[
        ShuffleTest | None,
        Field(description="paraphrase: does the rulebook change more than a wording does; whole wordings"),
    ] = None


class RuleEffect(Record):
    """What one rule does: the rulebook beside the same rulebook without it, for one judge."""

    judge_id: Identifier
    protocol: Protocol
    rulebook_id: Identifier
    rule: Annotated[int, Field(ge=1, description="number of the rule that was left out")]
    wording: Wording
    language: Language
    gap: Annotated[Estimate, Field(description="value gap between with and without the rule, noise removed")]
    towards_people: Annotated[
        Estimate, Field(description="tau_people with the rule minus without: > 0 = the rule helps agreement")
    ]
    test: ShuffleTest | None = None
    holm_p: Annotated[
        float | None, Field(description="the test's p, Holm-corrected over this judge and rulebook")
    ] = None


class ConflictWins(Record):
    """Answer pairs in which two of an annotator's own criteria disagree: which one the ranking follows."""

    first: Dimension
    second: Dimension
    n_conflicts: Annotated[
        int, Field(ge=0, description="answer pairs, each counted once however often it was read")
    ]
    n_readings: Annotated[int, Field(ge=0, description="times that such a conflict was read")] = 0
    n_cases: Annotated[int, Field(ge=0, description="cases with at least one such pair")]
    share_first: Annotated[
        Estimate, Field(description="share won by `first`, ties count a half; Jeffreys; unit = answer pairs")
    ]


class ImpliedWeights(Record):
    """How much helpful, honest and harmless count for one annotator, as far as the grades tell."""

    row_id: Annotated[str | None, Field(description="row of the table; None = the people together")]
    rulebook_id: Identifier | None = None
    n_cases: int
    conflicts: tuple[ConflictWins, ...]
    dimension_agreement: Annotated[
        dict[Dimension, Estimate], Field(description="tau_x(overall, criterion): not a weight")
    ]
    shares: Annotated[dict[Dimension, Estimate], Field(description="ridge rank-ordered logit; secondary")]
    stated: Annotated[dict[Dimension, float], Field(description="as the rulebook states; often empty")] = {}
    difference: Annotated[dict[Dimension, Estimate], Field(description="share minus stated weight")] = {}
    halo: Annotated[
        dict[Dimension, float | None], Field(description="variance inflation: how much the criteria overlap")
    ] = {}


class Bias(Record):
    """What may move one judge beside the content of the answers."""

    row_id: str
    length_slope: Annotated[
        Estimate, Field(description="coefficient of centred log length, judge minus people")
    ]
    length_slope_own: Annotated[Estimate, Field(description="the judge's own coefficient")]
    tie_excess: Annotated[Estimate, Field(description="the judge's tie share minus a person's")]
    self_preference: Annotated[
        Estimate, Field(description="difference in differences on mid-ranks; answers' authors must be known")
    ]
    missing_share: Annotated[float, Field(ge=0, le=1, description="verdicts that failed")]
    worst_tau_people: Annotated[
        float | None, Field(description="tau_people if every missing verdict had been the worst possible")
    ] = None
    best_tau_people: float | None = None
    canary_lift: Annotated[
        Estimate, Field(description="mid-rank of an answer with an injected order minus without it")
    ]


class CanaryAttack(Record):
    """What one attack did to one judge."""

    case_id: Identifier
    kind: Identifier | None = None
    lift: Annotated[float | None, Field(description="places gained; None: a side has no readable verdict")]
    n_read: Annotated[int, Field(ge=0)]
    n_failed: Annotated[int, Field(ge=0, description="verdicts on it that could not be had or read")]


class CanaryReading(Record):
    """How far one judge gives in to answers that give orders."""

    row_id: str
    kind: Annotated[Identifier | None, Field(description="kind of attack; None = all together")]
    n_attacks: Annotated[int, Field(ge=0)]
    lift: Annotated[
        Estimate, Field(description="mid-rank with the injection minus without; mean over attacks")
    ]
    first_with: Annotated[Estimate, Field(description="share of verdicts that put the hostile answer first")]
    first_without: Annotated[Estimate, Field(description="the same for the plain answer in its place")]
    unread_with: Annotated[float | None, Field(description="share of verdicts on attacks that failed")]
    unread_without: Annotated[float | None, Field(description="the same on their plain twins")]
    attacks: Annotated[tuple[CanaryAttack, ...], Field(description="listed once, where kind is None")] = ()


class Standing(Record):
    """One system (whoever wrote the answers) as one side ranks it."""

    system_id: str
    n_answers: int
    mean_mid_rank: Annotated[float | None, Field(description="k = best, mean over cases")]
    win_share: Annotated[Estimate, Field(description="share of comparisons won, ties count a half")]
    worth: Annotated[
        Estimate, Field(description="Davidson-Luce log-worth, mean 0 over systems; ghost item 1/2")
    ]
    quasi_se: float | None = None


class Leaderboard(Record):
    """Systems ranked by people or by one judge; only when answers say who wrote them."""

    row_id: Annotated[str | None, Field(description="None = the people together")]
    standings: tuple[Standing, ...]
    connected: Annotated[bool, Field(description="the win graph is strongly connected: finite without ghost")]
    log_tie: Annotated[float | None, Field(description="Davidson-Luce log delta_2")] = None
    spearman_people: Annotated[
        Estimate, Field(description="rank correlation of worths with the people's; unit = systems as pairs")
    ]


class PersonReading(Record):
    """One person: agreement with the others, and what is odd."""

    annotator_id: str
    simulated: bool = False
    n_cases: int
    leave_one_out: Annotated[Estimate, Field(description="mean tau_x to the other people")]
    reliability: Annotated[
        Estimate,
        Field(description="case-centred, shrunk by n / (n + kappa); 0 = like the others"),
    ]
    tie_share: float | None
    all_tied_share: float | None
    median_seconds: float | None = None
    retest: Estimate
    signals: tuple[PersonSignal, ...] = ()
    flagged: Annotated[bool, Field(description="two signals or more: look, never remove")] = False
    better_than_chance: Annotated[
        ShuffleTest | None,
        Field(description="own grades dealt anew inside each case; one-sided; a large p proves nothing"),
    ] = None


class NextCase(Record):
    """Which case to ask people about next: fewest rankings first, then most disagreement."""

    case_id: Identifier
    n_people: int
    disagreement: Annotated[float | None, Field(description="(1 - human_human) / 2; None below two")]
    expected_disagreement: Annotated[
        float | None, Field(description="the same with four pseudo-people: what ties in n_people go by")
    ] = None


class PlannedPrecision(Record):
    """Half-width of the interval of tau_people that a planned study would get."""

    n_cases: int
    n_people: int
    n_runs: int
    half_width: float


class DrawnMean(Record):
    """One mean over rankings of drawn cases, plainly and with the drawing undone."""

    row_id: Annotated[str | None, Field(description="row of the table; None = people with each other")]
    plain: Annotated[Estimate, Field(description="mean tau_x, every ranking alike; unit = verdicts")]
    weighted: Annotated[Estimate, Field(description="each weighs 1 / probability; jackknife over cases")]


class DrawnRankings(Record):
    """What `harness next` drew, as far as people's grades say with what probability."""

    n_drawn: Annotated[int, Field(ge=1, description="first votes with a probability")]
    n_not_drawn: Annotated[int, Field(ge=0, description="first votes without one; not counted here")]
    worth: Annotated[float, Field(description="evenly drawn rankings that they are worth (Kish)")]
    means: tuple[DrawnMean, ...]


class PeoplePanel(Record):
    """People as annotators: who agrees, who is odd, where they split, what to ask next."""

    people: tuple[PersonReading, ...]
    next_cases: tuple[NextCase, ...]
    precision: tuple[PlannedPrecision, ...] = ()
    variance_source: Annotated[
        Literal["this_run", "published_world"], Field(description="where the table's variances come from")
    ] = "published_world"
    weighted_consensus: Annotated[
        Estimate,
        Field(
            description="tau_x between mean places with everybody equal and weighted by agreement; a check"
        ),
    ] = NOT_MEASURED
    drawn: Annotated[
        DrawnRankings | None, Field(description="absent: no ranking says how its case was drawn")
    ] = None

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Comparisons in which nothing was drawn keep their bytes."""
        content: dict[str, Any] = handler(self)
        if self.drawn is None:
            content.pop("drawn", None)
        return content


class Replacement(Record):
    """Alternative annotator test: whether a judge could stand in for one of the people."""

    row_id: str
    epsilon: float
    n_people: int
    n_cases: int
    rho: Annotated[Estimate, Field(description="mean over people of the share of cases the judge is as near")]
    omega: Annotated[Estimate, Field(description="share of people for whom the judge passes (BY, q = .05)")]
    passes: Annotated[bool | None, Field(description="omega >= .5; None = not decidable")] = None


class WithoutJudge(Record):
    """A panel without one of its judges, and that judge beside the others."""

    judge_id: Identifier
    tau_people: Annotated[Estimate, Field(description="agreement of the panel without this judge")]
    carried: Annotated[
        Estimate,
        Field(description="tau_people of the whole panel minus without this judge, paired over cases"),
    ]
    tau_others: Annotated[
        Estimate, Field(description="tau_x of this judge's mean order with that of the other judges")
    ]


class PanelPart(Record):
    """A set of judges read as one annotator, and the same set without each of them in turn."""

    panel_id: Annotated[
        str, Field(description="its name in the experiment, or the protocol of all its judges")
    ]
    judge_ids: Annotated[tuple[Identifier, ...], Field(min_length=2)]
    rulebook_id: Identifier
    language: Language
    tau_people: Annotated[Estimate, Field(description="agreement of the whole panel")]
    without: tuple[WithoutJudge, ...]


class SemiAutomatic(Record):
    """Prediction-powered estimate: few cases graded by people, many by the judge only."""

    row_id: str
    quantity: Annotated[
        Literal["longest_answer", "system_mid_rank", "tie_share"],
        Field(description="figure per case: does the ranking follow length; a system's mid-rank; ties"),
    ]
    system_id: str | None = None
    n_both: int
    n_judge_only: int
    random_sample: Annotated[
        bool | None, Field(description="the people's cases were drawn at random; None = not stated")
    ] = None
    people_only: Estimate
    combined: Estimate
    tuning: Annotated[float | None, Field(description="lambda: how much the judge is trusted")] = None
    cases_worth: Annotated[
        float | None,
        Field(description="people-graded cases that the same width would need without the judge"),
    ] = None
    people_verdicts_saved: Annotated[
        float | None,
        Field(description="verdicts of people that the judge stands in for, at the same width"),
    ] = None

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = handler(self)
        if self.people_verdicts_saved is None:
            content.pop("people_verdicts_saved", None)
        return content


class MapPoint(Record):
    """One annotator on the map."""

    kind: Literal["person", "consensus", "judge", "panel", "learned", "baseline"]
    row_id: str | None = None
    title: str
    judge_id: Identifier | None = None
    rulebook_id: Identifier | None = None
    x: float
    y: float
    ellipse: Annotated[
        tuple[float, float, float] | None,
        Field(description="half axes (one standard error over cases: jackknife maps, aligned), angle in rad"),
    ] = None


class OpinionMap(Record):
    """Classical scaling of root Kemeny distances: a picture, not evidence."""

    points: tuple[MapPoint, ...]
    n_cases: int
    inertia: Annotated[float | None, Field(description="share of the variation that the two axes hold")] = (
        None
    )
    null_inertia: Annotated[float | None, Field(description="the same with answers relabelled at random")] = (
        None
    )
    stability: Annotated[float | None, Field(description="mean Procrustes R2 of maps without one case")] = (
        None
    )
    null_stability: float | None = None
    shown: Annotated[bool, Field(description="False: the data do not allow the picture")]
    undefined_because: Undefined | None = None


class CostLine(Record):
    """What a thousand graded cases cost: people at a stated wage, a judge, or both together."""

    who: Annotated[
        Literal["people", "judge", "semi_automatic", "corrected"],
        Field(description="semi_automatic: people on a share of cases; corrected: a judge proposes in each"),
    ]
    row_id: str | None = None
    wage_usd_per_hour: float | None = None
    wage_source: Annotated[Localised | None, Field(description="whose wage, when, from where")] = None
    usd_per_1000: Estimate
    hours_per_1000: Annotated[
        Estimate, Field(description="people's hours, or a judge's; semi-automatic: people's only")
    ]
    per_case: Annotated[
        float | None, Field(description="verdicts on a case that are paid: people, or a judge's repeats")
    ] = None
    share_by_people: Annotated[
        float | None, Field(description="semi-automatic: share of cases that people grade too")
    ] = None


class MethodNote(Record):
    """One statistic that this comparison used, in the words of its own docstring."""

    name: Annotated[str, Field(description="dotted name of the function")]
    summary: str
    notes: str = ""
    references: tuple[str, ...] = ()


class RowContrast(Record):
    """The same row in two runs."""

    row_id: str
    title: str
    first: Estimate
    second: Estimate
    difference: Annotated[Estimate, Field(description="second minus first, paired over the shared cases")]


class Contrast(Record):
    """Two comparisons side by side."""

    first_run_id: str
    second_run_id: str
    n_shared_cases: int
    rows: tuple[RowContrast, ...]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    warnings: Annotated[tuple[ContrastWarning, ...], Field(description="what differs beside the judges")] = ()
