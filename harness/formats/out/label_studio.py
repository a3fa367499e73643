"""`label-studio`: tasks for the Ranker tag, with buckets so that ties can be said, and the configuration.

Buckets are named `1-best`, `2`, ... down to the number of answers: everything in one bucket is tied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pydantic import JsonValue

from harness.formats.out.base import Choices, Material, Plain, Table, Writer, Written, dumped
from harness.formats.out.choosing import left_out, n_failed, tiers
from harness.formats.out.registry import SUMMARIES
from harness.formats.out.tool_cases import ToolCase, person_name, sentences, tool_cases
from harness.schema import RankedVerdict

CONTROL, LIST = "rank", "answers"

_HOW = """\
Make a project with `labeling.xml` as its labelling interface, then import `tasks.json`. Annotations belong
to users by number: `annotators.csv` says whose number is whose. Judges are predictions: people who see
them first are moved by them. To read an export back:

    harness import label-studio tasks.json --option items={items} --option buckets={buckets} -o RUN"""


def write_label_studio(material: Material, choices: Choices) -> Written:
    """Tasks with people's annotations and judges' predictions, and the labelling configuration.

    Raises
    ------
    HarnessError
        No case has texts in this language.
    """
    counts: Counter[str] = Counter()
    cases = tool_cases(material, choices, counts)
    people = _numbers(cases)
    buckets = bucket_names(max(len(one.case.answers) for one in cases))
    tasks: list[JsonValue] = [
        _task(number, one, people, buckets) for number, one in enumerate(cases, start=1)
    ]
    notes = sentences(counts) + list(left_out("Verdicts that failed, left out", n_failed(material.verdicts)))
    rows = [(number, name) for name, number in people.items()]
    return Written(
        files=(
            Plain("tasks.json", f"{dumped(tasks, indent=1)}\n"),
            Plain("labeling.xml", _configuration(buckets)),
            Table("annotators", ("user_id", "annotator"), rows, choices.table),
        ),
        counts=dict(counts),
        notes=tuple(notes),
        how_to_read=_HOW.format(items=LIST, buckets=",".join(buckets)),
    )


def bucket_names(n: int) -> tuple[str, ...]:
    """The buckets from best to worst."""
    return ("1-best", *(str(number) for number in range(2, n)), f"{n}-worst")


def _numbers(cases: Iterable[ToolCase]) -> dict[str, int]:
    names = dict.fromkeys(person_name(said) for one in cases for said in one.people)
    return {name: number for number, name in enumerate(names, start=1)}


def _task(
    number: int, one: ToolCase, people: dict[str, int], buckets: tuple[str, ...]
) -> dict[str, JsonValue]:
    annotations: list[JsonValue] = [
        {
            "id": 1000 * number + place,
            "completed_by": people[person_name(said)],
            "was_cancelled": False,
            "lead_time": said.seconds,
            "result": [_region(said, buckets)],
        }
        for place, said in enumerate(one.people)
    ]
    return {
        "id": number,
        "data": {
            "prompt": one.message,
            LIST: [{"id": name, "title": name, "body": text} for name, text in one.texts.items()],
            "case_id": one.case.case_id,
            "rulebook_id": one.rulebook_id,
            "language": one.language,
            "simulated": one.simulated,
        },
        "annotations": annotations,
        "predictions": [
            {"model_version": said.cell.annotator_id, "result": [_region(said, buckets)]}
            for said in one.judges
        ],
    }


def _region(said: RankedVerdict, buckets: tuple[str, ...]) -> dict[str, JsonValue]:
    found = tiers(said.grades)
    placed: dict[str, JsonValue] = {name: list(tier) for name, tier in zip(buckets, found, strict=False)}
    return {"from_name": CONTROL, "to_name": LIST, "type": "ranker", "value": {"ranker": placed}}


def _configuration(buckets: tuple[str, ...]) -> str:
    inside = "\n".join(f'    <Bucket name="{name}" title="{name}"/>' for name in buckets)
    return (
        "<View>\n"
        '  <Text name="prompt" value="$prompt"/>\n'
        f'  <List name="{LIST}" value="${LIST}" title="Answers"/>\n'
        f'  <Ranker name="{CONTROL}" toName="{LIST}">\n{inside}\n  </Ranker>\n'
        "</View>\n"
    )


WRITER = Writer("label-studio", SUMMARIES["label-studio"], write_label_studio)
