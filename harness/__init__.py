"""LLM judges and people rank the same answers; the harness compares them.

Importing the package loads nothing heavy: no litellm, pandas, scipy or web framework.
"""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
