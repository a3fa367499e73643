"""The hosted edition in a real browser: HTTPS ends at a proxy, the server behind it speaks plain HTTP."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from harness.schema.classroom import OpenAll, SetPhase
from tests.browser.classroom.conftest import CASES, PHONE, running_classroom
from tests.browser.classroom.teaching import LAPTOP, TWO, enter, grade_case, join, open_wall, press

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.browser.classroom.conftest import Classroom, Desk

pytestmark = pytest.mark.slow


class Proxy:
    """Ends TLS and passes bytes on, both ways, as a reverse proxy in front of a hosted classroom does."""

    def __init__(self, certificate: Path, backend: int, port: int) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate)
        self._backend, self._port = backend, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        serving = asyncio.start_server(self._pass_on, "127.0.0.1", self._port, ssl=self._context)
        asyncio.run_coroutine_threadsafe(serving, self._loop).result(30)

    def stop(self) -> None:
        """Hang up."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._backend)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer), return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[tuple[Classroom, str]]:
    """Give a classroom that is told its public address, and that address."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate for the proxy")
    port, made = _free_port(), tmp_path / "proxy.pem"
    subject = [
        "-subj",
        "/CN=127.0.0.1",
        "-days",
        "1",
        "-nodes",
        "-keyout",
        str(made),
        "-out",
        str(tmp_path / "c"),
    ]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", *subject], check=True, capture_output=True
    )
    made.write_bytes(made.read_bytes() + (tmp_path / "c").read_bytes())
    url = f"https://127.0.0.1:{port}"
    with running_classroom(tmp_path / "data", public_url=url) as running:
        proxy = Proxy(made, running.port, port)
        proxy.start()
        yield running, url
        proxy.stop()


def test_a_lesson_behind_a_proxy_with_https(
    hosted: tuple[Classroom, str], device: Callable[..., Desk]
) -> None:
    """Join, grade, move, reveal through HTTPS; cookies are for HTTPS alone, and nobody else is asked."""
    running, url = hosted
    begun = running.begin("fr", rulebooks=TWO)
    running.move(begun, OpenAll())
    desks = [device(viewport=size, ignore_https_errors=True) for size in (PHONE, LAPTOP, LAPTOP)]
    phone = join(running, begun, desks[0], url)
    cockpit = enter(running, begun, desks[1], url)
    wall = open_wall(running, begun, desks[2], url)
    grade_case(phone, 1, (4, 1, 2, 4))
    running.crowd(begun, 6)
    press(cockpit, "next", "#phase-locked[aria-current=step]")
    running.move(begun, SetPhase(case_id=CASES[0], phase="class"))
    phone.evaluate("() => { location.hash = 'case-1' }")
    phone.wait_for_selector("#case-1 [data-reveal] h2", state="visible")
    wall.wait_for_selector(".screen--grades")
    for desk in desks:
        assert all(cookie["secure"] and cookie["httpOnly"] for cookie in desk.context.cookies())
        assert desk.context.cookies()
        assert {request.split("/")[2] for request in desk.requests} == {url.split("/")[2]}
        assert desk.complaints == []
