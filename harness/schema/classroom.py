"""A class that plays annotator: what the server keeps of a session, and what it shows of the class."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Identifier, Language, Localised, Record, Text
from harness.schema.estimate import Estimate, Undefined

CasePhase = Literal[
    "closed", "open", "locked", "class", "commentary", "talk", "second", "judges", "employer", "done"
]
"""Where one case stands. `open` and `second` take grades; from `class` on the first vote may be seen."""

CASE_PHASES: tuple[CasePhase, ...] = (
    "closed",
    "open",
    "locked",
    "class",
    "commentary",
    "talk",
    "second",
    "judges",
    "employer",
    "done",
)

Stage = Literal["lobby", "cases", "debrief", "closing", "ended"]
"""Where the whole session stands; a session with two rulebooks cannot reach `closing` without `debrief`."""

STAGES: tuple[Stage, ...] = ("lobby", "cases", "debrief", "closing", "ended")

Screen = Literal[
    "auto", "grades", "agreement", "judges", "heat", "map", "employer", "split", "stability", "moved"
]
"""What the projector shows; `auto` follows the phase of the case in front."""

SCREENS: tuple[Screen, ...] = (
    "auto",
    "grades",
    "agreement",
    "judges",
    "heat",
    "map",
    "employer",
    "split",
    "stability",
    "moved",
)

Vote = Literal[1, 2]
"""1 = alone; 2 = after talking with a neighbour."""

Entry = Literal["device", "code", "sheet", "rehearsal"]
"""How a pupil's grades came in: own device, reply code of the file edition, typed paper sheet, simulation."""


class ClassSettings(Record):
    """What the teacher chose when the session began; it never changes."""

    language: Language = "fr"
    title: Annotated[Text | None, Field(description="the teacher's own words; never shown to pupils")] = None
    case_set: Identifier = "annotator"
    case_ids: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=24)]
    rulebooks: Annotated[
        tuple[Identifier, ...],
        Field(min_length=1, max_length=2, description="two: half of the class gets each, unannounced"),
    ] = ("hhh",)
    second_vote: bool = True
    shuffle_cards: Annotated[
        bool, Field(description="each pupil sees the answers in an order of their own")
    ] = True
    runs: Annotated[tuple[Text, ...], Field(description="recorded runs whose judges are shown")] = ()
    retention_h: Annotated[
        float, Field(gt=0, le=24 * 366, description="hours until everything is deleted")
    ] = 24.0
    simulated: Annotated[bool, Field(description="a rehearsal: nobody in it is a person")] = False


class ClassState(Record):
    """Where the session stands now; every change makes a new version."""

    version: Annotated[int, Field(ge=1)] = 1
    stage: Stage = "lobby"
    case_id: Annotated[Identifier | None, Field(description="the case in front")] = None
    phases: dict[Identifier, CasePhase]
    furthest: Annotated[
        dict[Identifier, CasePhase],
        Field(description="how far each case ever was: what was seen is not unseen by a step back"),
    ] = {}
    screen: Screen = "auto"
    debriefed: Annotated[bool, Field(description="the debrief of the hidden split was shown")] = False


class SetStage(Record):
    """Bring the whole session to another stage."""

    move: Literal["stage"] = "stage"
    stage: Stage


class OpenAll(Record):
    """Begin: every case that is closed takes grades, and everybody works at their own pace."""

    move: Literal["open_all"] = "open_all"


class SetPhase(Record):
    """Bring one case to another phase, and to the front."""

    move: Literal["phase"] = "phase"
    case_id: Identifier
    phase: CasePhase


class Front(Record):
    """Bring a case to the front as it stands."""

    move: Literal["front"] = "front"
    case_id: Identifier


class Show(Record):
    """Put another picture of the case in front on the projector."""

    move: Literal["show"] = "show"
    screen: Screen


class Next(Record):
    """Do whatever comes next: the large button."""

    move: Literal["next"] = "next"


Move = Annotated[
    SetStage | OpenAll | SetPhase | Front | Show | Next,
    Field(discriminator="move"),
]
"""What a teacher may do with the state of a session."""


class ClassSession(Record):
    """One lesson: settings, state, and when it ends for good."""

    session_id: Identifier
    code: Annotated[str, Field(pattern=r"^[2-9A-HJKMNP-Z]{4}$", description="what pupils type to join")]
    settings: ClassSettings
    state: ClassState
    seed: Annotated[int, Field(ge=0, description="draws halves, card orders and pseudonyms")]
    created_at: Annotated[str, Field(description="UTC, ISO 8601")]
    expires_at: Annotated[str, Field(description="UTC, ISO 8601")]


class Pupil(Record):
    """One annotator of a class, under a pseudonym; nothing here names a person or a device."""

    pupil_id: Annotated[Identifier, Field(description="random; the annotator_id of the verdicts")]
    number: Annotated[int, Field(ge=1, description="order of joining")]
    animal: Annotated[int, Field(ge=0, description="place in the list of animals of every language")]
    animal_number: Annotated[int, Field(ge=1)]
    rulebook_id: Identifier
    entry: Entry = "device"

    @property
    def simulated(self) -> bool:
        """Whether this pupil is invented."""
        return self.entry == "rehearsal"


class Ballot(Record):
    """What one pupil said about one case in one vote; an answer that is not there was not graded."""

    pupil_id: Identifier
    case_id: Identifier
    vote: Vote = 1
    grades: Annotated[
        dict[Identifier, int], Field(description="answer_id -> grade, 1 = worst, as entered")
    ] = {}
    seconds: Annotated[float | None, Field(ge=0, description="time with the case in front")] = None


class Edit(Record):
    """One change that a pupil's page sends; sent twice it counts once."""

    page: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,32}$", description="random, one per open page")]
    number: Annotated[int, Field(ge=1, le=1_000_000, description="counts the edits of this page")]
    case_id: Identifier
    vote: Vote = 1
    grades: Annotated[
        dict[Identifier, Annotated[int, Field(ge=1, le=64)] | None],
        Field(min_length=1, max_length=64, description="only what changed; None takes a grade back"),
    ]
    seconds: Annotated[float | None, Field(ge=0, le=86_400)] = None


class HandCount(Record):
    """A show of hands: how many gave each grade to an answer. It ranks nothing for any one person."""

    case_id: Identifier
    answer_id: Identifier
    vote: Vote = 1
    counts: Annotated[
        tuple[Annotated[int, Field(ge=0, le=10_000)], ...], Field(description="from grade 1 up")
    ]


# --- what is shown of a class --------------------------------------------------------------------------


class GradeBar(Record):
    """How a class graded one answer."""

    answer_id: Identifier
    counts: Annotated[tuple[int, ...], Field(description="from grade 1 = worst up")]
    n: int


class Order(Record):
    """One ranking that is drawn beside others: a judge's, or the class's."""

    name: str
    judge_id: Identifier | None = None
    rulebook_id: Identifier | None = None
    tiers: Annotated[tuple[tuple[Identifier, ...], ...], Field(description="best first; empty = undefined")]
    undefined_because: Undefined | None = None
    agreement: Annotated[Estimate | None, Field(description="tau_x with the class's own grades")] = None


class CasePicture(Record):
    """What is known of one case and one vote of a class, under one rulebook or all."""

    case_id: Identifier
    vote: Vote
    rulebook_id: Annotated[Identifier | None, Field(description="None: the whole class")] = None
    n: Annotated[int, Field(description="pupils who graded at least one answer")]
    n_complete: int
    simulated: bool = False
    bars: tuple[GradeBar, ...]
    consensus: Annotated[
        tuple[tuple[tuple[Identifier, ...], ...], ...],
        Field(description="every optimal order, each as tiers with the best first; empty = too few"),
    ]
    agreement: Annotated[
        Estimate, Field(description="mean tau_x of two pupils; undefined = too few, in words")
    ]
    pairs_agreeing: Annotated[
        Estimate,
        Field(description="share of pairs of answers, put apart by both, that two pupils order alike"),
    ]


class MovedPicture(Record):
    """What talking changed in one case: those who voted twice."""

    case_id: Identifier
    n: int
    share_moved: Estimate
    agreement_before: Estimate
    agreement_after: Estimate
    before: tuple[GradeBar, ...]
    after: tuple[GradeBar, ...]


class ClosingFigure(Record):
    """One published figure of the closing section, with its source and date."""

    figure_id: Identifier
    text: Localised
    name: Annotated[Localised | None, Field(description="a few words, where it is drawn")] = None
    value: Annotated[float | None, Field(description="the number, where the page computes with it")] = None
    plus_minus: Annotated[float | None, Field(ge=0, description="what the source puts after ±")] = None
    unit: Text | None = None
    source: Text
    url: Text | None = None
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class ClosingPart(Record):
    """One heading of the closing section."""

    part_id: Identifier
    title: Localised
    text: Localised
    figures: tuple[ClosingFigure, ...] = ()


class Wage(Record):
    """An hourly rate of the payslip."""

    wage_id: Identifier
    title: Localised
    per_hour: Annotated[float, Field(gt=0)]
    currency: Literal["USD", "EUR"]
    editable: bool = False
    source: Text
    url: Text | None = None
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class Closing(Record):
    """The closing section, "What annotation hides": texts, figures and wages, all in one editable file."""

    title: Localised
    parts: Annotated[tuple[ClosingPart, ...], Field(min_length=1)]
    wages: tuple[Wage, ...]
