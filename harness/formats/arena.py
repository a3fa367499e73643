"""Arena battles: a user sees two anonymous systems answer, and says which was better.

Shapes read from FastChat 0.2.36 (`fastchat/serve/monitor/clean_battle_data.py`: `clean_battle_*.json` without
conversations, `clean_battle_conv_*.json` with them; `elo_analysis.py`), and from the cards of the datasets
`lmsys/lmsys-arena-human-preference-55k` (CSV with winner_model_a, winner_model_b, winner_tie) and
`lmarena-ai/arena-human-preference-140k` (winner `both_bad`, evaluation_session_id, message parts). What is
easy to get wrong:

* `tie (bothbad)` is a tie in the order of the two answers, and says something else as well: it is counted.
* Battles in which the names were shown (`anony` false) are no blind votes; FastChat leaves them out of its
  leaderboards, and so do we unless told otherwise.
* FastChat's own logs may hold addresses of users as their ids; these are replaced by numbers.
* A session of the newer files is one visit, not one person; and the CSV says nothing about who voted.
"""

from __future__ import annotations

import ipaddress
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.formats.base import Choice, Format, Imported, Place, Vote
from harness.formats.dialogue import Dialogue, dialogue_in
from harness.formats.drafts import Draft, Drafts, Repeats, counted, imported_judge, listed, names_option
from harness.formats.nested import Fields, is_blank, name_in, name_of, optional_name, read_entries
from harness.formats.reading import (
    LANGUAGE_OPTION,
    Ids,
    Problems,
    clean_text,
    fail,
    gather,
    language_option,
    option,
)
from harness.schema import JudgeSpec, Language

BOTH_BAD = ("tie (bothbad)", "both_bad", "bothbad", "bothbad_vote")
_CHOICES: Mapping[str, Choice] = {
    "model_a": "first",
    "model_b": "second",
    "tie": "tie",
    **dict.fromkeys(BOTH_BAD, "tie"),
}
_ONE_HOT = {"winner_model_a": "model_a", "winner_model_b": "model_b", "winner_tie": "tie"}
_IDS = ("question_id", "id", "conversation_id")
_SENTENCES = {
    "both_bad": "Votes `both bad`, read as ties whose text says so: {n}.",
    "named": "Battles in which the names of the systems were shown (`anony` false), left out: {n}.",
    "languages": "Battles in other languages than the option only_language names, left out: {n}.",
    "anonymous": "Votes whose voter the file does not name: {n}.",
    "address": "Votes whose voter was named by an internet address, replaced by a number: {n}.",
}


class _Builder:
    """Cases and votes from battles; a case is one question with its two answers."""

    def __init__(self, paths: Sequence[Path], options: Mapping[str, str]) -> None:
        language: Language = language_option(options)
        self.drafts = Drafts(paths, language)
        self.who = option(options, "judges", "auto", ("auto", "people", "llm"))
        self.keeps_named = option(options, "named", "leave-out", ("leave-out", "keep")) == "keep"
        self.only = tuple(name.casefold() for name in names_option(options, "only_language"))
        self.votes: list[Vote] = []
        self.judges: dict[str, JudgeSpec] = {}
        self.counts: Counter[str] = Counter()
        self.spoken: Counter[str] = Counter()
        self.systems: set[str] = set()
        self._ids = Ids()
        self._addresses: dict[str, str] = {}
        self._repeats, self._slots = Repeats(), Repeats()

    def add(self, place: Place, fields: Fields) -> None:
        """Read one battle; raises ImportFormatError."""
        systems = (name_in(fields, "model_a", place), name_in(fields, "model_b", place))
        winner = _winner(fields, place)
        if self._is_left_out(place, fields):
            return
        self.systems.update(systems)
        draft, ids = self._case(place, fields, systems)
        who, is_judge = self._voter(place, fields, draft.case_id)
        bad = winner in BOTH_BAD
        self.counts["both_bad"] += bad
        self.votes.append(
            Vote(
                place=place,
                case_id=draft.case_id,
                annotator_id=who,
                kind="judge" if is_judge else "person",
                shown_first=ids[0],
                shown_second=ids[1],
                choice=_CHOICES[winner],
                repeat=self._repeats.next(who, draft.case_id, ids[0] if is_judge else ""),
                text="both bad" if bad else "",
            )
        )

    def _is_left_out(self, place: Place, fields: Fields) -> bool:
        if not self.keeps_named and str(fields.get("anony", "")).casefold() == "false":
            self.counts["named"] += 1
            return True
        spoken = optional_name(fields, "language", place) or "unknown"
        if self.only and spoken.casefold() not in self.only:
            self.counts["languages"] += 1
            return True
        self.spoken[spoken] += 1
        return False

    def _case(self, place: Place, fields: Fields, systems: tuple[str, str]) -> tuple[Draft, tuple[str, str]]:
        told = next((name for name in (optional_name(fields, key, place) for key in _IDS) if name), None)
        where = f"{place.path.stem} {place.line}"
        draft = self.drafts.of(f"{told or where} {' vs '.join(sorted(systems))}", place)
        names = systems if systems[0] != systems[1] else (f"{systems[0]} left", f"{systems[1]} right")
        for name in sorted(names):
            draft.answer(name, systems[names.index(name)], None, place)
        said = _dialogues(fields, place)
        draft.set_message(said[0].message(), place)
        ids = [
            draft.answer(name, None, dialogue.answer(), place)
            for name, dialogue in zip(names, said, strict=True)
        ]
        return draft, (ids[0], ids[1])

    def _voter(self, place: Place, fields: Fields, case_id: str) -> tuple[str, bool]:
        """Who voted, and whether that is an LLM."""
        judge = fields.get("judge")
        if isinstance(judge, list):
            name = " ".join(name_of(part, "judge", place) for part in judge)
        else:
            name = optional_name(fields, "judge", place) or ""
        if self.who == "llm" or (self.who == "auto" and isinstance(judge, list)):
            return self._judge(name or "judge"), True
        if name:
            return self._person(name), False
        self.counts["anonymous"] += 1
        session = optional_name(fields, "evaluation_session_id", place)
        # without a name, every vote on a case is another slot: nobody is said to have voted twice
        return f"session {session}" if session else f"vote {self._slots.next(case_id) + 1}", False

    def _judge(self, name: str) -> str:
        judge_id = self._ids.of(name)
        self.judges.setdefault(judge_id, imported_judge(judge_id, name))
        return judge_id

    def _person(self, name: str) -> str:
        if not _is_address(name):
            return name
        self.counts["address"] += 1
        return self._addresses.setdefault(name, f"arena_address_{len(self._addresses) + 1}")

    def told_apart(self) -> tuple[Vote, ...]:
        """The votes; a voter that is one of the systems is an LLM, whatever its row looked like."""
        systems = self.systems if self.who == "auto" else set()
        return tuple(
            replace(vote, annotator_id=self._judge(vote.annotator_id), kind="judge")
            if vote.kind == "person" and vote.annotator_id in systems
            else vote
            for vote in self.votes
        )

    def notes(self) -> list[str]:
        """What happened on the way in."""
        told = counted(self.counts, _SENTENCES)
        if self._repeats.n_repeated:
            told.append(
                f"Votes of the same voter on the same battle, kept as repeats: {self._repeats.n_repeated:,}."
            )
        named = {name: times for name, times in self.spoken.items() if name != "unknown"}
        if len(named) > 1:
            words = "all stand in the run as if they were in one (the option only_language selects)"
            told.append(f"The battles are in {len(named)} languages ({listed(named, 6)}); {words}.")
        return [*told, *self.drafts.text_notes()]


def _winner(fields: Fields, place: Place) -> str:
    if "winner" not in fields and any(column in fields for column in _ONE_HOT):
        marked = [word for column, word in _ONE_HOT.items() if _is_one(fields, column, place)]
        if len(marked) != 1:
            fail(
                place,
                "winner_model_a",
                f"{len(marked)} of the three winner columns are 1; exactly one must be",
            )
        return marked[0]
    winner = name_in(fields, "winner", place)
    if winner not in _CHOICES:
        fail(place, "winner", f"is '{winner}'; it may be {', '.join(list(_CHOICES)[:5])}")
    return winner


def _is_one(fields: Fields, column: str, place: Place) -> bool:
    value = fields.get(column)
    text = str(value).strip().casefold() if isinstance(value, str | int | float) else ""
    if text not in ("0", "1", "0.0", "1.0", "true", "false"):
        fail(place, column, "must be 0 or 1")
    return text in ("1", "1.0", "true")


def _dialogues(fields: Fields, place: Place) -> tuple[Dialogue, Dialogue]:
    """Both conversations: as lists of messages, or as the CSV's prompt, response_a and response_b."""
    if "prompt" in fields or "response_a" in fields:
        asked = _texts(fields, "prompt", place)
        return (
            Dialogue(asked, _texts(fields, "response_a", place)),
            Dialogue(asked, _texts(fields, "response_b", place)),
        )
    both = [_parsed(fields, column, place) for column in ("conversation_a", "conversation_b")]
    return dialogue_in(both[0], "conversation_a", place), dialogue_in(both[1], "conversation_b", place)


def _parsed(fields: Fields, column: str, place: Place) -> Fields:
    """The field, parsed when a CSV holds it as JSON text."""
    value = fields.get(column)
    if not isinstance(value, str):
        return fields
    if not value.strip():
        return {}
    try:
        return {column: json.loads(value)}
    except (ValueError, RecursionError):
        fail(place, column, "must be a list of messages, found a text that is no JSON")


def _texts(fields: Fields, column: str, place: Place) -> tuple[str, ...]:
    """The turns of one side: a JSON list in a text (Kaggle's CSV), a list, or one plain text."""
    value = fields.get(column)
    if is_blank(value):
        return ()
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = [value]
    turns = value if isinstance(value, list) else [value]
    if not all(turn is None or isinstance(turn, str) for turn in turns):
        fail(place, column, "must be a text or a list of texts")
    return tuple(clean_text(str(turn or "")) for turn in turns)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.rsplit("_", 1)[-1])
    except ValueError:
        return False
    return True


def read_arena(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read battles; each is a case of two answers, shown in the order of the file (model_a on the left).

    Raises
    ------
    ImportFormatError
        A row is no battle, two rows contradict each other, or there is nothing to import.
    """
    builder, problems = _Builder(paths, options), Problems()
    for path in paths:
        gather(read_entries(path, problems), builder.add, problems)
    cases = builder.drafts.cases(problems)
    votes = builder.told_apart()
    return Imported(
        case_set=builder.drafts.case_set(cases),
        cases=cases,
        judges=tuple(builder.judges.values()),
        votes=votes,
        people_known=not builder.counts["anonymous"],
        language=builder.drafts.language,
        provenance=builder.drafts.provenance(),
        notes=tuple(builder.notes()),
    )


FORMAT = Format(
    name="arena",
    summary=(
        "Chatbot Arena battles: one question, two anonymous systems, and a vote for the left one, the right "
        "one, a tie, or both bad."
    ),
    expects=(
        "one or more files of battles: clean_battle_*.json, the published conversations (.json, .jsonl or "
        ".parquet), or Kaggle's train.csv with winner_model_a, winner_model_b and winner_tie."
    ),
    read=read_arena,
    options={
        "judges": "who the field judge names: auto (an LLM where it is a list, as FastChat writes LLMs, or "
        "the name of a system in the battles; else a person), people, or llm (default auto)",
        "named": "battles in which the systems' names were shown: leave-out or keep (default leave-out)",
        "only_language": "only battles in these languages, as the field language spells them, with commas "
        "(default: all)",
        "language": LANGUAGE_OPTION,
    },
    example="""\
[{"question_id": "a1f0", "model_a": "tern-7b", "model_b": "wren-13b", "winner": "tie (bothbad)",
  "judge": "arena_user_17", "turn": 1, "anony": true, "language": "English", "tstamp": 1687000000.5,
  "conversation_a": [{"role": "user", "content": "Name a bird that cannot fly."},
                     {"role": "assistant", "content": "The swift."}],
  "conversation_b": [{"role": "user", "content": "Name a bird that cannot fly."},
                     {"role": "assistant", "content": "A bee."}]}]""",
)
