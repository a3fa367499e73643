"""A comparison in the hands of someone who works in Python: tables, figures, text, report."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.api.figures import Figures
from harness.compare import PANELS, to_case_frame, to_frame, to_move_frame, to_panel_frame, to_share_frame
from harness.compare.contrast import contrast_comparisons
from harness.errors import HarnessError
from harness.report import render_figures, render_html, render_markdown, render_text
from harness.schema import Comparison, Contrast, Language, Manifest
from harness.store.disk import write_atomically

if TYPE_CHECKING:
    import pandas as pd


class Compared:
    """A run that was compared: `record` holds every number, the rest are views of it."""

    def __init__(self, record: Comparison, manifest: Manifest, language: Language = "en") -> None:
        self.record = record
        self.manifest = manifest
        self.language = language

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The table: one line per judge and rulebook, panel, person or key, and baseline."""
        return to_frame(self.record)

    @cached_property
    def cases(self) -> pd.DataFrame:
        """One line per row of the table and case."""
        return to_case_frame(self.record)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """What each rulebook moved, for each judge: all cases, then one by one."""
        return to_move_frame(self.record)

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Shares of model, rulebook, reaction and noise, one line per protocol and part."""
        return to_share_frame(self.record)

    def table(self, panel: str) -> pd.DataFrame:
        """Give one panel as a table, by the name that `harness compare --table` knows (`ladder`, `bias`).

        Raises
        ------
        HarnessError
            There is no such panel; the names are listed.
        """
        if panel not in PANELS:
            raise HarnessError(f"no panel '{panel}'; there are {', '.join(PANELS)}")
        return to_panel_frame(self.record, panel)

    @cached_property
    def figures(self) -> Figures:
        """Every figure of the report, by name."""
        return Figures(render_figures(self.record, self.manifest, self.language))

    def against(self, other: Compared) -> Contrast:
        """Set this comparison beside another; differences are `other` minus this one, case by case."""
        return contrast_comparisons(self.record, other.record)

    def to_html(self) -> str:
        """The report: one page in both languages, nothing fetched."""
        return render_html(self.record, self.manifest, language=self.language)

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return render_markdown(self.record, self.language, manifest=self.manifest)

    def write_report(self, path: str | Path) -> Path:
        """Write the report, as .md or as one HTML page; the path comes back."""
        target = Path(path)
        text = self.to_markdown() if target.suffix == ".md" else self.to_html()
        write_atomically(target, [text.encode()])
        return target

    def __str__(self) -> str:
        return render_text(self.record, self.language, manifest=self.manifest)

    def __repr__(self) -> str:
        record = self.record
        return f"<comparison of {record.run_id}: {len(record.rows)} rows, {len(record.cases)} cases>"
