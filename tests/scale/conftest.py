"""A PostgreSQL of the test's own, a judge behind HTTP that counts, and an experiment that asks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "p@ss/w:rd-Zq8Xk2Lm9"  # with all that a URL has to escape


def _programs() -> Path | None:
    """Find where initdb and postgres lie: Debian keeps them off PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None)


def _as_server_user() -> list[str]:
    """Spell what comes before a command: PostgreSQL refuses to run as root."""
    return [] if os.geteuid() != 0 else ["runuser", "-u", "postgres", "--"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """Give the folder of a server that listens on a socket there and asks for a password."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: `make postgres` installs the distribution's")
    pytest.importorskip(
        "psycopg", reason="psycopg is not installed: pip install 'llm-judge-harness[postgres]'"
    )
    # Not under tmp_path: a socket's path may have 107 characters only.
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    folder.chmod(0o755)
    data, word = folder / "data", folder / "word"
    word.write_text(PASSWORD)
    word.chmod(0o644)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    options = ["-A", "scram-sha-256", "--pwfile", str(word), "-U", "harness", "--no-sync"]
    subprocess.run(
        [*_as_server_user(), str(programs / "initdb"), "-D", str(data), *options],
        check=True,
        capture_output=True,
        cwd="/",
    )
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [
            *_as_server_user(),
            str(programs / "postgres"),
            "-D",
            str(data),
            "-k",
            str(folder),
            "-c",
            "listen_addresses=",
        ],
        stdout=log,
        stderr=log,
        cwd="/",
    )
    try:
        _await((folder / ".s.PGSQL.5432").exists, server)
        yield folder
    finally:
        # `runuser` passes SIGTERM on; SIGINT is PostgreSQL's quick way to end.
        server.terminate()
        server.wait(timeout=60)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _await(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if ready():
            return
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}")
        time.sleep(0.05)
    pytest.fail("the server did not start")


@pytest.fixture
def postgres_url(postgres_server: Path) -> str:
    """Give the URL, password included, of a database that nobody used before."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    word = {"user": "harness", "password": PASSWORD, "host": str(postgres_server)}
    name = f"test_{os.getpid()}_{time.monotonic_ns()}"
    conninfo = make_conninfo(dbname="postgres", **word)
    for _ in range(100):  # the socket is there a little before the server answers
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            break
        except psycopg.OperationalError:
            time.sleep(0.05)
    else:
        pytest.fail("the database server does not answer")
    return f"postgresql://harness:{_quoted(PASSWORD)}@/{name}?host={postgres_server}"


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


@pytest.fixture(params=["parts", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a place where workers meet: a folder, then a database."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        assert isinstance(url, str)
        return url
    return str(tmp_path / "meeting")


@pytest.fixture
def provider() -> Iterator[Callable[[int], int]]:
    """Give what starts a counting judge with a latency in ms, and tells its port."""
    with ExitStack() as stack:

        def start(latency_ms: int) -> int:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "tests/scale/provider.py"), str(latency_ms)],
                stdout=subprocess.PIPE,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            assert process.stdout is not None
            return int(process.stdout.readline())

        yield start
