"""The Python interface: the same numbers as the command line, and figures that stand alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import harness
from harness.errors import HarnessError, StoreError
from harness.load.roots import shipped_root

SHIPPED = shipped_root() / "results" / "local-judges"


@pytest.fixture(scope="module")
def compared() -> harness.Compared:
    """The shipped run against the author's key, without shuffle tests."""
    return harness.load_run(SHIPPED).compare(n_shuffles=0)


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import harness` stays light; the interface is loaded when it is used."""
    heavy = "{'pandas', 'scipy', 'numpy', 'pydantic', 'litellm', 'harness.api'}"
    script = f"import sys, harness; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A misspelt name is told like any other."""
    with pytest.raises(AttributeError, match="lode_run"):
        _ = harness.lode_run


def test_a_folder_without_a_run_is_refused_at_once(tmp_path: Path) -> None:
    """Opening fails, not the first use."""
    with pytest.raises(StoreError, match="no run manifest"):
        harness.load_run(tmp_path)


def test_looking_at_a_run_writes_nothing(compared: harness.Compared) -> None:
    """The shipped folder is as it was: no report, no new file."""
    assert compared.record.n_verdicts == len(harness.load_run(SHIPPED).verdicts)
    assert not (SHIPPED / "report.html").exists()


def test_tables_are_those_of_the_command_line(compared: harness.Compared) -> None:
    """One line per row of the record, the same value."""
    assert list(compared.rows["row_id"]) == [row.row_id for row in compared.record.rows]
    assert list(compared.rows["n_ranked"]) == [row.n_ranked for row in compared.record.rows]
    assert {"share", "protocol"} <= set(compared.shares.columns)
    assert len(compared.cases) == sum(len(row.cases) for row in compared.record.rows)
    assert len(compared.moves) > len(compared.record.moves)


def test_panels_are_tables_by_name(compared: harness.Compared) -> None:
    """One line per record; an unknown name lists the known ones."""
    ladder = compared.table("ladder")
    assert list(ladder["differs_in"]) == [rung.differs_in for rung in compared.record.ladder]
    assert {"agreement", "agreement_low", "changed", "changed_undefined"} <= set(ladder.columns)
    with pytest.raises(HarnessError, match="ladder, rules, weights"):
        compared.table("leiter")


def test_every_figure_is_an_svg_that_stands_alone(compared: harness.Compared) -> None:
    """It parses, names its size, and points to nothing outside itself."""
    assert len(compared.figures) > 10
    for name, figure in compared.figures.items():
        root = ET.fromstring(figure.svg)  # noqa: S314 - our own drawing
        assert root.tag == "{http://www.w3.org/2000/svg}svg", name
        assert float(root.attrib["width"]) > 0
        assert "http" not in figure.svg.replace("http://www.w3.org/2000/svg", ""), name
        assert "var(--" not in figure.svg, name
        assert figure._repr_svg_().startswith("<svg")


def test_figures_are_saved_as_svg_and_png(compared: harness.Compared, tmp_path: Path) -> None:
    """Each name ends in what it is; another ending is refused."""
    pytest.importorskip("resvg_py")
    figure = compared.figures[next(iter(compared.figures))]
    assert figure.save(tmp_path / "one.svg").read_text().startswith("<?xml")
    assert figure.save(tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(HarnessError, match=r"\.svg or \.png"):
        figure.save(tmp_path / "one.gif")


def test_png_without_its_extra_says_what_to_install(
    compared: harness.Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback: the name of the extra."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(HarnessError, match=r"llm-judge-harness\[png\]"):
        compared.figures[next(iter(compared.figures))].png()


def test_two_comparisons_stand_side_by_side(compared: harness.Compared) -> None:
    """A run beside itself differs nowhere."""
    found = compared.against(compared)
    assert {row.difference.value for row in found.rows} <= {0, None}


def test_the_report_is_written_as_page_or_as_markdown(compared: harness.Compared, tmp_path: Path) -> None:
    """The ending decides."""
    assert compared.write_report(tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert compared.write_report(tmp_path / "r.md").read_text().startswith("#")
    assert str(compared.record.n_verdicts) in str(compared)
