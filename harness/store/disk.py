"""The disk as the store sees it: atomic writes, and what the operating system refuses, in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from harness.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}

NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "glusterfs"}
    | {"gpfs", "beegfs", "davfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "fuse.ceph"}
    | {"fuse.glusterfs", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.smbnetfs"}
)


def explain(error: OSError, path: Path) -> StoreError:
    """Say what the operating system refused, and what to do about it."""
    if error.errno in _FULL:
        return StoreError(
            f"{path}: the disk is full; free some space and run the same command again "
            "(what was written before stays)"
        )
    if error.errno in _READ_ONLY:
        return StoreError(
            f"{path}: this folder cannot be written to ({error.strerror}); "
            "choose another output folder, or change its permissions"
        )
    return StoreError(f"{path}: {error.strerror or error}; check that the path is right and try again")


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn every OSError of the block into a StoreError about `path`."""
    try:
        yield
    except OSError as error:
        raise explain(error, path) from error


def make_folder(path: Path) -> None:
    """Create a folder and its parents, unless it is there."""
    with in_words(path):
        path.mkdir(parents=True, exist_ok=True)


def write_atomically(path: Path, chunks: Iterable[bytes | bytearray]) -> None:
    """Write a file whole or not at all: temporary name, fsync, rename, fsync of the folder.

    Raises
    ------
    StoreError
        The disk is full, or the folder cannot be written to; an older file of this name stays as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with in_words(path):
        try:
            with temporary.open("wb") as stream:
                stream.writelines(chunks)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder durable; some systems cannot, and then there is nothing to do."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_bytes(path: Path, what: str) -> bytes:
    """Read a whole file that must be there; `what` names it for people."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(f"{path}: there is no {what} here; check the path of the run folder") from error
    except OSError as error:
        raise StoreError(f"{path}: the {what} cannot be read: {error.strerror or error}") from error


def whole_lines(path: Path, what: str, remedy: str) -> Iterator[bytes]:
    """The lines of a file that must be there, without their ends; one that was torn is refused at once."""
    try:
        stream = path.open("rb")
    except FileNotFoundError as error:
        raise StoreError(f"{path}: there is no {what} here; check the path of the run folder") from error
    except OSError as error:
        raise StoreError(f"{path}: the {what} cannot be read: {error.strerror or error}") from error
    with stream, in_words(path):
        if stream.seek(0, os.SEEK_END) and _last_byte(stream) != b"\n":
            stream.seek(0)
            raise StoreError(f"{path}:{sum(1 for _ in stream)}: torn: the last line has no end; {remedy}")
        stream.seek(0)
        for line in stream:
            yield line[:-1]


def _last_byte(stream: BinaryIO) -> bytes:
    stream.seek(-1, os.SEEK_END)
    return stream.read(1)


def filesystem_type(path: Path, mountinfo: str) -> str | None:
    """Type of the filesystem that holds an absolute path, from the text of `/proc/self/mountinfo`."""
    depth, found = -1, None
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split()
        if not separator or len(fields) < 5:
            continue
        mounted = Path(fields[4].encode().decode("unicode_escape"))
        # Later lines are mounted over earlier ones, hence >=.
        if path.is_relative_to(mounted) and len(mounted.parts) >= depth:
            depth, found = len(mounted.parts), after.split()[0]
    return found


def refuse_network_filesystem(folder: Path) -> None:
    """Refuse a network filesystem: SQLite's write-ahead log needs memory shared on one machine."""
    try:
        mountinfo = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    except OSError:
        return  # no such file outside Linux: nothing is known, nothing is refused
    kind = filesystem_type(folder.resolve(), mountinfo)
    if kind in NETWORK_FILESYSTEMS:
        raise StoreError(
            f"{folder}: this folder is on a network filesystem ({kind}), where the working store can be "
            "corrupted; write the run to a local disk and copy the finished folder afterwards"
        )
