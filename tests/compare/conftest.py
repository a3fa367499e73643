"""Small runs made by hand: what each judge answers is a function of judge, rulebook, case and order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import pytest

from harness.compare import ComparisonSource
from harness.schema import (
    Answer,
    Case,
    CaseSet,
    Cell,
    Experiment,
    FailedVerdict,
    JudgeSpec,
    Manifest,
    Part,
    Presentation,
    Provenance,
    RankedVerdict,
    ResolvedJudge,
    Verdict,
    VerdictTiming,
)

PROVENANCE = Provenance(kind="invented", date="2026-11-21")
SQUARE = ("abdc", "bcad", "cdba", "dacb")
SLOTS = ("A", "B", "C", "D")
SIX_PEOPLE = ("1234", "1123", "2133", "1324", "1222", "4321")

Said = Mapping[str, float] | str | None
"""Grades by letter, a failure, or None: never asked."""
Reply = Callable[[Cell, tuple[str, ...]], Said]
"""(cell, order of the four letters) -> what the judge says."""


def graded(case_id: str, grades: Mapping[str, float]) -> dict[str, float]:
    """Grades by letter as grades by answer id."""
    return {f"{case_id}-{letter}": float(grade) for letter, grade in grades.items()}


def by_letter(grades: str) -> dict[str, float]:
    """'4312' -> a 4, b 3, c 1, d 2; a dot leaves an answer ungraded."""
    return {letter: float(grade) for letter, grade in zip("abcd", grades, strict=True) if grade != "."}


def by_slot(grades: str) -> Reply:
    """A judge that only looks at the slot: '4321' gives 4 to whatever is shown first."""
    return lambda _cell, order: dict(zip(order, map(float, grades), strict=True))


def always(grades: str) -> Reply:
    """A judge that says the same whatever it is shown."""
    return lambda _cell, _order: by_letter(grades)


def failing(reason: str) -> Reply:
    """A judge that nobody can read."""
    return lambda _cell, _order: reason


@dataclass
class Bench:
    """A run in the making; every argument has a small default."""

    judges: Mapping[str, Reply]
    cases: Sequence[str] = ("one", "two", "three")
    rulebooks: Sequence[str] = ("hhh", "none")
    repeats: int = 4
    wordings: Sequence[str] = ("base",)
    languages: Sequence[str] = ("fr",)
    specs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    people: Sequence[RankedVerdict] = ()
    letters: str = "abcd"
    seed: int = 7

    def case(self, case_id: str) -> Case:
        """One case with the answers a to d; in French d is the longest, in English a."""
        answers = tuple(
            Answer(
                answer_id=f"{case_id}-{letter}",
                text={"fr": "mot " * (1 + "abcd".index(letter)), "en": "word " * (4 - "abcd".index(letter))},
            )
            for letter in self.letters
        )
        return Case(
            case_id=case_id,
            title={"fr": f"Cas {case_id}"},
            conflict={"fr": "aide, vérité"},
            stakes="subtle",
            message={"fr": "Que faire ?"},
            answers=answers,
        )

    def manifest(self) -> Manifest:
        """The manifest: one part with everything."""
        specs = [JudgeSpec(judge_id=name, model_id="vendor/" + name).model_dump() for name in self.judges]
        made = [JudgeSpec.model_validate({**spec, **self.specs.get(spec["judge_id"], {})}) for spec in specs]
        part = Part.model_validate(
            {
                "part_id": "all",
                "judges": tuple(self.judges),
                "rulebooks": tuple(self.rulebooks),
                "wordings": tuple(self.wordings),
                "languages": tuple(self.languages),
                "repeats": self.repeats,
            }
        )
        return Manifest(
            run_id="bench",
            created_at="2026-11-21T00:00:00Z",
            harness_version="0",
            experiment=Experiment(
                experiment_id="bench", title={"fr": "Essai"}, case_set="set", seed=self.seed, parts=(part,)
            ),
            case_set=CaseSet(
                set_id="set",
                title={"fr": "Jeu"},
                description={"fr": "Jeu d’essai"},
                languages=("fr", "en"),
                n_grades=4,
                case_order=tuple(self.cases),
                provenance=PROVENANCE,
            ),
            judges=tuple(ResolvedJudge(spec=spec) for spec in made),
            files={},
            versions={},
        )

    def verdicts(self) -> list[Verdict]:
        """What every judge says, in plan order; squares begin elsewhere for each judge and case."""
        grid = product(
            enumerate(self.judges.items()),
            self.rulebooks,
            self.wordings,
            self.languages,
            enumerate(self.cases),
            range(self.repeats),
        )
        found = []
        for (judge_place, (judge_id, reply)), rulebook, wording, language, (place, case_id), repeat in grid:
            cell = Cell.model_validate(
                {
                    "annotator_id": judge_id,
                    "annotator_kind": "judge",
                    "case_id": case_id,
                    "rulebook_id": rulebook,
                    "wording": wording,
                    "language": language,
                    "protocol": self.specs.get(judge_id, {}).get("protocol", "listwise"),
                    "repeat": repeat,
                }
            )
            found.append(self.verdict(cell, reply, SQUARE[(judge_place + place + repeat) % 4]))
        return [verdict for verdict in found if verdict is not None]

    def verdict(self, cell: Cell, reply: Reply, order: str) -> Verdict | None:
        """One verdict, or None where the judge was never asked."""
        said = reply(cell, tuple(order))
        if said is None:
            return None
        names = tuple(f"{cell.case_id}-{letter}" for letter in order)
        shown = Presentation(order=names, slots=SLOTS)
        if isinstance(said, str):
            return FailedVerdict.model_validate(
                {
                    "cell": cell,
                    "failure": said,
                    "message": "no grades found",
                    "text": "x" * 1000,
                    "presentation": shown,
                }
            )
        return RankedVerdict(cell=cell, grades=graded(cell.case_id, said), presentation=shown)

    def source(self) -> ComparisonSource:
        """The whole run, with 2 s and 1100 tokens for each verdict."""
        verdicts = self.verdicts()
        return ComparisonSource(
            manifest=self.manifest(),
            cases=tuple(self.case(case_id) for case_id in self.cases),
            verdicts=tuple(verdicts),
            timings=tuple(
                VerdictTiming(
                    position=place, latency_s=2.0, attempts=1, prompt_tokens=1000, completion_tokens=100
                )
                for place in range(len(verdicts))
            ),
            people=tuple(self.people),
            store_sha256="0" * 64,
        )


def votes(annotator_id: str, grades: Mapping[str, str], **cell: object) -> list[RankedVerdict]:
    """One person's grades by case, written as '4312' (answers a b c d)."""
    return [
        RankedVerdict(
            cell=Cell.model_validate(
                {
                    "annotator_id": annotator_id,
                    "annotator_kind": "person",
                    "case_id": case_id,
                    "rulebook_id": "hhh",
                    "language": "fr",
                    **cell,
                }
            ),
            grades=graded(case_id, by_letter(given)),
        )
        for case_id, given in grades.items()
    ]


def six_people(cases: Sequence[str]) -> list[RankedVerdict]:
    """Worked case H of methods.md §1.5 (written there as ranks, 1 = best), the same in every case."""
    turned = ["".join(str(5 - int(rank)) for rank in ranks) for ranks in SIX_PEOPLE]
    return [
        vote
        for place, grades in enumerate(turned)
        for vote in votes(f"person-{place + 1}", dict.fromkeys(cases, grades))
    ]


class Kit:
    """What tests of the comparison build their runs with."""

    bench = Bench
    by_letter = staticmethod(by_letter)
    by_slot = staticmethod(by_slot)
    always = staticmethod(always)
    failing = staticmethod(failing)
    votes = staticmethod(votes)
    six_people = staticmethod(six_people)


@pytest.fixture
def kit() -> Kit:
    """Give the tests what they build their runs with."""
    return Kit()
