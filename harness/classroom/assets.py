"""What a page needs beside its HTML: style sheets, scripts, the icon, each under a name with its digest.

A script may be written as several modules; it is served as one file, because every further file costs a pupil
on a slow network a round trip. The modules are joined here by dropping their `import` and `export` words, so
that a name may be declared in one module only (a test looks).
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
URL = "/static/"

_IMPORT = re.compile(r'^import\s*(?:\{[^}]*\}\s*from\s*)?"\./([\w.-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """One file as it is served; its name changes with its content, so that it may be kept for ever."""

    name: str
    hashed_name: str
    media_type: str
    content: bytes
    gzipped: bytes


@cache
def asset(name: str) -> Asset:
    """Give a style sheet, script (with all that it imports) or picture of `static/` by its plain name."""
    content = (script(name) if name.endswith(".js") else (STATIC / name).read_text(encoding="utf-8")).encode()
    stem, _, suffix = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(
        name=name,
        hashed_name=f"{stem}.{digest}.{suffix}",
        media_type=_MEDIA_TYPES[f".{suffix}"],
        content=content,
        gzipped=gzip.compress(content, 9, mtime=0),
    )


@cache
def assets() -> dict[str, Asset]:
    """Everything that is served under `/static/`, by hashed name."""
    names = sorted(path.name for path in STATIC.iterdir() if path.suffix in _MEDIA_TYPES)
    return {one.hashed_name: one for one in map(asset, names)}


def asset_url(name: str) -> str:
    """The address of a file of `static/`, from its plain name."""
    return URL + asset(name).hashed_name


def script(name: str) -> str:
    """Join a module and all that it imports into one script, each once, the imported before the importing."""
    return "".join(_EXPORT.sub("", _IMPORT.sub("", _source(one))) for one in modules(name))


def modules(name: str) -> tuple[str, ...]:
    """Name a module and all that it imports, in the order in which they are joined."""
    found: dict[str, None] = {}
    for imported in _IMPORT.findall(_source(name)):
        found |= dict.fromkeys(modules(imported))
    return (*found, name)


def _source(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
