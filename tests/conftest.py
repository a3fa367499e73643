"""What every test gets: no network beyond this machine, no keys, reproducible examples.

And what several folders of tests share: a small content folder, the command line in this process, bad disks,
a PostgreSQL.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import SocketBlockedError, socket_allow_hosts

ROOT = Path(__file__).resolve().parents[1]
KEY_SUFFIXES = ("_API_KEY", "_API_TOKEN", "_ACCESS_TOKEN", "_SECRET_KEY")
PROXY_NAMES = ("http_proxy", "https_proxy", "all_proxy")

# Wall time on shared cores says nothing about the code, so no example has a deadline.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


_true_getaddrinfo = socket.getaddrinfo


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _local_getaddrinfo(host: str | bytes | None, *arguments: int, **options: int) -> object:
    """Look up addresses and this machine's own name only: a name server is on the network too."""
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost" or _is_address(name):
        return _true_getaddrinfo(host, *arguments, **options)
    raise SocketBlockedError(f"A test tried to look up {name!r}; tests reach this machine only.")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block every connection and look-up that would leave this machine."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    monkeypatch.setattr(socket, "getaddrinfo", _local_getaddrinfo)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the reader's keys, proxies and settings away: no test may spend money or depend on them."""
    for name in list(os.environ):
        ours = name.startswith("HARNESS_")
        if ours or name.upper().endswith(KEY_SUFFIXES) or name.lower() in PROXY_NAMES:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of public reference data that may lie beside the repository."""
    folder = (ROOT / ".." / "shared").resolve()
    if not folder.is_dir():
        pytest.skip("the folder ../shared with public reference data is not beside this clone")
    return folder


PROVENANCE = "provenance: {kind: invented, date: '2026-11-21'}\n"


class Bench:
    """A content folder with two cases of three answers, and whatever a test adds to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write_case("doctor", ("Short.", "A longer reply.", "The longest reply of all."))
        self.write_case("garden", ("Water it every single day.", "Wait.", "Ask a neighbour."))
        self.write(
            "cases/mini/set.yaml",
            "set_id: mini\ntitle: {en: Mini}\ndescription: {en: Two cases}\nlanguages: [en]\nn_grades: 4\n"
            f"case_order: [doctor, garden]\n{PROVENANCE}",
        )

    def write(self, name: str, text: str) -> Path:
        """Write a file of the content folder."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def write_case(self, case_id: str, texts: tuple[str, ...]) -> Path:
        """Write a case with these answers."""
        answers = "".join(
            f"  - answer_id: {case_id}-{'abcdefghij'[n]}\n    text:\n      en: {text!r}\n"
            for n, text in enumerate(texts)
        )
        return self.write(
            f"cases/mini/{case_id}.yaml",
            f"case_id: {case_id}\ntitle: {{en: {case_id}}}\nconflict: {{en: none}}\nstakes: subtle\n"
            f"message: {{en: What about the {case_id}?}}\nanswers:\n{answers}commentary: {{en: Discuss.}}\n",
        )

    def write_judge(self, judge_id: str, model_id: str, more: str = "") -> None:
        """Write a preset."""
        self.write(f"prompts/judges/{judge_id}.yaml", f"judge_id: {judge_id}\nmodel_id: {model_id}\n{more}")

    def write_scripts(self, *names: str) -> None:
        """Write a preset `script-NAME` for each scripted judge."""
        for name in names:
            self.write_judge(f"script-{name}", f"scripted/{name}")

    def write_experiment(
        self, *judges: str, rulebooks: str = "hhh, none", more: str = "", extra: str = ""
    ) -> Path:
        """Write the experiment `mini`: one part with these judges; `extra` holds further parts."""
        fields = f"judges: [{', '.join(judges)}], rulebooks: [{rulebooks}], languages: [en]{more}"
        part = f"- {{part_id: first, {fields}}}\n"
        return self.write(
            "prompts/experiments/mini.yaml",
            f"experiment_id: mini\ntitle: {{en: Mini}}\ncase_set: mini\nseed: 7\nparts:\n{part}{extra}",
        )


@pytest.fixture
def bench(tmp_path: Path, bare_environment: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Give a content folder that the harness looks into first, and work in an empty folder beside it."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HARNESS_CONTENT", str(tmp_path / "content"))
    return Bench(tmp_path / "content")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Give `harness ARGUMENTS` in this process, as the console script runs it."""

    def run_command(*arguments: str | Path) -> Done:
        from harness.cli import main

        monkeypatch.setattr(sys, "argv", ["harness", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        else:
            code = 0
        return Done(code, *capsys.readouterr())

    return run_command


def written(folder: Path) -> dict[str, bytes]:
    """What a run folder holds for others: its files, but the manifest and those that start with a dot."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path != folder / "manifest.json"
    }


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Give what reads the files of a run folder."""
    return written


def _mount(folder: Path, *options: str) -> None:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs Linux and root")
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount a small disk: {done.stderr.decode().strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 1 MB."""
    folder = tmp_path / "small-disk"
    _mount(folder, "size=1m")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def seal(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Give a function that makes a folder read-only, for root too."""
    sealed: list[Path] = []

    def make_read_only(folder: Path) -> None:
        if os.geteuid() != 0:
            folder.chmod(0o555)
        elif subprocess.run(
            ["mount", "--bind", "-o", "ro", str(folder), str(folder)], check=False
        ).returncode:
            pytest.skip("this machine lets root write everywhere and mount nothing")
        else:
            sealed.append(folder)

    yield make_read_only
    for folder in sealed:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


# --- a PostgreSQL of the test's own -----------------------------------------------------------------

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
    return quote(text, safe="")
