"""What the harness itself says of two published sets, from their files to what reports show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.cli.joint import compare_folder
from harness.formats.importing import Asked, import_files
from harness.schema import Comparison

pytestmark = pytest.mark.slow

JUDGES = {"gpt-4": "gpt4", "gpt-3.5": "gpt35", "claude": "claude", "vicuna": "vicuna-13b", "bard": "bard"}


def compared(name: str, source: Path, target: Path) -> Comparison:
    """Import a set and compare it, as the command line does."""
    return compare_folder(import_files(Asked(name, (source,), {}), target).folder)


@pytest.fixture(scope="module")
def llmbar(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """LLMBar's comparison."""
    return compared("llmbar", shared_data / "llmbar", tmp_path_factory.mktemp("runs") / "llmbar")


@pytest.fixture(scope="module")
def prd(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """PRD's comparison."""
    return compared("prd", shared_data / "prd_vicuna80", tmp_path_factory.mktemp("runs") / "prd")


def changed(comparison: Comparison) -> dict[tuple[str, str | None], float]:
    """(what differs, judge or None) -> share of verdicts on pairs that changes."""
    return {
        (rung.differs_in, rung.judge_id): rung.changed.value
        for rung in comparison.ladder
        if rung.changed.value is not None
    }


def test_published_llmbar_on_one_page(llmbar: Comparison) -> None:
    """Another judge changes 35 % of the verdicts, another order 32 %, the rules 10 %, on one ladder."""
    shares = changed(llmbar)
    found = {step: shares[step, None] for step in ("judge", "order", "rulebook")}
    assert found == pytest.approx({"judge": 0.3514, "order": 0.3183, "rulebook": 0.1001}, abs=5.1e-5)
    orders = {judge: share for (step, judge), share in shares.items() if step == "order" and judge}
    assert sorted(orders, key=orders.__getitem__) == ["gpt-4", "palm2", "chatgpt", "falcon"]
    assert orders["falcon"] > 7 * orders["gpt-4"]


def test_published_llmbar_keeps_its_failures(llmbar: Comparison) -> None:
    """The 24 unparsed verdicts of the two rulebooks are failures in the table, and nobody else has one."""
    failures = {(row.title, row.rulebook_id): row.failures for row in llmbar.rows if row.failures}
    judges = {key: told for key, told in failures.items() if key[0] == "PaLM2"}
    assert judges == {("PaLM2", "none"): {"unparsable": 16}, ("PaLM2", "llmbar-rules"): {"unparsable": 8}}
    assert llmbar.n_failed == 24


def test_published_llmbar_is_compared_with_a_key(llmbar: Comparison) -> None:
    """The gold label is one person's reading: no figure about people is made of it."""
    assert llmbar.reference.kind == "key"
    assert llmbar.reference.human_human.value is None


def test_published_prd_shows_the_ceiling_of_people(prd: Comparison, published: Mapping[str, Any]) -> None:
    """Two votes of people differ on 47.6 % of the pairs, one minus the raw agreement of .5236."""
    told = published["prd_vicuna80"]["recomputed_not_published"]
    raw = told["human_human_raw_agreement_480_keys_with_3_votes"]
    assert changed(prd)["person", None] == pytest.approx(1 - raw, abs=5.1e-5)
    assert prd.reference.human_human.value == pytest.approx(0.245833, abs=5e-7)
    assert prd.reference.people_known is False


@pytest.mark.parametrize("judge", list(JUDGES))
def test_published_prd_shows_order_flips_per_judge(
    judge: str, prd: Comparison, published: Mapping[str, Any]
) -> None:
    """Each judge's rung for the order is one minus the share of same verdicts; its row has its flips."""
    told = published["prd_vicuna80"]["recomputed_not_published"]
    assert changed(prd)["order", JUDGES[judge]] == pytest.approx(
        1 - told["same_verdict_in_both_orders"][judge], abs=6e-5
    )
    row = next(row for row in prd.rows if row.annotator_id == JUDGES[judge])
    assert row.order_flips is not None
    assert row.order_flips.value is not None
    assert told["first_shown_wins_both_orders"][judge] <= row.order_flips.value + 6e-5
    assert row.order_flips.value <= 1 - told["same_verdict_in_both_orders"][judge] + 6e-5


def test_published_prd_judges_lift_their_own_answers(prd: Comparison) -> None:
    """GPT-4 puts its own answers higher than people do, beyond the others' habit; nobody else surely does."""
    lifts = {bias.row_id.split(":")[1]: bias.self_preference.intervals for bias in prd.biases}
    sure = [name for name, intervals in lifts.items() if intervals and intervals[0].low > 0]
    assert sure == ["gpt4"]
