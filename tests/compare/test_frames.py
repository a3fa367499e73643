from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from harness.compare import (
    PANELS,
    compare_verdicts,
    table_bytes,
    to_case_frame,
    to_frame,
    to_move_frame,
    to_panel_frame,
    to_share_frame,
)
from harness.compare.frames import markdown

if TYPE_CHECKING:
    from tests.compare.conftest import Kit
from harness.schema import Comparison


@pytest.fixture
def comparison(kit: Kit) -> Comparison:
    """Two judges beside six people."""
    judges = {"content": kit.always("4312"), "slot": kit.by_slot("4321")}
    bench = kit.bench(judges, people=kit.six_people(("one", "two", "three")))
    return compare_verdicts(bench.source(), n_shuffles=19)


def test_the_table_has_one_line_per_row(comparison: Comparison) -> None:
    """Values, intervals and reasons of every row stand under their own names."""
    frame = to_frame(comparison).set_index("row_id")
    assert len(frame) == len(comparison.rows)
    assert frame.loc["judge:content:hhh:base:fr", "tau_people"] == pytest.approx(11 / 36)
    assert frame.loc["judge:content:hhh:base:fr", "tau_people_target"] == "T3"
    assert frame.loc["judge:content:hhh:base:fr", "tau_people_n"] == 3
    assert frame["tau_people_low"].isna()["baseline:random"]
    assert frame.loc["judge:content:hhh:base:fr", "order_flips_undefined"] == "does_not_apply"


def test_cases_moves_and_shares_are_tables_too(comparison: Comparison) -> None:
    """Each of the three has the lines that the comparison has."""
    cases = to_case_frame(comparison)
    assert len(cases) == sum(len(row.cases) for row in comparison.rows)
    assert cases.loc[0, "order"] == "one-a > one-b > one-d > one-c"
    moves = to_move_frame(comparison)
    assert len(moves) == sum(1 + len(move.cases) for move in comparison.moves)
    shares = to_share_frame(comparison).set_index("part")
    assert shares.loc["human", "variance"] == pytest.approx(0.45)
    assert shares.loc["model", "share"] == pytest.approx(3 / 11)


def test_a_comparison_without_moves_is_an_empty_table(kit: Kit) -> None:
    """Nothing found is a table without lines, in every format."""
    found = compare_verdicts(kit.bench({"j": kit.always("4321")}, rulebooks=("hhh",)).source(), n_shuffles=0)
    frame = to_move_frame(found)
    assert frame.empty
    assert table_bytes(frame, "json") == b"[]\n"


def test_csv_json_and_parquet_read_back(comparison: Comparison) -> None:
    """What was written is what is read."""
    frame = to_frame(comparison)
    again = pd.read_csv(io.BytesIO(table_bytes(frame, "csv")))
    assert list(again["row_id"]) == list(frame["row_id"])
    assert again["retest"].tolist() == pytest.approx(frame["retest"].astype(float).tolist(), nan_ok=True)
    records = json.loads(table_bytes(frame, "json"))
    assert records[0]["tau_people"] == pytest.approx(11 / 36)
    assert records[0]["order_flips"] is None
    parquet = pd.read_parquet(io.BytesIO(table_bytes(frame, "parquet")))
    assert list(parquet["row_id"]) == list(frame["row_id"])


def test_markdown_needs_no_further_package() -> None:
    """Numbers are rounded, bars escaped, line breaks gone, and what is missing is empty."""
    frame = pd.DataFrame({"name": ["a|b\nc", None], "number": [0.12349, None]})
    assert markdown(frame) == "| name | number |\n| --- | --- |\n| a\\|b c | 0.123 |\n|  |  |\n"


def test_comparing_loads_no_pandas(root: Path) -> None:
    """Only who asks for a table pays for pandas."""
    program = "import sys, harness.compare; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("panel", list(PANELS))
def test_every_panel_is_a_table(comparison: Comparison, panel: str) -> None:
    """Each is written as CSV with one line per record, none where the comparison has nothing to say."""
    frame = to_panel_frame(comparison, panel)
    content = table_bytes(frame, "csv").decode()
    assert (
        len(pd.read_csv(io.StringIO(content))) == len(frame) if len(frame.columns) else content.strip() == ""
    )


def test_the_panels_hold_every_record(comparison: Comparison) -> None:
    """No rung, bias or person is lost on the way into a table."""
    people = comparison.people_panel
    assert len(to_panel_frame(comparison, "ladder")) == len(comparison.ladder) > 0
    assert len(to_panel_frame(comparison, "bias")) == len(comparison.biases) > 0
    assert people is not None
    assert list(to_panel_frame(comparison, "people")["annotator_id"]) == [
        person.annotator_id for person in people.people
    ]
