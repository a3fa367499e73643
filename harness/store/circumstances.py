"""When, and with which versions, a record was made."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version


def now() -> str:
    """Give the second, in universal time, as every record writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Python's version, and those of the packages that are installed."""
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
