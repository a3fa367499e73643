"""The figures of a comparison: seen in a notebook, saved as SVG or PNG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from harness.errors import HarnessError
from harness.store.disk import make_folder, write_atomically

PNG_ZOOM = 2.0
"""Pixels per unit of the drawing, for sharp slides."""
NO_RASTERISER = "PNG needs the extra `png`: pip install 'llm-judge-harness[png]'; SVG needs nothing"


@dataclass(frozen=True)
class Figure:
    """One figure, as an SVG that stands alone."""

    name: str
    svg: str = field(repr=False)

    def png(self, zoom: float = PNG_ZOOM) -> bytes:
        """Draw it as a PNG with the fonts of this machine.

        Raises
        ------
        HarnessError
            The extra `png` is not installed.
        """
        try:
            rasteriser = import_module("resvg_py")
        except ImportError as error:
            raise HarnessError(NO_RASTERISER) from error
        return bytes(rasteriser.svg_to_bytes(svg_string=self.svg, zoom=zoom))

    def save(self, path: str | Path) -> Path:
        """Write it as .svg or .png, whichever the name ends in; the path comes back.

        Raises
        ------
        HarnessError
            Another ending, or PNG without its extra.
        StoreError
            The file cannot be written.
        """
        target = Path(path)
        if target.suffix == ".svg":
            content = self.svg.encode()
        elif target.suffix == ".png":
            content = self.png()
        else:
            raise HarnessError(f"{target}: a figure is written as .svg or .png")
        write_atomically(target, [content])
        return target

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg[self.svg.index("<svg") :]


class Figures(Mapping[str, Figure]):
    """Every figure of a comparison by name, in the order of the report."""

    def __init__(self, drawn: Mapping[str, str]) -> None:
        self._drawn = drawn

    def __getitem__(self, name: str) -> Figure:
        return Figure(name, self._drawn[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._drawn)

    def __len__(self) -> int:
        return len(self._drawn)

    def __repr__(self) -> str:
        return f"Figures({', '.join(self)})"

    def save(self, folder: str | Path, *, png: bool = False) -> list[Path]:
        """Write all figures into a folder as SVG, and as PNG beside it if asked; the paths come back."""
        target = Path(folder)
        make_folder(target)
        suffixes = (".svg", ".png") if png else (".svg",)
        return [figure.save(target / (name + suffix)) for name, figure in self.items() for suffix in suffixes]
