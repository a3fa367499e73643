"""PandaLM test set: 999 pairs of answers, three people, two judges; one order only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from harness.formats.assemble import WINS, dense
from harness.formats.base import Choice, Format, Graded, Imported, Place, Vote
from harness.formats.joins import Keyed, by_key, one_to_one
from harness.formats.reading import (
    as_object,
    fail,
    json_entries,
    localised,
    number_field,
    option,
    required,
    slug,
    text_field,
)
from harness.formats.studies import (
    ENGLISH,
    UNSTATED,
    study_case,
    study_folder,
    study_judge,
    study_provenance,
    study_set,
    unstated_rulebook,
)
from harness.schema import Answer, Case, JudgeSpec

TESTSET = "testset-v1.json"
PEOPLE = ("annotator1", "annotator2", "annotator3")
SYSTEMS = ("bloom-7b", "cerebras-gpt-6.7B", "llama-7b", "opt-7b", "pythia-6.9b")
CHOICES: Mapping[str, Choice] = {"1": "first", "2": "second", "0": "tie", "Tie": "tie", "tie": "tie"}
UNREAD = "garbage"
"""What stands for a reply without a verdict; the published figures count it as tie, we count it as failed."""


class JudgeFile(NamedTuple):
    """The file of one judge: its name, and the columns of verdict and reason."""

    file: str
    verdict: str
    reason: str


JUDGES = {
    "gpt-3.5-turbo": JudgeFile("gpt-3.5-turbo-testset-v1.json", "gpt_result", "gpt_reason"),
    "pandalm-7b": JudgeFile("pandalm-7b-testset-v1.json", "pandalm_result", "pandalm_reason"),
}
PROVENANCE = study_provenance(
    "Wang et al., ICLR 2024, arXiv:2306.05087; github.com/WeOpenML/PandaLM",
    "2024-05-21",
    "Licence Apache-2.0. Inputs come from self-instruct's human-written tasks.",
)
TITLE = "PandaLM test set: pairs judged by three people and two judges"
RANKINGS_TITLE = "PandaLM test set: five systems ranked by three people and two judges"
NOTES = (
    "One order only, response1 before response2: no habit of order can be seen.",
    "The authors left out pairs on which people disagreed most (2,500 became 1,000): agreement is inflated.",
)

Entry = Mapping[str, object]


@dataclass(frozen=True)
class _Pair:
    """One entry of the test set: its number, task and systems."""

    place: Place
    entry: Entry

    @property
    def number(self) -> int:
        return int(number_field(self.entry, "idx", self.place))

    @property
    def task(self) -> tuple[str, str]:
        return text_field(self.entry, "instruction", self.place), _text(self.entry.get("input"))

    @property
    def systems(self) -> tuple[str, str]:
        first, mark, second = text_field(self.entry, "cmp_key", self.place).partition("_")
        if not mark or first == second:
            fail(self.place, "cmp_key", "must be two different systems joined by _")
        return first, second

    @property
    def answers(self) -> tuple[str, str]:
        return _text(self.entry.get("response1")), _text(self.entry.get("response2"))


def read(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read the folder of the data set; raises ImportFormatError."""
    view = option(options, "view", "pairs", ("pairs", "rankings"))
    folder = study_folder(paths, TESTSET, ("data",))
    numbered = [(place, _Pair(place, entry)) for place, entry in _entries(folder / TESTSET)]
    pairs = by_key(numbered, lambda pair: pair.number, TESTSET)
    said = [*_people(pairs), *(vote for judge_id in JUDGES for vote in _judged(folder, judge_id, pairs))]
    n_odd = sum(not isinstance(_response(pair, k), str) for _, pair in numbered for k in (1, 2))
    notes = (*NOTES, f"{n_odd} answers stand as true in the file and not as a text; they are read as 'true'.")
    return _as_pairs(pairs, said, notes) if view == "pairs" else _as_rankings(pairs, said, notes)


def case_id(number: int) -> str:
    """Entry 7 is the case `pair-007`."""
    return f"pair-{number:03d}"


def _entries(path: Path) -> Iterator[tuple[Place, Entry]]:
    return ((place, as_object(entry, place)) for place, entry in json_entries(path))


def _response(pair: _Pair, which: int) -> object:
    return required(pair.entry, f"response{which}", pair.place)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


# --- pairs ------------------------------------------------------------------------------------------


def _as_pairs(pairs: Keyed[int, _Pair], said: Sequence[Vote], notes: Sequence[str]) -> Imported:
    cases = tuple(_case(number, pair) for number, (_, pair) in pairs.rows.items())
    return Imported(
        case_set=study_set("pandalm", (TITLE, TITLE), cases, PROVENANCE),
        cases=cases,
        judges=tuple(_judges()),
        votes=said,
        rulebooks=(unstated_rulebook(PROVENANCE),),
        provenance=PROVENANCE,
        notes=tuple(notes),
    )


def _case(number: int, pair: _Pair) -> Case:
    name = case_id(number)
    answers = [
        Answer(
            answer_id=f"{name}-{which}",
            text=localised(pair.answers[which - 1], ENGLISH),
            author_model_id=pair.systems[which - 1],
        )
        for which in (1, 2)
    ]
    return study_case(name, "\n\n".join(filter(None, pair.task)), answers)


def _judges() -> list[JudgeSpec]:
    return [study_judge(name, name, name, "listwise") for name in JUDGES]


def _people(pairs: Keyed[int, _Pair]) -> Iterator[Vote]:
    """Votes of the same three persons throughout."""
    for number, (place, pair) in pairs.rows.items():
        told = ((person, text_field(pair.entry, person, place)) for person in PEOPLE)
        yield from (_vote(place, number, said, "person") for said in told)


def _judged(folder: Path, judge_id: str, pairs: Keyed[int, _Pair]) -> Iterator[Vote]:
    told = JUDGES[judge_id]
    rows = [(place, _Pair(place, entry)) for place, entry in _entries(folder / told.file)]
    for place, row, pair in one_to_one(rows, lambda row: row.number, pairs).pairs:
        verdict = text_field(row.entry, told.verdict, place)
        vote = _vote(place, pair.number, (judge_id, verdict), "judge")
        yield replace(vote, text=_text(row.entry.get(told.reason)))


def _vote(place: Place, number: int, said: tuple[str, str], kind: str) -> Vote:
    who, verdict = said
    name = case_id(number)
    choice = CHOICES.get(verdict)
    if choice is None and (verdict != UNREAD or kind != "judge"):
        fail(place, who, f"must be 1, 2 or 0 (tie), found '{verdict[:40]}'")
    return Vote(
        place=place,
        case_id=name,
        annotator_id=who,
        kind="judge" if kind == "judge" else "person",
        shown_first=f"{name}-1",
        shown_second=f"{name}-2",
        choice=choice,
        failure=None if choice else "unparsable",
        rulebook_id=UNSTATED,
    )


# --- rankings of five -------------------------------------------------------------------------------


def _as_rankings(pairs: Keyed[int, _Pair], said: Sequence[Vote], notes: Sequence[str]) -> Imported:
    """The tasks whose ten pairs are all there, one case of five answers each."""
    tasks: dict[tuple[str, str], list[_Pair]] = defaultdict(list)
    for _, pair in pairs.rows.values():
        tasks[pair.task].append(pair)
    whole = [task for task, found in tasks.items() if _is_whole(found)]
    kept = [task for task in whole if _one_text_each(tasks[task])]
    cases = tuple(_ranking_case(number, task, tasks[task]) for number, task in enumerate(kept))
    if not cases:
        fail(Place(Path(TESTSET)), "cmp_key", "no task has all ten pairs with one text per system")
    votes = {(vote.annotator_id, vote.case_id): vote for vote in said}
    case_of = {pair.number: case for case, task in zip(cases, kept, strict=True) for pair in tasks[task]}
    return Imported(
        case_set=study_set("pandalm-rankings", (RANKINGS_TITLE, RANKINGS_TITLE), cases, PROVENANCE),
        cases=cases,
        judges=tuple(_judges()),
        graded=tuple(_rankings(votes, case_of, pairs)),
        rulebooks=(unstated_rulebook(PROVENANCE),),
        provenance=PROVENANCE,
        notes=(
            *notes,
            f"{len(whole)} tasks have all ten pairs.",
            f"{len(whole) - len(kept)} of them show a system with different texts in its pairs: left out.",
            "Grades are Copeland scores: a win counts 1, a tie ½, over the four other systems; equal = tied.",
        ),
    )


def _is_whole(found: Sequence[_Pair]) -> bool:
    wanted = {frozenset(pair) for pair in combinations(SYSTEMS, 2)}
    return len(found) == len(wanted) and {frozenset(pair.systems) for pair in found} == wanted


def _texts(found: Iterable[_Pair]) -> dict[str, set[str]]:
    texts: dict[str, set[str]] = defaultdict(set)
    for pair in found:
        for system, text in zip(pair.systems, pair.answers, strict=True):
            texts[system].add(text.strip())
    return texts


def _one_text_each(found: Sequence[_Pair]) -> bool:
    return all(len(texts) == 1 for texts in _texts(found).values())


def _ranking_case(number: int, task: tuple[str, str], found: Sequence[_Pair]) -> Case:
    name = f"task-{number:02d}"
    texts = _texts(found)
    answers = [
        Answer(
            answer_id=f"{name}-{slug(system)}",
            text=localised(min(texts[system]), ENGLISH),
            author_model_id=system,
        )
        for system in SYSTEMS
    ]
    return study_case(name, "\n\n".join(filter(None, task)), answers)


def _rankings(
    votes: Mapping[tuple[str, str], Vote], case_of: Mapping[int, Case], pairs: Keyed[int, _Pair]
) -> Iterator[Graded]:
    """Every annotator's ten votes on one task as grades; one failed vote fails them all."""
    groups: dict[tuple[str, str], list[tuple[_Pair, Vote]]] = defaultdict(list)
    for number, case in case_of.items():
        for annotator_id in (*PEOPLE, *JUDGES):
            vote = votes[annotator_id, case_id(number)]
            groups[annotator_id, case.case_id].append((pairs.rows[number][1], vote))
    for (annotator_id, name), found in groups.items():
        first = found[0][1]
        failed = next((vote for _, vote in found if vote.failure), None)
        grades = {} if failed else dense(_copeland(name, found))
        failure = None if failed is None else failed.failure
        yield Graded(first.place, name, annotator_id, first.kind, grades, failure, UNSTATED)


def _copeland(name: str, found: Iterable[tuple[_Pair, Vote]]) -> dict[str, float]:
    points = dict.fromkeys((f"{name}-{slug(system)}" for system in SYSTEMS), 0.0)
    for pair, vote in found:
        assert vote.choice is not None
        first, second = (f"{name}-{slug(system)}" for system in pair.systems)
        points[first] += WINS[vote.choice]
        points[second] += 1 - WINS[vote.choice]
    return points


FORMAT = Format(
    name="pandalm",
    summary="PandaLM test set: pairs judged by three people and two judges",
    expects="the folder of the data set (with testset-v1.json and the two judges' files)",
    read=read,
    options={
        "view": "pairs (999 cases of two answers; default) or rankings (tasks with all ten pairs, "
        "cases of five answers)"
    },
    example=(
        "gpt-3.5-turbo-testset-v1.json\n"
        '[{"idx": 0, "gpt_result": "1", "gpt_reason": "…"},\n'
        ' {"idx": 1, "gpt_result": "garbage", "gpt_reason": ""}]\n'
    ),
)
