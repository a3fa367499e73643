"""The report on disk: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from harness.errors import StoreError
from harness.report.page import render_html
from harness.schema import Comparison, Language, Manifest


def write_report(
    comparison: Comparison, manifest: Manifest, path: Path, *, language: Language = "fr"
) -> Path:
    """Write the page to `path` atomically and return the path.

    A reader sees the former file or the new one, never half of it. Raises StoreError when the place
    cannot be written.
    """
    page = render_html(comparison, manifest, language=language).encode("utf-8")
    try:
        _replace(path, page)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"{path}: the report cannot be written: {reason}; choose another place") from error
    return path


def _replace(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
