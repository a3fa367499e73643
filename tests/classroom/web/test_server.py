"""A server in a process of its own: streams, a power cut, an orderly end, and what it keeps quiet."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.classroom.web.qr import qr_terminal
from harness.classroom.web.serve import AddressInUseError, Place, bind

pytestmark = pytest.mark.slow
N_PUPILS = 40


def test_a_reveal_reaches_every_listener(class_load: ModuleType, tmp_path: Path) -> None:
    """Forty pupils save six cases each at once, all is kept, and each hears of a reveal as it happens."""
    with class_load.serving(tmp_path) as server:
        figures = asyncio.run(class_load.load(server, N_PUPILS))
    assert figures.n_listeners == N_PUPILS


async def _until_killed(load: ModuleType, server: Any, kept: dict[str, Any]) -> None:  # noqa: ANN401 - of class_load
    """Save until the power goes; remember what was acknowledged."""
    async with load.lesson(server.port) as running:
        links = await load.in_turns(N_PUPILS, server.port, running.code)
        kept.update(session=running.session_id, teacher=running.teacher.cookie, acknowledged={})
        n_replies = 0

        async def save(link: Any, number: int) -> None:  # noqa: ANN401 - of class_load
            nonlocal n_replies
            for place, case_id in enumerate(load.CASES, start=1):
                grades = load.grades(case_id, number)
                page = f"page-{number:06d}"
                edit = {"page": page, "number": place, "case_id": case_id, "grades": grades}
                reply = await link.ask("POST", f"/api/{running.session_id}/edits", {"edits": [edit]})
                assert reply.status == 200
                kept["acknowledged"].setdefault(link.cookie, {})[case_id] = grades
                n_replies += 1
                if n_replies == N_PUPILS * 3:
                    server.kill()

        await asyncio.gather(
            *(save(link, number) for number, link in enumerate(links)), return_exceptions=True
        )


async def _read_again(load: ModuleType, server: Any, kept: dict[str, Any]) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    found = {}
    for cookie in kept["acknowledged"]:
        link = await load.Link.open(server.port)
        link.cookie = cookie
        view = (await link.ask("GET", f"/api/{kept['session']}/pupil")).json()
        found[cookie] = {one["case_id"]: one["grades"] for one in view["ballots"]}
        link.close()
    return found


def test_what_was_acknowledged_outlives_a_power_cut(class_load: ModuleType, tmp_path: Path) -> None:
    """After kill -9 in the middle of a load, the same cookies find every grade that was acknowledged."""
    kept: dict[str, Any] = {}
    with class_load.serving(tmp_path) as server:
        asyncio.run(_until_killed(class_load, server, kept))
    assert sum(len(cases) for cases in kept["acknowledged"].values()) >= N_PUPILS * 3
    with class_load.serving(tmp_path) as server:
        found = asyncio.run(_read_again(class_load, server, kept))
    for cookie, cases in kept["acknowledged"].items():
        assert cases.items() <= found[cookie].items()


def test_an_orderly_end_lets_listeners_go(class_load: ModuleType, tmp_path: Path) -> None:
    """Told to end, a server with open streams ends them itself, before its patience does."""

    async def listen(server: Any) -> bytes:  # noqa: ANN401 - of class_load
        async with class_load.lesson(server.port) as running:
            pupil = await class_load.join(server.port, running.code)
            listener = await class_load.listen(server.port, running.session_id, pupil.cookie)
            server.process.send_signal(signal.SIGTERM)
            rest = await asyncio.wait_for(listener.reader.read(), 60)
            return bytes(rest)

    with class_load.serving(tmp_path) as server:
        rest = asyncio.run(listen(server))
        assert server.process.wait(timeout=60) in {0, -signal.SIGTERM}
    assert rest.endswith(b"0\r\n\r\n")


def test_nothing_is_said_or_kept_about_who_asks(class_load: ModuleType, tmp_path: Path) -> None:
    """No address, name or browser is in the database, its journal, or what the server prints."""
    agent = "Mozilla/5.0 (a browser that could be told apart)"
    data, log = tmp_path / "data", tmp_path / "log"

    async def use(server: Any) -> None:  # noqa: ANN401 - of class_load
        async with class_load.lesson(server.port) as running:
            pupil = await class_load.join(server.port, running.code)
            pupil.writer.write(
                f"GET /p/{running.session_id} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: {agent}\r\n"
                f"cookie: {pupil.cookie}\r\nx-forwarded-for: 203.0.113.77\r\n\r\n".encode()
            )
            await pupil.reader.readuntil(b"\r\n\r\n")
            await class_load.save_all(await class_load.join(server.port, running.code), running.session_id, 1)

    with log.open("w") as stderr, class_load.serving(data, stderr=stderr) as server:
        asyncio.run(use(server))
        server.process.terminate()
        server.process.wait(timeout=60)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for trace in (b"127.0.0.1", b"203.0.113.77", agent.encode()):
        assert trace not in kept


def test_a_port_in_use_is_said_in_words() -> None:
    """A port that another program has is an error that names it and says what to try."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUseError, match=f"port {port}.*--port"):
            bind(Place("127.0.0.1", port))


def test_a_proxy_that_holds_events_back_is_outlived_by_asking(class_load: ModuleType, tmp_path: Path) -> None:
    """A page that gets no byte of the stream asks, and learns of a move with its next question."""

    async def poll(server: Any) -> int:  # noqa: ANN401 - of class_load
        async with class_load.lesson(server.port) as running:
            pupil = await class_load.join(server.port, running.code)
            path = f"/api/{running.session_id}/version?since="
            known = int((await pupil.ask("GET", f"{path}0")).json()["version"])
            unchanged = (await pupil.ask("GET", f"{path}{known}")).status
            await running.move(move="phase", case_id="poem", phase="locked")
            moved = (await pupil.ask("GET", f"{path}{known}")).json()["version"]
            assert moved > known
            return int(unchanged)

    with class_load.serving(tmp_path) as server:
        assert asyncio.run(poll(server)) == 204


def test_a_terminal_is_told_everything_that_a_teacher_needs(tmp_path: Path) -> None:
    """In a terminal: the QR code and the address of the class, the teacher's secret link, the room test."""
    master, slave = pty.openpty()
    options = ["--host", "127.0.0.1", "--port", "0", "--no-browser", "--data", str(tmp_path)]
    command = [sys.executable, "-m", "harness", "classroom", *options]
    process = subprocess.Popen(command, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    said = ""
    while "room test" not in said:
        said += os.read(master, 65_536).decode()
    process.kill()
    process.wait(timeout=60)
    os.close(master)
    url = re.search(r"class +(http://127\.0\.0\.1:\d+)", said)
    assert url is not None
    assert re.search(rf"teacher +{re.escape(url[1])}/new#k=\S{{20,}}", said)
    assert f"{url[1]}/room" in said
    drawn, wanted = said[: said.index("class ")], qr_terminal(url[1])
    assert "".join(drawn.split()) == "".join(wanted.split())


def test_the_command_ends_with_zero_on_ctrl_c(class_load: ModuleType, tmp_path: Path) -> None:
    """Ctrl-C is how a lesson ends: no traceback, exit code 0."""
    log = tmp_path / "log"
    with log.open("w") as stderr, class_load.serving(tmp_path / "data", stderr=stderr) as server:
        asyncio.run(class_load.healthy(server.port))
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=60) == 0
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_a_second_process_is_told_that_the_store_is_there(class_load: ModuleType, tmp_path: Path) -> None:
    """`harness classroom list` reads the lessons of a running server, and prints no secret."""
    with class_load.serving(tmp_path) as server:

        async def begin() -> tuple[str, str]:
            async with class_load.lesson(server.port) as running:
                return running.session_id, running.teacher.cookie

        session_id, cookie = asyncio.run(begin())
        listed = subprocess.run(
            [class_load.sys.executable, "-m", "harness", "classroom", "list", "--data", str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
    assert session_id in listed.stdout
    assert cookie.partition("=")[2] not in listed.stdout
