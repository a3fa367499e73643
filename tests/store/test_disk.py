from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.disk import explain, filesystem_type, refuse_network_filesystem, write_atomically

MOUNTS = (
    "22 1 254:0 / / rw,relatime - ext4 /dev/root rw\n"
    "30 22 0:25 / /home/class rw,relatime shared:1 - nfs4 server:/class rw\n"
    "31 30 0:26 / /home/class/local rw - ext4 /dev/sdb rw\n"
    "32 22 0:27 / /mnt/my\\040share rw - cifs //server/share rw\n"
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/run", "ext4"),
        ("/home/classroom", "ext4"),
        ("/home/class/run", "nfs4"),
        ("/home/class/local/run", "ext4"),
        ("/mnt/my share/run", "cifs"),
    ],
)
def test_deepest_mount_decides(path: str, kind: str) -> None:
    """The filesystem of a path is that of the deepest mount above it, whole folder names compared."""
    assert filesystem_type(Path(path), MOUNTS) == kind


def test_network_filesystem_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run folder on a network filesystem is refused, with the filesystem's name and a remedy."""
    monkeypatch.setattr(
        Path, "read_text", lambda *_, **__: f"1 0 0:1 / {tmp_path.resolve()} rw - nfs4 server:/x rw"
    )
    with pytest.raises(StoreError, match=r"network filesystem \(nfs4\).*local disk"):
        refuse_network_filesystem(tmp_path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "disk is full; free some space"),
        (errno.EDQUOT, "disk is full; free some space"),
        (errno.EROFS, "cannot be written to .* choose another output folder"),
        (errno.EACCES, "cannot be written to .* change its permissions"),
        (errno.ENOTDIR, "check that the path is right"),
    ],
)
def test_remedy_for_each_refusal(code: int, words: str) -> None:
    """Whatever the operating system refuses, the message names the path and the remedy."""
    with pytest.raises(StoreError, match=f"^/x/y: .*{words}"):
        raise explain(OSError(code, os.strerror(code)), Path("/x/y"))


def test_failed_write_keeps_the_older_file(tmp_path: Path) -> None:
    """A write that fails half-way leaves the older file as it was, and no litter."""
    path = tmp_path / "verdicts.jsonl"
    write_atomically(path, [b"old\n"])

    def chunks() -> list[bytes]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match="disk is full"):
        write_atomically(path, (chunk for _ in [0] for chunk in [b"new\n", *chunks()]))
    assert path.read_bytes() == b"old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["verdicts.jsonl"]
