"""The notebook in docs/ shows what still comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"

pytestmark = pytest.mark.slow


def test_the_notebook_shows_what_comes_out_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run again, every cell gives the output that is committed; `make notebook` writes it anew."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    shown = nbformat.read(NOTEBOOK, as_version=4)
    again = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        again, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    client.execute()
    assert [_outputs(cell) for cell in again.cells] == [_outputs(cell) for cell in shown.cells]
    assert sum("image/svg+xml" in _outputs(cell) for cell in shown.cells) >= 2


def _outputs(cell: dict[str, object]) -> str:
    """What a cell shows, as one text; when and how long it ran does not matter."""
    return json.dumps(cell.get("outputs", []), sort_keys=True)
