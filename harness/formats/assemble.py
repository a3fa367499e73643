"""Votes and grades -> verdicts, the same records that our own judges and people give."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from harness.formats.base import Graded, Imported, Place, Vote
from harness.formats.reading import Problems
from harness.schema import (
    AnnotatorKind,
    Cell,
    FailedVerdict,
    Presentation,
    Protocol,
    RankedVerdict,
    Verdict,
)
from harness.verdict import MAX_TEXT, Source, failed, join_pairs, shorten

LONGEST_REASON = 2_000
WINS: Mapping[str, float] = {"first": 1.0, "second": 0.0, "tie": 0.5}
"""P(shown first wins), as a judge's word says it."""

Order = tuple[str, str]


@dataclass(frozen=True)
class Assembled:
    """The verdicts of an import: judges' and people's, each in a fixed order."""

    judges: tuple[Verdict, ...]
    people: tuple[Verdict, ...]
    """Persons and keys, in the order of the files."""


def assemble(imported: Imported) -> Assembled:
    """Turn votes and grades into verdicts.

    Pairwise judges: all pairs of a case in both orders become one verdict; a missing or failed pair fails it,
    with that pair's reason. Listwise judges: every vote is a verdict of its own, whose repeat is the number
    of its presentation. People and keys: every vote is a verdict of its own on the two answers.

    Raises
    ------
    ImportFormatError
        A row names a case, an answer or a judge that is not there, or two rows say the same thing twice;
        both places are named.
    """
    world = _World.of(imported)
    problems = Problems()
    votes = [vote for vote in imported.votes if _check_vote(vote, world, problems)]
    graded = [one for one in imported.graded if _check_graded(one, world, problems)]
    problems.raise_any()
    judged: list[tuple[Place, Verdict]] = [
        *_pairwise(votes, world, problems),
        *_listwise(votes, world, problems),
        *((one.place, _graded_verdict(one, world)) for one in graded if one.kind == "judge"),
    ]
    people: list[tuple[Place, Verdict]] = [
        *((vote.place, _vote_verdict(vote, vote.repeat, world)) for vote in votes if vote.kind != "judge"),
        *((one.place, _graded_verdict(one, world)) for one in graded if one.kind != "judge"),
    ]
    _refuse_twins(judged, problems)
    _refuse_twins(people, problems)
    problems.raise_any()
    judged.sort(key=lambda placed: world.rank(placed[1].cell))
    return Assembled(tuple(verdict for _, verdict in judged), tuple(verdict for _, verdict in people))


def dense(scores: Mapping[str, float], tolerance: float = 0.0) -> dict[str, float]:
    """Dense grades, 1 = worst, from scores where higher is better; neighbours within `tolerance` share one.

    Ties form chains, as in `harness.verdict.pairwise.rank_pairs`: cutting a chain would make the grades
    depend on the end from which one starts.
    """
    grades: dict[str, float] = {}
    grade, before = 0, -math.inf
    for name in sorted(scores, key=scores.__getitem__):
        # rounded, so that a difference of exactly the tolerance does not hang on the last bit
        apart = math.isinf(before) or round(scores[name] - before, 12) > tolerance
        grade += apart
        grades[name], before = float(grade), scores[name]
    return {name: grades[name] for name in scores}


def protocol_of(votes: Iterable[Vote]) -> Protocol:
    """How one judge was asked: pairwise when it saw some pair in both orders, else listwise.

    For judges that vote between two answers. With one order only there is nothing to join, and every vote
    stays a verdict of its own.
    """
    seen: set[tuple[str, str, str]] = set()
    for vote in votes:
        if (vote.case_id, vote.shown_second, vote.shown_first) in seen:
            return "pairwise"
        seen.add((vote.case_id, vote.shown_first, vote.shown_second))
    return "listwise"


# --- what rows may name -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _World:
    """What rows may name, and where each stands."""

    imported: Imported
    answers: Mapping[str, tuple[str, ...]]
    protocols: Mapping[str, Protocol]
    places: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, imported: Imported) -> _World:
        answers = {
            case.case_id: tuple(answer.answer_id for answer in case.answers) for case in imported.cases
        }
        world = cls(imported, answers, {spec.judge_id: spec.protocol for spec in imported.judges})
        for kind, names in (
            ("judge", world.protocols),
            ("case", dict.fromkeys((*imported.case_set.case_order, *answers))),
            ("rulebook", world.rulebook_ids()),
        ):
            world.places.update({(kind, name): place for place, name in enumerate(names)})
        return world

    def rulebook_ids(self) -> tuple[str, ...]:
        """Rulebooks in the order in which the import brings or names them."""
        rows: Iterable[Vote | Graded] = (*self.imported.votes, *self.imported.graded)
        brought = [rulebook.rulebook_id for rulebook in self.imported.rulebooks]
        return tuple(dict.fromkeys([*brought, *(row.rulebook_id for row in rows)]))

    def rank(self, cell: Cell) -> tuple[int, int, str, int, str, int]:
        """The place of a judge's verdict: judge, rulebook, wording, case, language, repeat."""
        return (
            self.places["judge", cell.annotator_id],
            self.places["rulebook", cell.rulebook_id],
            cell.wording,
            self.places["case", cell.case_id],
            cell.language,
            cell.repeat,
        )


def _check_vote(vote: Vote, world: _World, problems: Problems) -> bool:
    before = problems.n_found
    _check_row(vote, (vote.shown_first, vote.shown_second), world, problems)
    if vote.shown_first == vote.shown_second:
        problems.note(vote.place, "", f"compares '{vote.shown_first}' with itself")
    if (vote.choice is None) == (vote.failure is None):
        problems.note(vote.place, "", "must have either a choice or a failure")
    if vote.kind == "judge" and world.protocols.get(vote.annotator_id) == "pointwise":
        problems.note(vote.place, "", f"'{vote.annotator_id}' grades each answer alone; it casts no votes")
    return problems.n_found == before


def _check_graded(one: Graded, world: _World, problems: Problems) -> bool:
    before = problems.n_found
    _check_row(one, (*one.grades, *one.shown), world, problems)
    if bool(one.grades) == (one.failure is not None):
        problems.note(one.place, "", "must have either grades or a failure")
    bad = [name for name, grade in one.grades.items() if not math.isfinite(grade)]
    if bad:
        problems.note(one.place, "", f"the grade of '{bad[0]}' is no finite number")
    return problems.n_found == before


def _check_row(row: Vote | Graded, named: Sequence[str], world: _World, problems: Problems) -> None:
    answers = world.answers.get(row.case_id)
    if answers is None:
        problems.note(row.place, "", f"names the case '{row.case_id}', which is not among the cases")
        return
    strangers = [name for name in named if name not in answers]
    if strangers:
        problems.note(row.place, "", f"names '{strangers[0]}', which is no answer of '{row.case_id}'")
    if row.kind == "judge" and row.annotator_id not in world.protocols:
        problems.note(row.place, "", f"names the judge '{row.annotator_id}', which the import does not list")


# --- cells and verdicts -----------------------------------------------------------------------------


def _cell(row: Vote | Graded, repeat: int, world: _World) -> Cell:
    told = row.language if isinstance(row, Graded) else None
    return Cell(
        annotator_id=row.annotator_id,
        annotator_kind=row.kind,
        case_id=row.case_id,
        rulebook_id=row.rulebook_id,
        wording=row.wording,
        language=told or world.imported.language,
        protocol=world.protocols[row.annotator_id] if row.kind == "judge" else None,
        repeat=repeat,
        phase=row.phase if isinstance(row, Graded) else 1,
        session=row.session,
        simulated=row.simulated if isinstance(row, Graded) else False,
    )


def presentation(order: Sequence[str]) -> Presentation | None:
    """The presentation of answers in this order, in slots A, B, ... (numbers beyond 26); None below two."""
    if len(order) < 2:
        return None
    slots = [chr(ord("A") + place) if len(order) <= 26 else str(place + 1) for place in range(len(order))]
    return Presentation(order=tuple(order), slots=tuple(slots))


def _vote_verdict(vote: Vote, repeat: int, world: _World) -> Verdict:
    cell = _cell(vote, repeat, world)
    shown = presentation((vote.shown_first, vote.shown_second)) if vote.order_known else None
    if vote.choice is None:
        return _failed(vote, cell, shown)
    grades = {"first": (2.0, 1.0), "second": (1.0, 2.0), "tie": (1.0, 1.0)}[vote.choice]
    said = dict(zip((vote.shown_first, vote.shown_second), grades, strict=True))
    return RankedVerdict(
        cell=cell,
        grades={name: said[name] for name in world.answers[vote.case_id] if name in said},
        reason=_reason(vote.text),
        presentation=shown,
        seconds=_seconds(vote),
    )


def _graded_verdict(one: Graded, world: _World) -> Verdict:
    cell = _cell(one, one.repeat, world)
    shown = presentation(one.shown)
    if one.failure is not None:
        return _failed(one, cell, shown)
    return RankedVerdict(
        cell=cell,
        grades={name: one.grades[name] for name in world.answers[one.case_id] if name in one.grades},
        dimensions={name: dict(told) for name, told in one.dimensions.items() if told},
        reason=_reason(one.text),
        presentation=shown,
        seconds=_seconds(one),
        proposal=one.proposal,
        probability=one.probability,
    )


def _failed(row: Vote | Graded, cell: Cell, shown: Presentation | None) -> FailedVerdict:
    assert row.failure is not None
    line = "" if row.place.line is None else f":{row.place.line}"
    message = f"{row.failure} in {row.place.path.name}{line}"
    return failed(cell, row.failure, message, Source(row.text, shown))


def _reason(text: str) -> str | None:
    return shorten(text, LONGEST_REASON) if text else None


def _seconds(row: Vote | Graded) -> float | None:
    return None if row.kind == "judge" else row.seconds


# --- judges that vote -------------------------------------------------------------------------------

_Group = tuple[str, str, str, str, int]


def _pairwise(votes: Sequence[Vote], world: _World, problems: Problems) -> Iterator[tuple[Place, Verdict]]:
    """One verdict per judge, case, rulebook, wording and repeat, from all pairs in both orders."""
    groups: dict[_Group, dict[Order, Vote]] = {}
    for vote in votes:
        if vote.kind == "judge" and world.protocols[vote.annotator_id] == "pairwise":
            key = (vote.annotator_id, vote.rulebook_id, vote.wording, vote.case_id, vote.repeat)
            order = (vote.shown_first, vote.shown_second)
            twin = groups.setdefault(key, {}).setdefault(order, vote)
            if twin is not vote:
                problems.note(vote.place, "", _twice(vote, f"'{order[0]}' shown first", twin.place))
    for by_order in groups.values():
        yield _joined(by_order, world)


def _joined(by_order: Mapping[Order, Vote], world: _World) -> tuple[Place, Verdict]:
    vote = next(iter(by_order.values()))
    names = world.answers[vote.case_id]
    cell = _cell(vote, vote.repeat, world)
    wins: dict[Order, float] = {}
    for one, other in combinations(names, 2):
        for order in ((one, other), (other, one)):
            found = by_order.get(order)
            if found is None or found.choice is None:
                return vote.place, _unjoined(found, order, cell)
            wins[order] = WINS[found.choice]
    return vote.place, join_pairs(wins, cell, names)


def _unjoined(vote: Vote | None, order: Order, cell: Cell) -> FailedVerdict:
    """The failure of the pair that is missing or was not read."""
    pair = f"pair {order[0]} (shown first), {order[1]}"
    if vote is None:
        return failed(cell, "exhausted", f"{pair}: there is no vote in the files")
    assert vote.failure is not None
    line = "" if vote.place.line is None else f":{vote.place.line}"
    message = f"{pair}: {vote.failure} in {vote.place.path.name}{line}"
    return failed(cell, vote.failure, message, Source(vote.text[:MAX_TEXT], presentation(order)))


def _listwise(votes: Sequence[Vote], world: _World, problems: Problems) -> Iterator[tuple[Place, Verdict]]:
    """Every vote a verdict of its own; its repeat is the number of its presentation in this case."""
    mine = [vote for vote in votes if vote.kind == "judge" and _is_listwise(vote, world)]
    shown: dict[str, set[tuple[int, int, int]]] = {}
    for vote in mine:
        shown.setdefault(vote.case_id, set()).add(_shown(vote, world))
    numbers = {
        (case_id, key): number for case_id, keys in shown.items() for number, key in enumerate(sorted(keys))
    }
    seen: dict[tuple[_Group, int], Place] = {}
    for vote in mine:
        number = numbers[vote.case_id, _shown(vote, world)]
        key = (vote.annotator_id, vote.rulebook_id, vote.wording, vote.case_id, vote.repeat)
        twin = seen.get((key, number))
        if twin is not None:
            problems.note(vote.place, "", _twice(vote, f"'{vote.shown_first}' shown first", twin))
            continue
        seen[key, number] = vote.place
        yield vote.place, _vote_verdict(vote, number, world)


def _is_listwise(vote: Vote, world: _World) -> bool:
    return world.protocols[vote.annotator_id] == "listwise"


def _shown(vote: Vote, world: _World) -> tuple[int, int, int]:
    """Repeat and presentation of a vote, in a form that sorts by the case's own order of answers."""
    names = world.answers[vote.case_id]
    return vote.repeat, names.index(vote.shown_first), names.index(vote.shown_second)


def _twice(row: Vote | Graded, how: str, first: Place) -> str:
    cell = f"{row.annotator_id} on '{row.case_id}' under '{row.rulebook_id}', repeat {row.repeat}"
    return f"is a second verdict of {cell}, {how} (first at {first}); keep one, or number the repeats"


def _refuse_twins(placed: Iterable[tuple[Place, Verdict]], problems: Problems) -> None:
    """Two verdicts of one annotator on the same thing, at the same time, are one too many.

    Votes of a person on different pairs of one case are different things.
    """
    seen: dict[tuple[object, ...], Place] = {}
    for place, verdict in placed:
        pair = _pair(verdict) if verdict.cell.annotator_kind != "judge" else None
        key = (*verdict.cell.model_dump(exclude={"simulated"}).values(), pair)
        twin = seen.get(key)
        seen.setdefault(key, place)
        if twin is not None:
            cell = verdict.cell
            who = f"{cell.annotator_id} on '{cell.case_id}' under '{cell.rulebook_id}', repeat {cell.repeat}"
            words = f"is a second verdict of {who} (first at {twin}); keep one, or number the repeats"
            problems.note(place, "", words)


def _pair(verdict: Verdict) -> frozenset[str] | None:
    """The two answers that a vote is about; None for a ranking of more."""
    names = verdict.grades if isinstance(verdict, RankedVerdict) else ()
    return frozenset(names) if len(names) == 2 else None


def count_kinds(verdicts: Iterable[Verdict]) -> dict[AnnotatorKind, int]:
    """How many different annotators there are of each kind."""
    found = {(verdict.cell.annotator_kind, verdict.cell.annotator_id) for verdict in verdicts}
    kinds = sorted(kind for kind, _ in found)
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
