"""LLMBar, on a set of one entry per subset made by the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.formats.registry import read_files
from harness.schema import FailedVerdict, RankedVerdict

SUBSETS = ("Natural", *(f"Adversarial/{name}" for name in ("Neighbor", "GPTInst", "GPTOut", "Manual")))
JUDGES = ("GPT-4", "ChatGPT", "PaLM2", "Falcon")
PROMPTS = ("Vanilla_NoRules", "Vanilla")
RULES = "Select the Output (a) or Output (b).\n\nHere are some rules:\n(1) Be honest.\n(2) Be brief.\n"


def entry(subset: str, label: int = 2) -> dict[str, Any]:
    """One instruction with two outputs."""
    return {"input": f"Do {subset}", "output_1": "one", "output_2": "", "label": label}


def told(winner: str | None, text: str) -> dict[str, Any]:
    """One reply as the files have it."""
    return {"completion": [text, "stop"], "winner": winner}


def rounds(first: str | None, swapped: str | None) -> list[Any]:
    """Both presentations; an earlier round of the same call stands before them and does not count."""
    both = {"swap = False": told(first, "Output (a)"), "swap = True": told(swapped, "neither")}
    return [["an earlier step", "stop"], both]


def write(path: Path, content: object) -> None:
    """Write a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")


def result_file(folder: Path, subset: str, judge: str, prompt: str) -> Path:
    """Where one judge's replies to one prompt stand."""
    return folder / "Dataset/LLMBar" / subset / "evaluators" / judge / prompt / "result.json"


def write_set(folder: Path) -> Path:
    """Four judges, two prompts, five subsets; output_1 always wins, whatever is shown first."""
    for subset in SUBSETS:
        write(folder / "Dataset/LLMBar" / subset / "dataset.json", [entry(subset)])
        for judge in JUDGES:
            for prompt in PROMPTS:
                path = result_file(folder, subset, judge, prompt)
                write(path, [entry(subset) | {"results": rounds("1", "1")}])
    prompts = folder / "LLMEvaluator/evaluators/prompts/comparison"
    prompts.mkdir(parents=True)
    (prompts / "Vanilla.txt").write_text(RULES, "utf-8")
    (prompts / "Vanilla_NoRules.txt").write_text(RULES.partition("Here")[0], "utf-8")
    return folder


def read(folder: Path, **options: str) -> Imported:
    """Read the set as the format."""
    return read_files("llmbar", [folder], options)


def test_winners_are_mapped_to_what_was_shown(tmp_path: Path) -> None:
    """The same winning output is the first shown in one order and the second in the other."""
    imported = read(write_set(tmp_path), subset="natural")
    votes = [vote for vote in imported.votes if (vote.annotator_id, vote.rulebook_id) == ("gpt-4", "none")]
    assert [vote.choice for vote in votes] == ["first", "second"]
    assert [vote.shown_first for vote in votes] == ["natural-000-1", "natural-000-2"]
    verdicts = [one for one in assemble(imported).judges if one.cell.annotator_id == "gpt-4"]
    assert [one.cell.repeat for one in verdicts] == [0, 1, 0, 1]
    ranked = [one.grades for one in verdicts if isinstance(one, RankedVerdict)]
    assert ranked == [{"natural-000-1": 2.0, "natural-000-2": 1.0}] * 4


def test_no_winner_is_a_failure_with_its_text(tmp_path: Path) -> None:
    """A null is neither a tie nor a loss: the verdict fails as unparsable and keeps what was written."""
    folder = write_set(tmp_path)
    path = result_file(folder, "Natural", "PaLM2", "Vanilla")
    write(path, [entry("Natural") | {"results": rounds("1", None)}])
    imported = read(folder)
    failed = [one for one in assemble(imported).judges if isinstance(one, FailedVerdict)]
    assert [(one.failure, one.text, one.cell.repeat) for one in failed] == [("unparsable", "neither", 1)]
    assert any("palm2 (llmbar-rules) 1" in note for note in imported.notes)


def test_gold_label_is_the_authors_key(tmp_path: Path) -> None:
    """Label 2 puts the second output first; no vote of anybody is invented for it."""
    imported = read(write_set(tmp_path))
    assert imported.cases[0].author_key == (("natural-000-2",), ("natural-000-1",))
    assert {vote.kind for vote in imported.votes} == {"judge"}


def test_rules_are_read_from_the_prompt_file(tmp_path: Path) -> None:
    """Numbered lines are rules in their words; the bare prompt has none, and its place says so."""
    bare, ruled = read(write_set(tmp_path)).rulebooks
    assert (bare.rulebook_id, bare.role, bare.rules) == ("none", "none", ())
    assert [rule.text["base"]["en"] for rule in ruled.rules] == ["Be honest.", "Be brief."]
    assert "Vanilla.txt" in str(ruled.provenance.note)


def test_prompts_are_chosen_by_an_option(tmp_path: Path) -> None:
    """One prompt can be read alone; an unknown one is refused by name."""
    folder = write_set(tmp_path)
    assert {vote.rulebook_id for vote in read(folder, prompts="Vanilla").votes} == {"llmbar-rules"}
    with pytest.raises(ImportFormatError, match="'Rating' is none of"):
        read(folder, prompts="Vanilla,Rating")


def test_empty_outputs_say_that_they_are_empty(tmp_path: Path) -> None:
    """An empty output stays an answer that can be seen."""
    texts = [answer.text["en"] for answer in read(write_set(tmp_path)).cases[0].answers]
    assert texts == ["one", "(empty answer)"]


@pytest.mark.parametrize("change", ["input", "label", "order"])
def test_replies_to_other_entries_are_refused(change: str, tmp_path: Path) -> None:
    """A reply is joined by place and texts: another input, another label or one more entry is an error."""
    folder = write_set(tmp_path)
    reply = entry("Natural") | {"results": rounds("1", "1")}
    replies = {
        "input": [reply | {"input": "Do something else"}],
        "label": [reply | {"label": 1}],
        "order": [reply, reply],
    }
    write(result_file(folder, "Natural", "GPT-4", "Vanilla"), replies[change])
    with pytest.raises(ImportFormatError, match=r"result\.json:[12]"):
        read(folder)


@pytest.mark.parametrize("winner", ["3", 1, ""])
def test_unknown_winners_are_refused(winner: object, tmp_path: Path) -> None:
    """A winner is "1", "2" or null; a number is not taken for a name."""
    folder = write_set(tmp_path)
    reply = entry("Natural") | {"results": [{"swap = False": told("1", ""), "swap = True": told("1", "")}]}
    reply["results"][0]["swap = True"]["winner"] = winner
    write(result_file(folder, "Natural", "GPT-4", "Vanilla"), [reply])
    with pytest.raises(ImportFormatError, match='must be "1", "2" or null'):
        read(folder)
