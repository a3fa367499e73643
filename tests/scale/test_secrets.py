"""A provider that repeats the key in what it says: no worker puts it into the store, nor anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PASSWORD
from tests.faults.conftest import serve  # noqa: F401 - a fixture
from tests.faults.test_secrets import KEY, TELLING, VARIABLE, WORD

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.faults.conftest import Served

pytestmark = pytest.mark.slow


def _harness(*arguments: str, place: str) -> bytes:
    """Everything that the command printed."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", "scale", *arguments],
        env=os.environ | {VARIABLE: KEY, "PYTHONDEVMODE": "1", "HARNESS_STORE": place},
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode in (0, 1, 3), done.stderr
    return done.stdout + done.stderr


def _dump(url: str) -> dict[str, bytes]:
    """Table -> its whole content, as COPY writes it."""
    import psycopg

    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'llm_judge_harness' "
            "AND table_type = 'BASE TABLE'"
        ).fetchall()
        with connection.cursor() as cursor:
            return {name: _copied(cursor, name) for (name,) in rows}


def _copied(cursor: object, name: str) -> bytes:
    with cursor.copy(f"COPY llm_judge_harness.{name} TO STDOUT") as copy:  # type: ignore[attr-defined]
        return b"".join(bytes(chunk) for chunk in copy)


def test_a_shared_store_holds_no_key(
    place: str,
    bench: Bench,
    serve: Callable[..., Served],  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """After a faulty run by two workers neither tables, parts, run folder nor output hold key or password."""
    served = serve("provider", "--rate", "0.5", "--latency-s", "0.01", "--kinds", *TELLING)
    bench.write_judge(
        "hosted",
        "openai/test",
        f"api_base: {served.url}\nservice: loopback\ntransport: direct\napi_key_env: {VARIABLE}\n"
        "limits: {max_attempts: 2, concurrency: 4, timeout_s: 20}\n",
    )
    bench.write_experiment("hosted", rulebooks="hhh, none, placebo, caution-first")
    told = _harness("plan", "mini", "--calls-per-lease", "20", place=place)
    told += _harness("worker", "mini", "--share", "1/2", place=place)
    told += _harness("worker", "mini", "--share", "2/2", place=place)
    told += _harness("collect", "mini", "-o", "run", place=place)
    assert {line["kind"] for line in served.requests()} >= {"limited", "broken", "echo"}
    kept = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    if "://" in place:
        tables = _dump(place)
        assert b"429" in tables["attempts"], "what the provider said is there"
        assert tables["completions"]
        kept |= tables
    secrets = [WORD.encode(), PASSWORD.encode()]
    assert [name for name, content in kept.items() if any(word in content for word in secrets)] == []
    assert not any(word in told for word in secrets)
