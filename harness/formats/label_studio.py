"""Label Studio: exported annotations of the Ranker and Pairwise tags.

Shapes read from HumanSignal/label-studio: `docs/source/guide/task_format.md`, the editor's tags `Ranker.jsx`
and `Pairwise.js` (`web/libs/editor/src/tags/control`), `label_studio/data_export/serializers.py`, and from
label-studio-sdk 2.1.2 (`label_interface/control_tags.py`: RankerTag, PairwiseTag). What is easy to get wrong:

* The Ranker's value is `{"ranker": {NAME: [ids]}}`, older exports `{"ranker": [ids]}`; with buckets, one list
  per bucket, and `_` holds what was put in none. The export does not say which bucket is better.
* A Ranker that nobody touched is stored all the same, in the order shown; and JavaScript shows ids that are
  whole numbers first, in rising order, whatever the order of the list.
* Pairwise has no tie: who chose nothing has left no result, and that is no tie.
* A cancelled annotation (`was_cancelled`) was skipped; its result may still be there.
* An annotation may have begun from a prediction (`parent_prediction`): that person saw a ranking first.
* `completed_by` is a number or a user with e-mail and name; only the number is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.formats.base import Format, Graded, Imported, Place, Vote
from harness.formats.drafts import Draft, Drafts, Repeats, counted, imported_judge, names_option
from harness.formats.label_tasks import Keys, Pick, Ranked, Said, Task, grades_of, read_task, twice
from harness.formats.nested import Fields, read_entries
from harness.formats.reading import (
    LANGUAGE_OPTION,
    Ids,
    Problems,
    fail,
    gather,
    language_option,
    option,
)
from harness.schema import AnnotatorKind, JudgeSpec

_SENTENCES = {
    "cancelled": "Annotations that were skipped (`was_cancelled`), left out: {n}.",
    "empty": "Annotations without a choice or ranking, left out, for that is no tie: {n}.",
    "untouched": "Rankings in exactly the order shown, which is also what is stored when nobody moved "
    "anything: {n}.",
    "prefilled": "Annotations that began from a prediction, so that the person saw a ranking first: {n}.",
    "anonymous": "Annotations that do not say who made them: {n}.",
    "unranked": "Rankings that leave answers out (in no bucket that was named): {n}.",
}


class _Builder:
    """Cases, rankings and choices from tasks; a task is a case."""

    def __init__(self, paths: Sequence[Path], options: Mapping[str, str]) -> None:
        self.drafts = Drafts(paths, language_option(options))
        self.keys = Keys(
            prompt=option(options, "prompt", ""),
            items=option(options, "items", ""),
            pair=names_option(options, "pair"),
            control=option(options, "control", ""),
            buckets=names_option(options, "buckets"),
            authors_are_ids=option(options, "authors", "field", ("field", "id")) == "id",
        )
        self.votes: list[Vote] = []
        self.graded: list[Graded] = []
        self.judges: dict[str, JudgeSpec] = {}
        self.counts: Counter[str] = Counter()
        self._ids = Ids()
        self._repeats, self._slots = Repeats(), Repeats()

    def add(self, place: Place, fields: Fields) -> None:
        """Read one task; raises ImportFormatError."""
        task = read_task(place, fields, self.keys)
        kept = [one for one in task.said if self._is_kept(one)]
        if not kept:
            return
        draft = self.drafts.of(task.task_id, place)
        draft.set_message(task.message, place)
        for shown in task.shown:
            draft.answer(shown.name, shown.author, shown.text, place)
        for one in kept:
            self._add(place, task, draft, one)

    def _is_kept(self, one: Said) -> bool:
        if one.is_cancelled:
            self.counts["cancelled"] += 1
        elif one.what is None:
            self.counts["empty"] += 1
        return not one.is_cancelled and one.what is not None

    def _add(self, place: Place, task: Task, draft: Draft, one: Said) -> None:
        kind: AnnotatorKind = "judge" if one.is_prediction else "person"
        who = self._who(one, draft)
        self.counts["prefilled"] += one.began_prefilled
        shown = tuple(draft.names[answer.name] for answer in task.shown)
        repeat = self._repeats.next(kind, who, draft.case_id)
        if isinstance(one.what, Ranked):
            self.graded.append(
                Graded(
                    place=place,
                    case_id=draft.case_id,
                    annotator_id=who,
                    kind=kind,
                    grades=self._grades(place, task, draft, one.what),
                    repeat=repeat,
                    shown=shown,
                    seconds=one.seconds,
                )
            )
        elif isinstance(one.what, Pick):
            self.votes.append(
                Vote(
                    place=place,
                    case_id=draft.case_id,
                    annotator_id=who,
                    kind=kind,
                    shown_first=shown[0],
                    shown_second=shown[1],
                    choice="first" if one.what.left else "second",
                    repeat=repeat,
                    seconds=one.seconds,
                )
            )

    def _who(self, one: Said, draft: Draft) -> str:
        if one.is_prediction:
            name = one.who or "prediction"
            judge_id = self._ids.of(name)
            self.judges.setdefault(judge_id, imported_judge(judge_id, name))
            return judge_id
        if one.who is not None:
            return f"user-{one.who}"
        self.counts["anonymous"] += 1
        return f"annotation-{self._slots.next(draft.case_id) + 1}"

    def _grades(self, place: Place, task: Task, draft: Draft, what: Ranked) -> dict[str, float]:
        ranked = [name for tier in what.tiers for name in tier]
        strangers = [name for name in ranked if name not in draft.names]
        if strangers:
            fail(place, "ranker", f"ranks '{strangers[0]}', which is not in the task's list")
        if len(set(ranked)) < len(ranked):
            fail(place, "ranker", f"ranks '{twice(what.tiers)}' twice")
        if not ranked:
            fail(place, "ranker", "ranks nothing")
        self.counts["unranked"] += len(ranked) < len(task.shown)
        self.counts["untouched"] += tuple((answer.name,) for answer in task.shown) == what.tiers
        return grades_of(what.tiers, draft.names)

    def notes(self) -> list[str]:
        """What happened on the way in."""
        told = counted(self.counts, _SENTENCES)
        if self._repeats.n_repeated:
            words = "Annotations by the same user of the same task, kept as repeats"
            told.append(f"{words}: {self._repeats.n_repeated:,}.")
        return [*told, *self.drafts.text_notes()]


def read_label_studio(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read an export; every task with an annotation or prediction is a case.

    Raises
    ------
    ImportFormatError
        An entry is no task, what was ranked is not in its list, or there is nothing to import.
    """
    builder, problems = _Builder(paths, options), Problems()
    for path in paths:
        gather(read_entries(path, problems), builder.add, problems)
    cases = builder.drafts.cases(problems)
    return Imported(
        case_set=builder.drafts.case_set(cases),
        cases=cases,
        judges=tuple(builder.judges.values()),
        votes=tuple(builder.votes),
        graded=tuple(builder.graded),
        people_known=not builder.counts["anonymous"],
        language=builder.drafts.language,
        provenance=builder.drafts.provenance(),
        notes=tuple(builder.notes()),
    )


FORMAT = Format(
    name="label-studio",
    summary=(
        "Label Studio's JSON export of the tags Ranker (answers put in order, or in buckets) and Pairwise "
        "(left or right): people's annotations, and predictions as judges."
    ),
    expects=(
        "one or more files exported as JSON (not JSON-MIN): a list of tasks. Answers of a Ranker are the "
        "task's list of objects with id and text."
    ),
    read=read_label_studio,
    options={
        "prompt": "field of the task's data that holds the question (default: prompt, question, ...)",
        "items": "field that holds the list of answers (default: the only list of objects with ids)",
        "pair": "the two fields that a Pairwise tag compares, LEFT,RIGHT (default: text1,text2 and the like)",
        "control": "name of the tag to read, when a task has several",
        "buckets": "names of the buckets from best to worst, with commas; answers in one bucket are tied",
        "authors": "field: an answer's field model says which system wrote it; id: the answer's id, or the "
        "name of its field, is the system (default field)",
        "language": LANGUAGE_OPTION,
    },
    example="""\
[{"id": 7, "data": {"prompt": "Name a bird that cannot fly.",
    "items": [{"id": "tern", "body": "The ostrich."}, {"id": "wren", "body": "A bee."}]},
  "annotations": [{"id": 31, "completed_by": 3, "was_cancelled": false, "lead_time": 12.5,
    "result": [{"from_name": "rank", "to_name": "items", "type": "ranker",
                "value": {"ranker": {"rank": ["tern", "wren"]}}}]}],
  "predictions": []}]""",
)
