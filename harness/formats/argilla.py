"""Argilla: records with a ranking question, as Argilla 1 and Argilla 2 export them.

Shapes made with the real clients: argilla 1.29.1 (`FeedbackRecord.json()`, and `format_as("datasets")` read
from `client/feedback/integrations/huggingface/dataset.py`) and argilla 2.8.0 (`records/_io/_generic.py`,
`_json.py`: nested and flat). What is easy to get wrong:

* Rank 1 is the best, and equal ranks are a tie; but the client of Argilla 2 exports the options in order
  without their ranks, so that its ties cannot be seen any more.
* The nested export of Argilla 2 drops the status: discarded and draft responses look like submitted ones.
* A discarded or draft response is no verdict.
* Suggestions are shown to people before they rank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.formats.argilla_records import (
    Record,
    Response,
    has_ranks,
    is_ranking,
    read_record,
    tiers_of,
)
from harness.formats.base import Format, Graded, Imported, Place
from harness.formats.drafts import Draft, Drafts, Repeats, counted, imported_judge, listed, names_option
from harness.formats.nested import Fields, Found, read_entries
from harness.formats.reading import (
    LANGUAGE_OPTION,
    Ids,
    Problems,
    fail,
    gather,
    json_whole,
    language_option,
    option,
)
from harness.schema import AnnotatorKind, JudgeSpec

_SENTENCES = {
    "discarded": "Discarded responses, left out: {n}.",
    "draft": "Drafts, left out: {n}.",
    "unknown": "Responses of which this export does not say whether they were submitted, all kept: {n}.",
    "rankless": "Rankings exported as a plain order, in which ties cannot be seen: {n}.",
    "unranked": "Rankings that leave options without a rank: {n}.",
    "anonymous": "Responses that do not say who gave them: {n}.",
    "suggested": "Rankings by people who were shown a suggestion first: {n}.",
}


class _Builder:
    """Cases and rankings from records; a record is a case."""

    def __init__(self, paths: Sequence[Path], options: Mapping[str, str]) -> None:
        self.drafts = Drafts(paths, language_option(options))
        self.question = option(options, "question", "")
        self.prompt = names_option(options, "prompt")
        self.authors_are_options = option(options, "authors", "none", ("none", "options")) == "options"
        self.records: list[tuple[Place, Record]] = []
        self.questions: dict[str, None] = {}
        self.options: dict[str, None] = {}
        self.graded: list[Graded] = []
        self.judges: dict[str, JudgeSpec] = {}
        self.counts: Counter[str] = Counter()
        self._ids = Ids()
        self._repeats, self._slots = Repeats(), Repeats()

    def add(self, place: Place, fields: Fields) -> None:
        """Read one record and keep it; which question ranks is known at the end. Raises ImportFormatError."""
        record = read_record(place, fields)
        self.records.append((place, record))
        self.questions.update(
            dict.fromkeys(said.question for said in record.responses if is_ranking(said.value))
        )

    def choose_question(self) -> None:
        """Find the ranking question; raises ImportFormatError when it is not the only one."""
        where = Place(self.drafts.paths[0])
        if self.question and self.question not in self.questions:
            known = listed(self.questions) or "none"
            fail(where, "question", f"no ranking answers '{self.question}'; ranked are: {known}")
        if not self.question and len(self.questions) > 1:
            fail(where, "question", f"several questions are ranked: {listed(self.questions)}; name one")
        self.question = self.question or next(iter(self.questions), "")

    def place_rankings(self, place: Place, record: Record) -> None:
        """Make the case of a record and its rankings; raises ImportFormatError."""
        kept = [said for said in record.responses if self._is_kept(said)]
        if not kept:
            return
        ranked = [tiers_of(said.value, place, self.question) for said in kept]
        names = sorted({name for tiers in ranked for tier in tiers for name in tier})
        draft = self.drafts.of(record.record_id, place)
        draft.set_message(self._message(record, names, place), place)
        for name in names:
            author = name if self.authors_are_options else None
            draft.answer(name, author, record.fields.get(name), place)
        was_suggested = any(said.is_suggestion for said in kept)
        for said, tiers in zip(kept, ranked, strict=True):
            grades = {
                draft.names[name]: float(len(tiers) - position)
                for position, tier in enumerate(tiers)
                for name in tier
            }
            self.counts["unranked"] += len(grades) < len(draft.names)
            self.counts["suggested"] += was_suggested and not said.is_suggestion
            self._add(place, draft, said, grades)

    def _is_kept(self, said: Response) -> bool:
        if said.status in ("draft", "discarded") and said.question in ("", self.question):
            self.counts[said.status] += 1
            return False
        return said.question == self.question and is_ranking(said.value)

    def _add(self, place: Place, draft: Draft, said: Response, grades: Mapping[str, float]) -> None:
        if not grades:
            fail(place, self.question, "holds a ranking without any rank")
        kind: AnnotatorKind = "judge" if said.is_suggestion and not said.is_human else "person"
        who = self._who(said, kind, draft)
        self.counts["unknown"] += kind == "person" and said.status is None
        self.counts["rankless"] += not has_ranks(said.value)
        self.graded.append(
            Graded(
                place=place,
                case_id=draft.case_id,
                annotator_id=who,
                kind=kind,
                grades=grades,
                repeat=self._repeats.next(kind, who, draft.case_id),
            )
        )

    def _who(self, said: Response, kind: AnnotatorKind, draft: Draft) -> str:
        if kind == "judge":
            name = said.who or "suggestion"
            judge_id = self._ids.of(name)
            self.judges.setdefault(judge_id, imported_judge(judge_id, name))
            return judge_id
        if said.who is not None and said.who != "None":
            return said.who
        self.counts["anonymous"] += 1
        return f"response {self._slots.next(draft.case_id) + 1}"

    def _message(self, record: Record, names: Sequence[str], place: Place) -> str | None:
        """What was shown beside the options: the fields named by the option, or all that rank nothing."""
        strangers = [name for name in self.prompt if name not in record.fields]
        if strangers:
            fail(place, strangers[0], f"is no field; the fields here are {listed(record.fields)}")
        skipped = {*names, "id", "_server_id", "external_id", "status", "metadata"}
        wanted = self.prompt or [name for name in record.fields if name not in skipped and "." not in name]
        return "\n\n".join(record.fields[name] for name in wanted) or None

    def notes(self) -> list[str]:
        """What happened on the way in."""
        told = counted(self.counts, _SENTENCES)
        if self._repeats.n_repeated:
            words = "Rankings by the same annotator of the same record, kept as repeats"
            told.append(f"{words}: {self._repeats.n_repeated:,}.")
        return [*told, *self.drafts.text_notes()]


def read_argilla(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read records; every record with a ranking is a case.

    All records are held in memory, for which question ranks is known only at the end.

    Raises
    ------
    ImportFormatError
        An entry is no record, no question or several are ranked, or a ranking cannot be read.
    """
    builder, problems = _Builder(paths, options), Problems()
    for path in paths:
        gather(_records(path, problems), builder.add, problems)
    problems.raise_any()
    builder.choose_question()
    gather(builder.records, builder.place_rankings, problems)
    cases = builder.drafts.cases(problems)
    return Imported(
        case_set=builder.drafts.case_set(cases),
        cases=cases,
        judges=tuple(builder.judges.values()),
        graded=tuple(builder.graded),
        people_known=not builder.counts["anonymous"],
        language=builder.drafts.language,
        provenance=builder.drafts.provenance(),
        notes=tuple(builder.notes()),
    )


def _records(path: Path, problems: Problems) -> Iterator[Found]:
    """Records of a list, or of `to_dict()`: an object of columns, or of records by their id."""
    if path.suffix.lower() != ".json" or not path.is_file() or not _starts_with_brace(path):
        yield from read_entries(path, problems)
        return
    content = json_whole(path)
    columns = content if isinstance(content, dict) else {}
    lengths = {len(column) for column in columns.values() if isinstance(column, list)}
    if columns and all(isinstance(column, dict) for column in columns.values()):
        rows: list[Fields] = [{"id": name, **record} for name, record in columns.items()]
    elif len(lengths) == 1 and all(isinstance(column, list) for column in columns.values()):
        rows = [{name: columns[name][at] for name in columns} for at in range(lengths.pop())]
    else:
        fail(Place(path), "", "must be a list of records, an object of columns, or of records by id")
    for number, row in enumerate(rows, start=1):
        yield Place(path, number), row


def _starts_with_brace(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


FORMAT = Format(
    name="argilla",
    summary=(
        "Argilla's records with a ranking question, of version 1 and 2: people's submitted responses, and "
        "suggestions as judges."
    ),
    expects=(
        "one or more exports as .json or .jsonl: records.to_json() or to_list() of Argilla 2, nested or "
        "flat, FeedbackRecord.json() of Argilla 1, or a dataset of either. The options that are ranked are "
        "the answers; where a field has an option's name, it holds the answer's text."
    ),
    read=read_argilla,
    options={
        "question": "name of the ranking question, when a record has several",
        "prompt": "fields that hold the question, with commas (default: all fields that are no answer)",
        "authors": "options: an option's name is the system that wrote the answer; none (default none)",
        "language": LANGUAGE_OPTION,
    },
    example="""\
{"id": "reply-1", "fields": {"prompt": "Name a flightless bird.", "tern": "The ostrich.", "wren": "A bee."},
 "responses": [{"user_id": "0c1e", "status": "submitted", "values": {"ranking": {"value":
                [{"value": "tern", "rank": 1}, {"value": "wren", "rank": 2}]}}}],
 "suggestions": [{"question_name": "ranking", "agent": "small-judge", "type": "model",
                  "value": [{"value": "tern", "rank": 1}, {"value": "wren", "rank": 1}]}]}""",
)
