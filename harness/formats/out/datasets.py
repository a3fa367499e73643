"""`datasets`: a folder that `datasets.load_dataset` opens, and the Hub shows with its card.

Three configurations: the cases with their answers, the rankings, and (where there are texts) the pairs.
"""

from __future__ import annotations

from collections import Counter

from pydantic import JsonValue

from harness.errors import HarnessError
from harness.formats.out.base import Choices, Lines, Material, Writer, Written
from harness.formats.out.choosing import ranked
from harness.formats.out.columns import CASES, RANKINGS, Columns, features, pair_columns
from harness.formats.out.pairs import pair_counts, pair_notes, pairs_by_side
from harness.formats.out.rankings import ranking_row
from harness.formats.out.registry import SUMMARIES
from harness.formats.out.split import SIDES, Side, split_cases
from harness.schema import LANGUAGES, Case, Localised

Rows = list[dict[str, JsonValue]]

_HOW = """\
```python
from datasets import load_dataset

rankings = load_dataset("FOLDER", "rankings")  # or "cases", "pairs"
```

`rankings`: tiers of answer ids, best first; `grades` as they were entered, 1 = worst. `pairs`: the columns of
TRL's trainers. All cut by case, so that no message stands on both sides."""


def write_datasets(material: Material, choices: Choices) -> Written:
    """Cases, rankings and pairs as JSON lines under `data/`, with the front matter that names them.

    Raises
    ------
    HarnessError
        There is only one message, and a test side is wanted.
    """
    sides = split_cases(material.cases, choices.test_share, choices.seed)
    counts: Counter[str] = Counter()
    configs: dict[str, dict[str, Rows]] = {"cases": _cut([_case_row(one) for one in material.cases], sides)}
    notes: list[str] = []
    rankings = [ranking_row(verdict) for verdict in ranked(material.verdicts)]
    if rankings:
        configs["rankings"] = _cut(rankings, sides)
        try:
            configs["pairs"] = pairs_by_side(material, choices, counts)
            notes += pair_notes(material, counts)
        except HarnessError as error:
            notes.append(f"No configuration `pairs`: {error}")
    files = {
        f"data/{name}-{side}.jsonl": rows
        for name, by_side in configs.items()
        for side, rows in by_side.items()
        if rows
    }
    return Written(
        files=tuple(Lines(name, rows) for name, rows in files.items()),
        counts={name.removeprefix("data/").removesuffix(".jsonl"): len(rows) for name, rows in files.items()}
        | (pair_counts(counts) if "pairs" in configs else {}),
        notes=tuple(notes),
        how_to_read=_HOW,
        front_matter=_front_matter(material, choices, list(files)),
    )


def _cut(rows: Rows, sides: dict[str, Side]) -> dict[str, Rows]:
    return {side: [row for row in rows if sides[str(row["case_id"])] == side] for side in SIDES}


def _case_row(case: Case) -> dict[str, JsonValue]:
    """One case, both languages side by side; never its commentary, key, or what its author meant by it."""
    return {
        "case_id": case.case_id,
        "title": _both(case.title),
        "message": _both(case.message),
        "answers": [
            {
                "answer_id": answer.answer_id,
                "text": _both(answer.text),
                "author_model_id": answer.author_model_id,
            }
            for answer in case.answers
        ],
        "is_injection_test": case.canary is not None,
    }


def _both(texts: Localised) -> dict[str, JsonValue]:
    """Every language in every row: a column of the data set holds one type."""
    return {language: texts.get(language) for language in LANGUAGES}


def _front_matter(material: Material, choices: Choices, files: list[str]) -> dict[str, JsonValue]:
    names = dict.fromkeys(name.removeprefix("data/").partition("-")[0] for name in files)
    configs: list[JsonValue] = [
        {
            "config_name": name,
            "data_files": [
                {"split": side, "path": path}
                for side in SIDES
                if (path := f"data/{name}-{side}.jsonl") in files
            ],
            **({"default": True} if name == ("rankings" if "rankings" in names else "cases") else {}),
        }
        for name in names
    ]
    languages = [choices.language] if choices.language else sorted(material.case_set.languages)
    columns: dict[str, Columns] = {
        "cases": CASES,
        "rankings": RANKINGS,
        "pairs": pair_columns(choices.trainer, choices.style),
    }
    tags: list[JsonValue] = [
        "preference",
        "rankings",
        "human-feedback" if material.people else "llm-as-a-judge",
    ]
    return {
        "pretty_name": next(iter(material.case_set.title.values())),
        "language": list(languages),
        "license": "unknown",
        "tags": [*tags, *(["simulated"] if material.simulated else [])],
        "size_categories": [_size(len(material.cases))],
        "configs": configs,
        "dataset_info": [{"config_name": name, "features": features(columns[name])} for name in names],
    }


def _size(n: int) -> str:
    """The Hub's word for a size."""
    bounds = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    return next((word for bound, word in bounds if n < bound), "1M<n<10M")


WRITER = Writer("datasets", SUMMARIES["datasets"], write_datasets)
