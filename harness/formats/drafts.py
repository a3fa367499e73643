"""Cases put together while another tool's file is read: every text stored once, contradictions refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.formats.base import Place
from harness.formats.reading import Ids, Problems, answer_ids, clean_text, fail, localised, option
from harness.schema import MAX_ANSWERS, Answer, Case, CaseSet, JudgeSpec, Language, Protocol, Provenance

_LONGEST_TITLE = 80


class Repeats:
    """How often the same thing was said before: 0 for the first time, 1 for the second, ..."""

    def __init__(self) -> None:
        self._seen: Counter[Hashable] = Counter()

    def next(self, *what: Hashable) -> int:
        """The number of this time, from 0."""
        self._seen[what] += 1
        return self._seen[what] - 1

    @property
    def n_repeated(self) -> int:
        """How many were said again."""
        return sum(times - 1 for times in self._seen.values())


@dataclass
class _DraftAnswer:
    answer_id: str
    author: str | None
    text: str | None


class Draft:
    """A case while its file is read; a text that contradicts an earlier one is refused."""

    def __init__(self, case_id: str, title: str, place: Place) -> None:
        self.case_id = case_id
        self.title = title
        self.place = place
        self.message: str | None = None
        self._ids = answer_ids(case_id)
        self._answers: dict[str, _DraftAnswer] = {}

    def set_message(self, text: str | None, place: Place) -> None:
        """Say what the user wrote; raises ImportFormatError when it was something else before."""
        if text is None or not text.strip():
            return
        if self.message is not None and self.message != text:
            words = f"another question than at {self.place} under the same id; such rows cannot be joined"
            fail(place, "", words)
        self.message = text

    def answer(self, name: str, author: str | None, text: str | None, place: Place) -> str:
        """The id of the answer of that name; raises ImportFormatError when its text was another before."""
        known = self._answers.get(name)
        if known is None:
            known = self._answers[name] = _DraftAnswer(self._ids.of(name), author, text)
        if text is not None and known.text is not None and text != known.text:
            words = f"another text of {author or name} than before ({self.place}); such rows cannot be joined"
            fail(place, "", words)
        known.text = text if known.text is None else known.text
        return known.answer_id

    @property
    def names(self) -> Mapping[str, str]:
        """Name -> answer id, for every answer so far."""
        return {name: found.answer_id for name, found in self._answers.items()}

    @property
    def lacks_text(self) -> bool:
        """The files hold no text for the question or for an answer."""
        return self.message is None or any(answer.text is None for answer in self._answers.values())

    def build(self, language: Language, *, is_alone: bool) -> Case:
        """The finished record; the title is the question, with the case's name where others share it."""
        asked = _shortened(" ".join((self.message or "").split()))
        title = (asked or self.title) if is_alone or not asked else f"{asked} ({self.title})"
        return Case(
            case_id=self.case_id,
            title=localised(title, language),
            message=localised(self.message, language) if self.message else {},
            answers=tuple(
                Answer(
                    answer_id=found.answer_id,
                    text={} if found.text is None else localised(found.text, language),
                    author_model_id=clean_text(found.author) if found.author else None,
                )
                for found in self._answers.values()
            ),
        )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"


class Drafts:
    """All cases of an import, in the order in which they were met."""

    def __init__(self, paths: Sequence[Path], language: Language) -> None:
        if not paths:
            fail(Place(Path()), "", "name at least one file")
        self.paths = tuple(paths)
        self.language: Language = language
        self._ids = Ids()
        self._by_name: dict[str, Draft] = {}

    def of(self, name: str, place: Place) -> Draft:
        """The case of that name; made at its first mention."""
        if name not in self._by_name:
            self._by_name[name] = Draft(self._ids.of(name), name, place)
        return self._by_name[name]

    @property
    def all(self) -> tuple[Draft, ...]:
        """Every case so far."""
        return tuple(self._by_name.values())

    def cases(self, problems: Problems) -> tuple[Case, ...]:
        """The finished cases; one with fewer than 2 or more than 64 answers is a problem."""
        for draft in self.all:
            n_answers = len(draft.names)
            if not 2 <= n_answers <= MAX_ANSWERS:
                words = f"{draft.title} has {n_answers} answers; a case has 2 to {MAX_ANSWERS}"
                problems.note(draft.place, "", words)
        if not self._by_name and not problems.found:
            problems.note(Place(self.paths[0]), "", "holds no verdict that can be imported")
        problems.raise_any()
        asked = Counter(draft.message for draft in self.all)
        return tuple(draft.build(self.language, is_alone=asked[draft.message] == 1) for draft in self.all)

    def case_set(self, cases: Sequence[Case]) -> CaseSet:
        """The set of the finished cases, named after the first file."""
        title = clean_text(self.paths[0].stem)
        names = ", ".join(path.name for path in self.paths[:5])
        return CaseSet(
            set_id=Ids().of(title),
            title={self.language: title},
            description={self.language: clean_text(names)},
            languages=(self.language,),
            n_grades=max(len(case.answers) for case in cases),
            case_order=tuple(case.case_id for case in cases),
            provenance=self.provenance(),
        )

    def provenance(self) -> Provenance:
        """Where the texts come from: the first file, and the day on which it was last written."""
        day = datetime.fromtimestamp(self.paths[0].stat().st_mtime, tz=UTC).date().isoformat()
        return Provenance(kind="imported", date=day, source=clean_text(self.paths[0].name))

    def text_notes(self) -> list[str]:
        """Say how many cases lack texts."""
        lacking = sum(draft.lacks_text for draft in self.all)
        if not lacking:
            return []
        words = (
            "Cases without the text of the question or of an answer, where nothing can be said about length"
        )
        return [f"{words}: {lacking:,} of {len(self._by_name):,}."]


def imported_judge(judge_id: str, name: str, protocol: Protocol = "listwise") -> JudgeSpec:
    """The preset of a judge whose verdicts were made elsewhere."""
    plain = clean_text(name).strip() or judge_id
    return JudgeSpec(judge_id=judge_id, model_id=f"imported/{plain}", title=plain, protocol=protocol)


def counted(counts: Counter[str], sentences: Mapping[str, str]) -> list[str]:
    """One note for each thing that happened at least once; `{n}` in its sentence is how often."""
    return [words.replace("{n}", f"{counts[what]:,}") for what, words in sentences.items() if counts[what]]


def names_option(options: Mapping[str, str], name: str, default: str = "") -> tuple[str, ...]:
    """The names of a comma-separated option; empty = not given."""
    return tuple(part.strip() for part in option(options, name, default).split(",") if part.strip())


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names for a message, cut after a dozen."""
    found = sorted(set(names))
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
