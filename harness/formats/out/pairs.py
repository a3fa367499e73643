"""`pairs`: who preferred which of two answers, as TRL's DPO and reward trainers read it.

What is easy to get wrong: a grade is ordinal, so that a margin is a convention (said in the card); a tie is
no preference; one person has one voice, so that only first votes count; two rulebooks are two opinions and
are never pooled, nor are people with judges, nor anybody with the simulated.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from pydantic import JsonValue

from harness.errors import HarnessError
from harness.formats.out.base import Choices, Lines, Material, Writer, Written
from harness.formats.out.choosing import first_votes, left_out, n_failed, ranked
from harness.formats.out.columns import features, pair_columns
from harness.formats.out.registry import SUMMARIES
from harness.formats.out.split import SIDES, split_cases
from harness.schema import Case, Cell, Language, RankedVerdict

_TRL = """\
```python
from datasets import load_dataset

pairs = load_dataset("FOLDER")
```

`prompt`, `chosen` and `rejected` are what TRL's {trainer} takes{format}; the other columns say who preferred
it and may be removed. `margin` (0 to 1) is {margin}: a convention, for grades only order."""
_MARGINS = {
    "keep": "the difference of the two grades, divided by the widest difference that the scale allows",
    "pool": "(voices for - voices against) / voices, ties among them",
}
_SENTENCES = {
    "later": "Later votes, repeats and paraphrased rules, left out so that one annotator has one voice: {n}.",
    "tied": "Ties, dropped: {n}.",
    "ties_kept": "Ties, kept as two rows with margin 0, one in each direction: {n}.",
    "textless": "Pairs left out because a text is missing in the language: {n}.",
}


@dataclass(frozen=True)
class _Pair:
    """Two answers of a case, and how many voices each has; `first` stands before `second` in the case."""

    case: Case
    first: str
    second: str
    cell: Cell
    n_first: int
    n_second: int
    n_tied: int
    margin: float
    """Of the first over the second, -1 to 1."""


def write_pairs(material: Material, choices: Choices) -> Written:
    """Preference pairs, train and test by case.

    Raises
    ------
    HarnessError
        The cases have no texts, or no pair is left.
    """
    counts: Counter[str] = Counter()
    by_side = pairs_by_side(material, choices, counts)
    sides = [side for side, rows in by_side.items() if rows]
    return Written(
        files=tuple(Lines(f"{side}.jsonl", by_side[side]) for side in sides),
        counts={**{f"{side}_pairs": len(rows) for side, rows in by_side.items()}, **pair_counts(counts)},
        notes=(*pair_notes(material, counts), *_empty_sides(by_side)),
        how_to_read=_how_to_read(choices),
        front_matter=_front_matter(choices, sides),
    )


def pairs_by_side(
    material: Material, choices: Choices, counts: Counter[str]
) -> dict[str, list[dict[str, JsonValue]]]:
    """Side -> rows; what is left out is counted. Raises HarnessError when nothing is left."""
    sides = split_cases(material.cases, choices.test_share, choices.seed)
    wanted = SIDES if choices.test_share else SIDES[:1]
    rows: dict[str, list[dict[str, JsonValue]]] = {side: [] for side in wanted}
    for pair in _pairs(material, choices, counts):
        rows[sides[pair.case.case_id]] += _rows(pair, choices, counts)
    if not any(rows.values()):
        raise HarnessError(_nothing_left(counts))
    return rows


def pair_counts(counts: Counter[str]) -> dict[str, int]:
    """What was left out, for programs."""
    return {name: counts[name] for name in ("later", "tied", "ties_kept", "textless", "failed")}


def pair_notes(material: Material, counts: Counter[str]) -> tuple[str, ...]:
    """What was left out, and what a reader must know, one sentence each."""
    notes = [words.format(n=f"{counts[name]:,}") for name, words in _SENTENCES.items() if counts[name]]
    rulebooks = sorted({verdict.cell.rulebook_id for verdict in (*material.people, *material.judges)})
    if len(rulebooks) > 1:
        notes.append(
            f"Several rulebooks ({', '.join(rulebooks)}): the column rulebook_id says whose rules a "
            "preference followed; a model trained on all of them at once learns their mixture (--rulebook)."
        )
    return (*notes, *left_out("Verdicts that failed and prefer nothing, left out", counts["failed"]))


def _empty_sides(by_side: dict[str, list[dict[str, JsonValue]]]) -> Iterator[str]:
    for side, rows in by_side.items():
        if not rows:
            yield f"No file for the {side} side: nobody put two answers of its cases apart (another --seed)."


def _how_to_read(choices: Choices) -> str:
    """How TRL opens the files, in Markdown."""
    return _TRL.format(
        trainer="DPOTrainer" if choices.trainer == "dpo" else "RewardTrainer (implicit prompt: no `prompt`)",
        format=" (conversational)" if choices.style == "chat" else " (plain text)",
        margin=_MARGINS[choices.annotators],
    )


def _front_matter(choices: Choices, sides: Sequence[str]) -> dict[str, JsonValue]:
    """Which file is which side, and the types of the columns."""
    files: list[JsonValue] = [{"split": side, "path": f"{side}.jsonl"} for side in sides]
    return {
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {"features": features(pair_columns(choices.trainer, choices.style))},
    }


def _nothing_left(counts: Counter[str]) -> str:
    if counts["textless"]:
        return (
            "the cases have no texts in this language, and pairs are made of texts; export rankings instead"
        )
    return "no pair is left: nobody put two answers apart (--ties keep exports ties as such)"


# --- from verdicts to pairs ---------------------------------------------------------------------------


def _pairs(material: Material, choices: Choices, counts: Counter[str]) -> Iterator[_Pair]:
    said = ranked(material.verdicts)
    counts["failed"] += n_failed(material.verdicts)
    firsts = first_votes(said)
    counts["later"] += len(said) - len(firsts)
    cases = {case.case_id: case for case in material.cases}
    widest = max(material.case_set.n_grades - 1, 1)
    if choices.annotators == "pool":
        yield from _pooled(firsts, cases)
        return
    for verdict in firsts:
        for first, second in _graded_pairs(cases[verdict.cell.case_id], verdict):
            gap = verdict.grades[first] - verdict.grades[second]
            margin = max(min(gap / widest, 1.0), -1.0)
            ahead, behind, level = int(gap > 0), int(gap < 0), int(gap == 0)
            case = cases[verdict.cell.case_id]
            yield _Pair(case, first, second, verdict.cell, ahead, behind, level, margin)


def _pooled(verdicts: Sequence[RankedVerdict], cases: dict[str, Case]) -> Iterator[_Pair]:
    """One pair for all who are of one kind, under one rulebook, in one language; nobody's name stays."""
    groups: dict[tuple[object, ...], list[RankedVerdict]] = defaultdict(list)
    for verdict in verdicts:
        cell = verdict.cell
        groups[cell.case_id, cell.annotator_kind, cell.rulebook_id, cell.language, cell.simulated].append(
            verdict
        )
    for group in groups.values():
        cell = group[0].cell.model_copy(update={"annotator_id": "pooled", "session": None})
        case = cases[cell.case_id]
        voices: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for verdict in group:
            for first, second in _graded_pairs(case, verdict):
                gap = verdict.grades[first] - verdict.grades[second]
                voices[first, second][0 if gap > 0 else 1 if gap < 0 else 2] += 1
        for (first, second), (n_first, n_second, n_tied) in voices.items():
            margin = (n_first - n_second) / (n_first + n_second + n_tied)
            yield _Pair(case, first, second, cell, n_first, n_second, n_tied, margin)


def _graded_pairs(case: Case, verdict: RankedVerdict) -> Iterator[tuple[str, str]]:
    graded = [answer.answer_id for answer in case.answers if answer.answer_id in verdict.grades]
    return combinations(graded, 2)


# --- from pairs to rows -------------------------------------------------------------------------------


def _rows(pair: _Pair, choices: Choices, counts: Counter[str]) -> Iterator[dict[str, JsonValue]]:
    language = choices.language or pair.cell.language
    texts = {answer.answer_id: answer.text.get(language) for answer in pair.case.answers}
    message = pair.case.message.get(language)
    if message is None or texts[pair.first] is None or texts[pair.second] is None:
        counts["textless"] += 1
        return
    is_tie = pair.margin == 0
    if is_tie:
        counts["tied" if choices.ties == "drop" else "ties_kept"] += 1
        if choices.ties == "drop":
            return
    for first_wins in (True, False) if is_tie else (pair.margin > 0,):
        names = (pair.first, pair.second) if first_wins else (pair.second, pair.first)
        shown = _shown(message, str(texts[names[0]]), str(texts[names[1]]), choices)
        yield {**shown, **_about(pair, names, language)}


def _shown(message: str, chosen: str, rejected: str, choices: Choices) -> dict[str, JsonValue]:
    """The columns that a trainer reads."""
    if choices.style == "text":
        if choices.trainer == "dpo":
            return {"prompt": f"{message}\n\n", "chosen": chosen, "rejected": rejected}
        return {"chosen": f"{message}\n\n{chosen}", "rejected": f"{message}\n\n{rejected}"}
    prompt: list[JsonValue] = [{"role": "user", "content": message}]
    ends: list[JsonValue] = [{"role": "assistant", "content": text} for text in (chosen, rejected)]
    if choices.trainer == "dpo":
        return {"prompt": prompt, "chosen": [ends[0]], "rejected": [ends[1]]}
    return {"chosen": [*prompt, ends[0]], "rejected": [*prompt, ends[1]]}


def _about(pair: _Pair, names: tuple[str, str], language: Language) -> dict[str, JsonValue]:
    cell = pair.cell
    n_for, n_against = (
        (pair.n_first, pair.n_second) if names[0] == pair.first else (pair.n_second, pair.n_first)
    )
    return {
        "margin": abs(pair.margin),
        "tie": pair.margin == 0,
        "case_id": cell.case_id,
        "chosen_id": names[0],
        "rejected_id": names[1],
        "rulebook_id": cell.rulebook_id,
        "language": language,
        "language_read": cell.language,
        "annotator_id": cell.annotator_id,
        "annotator_kind": cell.annotator_kind,
        "simulated": cell.simulated,
        "session": cell.session,
        "n_for": n_for,
        "n_against": n_against,
        "n_tied": pair.n_tied,
    }


WRITER = Writer("pairs", SUMMARIES["pairs"], write_pairs)
