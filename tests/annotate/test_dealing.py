"""Who sees proposals: dealt in pairs, kept before the first case."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.annotate.dealing import Arm, Design, Study, deal, study_path
from harness.errors import HarnessError, StoreError

CASES = ("one", "two", "three", "four", "five")


def study(design: Design = "people", seed: int = 7, **changed: object) -> Study:
    """What is asked."""
    plain = {"session": "s", "judge_id": "j", "rulebook_id": "hhh", "design": design, "seed": seed}
    return Study.model_validate({**plain, "case_ids": CASES, **changed})


def arms(path: Path, n_people: int, design: Design = "people", seed: int = 7) -> list[Arm]:
    """Deal so many people."""
    return [deal(path, study(design, seed), f"p{number}") for number in range(n_people)]


def test_of_each_pair_one_sees_everything(tmp_path: Path) -> None:
    """Whole people: opposite arms in each lot, whoever comes first."""
    found = arms(tmp_path / "a.json", 40)
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert first.lot == second.lot
        assert {first.shown, second.shown} == {CASES, ()}
    firsts = Counter(bool(one.shown) for one in found[::2])
    assert min(firsts.values()) > 3


def test_of_each_pair_each_sees_half_of_the_cases(tmp_path: Path) -> None:
    """Cases: halves that do not overlap and leave nothing out, two or three of five, differing over pairs."""
    found = arms(tmp_path / "a.json", 40, "cases")
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert sorted((*first.shown, *second.shown)) == sorted(CASES)
        assert {len(first.shown), len(second.shown)} == {2, 3}
    assert len({one.shown for one in found}) > 5
    counts = Counter(case_id for one in found for case_id in one.shown)
    assert set(counts.values()) == {20}


@settings(max_examples=25)
@given(seed=st.integers(0, 2**53 - 1), n_people=st.integers(1, 9), by_cases=st.booleans())
def test_balance(tmp_path_factory: pytest.TempPathFactory, seed: int, n_people: int, by_cases: bool) -> None:
    """Any seed, any number of people: arms of a case differ by one person at most."""
    design: Design = "cases" if by_cases else "people"
    found = arms(tmp_path_factory.mktemp("arms") / "a.json", n_people, design, seed)
    for case_id in CASES:
        saw = sum(case_id in one.shown for one in found)
        assert abs(2 * saw - n_people) <= 1


def test_the_arm_is_kept_before_it_is_told(tmp_path: Path) -> None:
    """Asked again, a person has the same arm; the file names everybody in the order of arrival."""
    path = tmp_path / "a.json"
    first = deal(path, study(), "ann")
    assert json.loads(path.read_text(encoding="utf-8"))["people"][0]["annotator_id"] == "ann"
    deal(path, study(), "bob")
    assert deal(path, study(), "ann") == first
    assert len(json.loads(path.read_text(encoding="utf-8"))["people"]) == 2


def test_no_seed_is_a_drawn_one_that_stays(tmp_path: Path) -> None:
    """Two studies without a seed have different ones; one study keeps its own."""
    for name in ("a.json", "b.json"):
        deal(tmp_path / name, study(seed=-1), "ann")
        deal(tmp_path / name, study(seed=-1), "bob")
    seeds = [
        json.loads((tmp_path / name).read_text(encoding="utf-8"))["seed"] for name in ("a.json", "b.json")
    ]
    assert seeds[0] != seeds[1]
    assert min(seeds) >= 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"judge_id": "other"}, "judge_id 'j', not 'other'"),
        ({"design": "cases"}, "design 'people', not 'cases'"),
        ({"seed": 8}, "seed '7', not '8'"),
        ({"case_ids": ("one",)}, "case_ids one, two, three, four, five, not one"),
    ],
)
def test_another_study_is_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    """One table, one study: what differs is named, and nobody is dealt."""
    path = tmp_path / "a.json"
    deal(path, study(), "ann")
    before = path.read_bytes()
    with pytest.raises(HarnessError, match=words):
        deal(path, study(**change), "bob")  # type: ignore[arg-type]
    assert path.read_bytes() == before


def test_a_damaged_file_of_arms_is_not_made_anew(tmp_path: Path) -> None:
    """Dealing again would change people's arms in the middle of the study."""
    path = tmp_path / "a.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="damaged"):
        deal(path, study(), "ann")


def test_the_file_of_arms_lies_beside_the_table() -> None:
    """Under the table's name."""
    assert study_path(Path("x/people.csv")) == Path("x/people.arms.json")
