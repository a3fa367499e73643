"""`argilla`: records with one ranking question, as Argilla 2 nests them, and the settings of the data set.

A ranking question has fixed options, so the answers stand in fields A, B, ...; which answer a field holds is
in the metadata. Argilla keeps one suggestion per question: each judge has a file of its own.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable

from pydantic import JsonValue

from harness.formats.out.base import Choices, Material, OutFile, Plain, Table, Writer, Written, dumped
from harness.formats.out.choosing import left_out, n_failed
from harness.formats.out.registry import SUMMARIES
from harness.formats.out.tool_cases import ToolCase, person_name, ranks, sentences, tool_cases
from harness.prompt import listwise_slots
from harness.schema import RankedVerdict

QUESTION = "ranking"
_USERS = uuid.UUID("b5ef3a49-5fa1-5f0c-9d0c-3f3d8c1f0a11")
"""Name space of the users' numbers: the same name, the same number."""

_HOW = """\
```python
import argilla as rg

dataset = rg.Dataset(name="answers", settings=rg.Settings.from_json("settings.json"))
dataset.create()
dataset.records.from_json("records.json")
```

Rank 1 is the best; equal ranks are a tie. Responses belong to users of your server: `annotators.csv` says
whose number is whose. Suggestions of a judge are shown to people before they rank, and move them.
`harness import argilla FILES --option question=ranking` reads the files back."""


def write_argilla(material: Material, choices: Choices) -> Written:
    """Records with people's responses, one more file per judge with its suggestions, and settings.

    Raises
    ------
    HarnessError
        No case has texts in this language.
    """
    counts: Counter[str] = Counter()
    cases = tool_cases(material, choices, counts)
    files: list[OutFile] = [Plain("settings.json", f"{dumped(_settings(cases), indent=2)}\n")]
    if any(one.people for one in cases) or choices.who == "nobody":
        records: list[JsonValue] = [_record(one, None) for one in cases]
        files.append(Plain("records.json", f"{dumped(records, indent=1)}\n"))
    judges = dict.fromkeys(verdict.cell.annotator_id for one in cases for verdict in one.judges)
    for number, judge in enumerate(judges, start=1):
        proposed: list[JsonValue] = [
            _record(one, said) for one in cases for said in one.judges if said.cell.annotator_id == judge
        ]
        files.append(Plain(f"records-judge-{number}.json", f"{dumped(proposed, indent=1)}\n"))
    files.append(_annotators(cases, choices))
    notes = sentences(counts) + list(left_out("Verdicts that failed, left out", n_failed(material.verdicts)))
    return Written(tuple(files), dict(counts) | {"judges": len(judges)}, tuple(notes), _HOW)


def _record(one: ToolCase, judge: RankedVerdict | None) -> dict[str, JsonValue]:
    slots = _slots(one)
    return {
        "id": one.record_id,
        "fields": {"message": one.message, **{slots[name]: text for name, text in one.texts.items()}},
        "metadata": {
            "case_id": one.case.case_id,
            "rulebook_id": one.rulebook_id,
            "language": one.language,
            "simulated": one.simulated,
            **{f"answer_{slot}": name for name, slot in slots.items()},
        },
        "responses": {} if judge is not None else _responses(one, slots),
        "suggestions": {} if judge is None else _suggestion(judge, slots),
        "vectors": {},
    }


def _responses(one: ToolCase, slots: dict[str, str]) -> dict[str, JsonValue]:
    said: list[JsonValue] = [
        {"value": _ranking(verdict, slots), "user_id": _user(verdict), "status": "submitted"}
        for verdict in one.people
    ]
    return {QUESTION: said} if said else {}


def _suggestion(judge: RankedVerdict, slots: dict[str, str]) -> dict[str, JsonValue]:
    agent = judge.cell.annotator_id
    told: dict[str, JsonValue] = {"value": _ranking(judge, slots), "score": None, "agent": agent}
    return {QUESTION: told}


def _ranking(verdict: RankedVerdict, slots: dict[str, str]) -> list[JsonValue]:
    return [{"value": slots[name], "rank": rank} for name, rank in ranks(verdict).items()]


def _slots(one: ToolCase) -> dict[str, str]:
    names = [answer.answer_id for answer in one.case.answers]
    return dict(zip(names, slot_names(len(names)), strict=True))


def slot_names(n: int) -> tuple[str, ...]:
    """A, B, ... as judges see them; of more than ten answers, numbers."""
    slots = listwise_slots(n)
    return slots if len(slots) == n else tuple(f"answer {number}" for number in range(1, n + 1))


def _user(verdict: RankedVerdict) -> str:
    return str(uuid.uuid5(_USERS, person_name(verdict)))


def _annotators(cases: Iterable[ToolCase], choices: Choices) -> Table:
    people = {_user(said): person_name(said) for one in cases for said in one.people}
    return Table("annotators", ("user_id", "annotator"), sorted(people.items()), choices.table)


def _settings(cases: list[ToolCase]) -> dict[str, JsonValue]:
    """The data set: a message, as many answers as the longest case has, one ranking question."""
    slots = slot_names(max(len(one.case.answers) for one in cases))
    least = min(len(one.case.answers) for one in cases)
    fields: list[JsonValue] = [_field("message", "Message", required=True)]
    fields += [_field(slot, f"Answer {slot}", required=place < least) for place, slot in enumerate(slots)]
    options: list[JsonValue] = [{"value": slot, "text": slot} for slot in slots]
    return {
        "guidelines": "Rank the answers under the rules you were given; 1 is the BEST, ties are allowed.",
        "allow_extra_metadata": True,
        "fields": fields,
        "questions": [
            {
                "name": QUESTION,
                "title": "Which answers are best? 1 = BEST",
                "required": True,
                "settings": {"type": "ranking", "options": options},
            }
        ],
        "metadata": [],
        "vectors": [],
    }


def _field(name: str, title: str, *, required: bool) -> dict[str, JsonValue]:
    return {
        "name": name,
        "title": title,
        "required": required,
        "settings": {"type": "text", "use_markdown": False},
    }


WRITER = Writer("argilla", SUMMARIES["argilla"], write_argilla)
