"""Lines that go into files of a limited size."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from harness.store.shard import in_shards


@given(st.lists(st.binary(min_size=1, max_size=40)), st.integers(1, 60))
def test_every_line_stands_in_one_shard(lines: list[bytes], max_bytes: int) -> None:
    """No line is lost or turned round, no shard but that of a single long line is above the limit."""
    whole = hashlib.sha256()
    written = []
    for shard in in_shards(lines, max_bytes):
        inside = list(shard.lines(whole))
        assert shard.n_lines == len(inside) > 0
        assert shard.n_bytes == len(b"".join(inside))
        assert shard.n_bytes <= max_bytes or len(inside) == 1
        assert shard.sha256 == hashlib.sha256(b"".join(inside)).hexdigest()
        written += inside
    assert written == lines
    assert whole.hexdigest() == hashlib.sha256(b"".join(lines)).hexdigest()
