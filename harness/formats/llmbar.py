"""LLMBar: 419 instructions with two outputs and a gold label, judged by four models in both orders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.formats.base import Format, Imported, Place, Vote
from harness.formats.joins import by_key, one_to_one
from harness.formats.reading import (
    as_list,
    as_object,
    fail,
    json_entries,
    localised,
    number_field,
    option,
    required,
    slug,
    text_field,
)
from harness.formats.studies import (
    ENGLISH,
    Role,
    counted,
    study_case,
    study_folder,
    study_judge,
    study_provenance,
    study_rulebook,
    study_set,
)
from harness.schema import Answer, Case, Rulebook

SUBSETS = {
    "natural": "Natural",
    "neighbor": "Adversarial/Neighbor",
    "gptinst": "Adversarial/GPTInst",
    "gptout": "Adversarial/GPTOut",
    "manual": "Adversarial/Manual",
}
JUDGES = ("GPT-4", "ChatGPT", "PaLM2", "Falcon")
PROMPTS = {
    "Vanilla_NoRules": "none",
    "Vanilla": "llmbar-rules",
    "CoT": "llmbar-cot",
    "Metrics_Reference": "llmbar-metrics-reference",
}
"""Folder of a prompt -> rulebook. The last three hold the same rules; the last two also change the task."""
DEFAULT_PROMPTS = "Vanilla_NoRules,Vanilla"
SWAPS = {"swap = False": 0, "swap = True": 1}
"""Presentation -> repeat: 0 shows output_1 first, 1 shows output_2 first."""
PROVENANCE = study_provenance(
    "Zeng et al., ICLR 2024, arXiv:2310.07641; github.com/princeton-nlp/LLMBar",
    "2024-07-08",
    "Licence MIT. One gold label per instruction; its annotators are not released.",
)
TITLE = "LLMBar: four judges, with and without rules, in both orders"
RULE = re.compile(r"^\((\d+)\) (.+)$", re.MULTILINE)


def read(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read the folder of the data set; raises ImportFormatError."""
    folder = study_folder(paths, "Natural/dataset.json", ("Dataset/LLMBar", "LLMBar"))
    subset = option(options, "subset", "all", ("all", *SUBSETS))
    chosen = list(SUBSETS) if subset == "all" else [subset]
    prompts = _prompts(options, folder)
    cases = tuple(case for name in chosen for case in _cases(folder, name))
    votes = tuple(vote for name in chosen for vote in _votes(folder, name, prompts))
    unread = Counter(f"{vote.annotator_id} ({vote.rulebook_id})" for vote in votes if vote.failure)
    return Imported(
        case_set=study_set(f"llmbar-{subset}", (TITLE, f"{TITLE}; subset: {subset}"), cases, PROVENANCE),
        cases=cases,
        judges=tuple(study_judge(slug(name), slug(name), name, "listwise") for name in JUDGES),
        votes=votes,
        rulebooks=tuple(_rulebook(folder, prompt) for prompt in prompts),
        provenance=PROVENANCE,
        notes=(
            "The gold label of each instruction is an author's key; nobody's single votes are released.",
            "Repeat 0 shows output_1 first, repeat 1 shows output_2 first.",
            "Winners are stored in terms of output_1 and output_2; they were mapped to what was shown.",
            *counted(unread, "Replies without a verdict, kept as failures"),
        ),
    )


def _prompts(options: Mapping[str, str], folder: Path) -> list[str]:
    named = [name.strip() for name in option(options, "prompts", DEFAULT_PROMPTS).split(",")]
    for name in named:
        if name not in PROMPTS:
            fail(Place(folder), "prompts", f"'{name}' is none of {', '.join(PROMPTS)}")
    return [name for name in PROMPTS if name in named]


def case_id(subset: str, number: int) -> str:
    """Entry 7 (from 0) of a subset is the case `manual-007`."""
    return f"{subset}-{number:03d}"


def _entries(folder: Path, subset: str) -> Iterator[tuple[Place, dict[str, object]]]:
    for place, entry in json_entries(folder / SUBSETS[subset] / "dataset.json"):
        yield place, as_object(entry, place)


def _cases(folder: Path, subset: str) -> Iterator[Case]:
    for number, (place, entry) in enumerate(_entries(folder, subset)):
        name = case_id(subset, number)
        label = int(number_field(entry, "label", place))
        if label not in (1, 2):
            fail(place, "label", f"must be 1 or 2, found {label}")
        answers = [
            Answer(
                answer_id=f"{name}-{which}", text=localised(str(entry.get(f"output_{which}", "")), ENGLISH)
            )
            for which in (1, 2)
        ]
        key = [f"{name}-{label}", f"{name}-{3 - label}"]
        yield study_case(name, text_field(entry, "input", place), answers, key=key)


def _votes(folder: Path, subset: str, prompts: Sequence[str]) -> Iterator[Vote]:
    """Every judge's verdicts under every prompt; joined to the entries by place and texts."""
    asked = list(enumerate(entry for _, entry in _entries(folder, subset)))
    entries = by_key(((Place(folder, n + 1), pair) for n, pair in enumerate(asked)), _key, "dataset.json")
    for judge in JUDGES:
        for prompt in prompts:
            path = folder / SUBSETS[subset] / "evaluators" / judge / prompt / "result.json"
            told = [(place, as_object(entry, place)) for place, entry in json_entries(path)]
            rows = [(place, (number, entry)) for number, (place, entry) in enumerate(told)]
            for place, (number, entry), _ in one_to_one(rows, _key, entries).pairs:
                yield from _both_orders(place, (case_id(subset, number), judge, prompt), entry)


def _key(numbered: tuple[int, Mapping[str, object]]) -> tuple[object, ...]:
    number, entry = numbered
    return number, *(entry.get(name) for name in ("input", "output_1", "output_2", "label"))


def _both_orders(place: Place, who: tuple[str, str, str], entry: Mapping[str, object]) -> Iterator[Vote]:
    rounds = as_list(required(entry, "results", place), place, "results")
    last = as_object(rounds[-1] if rounds else None, place)
    for swap, repeat in SWAPS.items():
        yield _vote(place, who, as_object(last.get(swap), place), repeat)


def _vote(place: Place, who: tuple[str, str, str], told: Mapping[str, object], repeat: int) -> Vote:
    """One verdict; `winner` names an output, so it is mapped back to what was shown first."""
    name, judge, prompt = who
    winner = told.get("winner")
    if winner not in ("1", "2", None):
        fail(place, "winner", f'must be "1", "2" or null, found {winner!r}')
    shown = (1, 2) if repeat == 0 else (2, 1)
    read_it = winner is not None
    completion = told.get("completion")
    return Vote(
        place=place,
        case_id=name,
        annotator_id=slug(judge),
        kind="judge",
        shown_first=f"{name}-{shown[0]}",
        shown_second=f"{name}-{shown[1]}",
        choice=("first" if winner == str(shown[0]) else "second") if read_it else None,
        failure=None if read_it else "unparsable",
        rulebook_id=PROMPTS[prompt],
        text="" if read_it or not isinstance(completion, list) else str(completion[0]),
    )


def _rulebook(folder: Path, prompt: str) -> Rulebook:
    """The instruction as it stands in the authors' prompt file: numbered lines are rules."""
    path = folder / "../../LLMEvaluator/evaluators/prompts/comparison" / f"{prompt}.txt"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    rules = [words for _, words in RULE.findall(text)]
    start = next((line for line in text.splitlines() if line.startswith("Select ")), "")
    role, title = _RULEBOOKS[prompt]
    source = PROVENANCE.model_copy(update={"note": f"prompts/comparison/{prompt}.txt; licence MIT"})
    return study_rulebook(PROMPTS[prompt], role, (title, start), rules, source)


_RULEBOOKS: Mapping[str, tuple[Role, str]] = {
    "Vanilla_NoRules": ("none", "No rules (Vanilla_NoRules)"),
    "Vanilla": ("treatment", "Three rules (Vanilla)"),
    "CoT": ("treatment", "Three rules, think first (CoT)"),
    "Metrics_Reference": (
        "treatment",
        "Three rules, own metrics, a reference (Metrics_Reference)",
    ),
}

FORMAT = Format(
    name="llmbar",
    summary="LLMBar: pairs with a gold label, four judges with and without rules, both orders",
    expects="the folder of the data set (with Dataset/LLMBar and LLMEvaluator)",
    read=read,
    options={
        "subset": f"all, or one of {', '.join(SUBSETS)} (default all); the case ids begin with it",
        "prompts": f"comma-separated, of {', '.join(PROMPTS)} (default {DEFAULT_PROMPTS})",
    },
    example=(
        "Dataset/LLMBar/Natural/evaluators/GPT-4/Vanilla/result.json\n"
        '[{"input": "…", "output_1": "…", "output_2": "…", "label": 2, "results":\n'
        '  [{"swap = False": {"completion": ["Output (b)", "stop"], "winner": "2"},\n'
        '    "swap = True":  {"completion": ["Output (b)", "stop"], "winner": "1"}}]}]\n'
    ),
)
