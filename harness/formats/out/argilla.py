"""`argilla`: records with one ranking question, as Argilla 2 nests them, and the settings of the data set.

A ranking question has fixed options, so the answers stand in fields A, B, ...; which answer a field holds is
in the metadata. What Argilla's client and server refuse, found by running them:

* A submitted ranking ranks every option: cases with fewer answers are a data set of their own, and the
  ranking of a person who left an answer out is a draft.
* A suggestion is the options in order, without ranks: which of them are tied is in the metadata.
* One suggestion per question: each judge has a file of its own.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from harness.formats.out.base import Choices, Material, OutFile, Plain, Table, Writer, Written, dumped
from harness.formats.out.choosing import left_out, n_failed, tiers
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

rg.Argilla(api_url="https://YOUR-SERVER", api_key="YOUR-KEY")
dataset = rg.Dataset(name="answers", settings=rg.Settings.from_json("settings.json"))
dataset.create()
dataset.records.from_json("records.json")
```

Rank 1 is the best; equal ranks are a tie. Responses belong to users of your server: make a user for each
line of `annotators.csv`, and put its number in place of the one that stands there and in the records. Argilla
ranks every option of a question: cases with two, three or more answers are data sets of their own, each in a
folder.
Suggestions of a judge are shown to people before they rank, and move them. Argilla keeps their order only:
`suggested_tiers` in the metadata says which answers the judge put level.
`harness import argilla FILES --option question=ranking` reads the files back."""
_SENTENCES = {
    "incomplete": "Rankings of people that leave an answer out, which Argilla takes as drafts only: {n}.",
    "level": "Suggestions with ties, whose order among the tied says nothing (`suggested_tiers`): {n}.",
}


def write_argilla(material: Material, choices: Choices) -> Written:
    """Settings, records with people's responses, and one more file per judge with its suggestions.

    Raises
    ------
    HarnessError
        No case has texts in this language.
    """
    counts: Counter[str] = Counter()
    cases = tool_cases(material, choices, counts)
    judges = dict.fromkeys(verdict.cell.annotator_id for one in cases for verdict in one.judges)
    sizes = sorted({len(one.case.answers) for one in cases})
    files: list[OutFile] = []
    for size in sizes:
        alike = [one for one in cases if len(one.case.answers) == size]
        folder = f"answers-{size}/" if len(sizes) > 1 else ""
        files += _data_set(folder, alike, list(judges), choices)
    files.append(_annotators(cases, choices))
    counts["incomplete"] = sum(not _is_whole(one, said) for one in cases for said in one.people)
    counts["level"] = sum(len(tiers(said.grades)) < len(said.grades) for one in cases for said in one.judges)
    notes = [*sentences(counts), *sentences(counts, _SENTENCES)]
    notes += left_out("Verdicts that failed, left out", n_failed(material.verdicts))
    return Written(tuple(files), dict(counts) | {"judges": len(judges)}, tuple(notes), _HOW)


def _data_set(folder: str, cases: list[ToolCase], judges: list[str], choices: Choices) -> Iterator[OutFile]:
    """The files of the cases that have equally many answers."""
    yield Plain(f"{folder}settings.json", f"{dumped(_settings(cases), indent=2)}\n")
    if any(one.people for one in cases) or choices.who == "nobody":
        records: list[JsonValue] = [_record(one, None) for one in cases]
        yield Plain(f"{folder}records.json", f"{dumped(records, indent=1)}\n")
    for number, judge in enumerate(judges, start=1):
        proposed: list[JsonValue] = [
            _record(one, said) for one in cases for said in one.judges if said.cell.annotator_id == judge
        ]
        if proposed:
            yield Plain(f"{folder}records-judge-{number}.json", f"{dumped(proposed, indent=1)}\n")


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
            **({} if judge is None else {"suggested_tiers": _tiers(judge, slots)}),
        },
        "responses": {} if judge is not None else _responses(one, slots),
        "suggestions": {} if judge is None else _suggestion(judge, slots),
        "vectors": {},
    }


def _is_whole(one: ToolCase, said: RankedVerdict) -> bool:
    return all(answer.answer_id in said.grades for answer in one.case.answers)


def _responses(one: ToolCase, slots: dict[str, str]) -> dict[str, JsonValue]:
    said: list[JsonValue] = [
        {
            "value": [{"value": slots[name], "rank": rank} for name, rank in ranks(verdict).items()],
            "user_id": _user(verdict),
            "status": "submitted" if _is_whole(one, verdict) else "draft",
        }
        for verdict in one.people
    ]
    return {QUESTION: said} if said else {}


def _suggestion(judge: RankedVerdict, slots: dict[str, str]) -> dict[str, JsonValue]:
    order: list[JsonValue] = [slots[name] for tier in tiers(judge.grades) for name in tier]
    told: dict[str, JsonValue] = {"value": order, "score": None, "agent": judge.cell.annotator_id}
    return {QUESTION: told}


def _tiers(judge: RankedVerdict, slots: dict[str, str]) -> list[JsonValue]:
    """The tiers best first, each as the slots in it with a space between."""
    return [" ".join(slots[name] for name in tier) for tier in tiers(judge.grades)]


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
    """The data set: a message, the answers, one ranking question."""
    slots = slot_names(len(cases[0].case.answers))
    fields: list[JsonValue] = [_field("message", "Message")]
    fields += [_field(slot, f"Answer {slot}") for slot in slots]
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


def _field(name: str, title: str) -> dict[str, JsonValue]:
    return {
        "name": name,
        "title": title,
        "required": True,
        "settings": {"type": "text", "use_markdown": False},
    }


WRITER = Writer("argilla", SUMMARIES["argilla"], write_argilla)
