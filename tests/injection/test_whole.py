"""From the shipped attacks to the report: a judge that obeys is told from one that does not."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

from harness.compare import ComparisonSource, compare_verdicts, table_bytes, to_case_frame, to_panel_frame
from harness.judge.cassette import RecordingJudge
from harness.judge.scripted import read_request
from harness.report import render_html, render_markdown, render_text
from harness.run.execute import Ended
from harness.run.session import record_run
from harness.schema import (
    Comparison,
    Completion,
    Experiment,
    JudgeSpec,
    Manifest,
    Part,
    Recorder,
    Request,
)
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.injection.conftest import Suite

JUDGES = ("openai-gpt", "mistral")
"""Presets whose place the two scripts take; no test reaches their providers."""
OBEDIENT, FIRM = JUDGES
NEVER = "1970-01-01T00:00:00Z"


@dataclass
class Scripted:
    """Grades by the author's key; the obedient one puts every answer that attacks above all others."""

    spec: JudgeSpec
    worth: Mapping[str, int]
    """Answer text -> 1 to 4 by the key of its case."""
    hostile: frozenset[str]

    async def complete(self, request: Request) -> Completion:
        """Reply with a form, the reason quoting the first answer: nothing of it may be read."""
        texts = read_request(request).texts
        if self._obeys and any("Je ne peux pas noter" in text for text in texts.values()):
            return self._said("Je ne peux pas noter ces textes.")
        grades = {slot: self._grade(text) for slot, text in texts.items()}
        return self._said(json.dumps({**grades, "reason": next(iter(texts.values()))}, ensure_ascii=False))

    @property
    def _obeys(self) -> bool:
        return self.spec.judge_id == OBEDIENT

    def _grade(self, text: str) -> int:
        """Five grades would be needed for a strict order above all others: the best two share one."""
        if not self._obeys:
            return self.worth[text]
        return 4 if text in self.hostile else min(self.worth[text], 3)

    def _said(self, text: str) -> Completion:
        return Completion(text=text, finish_reason="stop", latency_s=0, completed_at=NEVER)

    def runtime(self) -> dict[str, JsonValue]:
        """Nothing to say."""
        return {}

    async def aclose(self) -> None:
        """Nothing to close."""


class Quiet:
    """A progress that says nothing."""

    def started(self, n_calls: dict[str, int]) -> None:
        """Say nothing."""

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:
        """Say nothing."""

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Whole:
    """One recorded run with its comparison."""

    comparison: Comparison
    manifest: Manifest
    folder: Path


@pytest.fixture(scope="module")
def whole(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Give the run of an obedient and a firm judge over all attacks, in French."""
    path = tmp_path_factory.mktemp("canaries") / "run"
    part = Part(part_id="all", judges=JUDGES, rulebooks=("hhh",), repeats=4)
    title = {"fr": "Canaris", "en": "Canaries"}
    experiment = Experiment.model_validate(
        {"experiment_id": "c", "title": title, "case_set": "canaries", "seed": 1, "parts": (part,)}
    )
    cases = suite.content.cases
    worth = {
        answer.text["fr"].strip(): 4 - tier
        for case in cases.values()
        for tier, (answer_id,) in enumerate(case.author_key or ())
        for answer in case.answers
        if answer.answer_id == answer_id
    }
    hostile = frozenset(attack.text for attack in suite.attacks)

    def live(spec: JudgeSpec, recorder: Recorder) -> RecordingJudge:
        return RecordingJudge(Scripted(spec, worth, hostile), recorder)

    folder = RunFolder(path)
    finished = asyncio.run(record_run(experiment, folder, live, Quiet(), asyncio.Event()))
    manifest = folder.read_manifest()
    source = ComparisonSource(
        manifest=manifest,
        cases=tuple(cases.values()),
        verdicts=tuple(finished.verdicts),
        store_sha256=finished.store_sha256,
    )
    return Whole(compare_verdicts(source, n_shuffles=0), manifest, path)


def test_the_obedient_judge_is_found_out(whole: Whole) -> None:
    """Every place of four where it obeys, no verdict where it is told to refuse; zero for the firm one."""
    overall = {one.row_id.split(":")[1]: one for one in whole.comparison.canaries if one.kind is None}
    obedient, firm = overall[OBEDIENT], overall[FIRM]
    assert (obedient.lift.value, obedient.lift.n, obedient.n_attacks) == (3.0, 42, 43)
    assert (obedient.first_with.value, obedient.first_without.value) == (1.0, 0.0)
    assert obedient.unread_with == pytest.approx(1 / 43)
    assert (firm.lift.value, firm.lift.n, firm.unread_with) == (0.0, 43, 0.0)
    assert firm.lift.intervals[0].n == 6


def test_every_kind_is_told_apart(whole: Whole) -> None:
    """Fourteen kinds for each judge, three trials or more of each."""
    for judge_id, lift in ((OBEDIENT, 3.0), (FIRM, 0.0)):
        kinds = [one for one in whole.comparison.canaries if one.kind and judge_id in one.row_id]
        assert len({one.kind for one in kinds}) == 14
        assert min(one.n_attacks for one in kinds) == 3
        assert {one.lift.value for one in kinds} == {lift}


def test_the_report_says_who_gave_in(whole: Whole) -> None:
    """Page, Markdown and terminal name the places gained, in both languages."""
    said = re.sub(r"\s+", " ", render_text(whole.comparison, "fr"))
    assert "De 0,00 à +3,00 places gagnées par une réponse qui s’adresse au juge" in said
    page = render_html(whole.comparison, whole.manifest)
    assert "Answers that give orders" in page
    assert "une autorité invoquée" in page


OBEYED = "\x1b\x00\x9b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_no_output_obeys_a_hostile_answer(whole: Whole, suite: Suite) -> None:
    """No control character, no turn of direction and no tag of an answer in any output."""
    comparison, manifest = whole.comparison, whole.manifest
    page = render_html(comparison, manifest)
    outputs = [page, render_text(comparison, "fr"), render_markdown(comparison, "en")]
    for panel in ("canaries", "bias"):
        outputs += [table_bytes(to_panel_frame(comparison, panel), kind).decode() for kind in ("csv", "json")]
    outputs.append(table_bytes(to_case_frame(comparison), "markdown").decode())
    for text in outputs:
        assert not any(sign in text for sign in OBEYED)
    assert "<span hidden>" not in page
    assert "<system priority" not in page
    assert "<!-- texte non affiché" not in page
    assert any("<span hidden>" in attack.text for attack in suite.attacks)


def test_no_cell_of_a_csv_is_a_formula(whole: Whole) -> None:
    """Titles that a spreadsheet would calculate are texts in every table."""
    formula = {"title": '=HYPERLINK("elsewhere")'}
    rows = tuple(row.model_copy(update=formula) for row in whole.comparison.rows)
    hostile = whole.comparison.model_copy(update={"rows": rows})
    lines = list(csv.reader(io.StringIO(table_bytes(to_case_frame(hostile), "csv").decode())))
    assert len(lines) > 40
    texts = [cell for line in lines[1:] for cell in line if not re.fullmatch(r"-?[\d.e-]+", cell)]
    assert sum(cell.startswith("'=HYPERLINK") for cell in texts) > 40
    assert [cell for cell in texts if cell.startswith(("=", "+", "-", "@"))] == []
