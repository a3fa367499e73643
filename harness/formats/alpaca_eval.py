"""AlpacaEval: the annotations of automatic judges, and the people's cross-annotations of AlpacaFarm.

Shapes read from alpaca_eval 0.6.6: `annotators/base.py`, `annotators/pairwise_evaluator.py`, `processors.py`,
`main.py` (`annotations.json` is a list of records), `analyze.py` (`annotator_index`). What is easy to get
wrong:

* `output_1` is not what the judge saw first: the tool swaps at random and swaps the preference back before
  it writes. Which answer was shown first is unknown, and no slot effect can be computed.
* `preference` is 1 for output_1, 2 for output_2, a number between from token probabilities, 1.5 for a tie;
  old files write 0 for a tie, and caches write -1 where nothing could be read.
* Two answers with the same text get 1.5 without anybody being asked.
* Rows marked `is_noisy_label` are coin flips.
* `annotator_index` numbers the votes on one pair; index 0 here and index 0 there are not one person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.formats.base import Format, Graded, Imported, Place
from harness.formats.drafts import Draft, Drafts, Repeats, counted, imported_judge, names_option
from harness.formats.nested import (
    Fields,
    is_blank,
    name_in,
    optional_name,
    optional_number,
    optional_text,
    read_entries,
)
from harness.formats.reading import (
    LANGUAGE_OPTION,
    Ids,
    Problems,
    fail,
    gather,
    language_option,
    number_option,
)
from harness.schema import JudgeSpec

_TIE = 1.5
_ROUNDING = 1e-9
_SENTENCES = {
    "unread": "Annotations without a preference (null or -1), which are failures, never ties: {n}.",
    "tie": "Preferences that are ties (1.5, an old 0, or within the tolerance): {n}.",
    "same": "Rows that compare two answers with the same text, which nobody was asked about, left out: {n}.",
    "noise": "Rows marked is_noisy_label (a coin flip, no verdict), left out: {n}.",
    "others": "Rows of annotators that the option annotators leaves out: {n}.",
    "votes": "People's votes, numbered within each pair, so that who voted is unknown: {n}.",
}
_ORDER = (
    "Which answer was shown first is unknown: AlpacaEval swaps at random and swaps back before it writes."
)
_SHARED = (
    "Pairs of one instruction are cases of their own; they are not independent of each other, so intervals "
    "over cases are narrower than they should be."
)


class _Builder:
    """Cases and grades from annotations; a case is one instruction with two answers."""

    def __init__(self, paths: Sequence[Path], options: Mapping[str, str]) -> None:
        self.drafts = Drafts(paths, language_option(options))
        self.tolerance = number_option(options, "tolerance", 0.0)
        self.annotators = names_option(options, "annotators")
        self.people = names_option(options, "people", "human,humans")
        self.graded: list[Graded] = []
        self.judges: dict[str, JudgeSpec] = {}
        self.counts: Counter[str] = Counter()
        self.instructions: dict[str, int] = {}
        self._names: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
        self._taken: set[str] = set()
        self._ids = Ids()
        self._repeats = Repeats()

    def add(self, place: Place, fields: Fields) -> None:
        """Read one annotation; raises ImportFormatError."""
        texts = [_output(fields, column, place) for column in ("output_1", "output_2")]
        preference = optional_number(fields, "preference", place)
        if preference is not None and preference not in (0, -1) and not 1 <= preference <= 2:
            fail(place, "preference", f"is {preference:g}; it may be 1 to 2, 0 (an old tie), -1 or null")
        kind = self._kind(fields, place)
        for what, is_so in (
            ("others", kind is None),
            ("noise", fields.get("is_noisy_label") is True),
            ("same", texts[0] == texts[1]),
        ):
            if is_so:
                self.counts[what] += 1
                return
        self._grade(place, fields, (texts[0], texts[1]), preference)

    def _kind(self, fields: Fields, place: Place) -> str | None:
        """Judge, person, or None when the row is not wanted."""
        name = optional_name(fields, "annotator", place)
        if name is None and is_blank(fields.get("annotator_index")):
            fail(place, "annotator", "is missing, and so is annotator_index (people's votes)")
        if name is None or name in self.people:
            return "person"
        return "judge" if not self.annotators or name in self.annotators else None

    def _grade(self, place: Place, fields: Fields, texts: tuple[str, str], preference: float | None) -> None:
        draft, ids = self._pair(place, fields, texts)
        judge = optional_name(fields, "annotator", place)
        index = optional_name(fields, "annotator_index", place) or "0"
        is_judge = judge is not None and judge not in self.people
        who = self._judge(judge) if judge and is_judge else f"vote {index}"
        self.counts["votes"] += not is_judge
        grades = self._grades(preference, ids)
        self.graded.append(
            Graded(
                place=place,
                case_id=draft.case_id,
                annotator_id=who,
                kind="judge" if is_judge else "person",
                grades=grades,
                failure=None if grades else "unparsable",
                repeat=self._repeats.next(who, draft.case_id),
                text=_completion(fields),
            )
        )

    def _grades(self, preference: float | None, ids: tuple[str, str]) -> dict[str, float]:
        if preference is None or preference == -1:
            self.counts["unread"] += 1
            return {}
        if preference == 0 or abs(preference - _TIE) <= self.tolerance + _ROUNDING:
            self.counts["tie"] += 1
            return dict.fromkeys(ids, 1.0)
        better, worse = ids if preference < _TIE else ids[::-1]
        return {better: 2.0, worse: 1.0}

    def _judge(self, name: str) -> str:
        judge_id = self._ids.of(name)
        self.judges.setdefault(judge_id, imported_judge(judge_id, name))
        return judge_id

    def _pair(self, place: Place, fields: Fields, texts: tuple[str, str]) -> tuple[Draft, tuple[str, str]]:
        """The case of an instruction and its two answers, whichever came first."""
        instruction = _instruction(fields, place)
        number = self.instructions.setdefault(instruction, len(self.instructions) + 1)
        authors = [optional_name(fields, column, place) or "" for column in ("generator_1", "generator_2")]
        pair = list(zip(authors, texts, strict=True))
        key = (instruction, frozenset(pair))
        if key not in self._names:
            self._names[key] = self._name(number, authors, len(self._names) + 1)
        draft = self.drafts.of(self._names[key], place)
        draft.set_message(instruction, place)
        known: dict[tuple[str, str], str] = {}
        for author, text in sorted(pair):
            name = author if author and authors[0] != authors[1] else f"answer {len(known) + 1}"
            known[author, text] = draft.answer(name, author or None, text, place)
        return draft, (known[pair[0]], known[pair[1]])

    def _name(self, number: int, authors: Sequence[str], n_pairs: int) -> str:
        """A readable name of a case that nobody else has."""
        who = " vs ".join(sorted(author for author in authors if author))
        plain = f"{number:04d} {who}".strip()
        name = plain if plain not in self._taken else f"{plain} {n_pairs}"
        self._taken.add(name)
        return name

    def notes(self) -> list[str]:
        """What happened on the way in."""
        told = [*counted(self.counts, _SENTENCES), _ORDER]
        if self._repeats.n_repeated:
            words = "Annotations that stand in the files again (same annotator and pair), kept as repeats"
            told.append(f"{words}: {self._repeats.n_repeated:,}.")
        if len(self.instructions) < len(self.drafts.all):
            told.append(_SHARED)
        return told


def _output(fields: Fields, column: str, place: Place) -> str:
    text = optional_text(fields, column, place)
    if text is None:
        fail(place, column, "is missing")
    return text


def _instruction(fields: Fields, place: Place) -> str:
    instruction = name_in(fields, "instruction", place)
    added = optional_text(fields, "input", place) or ""  # AlpacaFarm keeps the material apart from the order
    return f"{instruction}\n\n{added}" if added.strip() else instruction


def _completion(fields: Fields) -> str:
    text = fields.get("preference_raw_completion", fields.get("raw_completion"))
    return text if isinstance(text, str) else ""


def read_alpaca_eval(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read annotations; each pair of answers to one instruction is a case.

    Raises
    ------
    ImportFormatError
        A row is no annotation, or there is nothing to import.
    """
    builder, problems = _Builder(paths, options), Problems()
    for path in paths:
        gather(read_entries(path, problems), builder.add, problems)
    cases = builder.drafts.cases(problems)
    return Imported(
        case_set=builder.drafts.case_set(cases),
        cases=cases,
        judges=tuple(builder.judges.values()),
        graded=tuple(builder.graded),
        people_known=not builder.counts["votes"],
        language=builder.drafts.language,
        provenance=builder.drafts.provenance(),
        notes=tuple(builder.notes()),
    )


FORMAT = Format(
    name="alpaca-eval",
    summary=(
        "AlpacaEval's annotations.json: an automatic judge prefers one of two answers to an instruction, "
        "with a number from 1 to 2; and the people's cross-annotations of AlpacaFarm (annotator_index)."
    ),
    expects=(
        "one or more annotations.json (a JSON list), or the same records as .jsonl. Files of several judges "
        "over the same answers can be given together: each pair of answers to one instruction is one case."
    ),
    read=read_alpaca_eval,
    options={
        "tolerance": "preferences no further than this from 1.5 are ties (default 0: only 1.5 itself)",
        "people": "annotators who are people, with commas (default human,humans)",
        "annotators": "only these automatic judges, with commas (default: all)",
        "language": LANGUAGE_OPTION,
    },
    example="""\
[{"instruction": "Name a bird that cannot fly.", "output_1": "The ostrich.", "generator_1": "tern-7b",
  "output_2": "Penguins cannot.", "generator_2": "wren-13b",
  "annotator": "weighted_alpaca_eval_gpt4_turbo", "preference": 1.0312},
 {"instruction": "Name a bird that cannot fly.", "output_1": "The ostrich.", "generator_1": "tern-7b",
  "output_2": "Penguins cannot.", "generator_2": "wren-13b", "annotator": "claude", "preference": null}]""",
)
