"""Whether a judge could stand in for a person, as a comparison tells it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.compare.crowd import build_crowd
from harness.compare.replacement import replacements
from harness.compare.source import build_layout
from harness.schema import Cell, RankedVerdict, Replacement

if TYPE_CHECKING:
    from tests.compare.conftest import Kit, Reply


def found(source: ComparisonSource, **options: float) -> tuple[Replacement, ...]:
    """The panel alone."""
    layout = build_layout(source)
    return replacements(layout, build_crowd(source.people, layout.cases), **options)


def noisy_people(kit: Kit, cases: tuple[str, ...], n_people: int = 5, seed: int = 1) -> list[RankedVerdict]:
    """People of one opinion (a above b above c above d) who err a little."""
    rng = np.random.default_rng(seed)
    votes: list[RankedVerdict] = []
    for who in range(n_people):
        given = {}
        for case_id in cases:
            seen = np.array([3.0, 2, 1, 0]) + rng.normal(0, 1.0, 4)
            given[case_id] = "".join(str(1 + int((seen < one).sum())) for one in seen)
        votes += kit.votes(f"person-{who}", given)
    return votes


def bench(kit: Kit, n_cases: int, **judges: Reply) -> ComparisonSource:
    """A run of so many cases, two runs each, with five noisy people."""
    cases = tuple(f"case-{number}" for number in range(n_cases))
    made = kit.bench(judges, cases=cases, rulebooks=("hhh",), repeats=2, people=noisy_people(kit, cases))
    return made.source()


def test_with_many_cases_a_good_judge_passes_and_a_reversed_one_fails(kit: Kit) -> None:
    """With forty cases the test is made, with five people, and tells the two judges apart."""

    def good_judge(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
        return kit.by_letter("1432" if cell.case_id.endswith("7") else "4321")

    good, bad = found(bench(kit, 40, good=good_judge, bad=kit.always("1234")))
    assert (good.omega.value, good.passes) == (1.0, True)
    assert (bad.omega.value, bad.passes) == (0.0, False)
    assert good.omega.n == good.n_people == 5
    assert good.n_cases == 40
    assert good.rho.value is not None
    assert bad.rho.value is not None
    assert bad.rho.value < 0.2
    assert good.rho.value > 0.6
    (interval,) = good.rho.intervals
    assert (interval.target, interval.n) == ("T3", 40)
    assert 0 <= interval.low < good.rho.value < interval.high <= 1


def test_below_thirty_cases_only_rho(kit: Kit) -> None:
    """With 29 cases there is rho with an interval, and no verdict on passing."""
    (row,) = found(bench(kit, 29, good=kit.always("4321")))
    assert row.rho.value is not None
    assert row.rho.intervals
    assert row.omega.undefined_because == "too_few_cases"
    assert row.passes is None


def test_rho_by_hand(kit: Kit) -> None:
    """Three people on one case, one judge: who is how near to the other two."""
    # h1 4321, h2 4321, h3 1234; the judge says 4321. tau: h1-h2 1, h1-h3 -1, h2-h3 -1; judge 1, 1, -1
    # without h1: judge (1 - 1)/2 = 0, h1 (1 - 1)/2 = 0 -> tie; h2 the same; without h3: judge 1, h3 -1
    votes = [
        vote
        for who, said in enumerate(("4321", "4321", "1234"))
        for vote in kit.votes(f"h{who}", {"one": said})
    ]
    source = kit.bench({"j": kit.always("4321")}, cases=("one",), rulebooks=("hhh",), people=votes).source()
    (row,) = found(source)
    assert (row.rho.value, row.rho.n, row.n_people) == (1.0, 1, 3)
    assert row.rho.intervals == ()
    assert row.rho.undefined_because == "too_few_cases"


def test_a_judge_is_no_committee(kit: Kit) -> None:
    """A judge that is right every other time wins half of its duels, not those of its mean ranking."""
    votes = [vote for who in range(3) for vote in kit.votes(f"h{who}", {"one": "4321"})]

    def wavering(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
        return kit.by_letter("4321" if cell.repeat % 2 else "3412")

    source = kit.bench({"j": wavering}, cases=("one",), rulebooks=("hhh",), people=votes).source()
    (row,) = found(source)
    assert row.rho.value == 0.5


def test_each_rulebook_and_protocol_has_its_row(kit: Kit) -> None:
    """Every line in base wording is tested under its own row of the table; paraphrases are not."""
    made = kit.bench(
        {"list": kit.always("4321"), "pair": kit.always("4321")},
        wordings=("base", "paraphrase"),
        specs={"pair": {"protocol": "pairwise"}},
        people=kit.six_people(("one", "two", "three")),
    )
    rows = found(made.source())
    assert [row.row_id for row in rows] == [
        f"judge:{judge}:{rulebook}:base:fr" for judge in ("list", "pair") for rulebook in ("hhh", "none")
    ]
    compared = compare_verdicts(made.source(), n_shuffles=0)
    assert compared.replacements == rows
    assert {row.row_id for row in rows} <= {row.row_id for row in compared.rows}


def test_epsilon_is_kept_and_counts(kit: Kit) -> None:
    """The allowance is written down, and a judge like one more person passes only with a large one."""
    source = bench(kit, 40, good=kit.always("4321"))
    (default,), (none,) = found(source), found(source, epsilon=-0.9)
    assert default.epsilon == 0.15
    assert (none.epsilon, none.omega.value) == (-0.9, 0.0)


def test_people_with_few_cases_do_not_enter_the_test(kit: Kit) -> None:
    """A sixth person with three cases is met by nobody where five have forty."""
    source = bench(kit, 40, good=kit.always("4321"))
    late = kit.votes("late", {f"case-{number}": "1234" for number in range(3)})
    (row,) = found(replace(source, people=(*source.people, *late)))
    assert row.n_people == row.omega.n == 5


@pytest.mark.parametrize(
    ("n_people", "people_known", "because"),
    [(2, True, "too_few_people"), (5, False, "people_unknown")],
)
def test_whom_it_would_replace_must_be_known(
    kit: Kit, n_people: int, people_known: bool, because: str
) -> None:
    """Two people, or anonymous votes, give the reason instead of a figure."""
    cases = ("one", "two", "three")
    made = kit.bench({"j": kit.always("4321")}, people=noisy_people(kit, cases, n_people))
    for row in found(replace(made.source(), people_known=people_known)):
        assert row.rho.undefined_because == row.omega.undefined_because == because
        assert row.passes is None


def test_nothing_to_replace_without_people(kit: Kit) -> None:
    """Against the author's key, or nobody, there is no panel."""
    assert found(kit.bench({"j": kit.always("4321")}).source()) == ()


def test_a_judge_that_nobody_can_read(kit: Kit) -> None:
    """A judge without a readable verdict has its reason."""
    cases = ("one", "two", "three")
    made = kit.bench({"j": kit.failing("refused")}, people=noisy_people(kit, cases))
    assert {row.rho.undefined_because for row in found(made.source())} == {"no_readable_verdict"}
