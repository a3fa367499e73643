"""PRD / Vicuna-80: five systems' answers to 80 questions, judged in pairs by the same five and by people."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from harness.formats.base import Choice, Format, Imported, Place, Vote
from harness.formats.joins import Keyed, by_key
from harness.formats.reading import (
    fail,
    json_lines,
    localised,
    number_field,
    option,
    slug,
    text_field,
)
from harness.formats.studies import (
    ENGLISH,
    UNSTATED,
    counted,
    study_case,
    study_folder,
    study_judge,
    study_provenance,
    study_rulebook,
    study_set,
    unstated_rulebook,
)
from harness.schema import Answer, Case, JudgeSpec, Rulebook

SYSTEMS = ("gpt4", "claude", "vicuna-13b", "gpt35", "bard")
"""In the order of the published win rates; the judges are the same five."""
TITLES = {
    "gpt4": "GPT-4",
    "claude": "Claude",
    "vicuna-13b": "Vicuna-13B",
    "gpt35": "GPT-3.5",
    "bard": "Bard",
}
CHOICES: Mapping[int, Choice] = {1: "first", 2: "second", 3: "tie"}
UNREAD = -1
"""What the authors' program writes when it finds no verdict in a review; their figures count it as tie."""
RULEBOOK = "threeclass"
PROVENANCE = study_provenance(
    "Li, Patel, Du, 'PRD: Peer Rank and Discussion', TMLR 2024, arXiv:2307.02762; github.com/bcdnlp/PRD",
    "2023-08-01",
    "Licence MIT. People's votes on pairs without Claude were collected for QLoRA (MIT).",
)
TITLE = "PRD: Vicuna-80, five systems judged by each other"

_NAME = re.compile(r"answer(?P<mark>[_-])(?P<pair>.+)-vs-answer[_-](?P<rest>.+)\.jsonl$")


class Review(NamedTuple):
    """One file of reviews: who compared what with what."""

    path: Path
    reviewer: str
    first: str
    second: str
    mark: str
    """`_` or `-`: how the file name is spelt."""


@dataclass(frozen=True)
class _Texts:
    """What the questions and the five systems' answers say."""

    questions: Keyed[int, str]
    answers: Keyed[tuple[str, int], tuple[str, str]]
    """(system, question) -> the authors' id of the answer, and its text."""

    def cases(self) -> tuple[Case, ...]:
        """One case per question, its answers in the order of `SYSTEMS`."""
        return tuple(
            study_case(case_id(number), message, [self._answer(number, system) for system in SYSTEMS])
            for number, (_, message) in sorted(self.questions.rows.items())
        )

    def _answer(self, number: int, system: str) -> Answer:
        found = self.answers.rows.get((system, number))
        if found is None:
            place = self.questions.rows[number][0]
            fail(place, "question_id", f"question {number} has no answer of {system}")
        text = localised(found[1][1], ENGLISH)
        return Answer(answer_id=answer_id(number, system), text=text, author_model_id=system)


def case_id(number: int) -> str:
    """Question 7 is the case `q07`."""
    return f"q{number:02d}"


def answer_id(number: int, system: str) -> str:
    """The answer of one system to one question."""
    return f"{case_id(number)}-{slug(system)}"


def read(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read the folder of the data set; raises ImportFormatError."""
    spelling = option(options, "spelling", "underscore", ("underscore", "hyphen"))
    folder = study_folder(paths, "generations", ("data/vicuna80", "vicuna80"))
    texts = _read_texts(folder)
    cases = texts.cases()
    chosen, dropped = choose_files(list_reviews(folder), "_" if spelling == "underscore" else "-")
    judged = [vote for review in chosen if review.reviewer != "human" for vote in _judge_votes(review, texts)]
    people, left_out = _people(review for review in chosen if review.reviewer == "human")
    return Imported(
        case_set=study_set("prd-vicuna80", (TITLE, TITLE), cases, PROVENANCE),
        cases=cases,
        judges=tuple(_judges(chosen)),
        votes=(*judged, *people),
        rulebooks=(_rulebook(folder), unstated_rulebook(PROVENANCE)),
        people_known=False,
        provenance=PROVENANCE,
        notes=tuple(_notes(dropped, left_out)),
    )


def list_reviews(folder: Path) -> list[Review]:
    """Every file of reviews in `ratings-<judge>`, whatever else its name holds."""
    found = []
    for path in sorted(folder.glob("ratings-*/answer*.jsonl")):
        reviewer = path.parent.name.removeprefix("ratings-")
        match = _NAME.match(path.name)
        ending = f"-{reviewer}-reviewer"
        if match is None or ending not in match["rest"]:
            fail(Place(path), "", f"must be named answer_A-vs-answer_B{ending}….jsonl")
        second = match["rest"][: match["rest"].rindex(ending)]
        found.append(Review(path, reviewer, match["pair"], second, match["mark"]))
    if not found:
        fail(Place(folder), "", "holds no folder ratings-… with reviews")
    return found


def choose_files(reviews: Sequence[Review], mark: str) -> tuple[list[Review], list[Review]]:
    """One file per judge and ordered pair, and those that were passed over.

    Where two spellings stand side by side, `mark` says which one counts; two files of one spelling are
    refused, for nobody could say which one is meant.
    """
    groups: dict[tuple[str, str, str], list[Review]] = defaultdict(list)
    for review in reviews:
        groups[review[1:4]].append(review)
    chosen, dropped = [], []
    for group in groups.values():
        wanted = [review for review in group if review.mark == mark] if len(group) > 1 else group
        if len(wanted) != 1:
            names = ", ".join(review.path.name for review in group)
            fail(Place(group[0].path), "", f"several files for one judge and ordered pair: {names}")
        chosen += wanted
        dropped += [review for review in group if review not in wanted]
    return chosen, dropped


def _read_texts(folder: Path) -> _Texts:
    questions = by_key(
        ((place, (_number(row, place), text_field(row, "text", place))) for place, row in _rows(folder)),
        lambda row: row[0],
        "the questions",
    )
    answers = by_key(
        (
            (place, (system, _number(row, place), text_field(row, "answer_id", place), str(row["text"])))
            for system in SYSTEMS
            for place, row in json_lines(folder / "generations" / f"answer_{system}.jsonl")
        ),
        lambda row: row[:2],
        "the answers",
    )
    told = {number: (place, row[1]) for number, (place, row) in questions.rows.items()}
    kept = {key: (place, row[2:]) for key, (place, row) in answers.rows.items()}
    return _Texts(Keyed(questions.what, told), Keyed(answers.what, kept))


def _rows(folder: Path) -> Iterator[tuple[Place, dict[str, object]]]:
    return json_lines(folder / "prompts" / "vicuna_questions.jsonl")


def _number(row: Mapping[str, object], place: Place) -> int:
    return int(number_field(row, "question_id", place))


def _judge_votes(review: Review, texts: _Texts) -> Iterator[Vote]:
    """The votes of one file; each row must be about the answers that the file's name promises."""
    for place, row in json_lines(review.path):
        number = _number(row, place)
        for column, system in (("answer1_id", review.first), ("answer2_id", review.second)):
            found = texts.answers.rows.get((system, number))
            if found is None or row.get(column) != found[1][0]:
                words = f"is not the id of {system}'s answer to question {number}, as the file's name says"
                fail(place, column, words)
        yield _vote(review, number, row, place)


def _vote(review: Review, number: int, row: Mapping[str, object], place: Place) -> Vote:
    told = int(number_field(row, "score", place))
    choice = CHOICES.get(told)
    if choice is None and told != UNREAD:
        fail(place, "score", f"must be 1 (first), 2 (second), 3 (tie) or -1 (unread), found {told}")
    return Vote(
        place=place,
        case_id=case_id(number),
        annotator_id=review.reviewer,
        kind="judge",
        shown_first=answer_id(number, review.first),
        shown_second=answer_id(number, review.second),
        choice=choice,
        failure=None if choice else "unparsable",
        rulebook_id=RULEBOOK,
        text="" if choice else str(row.get("text", "")),
    )


def _people(reviews: Iterator[Review]) -> tuple[list[Vote], Counter[str]]:
    """Anonymous votes, numbered within each pair and question, and how many are about other systems.

    The number is a slot: the rows of a file do not say who voted, so votes on different pairs are never put
    together into the ranking of one person.
    """
    votes: list[Vote] = []
    left_out: Counter[str] = Counter()
    seen: Counter[tuple[int, frozenset[str]]] = Counter()
    for review in reviews:
        strangers = {review.first, review.second} - set(SYSTEMS)
        for place, row in json_lines(review.path):
            if strangers:
                left_out[min(strangers)] += 1
                continue
            number, pair = _number(row, place), frozenset((review.first, review.second))
            seen[number, pair] += 1
            vote = _vote(review, number, row, place)
            slot = f"{'-'.join(sorted(pair))}-vote{seen[number, pair]}"
            votes.append(replace(vote, annotator_id=slot, kind="person", rulebook_id=UNSTATED))
    return votes, left_out


def _judges(reviews: Sequence[Review]) -> Iterator[JudgeSpec]:
    names = {review.reviewer for review in reviews} - {"human"}
    for name in sorted(names, key=lambda name: SYSTEMS.index(name) if name in SYSTEMS else len(SYSTEMS)):
        yield study_judge(slug(name), name, TITLES.get(name, name), "pairwise")


def _rulebook(folder: Path) -> Rulebook:
    prompts = []
    for place, row in json_lines(folder / "prompts" / "vicuna_prompt_threeclass.jsonl"):
        defaults = row.get("defaults")
        prompt = defaults.get("prompt") if isinstance(defaults, dict) else None
        if not isinstance(prompt, str):
            fail(place, "defaults", 'must hold a text under "prompt"')
        prompts.append(f"{text_field(row, 'description', place)}: {prompt}")
    texts = ("Three-class prompt", "One of the authors' three prompts, by the kind of question.")
    return study_rulebook(RULEBOOK, "reference", texts, prompts, PROVENANCE)


def _notes(dropped: Sequence[Review], left_out: Mapping[str, int]) -> Iterator[str]:
    yield "The judges are the five systems themselves: judge imported/NAME is the author NAME of the answers."
    yield (
        "People's votes are anonymous: three per question and pair, one where Claude is compared. Each is a "
        "voter of its own here; votes on different pairs are never joined. What people were told is not in "
        "the files."
    )
    for review in dropped:
        which = f"judge {review.reviewer} on {review.first} and {review.second}"
        yield f"Two files for {which}: {review.path.name} was not used."
    yield from counted(left_out, "Votes of people on systems whose answers are not in the files, left out")


FORMAT = Format(
    name="prd",
    summary="PRD / Vicuna-80: five systems judged in pairs by each other and by people",
    expects="the folder of the data set (with generations/, prompts/ and ratings-…/ in data/vicuna80)",
    read=read,
    options={
        "spelling": "which file counts where one judge has two for an ordered pair: underscore (answer_A, "
        "as in the published figures) or hyphen (answer-A); default underscore",
    },
    example=(
        "ratings-gpt4/answer_bard-vs-answer_claude-gpt4-reviewer_threeclass.jsonl\n"
        '{"question_id": 1, "answer1_id": "3oW4…", "answer2_id": "bymm…", "text": "…", "score": 2}\n'
    ),
)
