"""LLM judges and people rank the same answers; the harness compares them.

Importing the package loads nothing heavy: no litellm, pandas, scipy or web framework. From Python::

    run = harness.load_run("results/local-judges")
    compared = run.compare(people="class.csv")
    compared.rows, compared.figures, compared.write_report("report.html")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.api import Compared, Run, load_run

__version__ = "0.1.0"

__all__ = ["Compared", "Run", "__version__", "load_run"]


def __getattr__(name: str) -> object:
    """Load the Python interface when it is first used."""
    if name in ("Compared", "Run", "load_run"):
        from harness import api

        return getattr(api, name)
    raise AttributeError(f"module 'harness' has no attribute {name!r}")
