"""What every test gets: no network beyond this machine, no keys, reproducible examples."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path

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
