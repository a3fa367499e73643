"""The promises that the repository itself makes, whatever the package does."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

HEAVY = ("litellm", "pandas", "scipy", "fastapi")

# Spelled in two parts, so that this file does not contain what it forbids.
INDEX_HOSTS = ("py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js.org", "deb.deb" + "ian.org")
FORBIDDEN_TEXTS = (*INDEX_HOSTS, "/wo" + "rk/", "/opt/py" + "pi")
LOCKS = tuple(f"requirements{part}.lock" for part in ("", "-build", "-classroom", "-dev", "-local", "-scale"))

# A .pth file runs at every start of Python; a poisoned release of a dependency once hid in one.
# Each name that may be there, with its reason:
EXPECTED_PTH = {
    r"distutils-precedence\.pth": "setuptools, which Python 3.11's venv puts into every environment",
    r"_virtualenv\.pth": "an environment made by virtualenv or uv",
    r"(__editable__|_editable_impl|_)?_?llm_judge_harness.*\.pth": "our own editable install",
}


def _run_python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def _command(*arguments: str) -> str:
    """Spell a program that runs the command as the console script does, and goes on after it."""
    return (
        f"import sys\nsys.argv = {['harness', *arguments]!r}\nfrom harness.cli import main\n"
        "try:\n    code = main()\nexcept SystemExit as end:\n    code = end.code\nassert not code, code"
    )


def _committed_files(root: Path) -> list[Path]:
    if not (root / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git clone: there is no list of committed files")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [root / name for name in names if (root / name).is_file()]


def _pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import harness", id="import"),
        pytest.param(_command("--help"), id="help"),
    ],
)
def test_nothing_heavy_is_loaded(root: Path, program: str) -> None:
    """Importing the package, or asking the command for help, loads no heavy library."""
    ending = f"\nimport sys\nprint('loaded:', *(name for name in {HEAVY!r} if name in sys.modules))"
    finished = _run_python("-c", program + ending, cwd=root)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1].split() == ["loaded:"]


def test_python_dash_m_is_the_command(root: Path) -> None:
    """`python -m harness --help` answers like the console script."""
    finished = _run_python("-m", "harness", "--help", cwd=root)
    assert finished.returncode == 0, finished.stderr
    assert "Usage:" in finished.stdout


def test_no_committed_file_names_an_index_host_or_a_private_folder(root: Path) -> None:
    """A clone works behind any mirror and in any folder, because no file names one."""
    texts = [text.encode() for text in FORBIDDEN_TEXTS]
    found = [
        f"{path.relative_to(root)}: {text.decode()}"
        for path in _committed_files(root)
        for text in texts
        if text in path.read_bytes()
    ]
    assert found == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_requirement_has_hashes_and_no_address(root: Path, name: str) -> None:
    """A lock pins every package to exact files by hash, and says nothing of where they come from."""
    text = (root / name).read_text(encoding="utf-8")
    joined = text.replace("\\\n", " ")
    requirements = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    unhashed = [line for line in requirements if not re.match(r"[A-Za-z0-9._-]+==\S+ .*--hash=sha256:", line)]
    assert requirements
    assert unhashed == []
    assert "://" not in text
    assert not re.search(r"^\s*-(i|f|-index|-extra-index|-find)", text, flags=re.MULTILINE)


def _pins(path: Path) -> set[str]:
    pattern = r"^([A-Za-z0-9._-]+==[^\s\\]+(?: ; [^\\\n]+?)?)\s*\\?$"
    return set(re.findall(pattern, path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_the_locks_agree_with_each_other(root: Path) -> None:
    """Whoever tests has exactly the versions that whoever only runs the demo has."""
    tested = _pins(root / "requirements-dev.lock")
    assert _pins(root / "requirements.lock") <= tested
    assert _pins(root / "requirements-build.lock") <= tested
    assert _pins(root / "requirements-classroom.lock") <= tested
    assert _pins(root / "requirements-local.lock") - tested == {
        _pyproject(root)["project"]["optional-dependencies"]["local"][0]
    }
    beyond = {pin.partition("==")[0] for pin in _pins(root / "requirements-scale.lock") - tested}
    assert beyond == {"ray", "msgpack", "protobuf"}


def test_every_ignored_lint_rule_has_its_reason_beside_it(root: Path) -> None:
    """No lint rule is switched off without a reason on the same line."""
    lint = _pyproject(root)["tool"]["ruff"]["lint"]
    ignored = [*lint["ignore"], *(rule for rules in lint["per-file-ignores"].values() for rule in rules)]
    lines = (root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    explained = [match[1] for line in lines if (match := re.match(r'\s*"([A-Z]+[0-9]+)",\s+# \S+ \S+', line))]
    assert sorted(explained) == sorted(ignored)


def test_no_unexpected_startup_file_is_in_the_environment() -> None:
    """Nothing but what is listed here with a reason runs when this environment's Python starts."""
    folders = {Path(sysconfig.get_path(key)) for key in ("purelib", "platlib")}
    present = sorted({path.name for folder in folders for path in folder.glob("*.pth")})
    unexpected = [name for name in present if not any(re.fullmatch(known, name) for known in EXPECTED_PTH)]
    assert unexpected == []


def test_connections_beyond_this_machine_are_refused() -> None:
    """A test that tries to connect to another machine fails instead of going there."""
    refused = pytest.raises(SocketConnectBlockedError, match=r"192\.0\.2\.1")
    with pytest.warns(UserWarning, match="tried to use"), refused, socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))


def test_names_of_other_machines_are_not_looked_up() -> None:
    """A test that tries to look up another machine's name fails instead of asking a name server."""
    refused = pytest.raises(SocketBlockedError, match=r"example\.invalid")
    with pytest.warns(UserWarning, match="look up"), refused:
        socket.getaddrinfo("example.invalid", 80)


def test_connections_on_loopback_are_allowed() -> None:
    """A server that a test starts on loopback can be reached."""
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()[:2]) as client:
        accepted, address = server.accept()
        accepted.close()
        assert address == client.getsockname()


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from the tree as it is, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    finished = _run_python(*pip, "--wheel-dir", str(folder), str(root), cwd=folder)
    assert finished.returncode == 0, finished.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_content_travels_inside_the_wheel(root: Path, wheel: Path) -> None:
    """Every committed case, prompt and recorded run is in the wheel, and nothing beside the package is."""
    names = set(zipfile.ZipFile(wheel).namelist())
    folders = ("cases", "prompts", "results/local-judges", "results/local-values", "results/steering")
    content = [path.relative_to(root).as_posix() for path in _committed_files(root)]
    wanted = {
        f"harness/_content/{name}"
        for name in content
        if name.startswith(tuple(f"{folder}/" for folder in folders)) and not name.endswith("report.html")
    }
    assert wanted
    assert wanted - names == set()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"harness"}
    assert "harness/py.typed" in names
    assert not any(".sqlite" in name for name in names)


@pytest.mark.slow
def test_an_installed_wheel_answers_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    """The package works from a wheel, far away from a clone."""
    target = tmp_path / "site"
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    installed = _run_python(*pip, "--target", str(target), str(wheel), cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    first = f"import sys\nsys.path.insert(0, {str(target)!r})\nimport harness\nprint(harness.__file__)\n"
    checked = _run_python("-c", first + _command("check"), cwd=tmp_path)
    assert checked.stdout.startswith(str(target))
    assert checked.returncode == 0, checked.stderr
