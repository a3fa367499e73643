"""Cases, votes and grades of MT-bench, made from its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.formats.assemble import dense
from harness.formats.base import Choice, Graded, Place, Vote
from harness.formats.drafts import Draft, Drafts, Repeats, counted, imported_judge, listed, names_option
from harness.formats.joins import by_key
from harness.formats.mt_rows import Answered, Asked, Ballot, Games, Question, Score, read_row
from harness.formats.nested import Fields
from harness.formats.reading import Ids, Problems, language_option, option
from harness.schema import FailureReason, JudgeSpec, Protocol

API_ERROR = "$ERROR$"
"""What FastChat stores as the judgment when the provider never answered."""

_SENTENCES = {
    "inconsistent": "Merged verdicts of a judge that contradicted itself between the two orders "
    "(`tie (inconsistent)`; the option inconsistent says how they count): {n}.",
    "error": "Judgments without a winner or score (`error`, -1), which are failures, never ties: {n}.",
    "authors": "Votes of the paper's authors, left out: {n}.",
    "alone": "Rows that compare answers graded alone (`m1_score`), read as grades, for their two games are "
    "the same number: {n}.",
    "partial": "Scores that could not be read; those answers are missing from their rankings: {n}.",
    "lonely": "Scores that belong to no pair that was compared, left out: {n}.",
    "others": "Rows with a system that the option systems leaves out: {n}.",
}
_SHARED_QUESTIONS = (
    "Pairs of one question are cases of their own; they are not independent of each other, so intervals over "
    "cases are narrower than they should be."
)

_Key = tuple[str, int]


class Builder:
    """Cases, votes and grades from rows; a case is made at its first mention."""

    def __init__(self, paths: Sequence[Path], options: Mapping[str, str]) -> None:
        self.book = Drafts(paths, language_option(options))
        self.people = names_option(options, "people", "expert,author")
        self.keeps_authors = option(options, "authors", "keep", ("keep", "leave-out")) == "keep"
        self.counts_as_tie = option(options, "inconsistent", "tie", ("tie", "failed")) == "tie"
        self.systems = names_option(options, "systems")
        self.votes: list[Vote] = []
        self.graded: list[Graded] = []
        self.judges: dict[str, JudgeSpec] = {}
        self.counts: Counter[str] = Counter()
        self.templates: dict[str, None] = {}
        self.questions: list[tuple[Place, Question]] = []
        self.answers: list[tuple[Place, Answered]] = []
        self._scores: dict[tuple[_Key, str], dict[str, list[Score]]] = {}
        self._drafts: dict[_Key, dict[str, Draft]] = {}
        self.about: dict[str, _Key] = {}
        self._ids = Ids()
        self._repeats = Repeats()

    def add(self, place: Place, fields: Fields) -> None:
        """Read one row; raises ImportFormatError."""
        row = read_row(place, fields)
        if isinstance(row, Question):
            self.questions.append((place, row))
        elif isinstance(row, Answered):
            self.answers.append((place, row))
        elif self._is_wanted(row):
            self._add_judgment(row)
        else:
            self.counts["others"] += 1

    def _is_wanted(self, row: Games | Ballot | Score | tuple[Score, Score]) -> bool:
        if isinstance(row, tuple):
            named = [one.system for one in row]
        else:
            named = [row.system] if isinstance(row, Score) else list(row.systems)
        return not self.systems or all(name in self.systems for name in named)

    def _add_judgment(self, row: Games | Ballot | Score | tuple[Score, Score]) -> None:
        if isinstance(row, Games):
            self._games(row)
        elif isinstance(row, Ballot):
            self._ballot(row)
        elif isinstance(row, Score):
            judge_id = self._judge(row.asked, "single", "pointwise")
            key = ((row.asked.question, row.asked.turn), judge_id)
            self._scores.setdefault(key, {}).setdefault(row.system, []).append(row)
        else:
            self.counts["alone"] += 1
            draft = self._pair(row[0].asked, (row[0].system, row[1].system))
            self._grade(draft, self._judge(row[0].asked, "single", "pointwise"), row)

    # --- votes --------------------------------------------------------------------------------------

    def _games(self, row: Games) -> None:
        draft = self._pair(row.asked, row.systems)
        judge_id = self._judge(row.asked, "pair", "pairwise")
        repeat = self._repeats.next(judge_id, draft.case_id)
        orders = (row.systems, row.systems[::-1])
        for winner, order, text in zip(row.winners, orders, row.texts, strict=True):
            chosen: dict[str | None, Choice] = {order[0]: "first", order[1]: "second", "tie": "tie"}
            self.votes.append(
                Vote(
                    place=row.asked.place,
                    case_id=draft.case_id,
                    annotator_id=judge_id,
                    kind="judge",
                    shown_first=draft.names[order[0]],
                    shown_second=draft.names[order[1]],
                    choice=chosen.get(winner),
                    failure=None if winner else self._failure(text),
                    repeat=repeat,
                    text=text,
                )
            )

    def _ballot(self, row: Ballot) -> None:
        is_person = row.asked.template is None and row.asked.judge.startswith(self.people)
        if is_person and row.asked.judge.startswith("author") and not self.keeps_authors:
            self.counts["authors"] += 1
            return
        draft = self._pair(row.asked, row.systems)
        draft.set_message(row.dialogues[0].message(row.asked.turn), row.asked.place)
        for name, dialogue in zip(row.systems, row.dialogues, strict=True):
            draft.answer(name, name, dialogue.answer(row.asked.turn), row.asked.place)
        who = row.asked.judge if is_person else self._judge(row.asked, "merged", "listwise")
        choice, failure = self._choice(row.winner)
        self.votes.append(
            Vote(
                place=row.asked.place,
                case_id=draft.case_id,
                annotator_id=who,
                kind="person" if is_person else "judge",
                shown_first=draft.names[row.systems[0]],
                shown_second=draft.names[row.systems[1]],
                choice=choice,
                failure=failure,
                repeat=self._repeats.next(who, draft.case_id),
                text="" if row.winner in ("model_a", "model_b", "tie") else row.winner,
                order_known=False,
            )
        )

    def _choice(self, winner: str) -> tuple[Choice | None, FailureReason | None]:
        known: dict[str, Choice] = {"model_a": "first", "model_b": "second", "tie": "tie"}
        if winner == "error":
            return None, self._failure("")
        if winner == "tie (inconsistent)":
            self.counts["inconsistent"] += 1
            return ("tie", None) if self.counts_as_tie else (None, "unparsable")
        return known[winner], None

    # --- grades -------------------------------------------------------------------------------------

    def place_scores(self) -> None:
        """Lay single scores out on cases: the pairs that somebody compared, else the whole questions."""
        compared = bool(self._drafts)
        for (key, judge_id), by_system in self._scores.items():
            drafts = self._drafts.get(key, {}).values() if compared else [self._whole(key, by_system)]
            used: set[str] = set()
            for draft in drafts:
                runs = [by_system[name] for name in draft.names if name in by_system]
                if len(runs) == len(draft.names) or not compared:
                    used.update(draft.names)
                    for times in range(max(map(len, runs))):
                        self._grade(draft, judge_id, [run[times] for run in runs if times < len(run)])
            self.counts["lonely"] += sum(len(runs) for name, runs in by_system.items() if name not in used)

    def _whole(self, key: _Key, by_system: Mapping[str, Sequence[Score]]) -> Draft:
        draft = self.book.of(f"{key[0]} turn {key[1]}", next(iter(by_system.values()))[0].asked.place)
        self.about[draft.case_id] = key
        for name in sorted(by_system):
            draft.answer(name, name, None, draft.place)
        return draft

    def _grade(self, draft: Draft, judge_id: str, scores: Sequence[Score]) -> None:
        read = {draft.names[one.system]: one.score for one in scores if one.score is not None}
        lost = [one for one in scores if one.score is None]
        too_few = len(read) < 2
        if not too_few:
            self.counts["partial"] += len(lost)
        elif not lost:
            return
        self.graded.append(
            Graded(
                place=scores[0].asked.place,
                case_id=draft.case_id,
                annotator_id=judge_id,
                kind="judge",
                grades={} if too_few else dense(read),
                failure=self._failure(lost[0].text) if too_few else None,
                repeat=self._repeats.next(judge_id, draft.case_id),
                text=lost[0].text if too_few else "",
            )
        )

    # --- what rows share ----------------------------------------------------------------------------

    def _pair(self, asked: Asked, systems: tuple[str, str]) -> Draft:
        one, other = sorted(systems)
        name = f"{asked.question} turn {asked.turn} {one} vs {other}"
        draft = self.book.of(name, asked.place)
        for system in (one, other):
            draft.answer(system, system, None, asked.place)
        self._drafts.setdefault((asked.question, asked.turn), {})[name] = draft
        self.about[draft.case_id] = (asked.question, asked.turn)
        return draft

    def _judge(self, asked: Asked, how: str, protocol: Protocol) -> str:
        if asked.template:
            self.templates.setdefault(asked.template)
        name = asked.judge if how in asked.judge else f"{asked.judge} {how}"
        judge_id = self._ids.of(name)
        self.judges.setdefault(judge_id, imported_judge(judge_id, name, protocol))
        return judge_id

    def _failure(self, text: str) -> FailureReason:
        self.counts["error"] += 1
        return "exhausted" if text.strip() == API_ERROR else "unparsable"

    def add_texts(self, problems: Problems) -> None:
        """Give the cases their texts, from question.jsonl and model_answer; each key may stand once."""
        asked = by_key(self.questions, lambda row: row.question, "the questions")
        answered = by_key(self.answers, lambda row: (row.question, row.system), "the answers")
        for draft in self.book.all:
            question, turn = self.about[draft.case_id]
            place, found = asked.rows.get(question, (draft.place, None))
            if found is not None:
                draft.set_message("\n\n".join(found.turns[:turn]), place)
            for name in draft.names:
                place, reply = answered.rows.get((question, name), (draft.place, None))
                if reply is not None and len(reply.turns) >= turn:
                    draft.answer(name, name, reply.turns[turn - 1], place)
        problems.raise_any()

    def notes(self) -> list[str]:
        """What happened on the way in."""
        told = counted(self.counts, _SENTENCES)
        if self._repeats.n_repeated:
            words = "Judgments that stand in the files again (same judge, pair and turn), kept as repeats"
            told.append(f"{words}: {self._repeats.n_repeated:,}.")
        if self.templates:
            told.append(f"Prompt templates of the judges: {listed(self.templates)}.")
        if any(len(drafts) > 1 for drafts in self._drafts.values()):
            told.append(_SHARED_QUESTIONS)
        if any(not vote.order_known for vote in self.votes):
            told.append("Which answer was shown first is not known for people's votes and merged verdicts.")
        return [*told, *self.book.text_notes()]
