"""Choosing judges on a few cases of a published set, and what the choice was worth on all the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.api.source import Asked as Reference
from harness.api.source import load_source
from harness.compare.calibration import CalibrationAsked, tabulate
from harness.compare.source import build_layout
from harness.formats.importing import Asked, import_files
from harness.stats.intervals import jackknife_t
from harness.stats.nested_choice import nested_choice

pytestmark = pytest.mark.slow

N_DRAWS = 300


@pytest.mark.parametrize(("name", "folder"), [("prd", "prd_vicuna80"), ("hanna", "hanna")])
def test_what_a_choice_was_said_to_be_worth_is_what_it_was_worth(
    name: str, folder: str, shared_data: Path, tmp_path: Path
) -> None:
    """Chosen on 12 cases: the nested figure is that of the other cases to .02, the naive one is above it."""
    options = {"criterion": "coherence"} if name == "hanna" else {}
    run = import_files(Asked(name, (shared_data / folder,), options), tmp_path / name).folder
    figures = tabulate([build_layout(load_source(run, Reference()))], CalibrationAsked(most_judges=2)).figures
    rng = np.random.default_rng(0)
    naive, honest, elsewhere, held = [], [], [], []
    for _ in range(N_DRAWS):
        drawn = rng.permutation(figures.shape[1])
        found = nested_choice(figures[:, drawn[:12]], np.arange(12))
        span = jackknife_t(found.left_out[:, 1], found.honest)
        worth = float(np.nanmean(figures[found.chosen, drawn[12:]]))
        naive.append(found.naive)
        honest.append(found.honest)
        elsewhere.append(worth)
        held.append(span.low <= worth <= span.high)
    assert np.mean(honest) == pytest.approx(np.mean(elsewhere), abs=0.02)
    assert np.mean(naive) - np.mean(elsewhere) > 0.01
    assert np.mean(held) > 0.9
