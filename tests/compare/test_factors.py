"""Shares beside the headline's: wording, language, unequal runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.factor_shares import shares_without_each
from harness.errors import UndefinedStatisticError
from harness.schema import Cell, FactorComponents
from harness.schema.run import ImportRecord
from harness.stats import factors as stats

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

SIX = ("one", "two", "three", "four", "five", "six")


def panel(source: ComparisonSource, varied: str, n_shuffles: int = 0) -> FactorComponents:
    """The one panel of what is varied."""
    found = compare_verdicts(source, n_shuffles=n_shuffles).factor_components
    (one,) = [panel for panel in found if panel.varied == varied]
    return one


def shares(found: FactorComponents) -> dict[tuple[str, ...], float | None]:
    """Shares by factors."""
    return {part.factors: part.share.value for part in found.shares}


def test_a_wording_that_turns_orders_round_is_all_paraphrase(kit: Kit) -> None:
    """Judges that obey the wording and not the rules give the paraphrase the whole share."""

    def reply(cell: Cell, _order: object) -> Mapping[str, float]:
        return kit.by_letter("1234" if cell.wording == "paraphrase" else "4321")

    bench = kit.bench({"j": reply, "k": reply}, SIX, wordings=("base", "paraphrase"))
    found = panel(bench.source(), "paraphrase", 199)
    # The rulebooks' means agree exactly, so less than nothing is left of them once the wording's own
    # variance is taken off: s = 6·2·(1/2)²·2 = 6, V_R = 0 - 1/2·6/2 = -3/2, V_W = 6; total 9/2.
    assert shares(found) == {
        ("model",): 0,
        ("rulebook",): pytest.approx(-1 / 3),
        ("model", "rulebook"): 0,
        ("paraphrase",): pytest.approx(4 / 3),
        ("noise",): 0,
        ("order",): 0,
    }
    assert found.factor_test is not None
    assert found.factor_test.p == 1 / 200
    # Whole wordings are shuffled: two rulebooks of two wordings that say the same are no different.
    assert found.rulebook_test is not None
    assert found.rulebook_test.p == 1
    assert found.rulebook_test.shuffled_within == "case and judge, whole wordings"


def test_a_rule_that_is_obeyed_in_every_wording_is_all_rulebook(kit: Kit) -> None:
    """With wordings that change nothing, nested shares are those of the headline."""

    def reply(cell: Cell, _order: object) -> Mapping[str, float]:
        return kit.by_letter("1234" if cell.rulebook_id == "none" else "4321")

    bench = kit.bench({"j": reply, "k": reply}, SIX, wordings=("base", "paraphrase"))
    found = panel(bench.source(), "paraphrase", 199)
    assert shares(found)["rulebook",] == pytest.approx(1)
    assert shares(found)["paraphrase",] == 0
    assert found.rulebook_test is not None
    assert found.rulebook_test.p < 0.05
    assert found.factor_test is not None
    assert found.factor_test.p == 1
    assert (found.fewest_runs, found.most_runs, found.complete_squares) == (4, 4, True)


def test_language_is_crossed_with_everything(kit: Kit) -> None:
    """A judge that turns round in English only gives language, model and their reaction a third each."""

    def turns(cell: Cell, _order: object) -> Mapping[str, float]:
        return kit.by_letter("1234" if cell.language == "en" else "4321")

    bench = kit.bench({"j": turns, "k": kit.always("4321")}, SIX, languages=("fr", "en"))
    found = panel(bench.source(), "language", 99)
    # cells (judge, language): only (j, en) differs; each effect is 1/16 of 12 columns: a third each
    assert shares(found)["model",] == pytest.approx(1 / 3)
    assert shares(found)["language",] == pytest.approx(1 / 3)
    assert shares(found)["model", "language"] == pytest.approx(1 / 3)
    assert shares(found)["model", "rulebook", "language"] == 0
    assert (found.languages, found.wordings) == (("fr", "en"), ("base",))
    assert found.rulebook_test is None
    assert found.factor_test is not None
    assert found.factor_test.p == 1 / 100


def test_slot_only_judges_are_all_noise_and_all_order(kit: Kit) -> None:
    """Judges that look at slots only have no wording and no language either."""
    judges = {"j": kit.by_slot("4321"), "k": kit.by_slot("1234")}
    bench = kit.bench(judges, SIX, wordings=("base", "paraphrase"), languages=("fr", "en"))
    for varied in ("paraphrase", "language"):
        found = shares(panel(bench.source(), varied))
        assert found.pop(("noise",)) == 1
        assert found.pop(("order",)) == 1
        assert set(found.values()) == {0}


def test_the_headline_stays_what_it_is(kit: Kit) -> None:
    """Asking a paraphrase and a second language too changes no headline share and no headline p."""

    def reply(cell: Cell, order: tuple[str, ...]) -> Mapping[str, float]:
        return kit.by_letter("4321" if order[0] in "ab" or cell.wording == "paraphrase" else "1243")

    judges = {"j": reply, "k": kit.by_slot("4321")}
    alone = compare_verdicts(kit.bench(judges, SIX).source(), n_shuffles=99)
    more = kit.bench(judges, SIX, wordings=("base", "paraphrase"), languages=("fr", "en"))
    beside = compare_verdicts(more.source(), n_shuffles=99)
    assert beside.components == alone.components
    assert alone.factor_components == ()
    assert [found.varied for found in beside.factor_components] == ["paraphrase", "language"]


def test_judges_without_the_second_wording_are_left_out(kit: Kit) -> None:
    """A judge that has no complete paraphrase does not enter, and nothing complete is no panel."""

    def only_base(cell: Cell, _order: object) -> Mapping[str, float] | None:
        return kit.by_letter("4321") if cell.wording == "base" else None

    judges = {"j": kit.always("4321"), "k": only_base}
    found = panel(kit.bench(judges, SIX, wordings=("base", "paraphrase")).source(), "paraphrase")
    assert (found.judge_ids, found.rulebook_ids, found.case_ids) == (("j",), ("hhh", "none"), SIX)
    assert all(part.share.undefined_because == "no_variation" for part in found.shares)
    none = kit.bench({"k": only_base}, SIX, wordings=("base", "paraphrase")).source()
    assert compare_verdicts(none, n_shuffles=0).factor_components == ()


def test_imported_cells_may_have_unequal_runs(kit: Kit) -> None:
    """Of an imported run every readable verdict counts, 2 to 4 in a cell, where the headline uses two."""

    def reply(cell: Cell, _order: object) -> Mapping[str, float] | None:
        if cell.repeat >= (2 if cell.rulebook_id == "none" else 4):
            return None
        return kit.by_letter("4321" if (cell.repeat + len(cell.case_id)) % 2 else "3421")

    source = kit.bench({"j": reply, "k": reply}, SIX).source()
    blind = tuple(verdict.model_copy(update={"presentation": None}) for verdict in source.verdicts)
    told = ImportRecord(format="long", sources=(), imported_at="2026-11-21T00:00:00Z")
    manifest = source.manifest.model_copy(update={"imported": told})
    found = panel(replace(source, manifest=manifest, verdicts=blind), "runs")
    assert (found.fewest_runs, found.most_runs) == (2, 4)
    assert set(shares(found)) == {("model",), ("rulebook",), ("model", "rulebook"), ("noise",)}
    # half of the verdicts in each cell swap one pair: v = n/(n-1)/4·2 columns... mean of 1/2·2 and 1/4·4/3·2
    noise = next(part.variance for part in found.shares if part.factors == ("noise",))
    assert noise == pytest.approx((2 * (1 / 4) * 2 + 2 * (1 / 4) * 4 / 3) / 2 / 6)
    # The same verdicts of a run of our own follow squares: no such panel.
    assert compare_verdicts(replace(source, verdicts=blind), n_shuffles=0).factor_components == ()


def test_intervals_say_which_question_they_answer(kit: Kit) -> None:
    """Shares carry an interval for other cases (T3) and, from three runs on, for asking again (T1)."""

    def reply(cell: Cell, order: tuple[str, ...]) -> Mapping[str, float]:
        turned = (cell.wording == "paraphrase") != (order[0] == "a") or cell.case_id in ("one", "two")
        return kit.by_letter("1234" if turned else "4321")

    found = panel(
        kit.bench({"j": reply, "k": kit.always("4321")}, SIX, wordings=("base", "paraphrase")).source(),
        "paraphrase",
    )
    for part in found.shares:
        assert [interval.target for interval in part.share.intervals] == ["T3", "T1"]
        assert part.share.n == 6


@given(st.integers(0, 2**32 - 1))
def test_leaving_out_each_case_equals_doing_it(seed: int) -> None:
    """Shares without each case, from sums, are those of the remaining cases."""
    rng = np.random.default_rng(seed)
    components = [
        stats.FactorComponents(6, {(0,): rng.normal(0.2, 0.3)}, rng.uniform(1, 2), None) for _ in range(7)
    ]
    slowly = [
        stats.factor_shares(components[:place] + components[place + 1 :]).effects[0,] for place in range(7)
    ]
    found = shares_without_each([one.effects[0,] for one in components], [one.total for one in components])
    assert found.tolist() == pytest.approx(slowly)


def test_one_case_that_holds_everything_cannot_be_left_out() -> None:
    """Where without one case no two judgements differ, there is no interval over cases."""
    with pytest.raises(UndefinedStatisticError, match="nothing to divide"):
        shares_without_each([0.1, 0.0, 0.0], [0.3, 0.0, 0.0])
