"""MT-bench: people's votes and GPT-4's judgments, as FastChat writes and publishes them.

Shapes read from FastChat 0.2.36: `fastchat/llm_judge/common.py` (`play_a_match_pair`, `play_a_match_single`),
`clean_judgment.py`, `compute_agreement.py`; and from the card of the dataset `lmsys/mt_bench_human_judgments`
(splits `human` and `gpt4_pair`). What is easy to get wrong:

* `g1_winner` and `g2_winner` name systems already, not slots: in game 2 `model_2` was shown first, and
  `model_1` still means the system of the field model_1.
* Rows with `m1_score` come from grading each answer alone; their two games are one and the same number.
* In the published `gpt4_pair` split both orders are merged; a judge that contradicted itself stands there as
  `tie (inconsistent)`.
* Which system is `model_a` differs from row to row: one pair stands in both spellings.
* FastChat's own cleaning script forgets the turn in its key; here turn 1 and turn 2 are different cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.formats.base import Format, Imported, Place
from harness.formats.mt_cases import Builder
from harness.formats.nested import read_entries
from harness.formats.reading import LANGUAGE_OPTION, Problems, fail, gather

_FOLDERS = ("", "model_answer", "model_judgment")


def read_mt_bench(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read FastChat's judgments, and the questions and answers beside them.

    Raises
    ------
    ImportFormatError
        A row is none of MT-bench's, two rows contradict each other, or there is nothing to import.
    """
    builder, problems = Builder(paths, options), Problems()
    for path in _files(paths):
        gather(read_entries(path, problems), builder.add, problems)
    problems.raise_any()
    builder.place_scores()
    builder.add_texts(problems)
    cases = builder.book.cases(problems)
    return Imported(
        case_set=builder.book.case_set(cases),
        cases=cases,
        judges=tuple(builder.judges.values()),
        votes=tuple(builder.votes),
        graded=tuple(builder.graded),
        language=builder.book.language,
        provenance=builder.book.provenance(),
        notes=tuple(builder.notes()),
    )


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files themselves; of a folder `data/mt_bench`, its questions, answers and judgments.

    Reference answers are left alone: they are another answer of the same system to the same question.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [found for name in _FOLDERS for found in sorted((path / name).glob("*.jsonl"))]
            if not inside:
                fail(Place(path), "", "holds no question.jsonl, model_answer/ or model_judgment/")
            files += inside
        else:
            files.append(path)
    return files


FORMAT = Format(
    name="mt-bench",
    summary=(
        "MT-bench as FastChat writes it: people's votes on pairs of answers, GPT-4's judgments of pairs in "
        "both orders, and GPT-4's scores of single answers."
    ),
    expects=(
        "any of: gpt-4_pair.jsonl, gpt-4_single.jsonl, the published human and gpt4_pair votes (.parquet, "
        ".jsonl or .json), question.jsonl and model_answer/*.jsonl for the texts; or the folder "
        "data/mt_bench. A pair of systems at one question and turn is a case; scores alone make one case of "
        "each question and turn, with all systems."
    ),
    read=read_mt_bench,
    options={
        "people": "beginnings of the names of judges who are people, with commas (default expert,author)",
        "authors": "votes of the paper's authors: keep or leave-out (default keep)",
        "inconsistent": "`tie (inconsistent)` of merged verdicts: tie, as the authors count it, or failed "
        "(default tie)",
        "systems": "only these systems, with commas (default: all)",
        "language": LANGUAGE_OPTION,
    },
    example="""\
{"question_id": 81, "model_1": "tern", "model_2": "wren", "g1_winner": "model_1", "g2_winner": "model_2",\
 "judge": ["gpt-4", "pair-v2"], "g1_judgment": "... [[A]]", "g2_judgment": "... [[A]]", "turn": 1}
{"question_id": 81, "model_a": "wren", "model_b": "tern", "winner": "tie", "judge": "expert_3", "turn": 1}
{"question_id": 81, "model": "tern", "score": 7, "judge": ["gpt-4", "single-v1"], "turn": 1}""",
)
