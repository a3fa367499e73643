"""Verdicts -> comparison: who agrees with whom, what moved the judges, and how sure that is. Pure.

Reading order: `source` (a run, sorted into lines), `crowd` and `reference` (people or the author's key),
`figures` (one row in one case), `rows` (one line of the table) with `judges`, `persons`, `baselines` and
`extras`; `pairing` and `grid` (what is complete and comparable), `parts` and `factors` (model, rulebook,
reaction, noise, wording, language), `moves` (what each rulebook moved), `facts`. Then one module per panel:
`ladder`, `rule_effects`, `weights`, `bias`, `leaderboards`, `people_panel`, `replacement`, `semi`, `map`,
`costs`. `build` joins them, `methods` says which statistics were used, `contrast` sets two comparisons side
by side. `frames` and `panel_frames` turn a comparison into pandas tables; nothing else here loads pandas.

For whoever asks people: `asking` (`asking_people`), `adjudication`, `annotators`, `replayed`, `drawn`.
"""

from harness.compare.build import compare_verdicts
from harness.compare.frames import (
    FRAME_KINDS,
    FrameKind,
    table_bytes,
    to_case_frame,
    to_frame,
    to_move_frame,
    to_share_frame,
)
from harness.compare.panel_frames import PANELS, to_panel_frame
from harness.compare.source import ComparisonSource

__all__ = [
    "FRAME_KINDS",
    "PANELS",
    "ComparisonSource",
    "FrameKind",
    "compare_verdicts",
    "table_bytes",
    "to_case_frame",
    "to_frame",
    "to_move_frame",
    "to_panel_frame",
    "to_share_frame",
]
