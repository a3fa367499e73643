"""Every format by name; a reader is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from harness.errors import HarnessError
from harness.formats.base import Format, Imported, Place
from harness.formats.reading import fail
from harness.load.near import suggestion

NAMES = (
    *("long", "pairwise", "scores", "rankings"),
    *("mt-bench", "alpaca-eval", "arena"),
    *("prd", "llmbar", "pandalm", "hanna", "llmfao"),
    *("label-studio", "argilla", "inspect"),
)
"""Our own tables first, then what other projects publish, then the exports of annotation tools."""

_MODULES = {"inspect": "inspect_log"}
"""Formats whose module has another name: `inspect` is the name of a module of Python's own."""


class Formats(Mapping[str, Format]):
    """Name -> format; the module `harness.formats.<name with _>` holds it as `FORMAT`."""

    def __getitem__(self, name: str) -> Format:
        """Import one format."""
        if name not in NAMES:
            raise KeyError(name)
        found = import_module(f"harness.formats.{_module(name)}").FORMAT
        if not isinstance(found, Format) or found.name != name:
            raise TypeError(f"harness.formats.{name}: FORMAT is not the format '{name}'")
        return found

    def __iter__(self) -> Iterator[str]:
        """Names, in the order in which they are listed."""
        return iter(NAMES)

    def __len__(self) -> int:
        """How many there are."""
        return len(NAMES)


def _module(name: str) -> str:
    return _MODULES.get(name, name.replace("-", "_"))


FORMATS = Formats()


def find_format(name: str) -> Format:
    """The format of that name; raises HarnessError that names the near ones."""
    try:
        return FORMATS[name]
    except KeyError as error:
        raise HarnessError(f"unknown format '{name}'{suggestion(name, NAMES)}") from error


def read_files(name: str, paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read files as the named format, once its options are known to exist.

    Raises
    ------
    HarnessError
        There is no such format.
    ImportFormatError
        An option is unknown, or the files cannot be read as this format.
    """
    found = find_format(name)
    for given in options:
        if given not in found.options:
            known = suggestion(given, found.options)
            fail(Place(Path(f"--option {given}")), "", f"the format {name} has no such option{known}")
    try:
        return found.read(paths, options)
    except UnicodeDecodeError as error:
        # our own file readers say this with the file's name; a reader that opens files itself ends here
        words = f"a file is not UTF-8 (byte 0x{error.object[error.start]:02x}); save it as UTF-8"
        fail(Place(paths[0] if paths else Path()), "", words)
