from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.load.check import check_paths
from harness.load.content import load_case_set, load_judges, load_rulebooks
from harness.load.secret import looks_like_secret


def test_shipped_content_has_no_problem(root: Path) -> None:
    """Every case, rulebook, judge and experiment in the repository can be used as it is."""
    assert [str(problem) for problem in check_paths([root])] == []


@pytest.mark.parametrize(("set_id", "n_cases"), [("annotator", 6), ("values", 8)])
def test_shipped_sets_are_complete(root: Path, set_id: str, n_cases: int) -> None:
    """The sets have their cases, in French and English."""
    case_set, cases = load_case_set(set_id, roots=[root])
    assert len(cases) == n_cases
    assert set(case_set.languages) == {"fr", "en"}


def test_shipped_rulebooks_have_both_languages_and_wordings(root: Path) -> None:
    """Seven rulebooks, each text in two languages and two wordings."""
    rulebooks = load_rulebooks(roots=[root])
    assert len(rulebooks) == 7
    for rulebook in rulebooks:
        assert set(rulebook.title) == {"fr", "en"}, rulebook.rulebook_id
        assert set(rulebook.preamble) == {"base", "paraphrase"}, rulebook.rulebook_id


def test_shipped_judges_hold_no_key_and_no_undated_price(root: Path) -> None:
    """Presets name a variable, never a key; local ones exist in both protocols."""
    judges = {judge.judge_id: judge for judge in load_judges(roots=[root])}
    for name in ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m"):
        assert judges[name].protocol == "listwise"
        pairwise = judges[f"{name}-pairwise"]
        assert (pairwise.protocol, pairwise.pair_reading) == ("pairwise", "token_probability")
        assert pairwise.model_id == judges[name].model_id == f"local/{name}"
    for path in (root / "prompts/judges").glob("*.yaml"):
        words = re.split(r"\s+", path.read_text(encoding="utf-8"))
        assert not [word for word in words if looks_like_secret(word)], path
