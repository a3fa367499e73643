"""A comparison as one HTML page, as terminal text and as Markdown; formats numbers, never computes them."""

from harness.report.alone import render_figures
from harness.report.markdown import render_markdown
from harness.report.page import render_contrast, render_html
from harness.report.terminal import render_text

__all__ = ["render_contrast", "render_figures", "render_html", "render_markdown", "render_text"]
