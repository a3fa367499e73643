"""A small world of content in a temporary folder, which a test then spoils."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Content = dict[str, Any]
PROVENANCE = {"kind": "invented", "date": "2026-11-21"}


def both(text: str) -> dict[str, str]:
    """Give a text in both languages."""
    return {"fr": f"{text} (fr)", "en": f"{text} (en)"}


def case_content(case_id: str, n_answers: int = 4) -> Content:
    """Give a sound case."""
    answers = [f"{case_id}-{letter}" for letter in "abcdefghij"[:n_answers]]
    return {
        "case_id": case_id,
        "title": both(case_id),
        "conflict": both("truth or comfort"),
        "stakes": "subtle",
        "message": both("What do you think?"),
        "answers": [{"answer_id": name, "text": both(f"Answer {name}")} for name in answers],
        "author_key": [answers[:1], answers[1:]],
    }


class World:
    """A content root with one case set, two rulebooks, two judges and one experiment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.records: dict[str, Content] = {
            "cases/small/set.yaml": {
                "set_id": "small",
                "title": both("Small"),
                "description": both("Two cases"),
                "languages": ["fr", "en"],
                "n_grades": 4,
                "n_answers": 4,
                "case_order": ["poem", "tea"],
                "provenance": PROVENANCE,
            },
            "cases/small/poem.yaml": case_content("poem"),
            "cases/small/tea.yaml": case_content("tea"),
            "prompts/rulebooks/hhh.yaml": self.rulebook("hhh"),
            "prompts/rulebooks/none.yaml": {**self.rulebook("none"), "role": "none", "rules": []},
            "prompts/judges/first.yaml": {"judge_id": "first", "model_id": "scripted/first"},
            "prompts/judges/second.yaml": {"judge_id": "second", "model_id": "openai/gpt-4.1-mini"},
            "prompts/experiments/trial.yaml": {
                "experiment_id": "trial",
                "title": both("Trial"),
                "case_set": "small",
                "seed": 7,
                "parts": [{"part_id": "one", "judges": ["first"], "rulebooks": ["hhh", "none"]}],
            },
        }
        for name in self.records:
            self.save(name)

    @staticmethod
    def rulebook(rulebook_id: str) -> Content:
        """Give a sound rulebook of three rules."""
        worded = {"base": both("Do it"), "paraphrase": both("It is to be done")}
        rules = [{"number": n, "criterion": "honest", "text": copy.deepcopy(worded)} for n in (1, 2, 3)]
        return {
            "rulebook_id": rulebook_id,
            "title": both(rulebook_id),
            "summary": both("What is wanted"),
            "role": "reference",
            "preamble": copy.deepcopy(worded),
            "rules": rules,
            "provenance": PROVENANCE,
        }

    def save(self, name: str) -> Path:
        """Write one record, one field a line; JSON is YAML."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.records[name], indent=1, ensure_ascii=False), encoding="utf-8")
        return path

    def change(self, name: str, edit: Callable[[Content], object]) -> Path:
        """Spoil a record and write it again."""
        edit(self.records[name])
        return self.save(name)

    def line_of(self, name: str, text: str) -> int:
        """Line (from 1) of the first line of a file that holds a text."""
        lines = (self.root / name).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Give a sound world of content to spoil."""
    return World(tmp_path / "world")
