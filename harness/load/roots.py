"""Where cases and prompts are found: a user's own folder first, then the shipped content.

The search path, in this order (the first folder that holds what is asked for wins):

1. the folder named by the environment variable ``HARNESS_CONTENT``, if it is set (it must exist and hold
   ``cases/`` or ``prompts/``; the current directory is then not looked at);
2. otherwise the current directory, if it holds both ``cases/`` and ``prompts/``;
3. the shipped content, always last: ``harness/_content/`` in an installed wheel, or else the repository root
   beside the package in a clone.

So a user's folder needs only what is new in it; whatever has the same id there replaces the shipped one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError

CONTENT_VARIABLE = "HARNESS_CONTENT"
SUFFIXES = (".yaml", ".yml", ".json")

_PACKAGE = Path(__file__).resolve().parent.parent


def content_root() -> Path:
    """First folder of the search path: it holds `cases/` and `prompts/` (and `results/` for shipped runs)."""
    return content_roots()[0]


def content_roots() -> tuple[Path, ...]:
    """The whole search path, each folder once; raises HarnessError where no content can be found."""
    folders = [*_own_folder(), shipped_root()]
    return tuple(dict.fromkeys(folder.resolve() for folder in folders))


def shipped_root() -> Path:
    """Folder of the content that came with the harness, in a wheel or in a clone."""
    for folder in (_PACKAGE / "_content", _PACKAGE.parent):
        if (folder / "cases").is_dir() and (folder / "prompts").is_dir():
            return folder
    raise HarnessError(
        f"no cases/ and prompts/ beside the package ({_PACKAGE.parent}): install the harness again, "
        f"or name a folder that holds them with {CONTENT_VARIABLE}=FOLDER"
    )


def find_content(relative: str | Path, *, roots: Sequence[Path] | None = None) -> Path | None:
    """The first file or folder of that relative path (`prompts/templates/listwise.fr.j2`), or None."""
    for root in content_roots() if roots is None else roots:
        if (root / relative).exists():
            return root / relative
    return None


def find_by_id(folder: str, content_id: str, *, roots: Sequence[Path] | None = None) -> Path | None:
    """The first record file `folder/<content_id>.yaml` (or .yml, .json) of the search path, or None."""
    for root in content_roots() if roots is None else roots:
        for suffix in SUFFIXES:
            path = root / folder / f"{content_id}{suffix}"
            if path.is_file():
                return path
    return None


def record_files(folder: Path) -> tuple[Path, ...]:
    """Every record file directly in a folder, hidden ones left out, in the order of their names."""
    if not folder.is_dir():
        return ()
    return tuple(
        path
        for path in sorted(folder.iterdir())
        if path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def known_ids(folder: str, *, roots: Sequence[Path] | None = None) -> tuple[str, ...]:
    """Every id that has a record file in `folder` of the search path, sorted."""
    searched = content_roots() if roots is None else roots
    return tuple(sorted({path.stem for root in searched for path in record_files(root / folder)}))


def known_case_sets(*, roots: Sequence[Path] | None = None) -> tuple[str, ...]:
    """Every folder of `cases/` in the search path that holds a set.yaml, sorted."""
    searched = content_roots() if roots is None else roots
    folders = [folder for root in searched for folder in sorted((root / "cases").glob("[!.]*"))]
    return tuple(sorted({folder.name for folder in folders if set_file(folder) is not None}))


def set_file(folder: Path) -> Path | None:
    """The file that describes a folder of cases (set.yaml, .yml or .json), or None."""
    paths = (folder / f"set{suffix}" for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


def as_path(id_or_path: str | Path) -> Path | None:
    """The path that is meant, or None where a bare id is: an id holds no slash and no record suffix."""
    if isinstance(id_or_path, Path):
        return id_or_path.expanduser()
    separators = [separator for separator in (os.sep, os.altsep, "/") if separator]
    looks_like_path = any(separator in id_or_path for separator in separators) or id_or_path in (".", "..")
    if looks_like_path or id_or_path.endswith(SUFFIXES):
        return Path(id_or_path).expanduser()
    return None


def _own_folder() -> tuple[Path, ...]:
    named = os.environ.get(CONTENT_VARIABLE)
    if named:
        folder = Path(named).expanduser()
        if not ((folder / "cases").is_dir() or (folder / "prompts").is_dir()):
            raise HarnessError(
                f"{CONTENT_VARIABLE}={named}: no cases/ and no prompts/ there; "
                "name the folder that holds them, or unset the variable"
            )
        return (folder,)
    here = Path.cwd()
    return (here,) if (here / "cases").is_dir() and (here / "prompts").is_dir() else ()
