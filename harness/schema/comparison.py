"""What a comparison found: every number with its interval, its n and the question it answers, or a reason."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from harness.schema.anchoring import Anchoring
from harness.schema.base import Identifier, Language, Localised, Protocol, Record, Wording
from harness.schema.call import FailureReason
from harness.schema.estimate import NOT_MEASURED, Estimate, ShuffleTest
from harness.schema.panels import (
    Bias,
    CanaryReading,
    CostLine,
    FactorComponents,
    ImpliedWeights,
    Leaderboard,
    MethodNote,
    OpinionMap,
    PanelPart,
    PeoplePanel,
    Replacement,
    RulebookFacts,
    RuleEffect,
    Rung,
    SemiAutomatic,
)
from harness.schema.reward import LearnedFrom
from harness.schema.verdict import AnnotatorKind, Flag

COMPARISON_FORMAT_VERSION = 2

RowKind = Literal["judge", "panel", "person", "key", "learned", "baseline"]
Baseline = Literal["random", "all-tied", "longest-answer", "first-slot"]


class SlotEffect(Record):
    """Mean mid-rank of the answer shown in each slot, minus the middle; 0 = the slot does not matter."""

    slots: tuple[str, ...]
    effects: tuple[float, ...]
    test: ShuffleTest | None = None


class SlotHabit(Record):
    """The commonest row of grades by slot, over all replies that held grades, inverted ones included."""

    slots: tuple[str, ...]
    grades: tuple[int, ...]
    n_replies: Annotated[int, Field(ge=1, description="replies with exactly these grades in these slots")]
    n_read: Annotated[int, Field(ge=1, description="replies that held grades")]


class CaseReading(Record):
    """How one row of the table ordered one case."""

    case_id: Identifier
    n_ranked: int
    n_planned: int
    tau_people: Annotated[float | None, Field(description="mean tau_x with the people (or the key)")] = None
    gap: float | None = None
    mid_ranks: Annotated[
        dict[Identifier, float],
        Field(description="answer_id -> mean mid-rank over verdicts, 1 = worst; empty if none"),
    ] = {}
    medians: Annotated[
        tuple[tuple[tuple[Identifier, ...], ...], ...],
        Field(description="every optimal Kemeny median, each as tiers of answer_ids, best first"),
    ] = ()


class Row(Record):
    """One line of the table: a judge under a rulebook, a panel, a person, the key, a reward, a baseline."""

    row_id: Annotated[str, Field(description="unique in the comparison")]
    kind: RowKind
    annotator_id: str
    title: str
    simulated: bool = False
    model_id: str | None = None
    protocol: Protocol | None = None
    rulebook_id: Identifier | None = None
    wording: Wording | None = None
    language: Language | None = None
    n_planned: int
    n_ranked: int
    failures: dict[FailureReason, int] = {}
    flags: dict[Flag, int] = {}
    tau_people: Estimate
    floor: Estimate
    alpha_k: Estimate
    conflict: Estimate
    hesitation: Estimate
    delta_people: Annotated[
        Estimate, Field(description="tau_people minus human-human agreement on the same cases")
    ]
    gap: Annotated[Estimate, Field(description="value gap to the people, both sides' noise removed")]
    retest: Annotated[
        Estimate, Field(description="mean tau_x between own verdicts of a case (other presentation)")
    ]
    tie_share: Estimate
    s1: Annotated[Estimate, Field(description="share of pairs read alike, ties included (acc_eq)")] = (
        NOT_MEASURED
    )
    s2: Annotated[
        Estimate, Field(description="share read alike of the pairs that neither side ties; n = those pairs")
    ] = NOT_MEASURED
    top1: Annotated[Estimate, Field(description="agreement on the best answer; chance is 1/k")] = NOT_MEASURED
    order_flips: Annotated[
        Estimate, Field(description="pairwise: share of pairs whose winner changes with the order")
    ]
    intransitive_triples: Estimate
    tau_longest: Annotated[Estimate, Field(description="tau_x with the order `longest answer first`")]
    slot_effect: SlotEffect | None = None
    slot_habit: SlotHabit | None = None
    usd_per_1000: Estimate
    seconds_per_1000: Estimate
    cases: tuple[CaseReading, ...]
    learned: Annotated[
        LearnedFrom | None, Field(description="whose grades a reward model learned; absent for all others")
    ] = None

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only reward models learned: other rows keep their bytes."""
        content: dict[str, Any] = handler(self)
        if self.learned is None:
            content.pop("learned", None)
        return content


VotesAside = Literal["other_pairs", "repeats", "other_rulebooks", "later_phases", "proposal_shown"]
"""Why a person's vote does not enter comparisons: only the first ranking of a case does."""


class Reference(Record):
    """Whose rankings the judges are compared with."""

    kind: Literal["people", "key", "none"]
    n_annotators: int
    rulebook_ids: tuple[Identifier, ...]
    simulated: bool = False
    human_human: Annotated[Estimate, Field(description="mean tau_x between two people, mean over cases")]
    crowd_ceiling: Annotated[Estimate, Field(description="a person against the median of the others")]
    best_expected: Annotated[
        Estimate, Field(description="(1 + human_human) / 2: no single ranking can expect more")
    ]
    krippendorff_alpha: Annotated[
        Estimate, Field(description="ordinal, on mid-ranks, units (case, answer); interval over cases")
    ] = NOT_MEASURED
    kendall_w: Annotated[
        Estimate, Field(description="tie-corrected, complete rankings only; mean over cases")
    ] = NOT_MEASURED
    people_known: Annotated[
        bool, Field(description="False: anonymous votes, who voted is unknown, nothing is said per person")
    ] = True
    rulebook_titles: Annotated[
        dict[Identifier, Localised], Field(description="titles of `rulebook_ids`, as far as they are known")
    ] = {}
    published_key: Annotated[
        bool, Field(description="the key came with imported data: it is its publishers', not ours")
    ] = False
    human_floor: Annotated[
        Estimate, Field(description="human_human expected by chance, with the same ties")
    ] = NOT_MEASURED
    votes_aside: Annotated[
        dict[VotesAside, int], Field(description="people's votes that are in the files and not compared")
    ] = {}


class Share(Record):
    """One part of the difference between two judgements of the same case."""

    part: Literal["model", "rulebook", "reaction", "noise", "order", "residual"]
    share: Annotated[Estimate, Field(description="share of the sum model + rulebook + reaction + noise")]
    variance: Annotated[float | None, Field(description="mean over cases of V / P, in units of tau_x/2")] = (
        None
    )


Gap = Literal["never_asked", "still_open", "answers_ungraded"]
"""Why a verdict is missing from a grid without having failed."""


class LeftOut(Record):
    """A judge, a rulebook or one cell that a grid leaves out, because verdicts are missing there."""

    judge_id: Annotated[Identifier | None, Field(description="None: every judge")] = None
    rulebook_id: Annotated[Identifier | None, Field(description="None: every rulebook")] = None
    case_id: Annotated[Identifier | None, Field(description="None: every case")] = None
    n_incomplete: Annotated[int, Field(ge=1)]
    n_cells: Annotated[int, Field(ge=1)]
    failures: Annotated[dict[FailureReason, int], Field(description="verdicts that failed")] = {}
    gaps: Annotated[dict[Gap, int], Field(description="verdicts that are missing for another reason")] = {}


class Components(Record):
    """What moves a judgement, within one protocol: model / rulebook / reaction / noise."""

    protocol: Protocol
    wording: Wording
    language: Language
    judge_ids: tuple[Identifier, ...]
    rulebook_ids: tuple[Identifier, ...]
    case_ids: tuple[Identifier, ...]
    n_runs: Annotated[int, Field(description="verdicts per case, judge and rulebook")]
    complete_squares: Annotated[
        bool, Field(description="every presentation under every rulebook: order separated")
    ]
    left_out: tuple[LeftOut, ...] = ()
    shares: tuple[Share, ...]
    human_disagreement: Annotated[
        Estimate, Field(description="(1 - human_human) / 2, on the axis of `variance`")
    ]
    model_test: ShuffleTest | None = None
    rulebook_test: ShuffleTest | None = None
    model_holm_p: Annotated[
        float | None,
        Field(description="Holm over the pre-registered tests: model and rulebook, in every protocol"),
    ] = None
    rulebook_holm_p: float | None = None


class CaseMove(Record):
    """What one rulebook moved in one case."""

    case_id: Identifier
    gap: Annotated[
        float | None, Field(description="value gap between the verdicts under the rulebook and none")
    ]
    net_gap: Annotated[float | None, Field(description="gap minus the placebo's gap")]
    towards_people: Annotated[
        float | None, Field(description="tau_people under the rulebook minus under none")
    ]


class RulebookMove(Record):
    """What one rulebook moved for one judge."""

    judge_id: Identifier
    protocol: Protocol
    rulebook_id: Identifier
    wording: Wording
    language: Language
    gap: Estimate
    net_gap: Estimate
    towards_people: Estimate
    sign_flip_p: Annotated[
        float | None, Field(description="exact sign-flip test of towards_people over cases")
    ] = None
    sign_flip_holm_p: Annotated[
        float | None, Field(description="Holm over the rulebooks of one judge, wording and language")
    ] = None
    cases: tuple[CaseMove, ...]


class FactorShift(Record):
    """How far the same judge and rulebook moved when only wording or language changed."""

    judge_id: Identifier
    protocol: Protocol
    rulebook_id: Identifier
    factor: Literal["paraphrase", "language"]
    gap: Estimate


class FailureLine(Record):
    """One verdict that could not be had or read."""

    annotator_id: str
    case_id: Identifier
    rulebook_id: Identifier
    wording: Wording
    language: Language
    repeat: int
    failure: FailureReason
    message: str
    text: Annotated[str, Field(description="beginning of what came back")]


class CaseFacts(Record):
    """A case as the report shows it, and how people graded it."""

    case_id: Identifier
    title: Localised
    message: Localised
    answers: Annotated[dict[Identifier, Localised], Field(description="answer_id -> text, in file order")]
    n_people: int
    human_human: float | None = None
    split_pairs: Annotated[
        float | None, Field(description="share of pairs with at least a third of the people on each side")
    ] = None
    medians: Annotated[
        tuple[tuple[tuple[Identifier, ...], ...], ...], Field(description="Kemeny medians of the reference")
    ] = ()
    kendall_w: float | None = None
    krippendorff_alpha: float | None = None


class Comparison(Record):
    """Everything that one comparison of a run with people found; figures included."""

    format_version: int = COMPARISON_FORMAT_VERSION
    run_id: str
    run_title: Localised
    case_set_id: Identifier
    store_sha256: Annotated[str, Field(description="digest of the recorded completions behind the verdicts")]
    parser_version: int
    seed: int
    n_verdicts: int
    n_failed: int
    simulated: bool
    reference: Reference
    cases: tuple[CaseFacts, ...]
    rows: tuple[Row, ...]
    components: tuple[Components, ...]
    moves: tuple[RulebookMove, ...]
    factors: tuple[FactorShift, ...]
    failures: tuple[FailureLine, ...]
    annotator_kinds: tuple[AnnotatorKind, ...]
    rulebooks: tuple[RulebookFacts, ...] = ()
    ladder: Annotated[tuple[Rung, ...], Field(description="verdicts that differ in exactly one thing")] = ()
    rule_effects: tuple[RuleEffect, ...] = ()
    factor_components: Annotated[
        tuple[FactorComponents, ...], Field(description="shares with wording or language varied too")
    ] = ()
    weights: tuple[ImpliedWeights, ...] = ()
    biases: tuple[Bias, ...] = ()
    canaries: Annotated[
        tuple[CanaryReading, ...], Field(description="per judge row: all attacks together, then per kind")
    ] = ()
    leaderboards: tuple[Leaderboard, ...] = ()
    people_panel: PeoplePanel | None = None
    replacements: tuple[Replacement, ...] = ()
    panel_parts: Annotated[
        tuple[PanelPart, ...], Field(description="judges as one annotator, and without each of them")
    ] = ()
    semi_automatic: tuple[SemiAutomatic, ...] = ()
    opinion_map: OpinionMap | None = None
    costs: tuple[CostLine, ...] = ()
    methods: Annotated[tuple[MethodNote, ...], Field(description="the statistics that were really used")] = ()
    anchoring: Annotated[
        tuple[Anchoring, ...], Field(description="absent: no person was part of a study with proposals")
    ] = ()

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A comparison says nothing of proposals that were not at stake: it keeps its bytes."""
        content: dict[str, Any] = handler(self)
        if not self.anchoring:
            content.pop("anchoring", None)
        return content
