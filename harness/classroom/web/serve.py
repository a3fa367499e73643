"""The server itself: a socket that is bound before anything is promised, and an end that loses nothing."""

from __future__ import annotations

import gc
import socket
import threading
import webbrowser
from collections.abc import Iterable
from dataclasses import dataclass, replace

import uvicorn
from starlette.types import ASGIApp

from harness.classroom.lesson import Lessons
from harness.classroom.web.addresses import ANY, lan_addresses, site_url
from harness.classroom.web.app import create_app
from harness.classroom.web.here import Here
from harness.classroom.web.options import WebOptions
from harness.errors import HarnessError

PORT = 8000
PORTS_TRIED = 20
CLOSING_S = 5
GARBAGE_AFTER = 20_000
"""Objects between two collections; at 700, a class that saves at once spends a quarter of its time there."""
KEEP_ALIVE_S = 75
"""Longer than proxies keep an idle connection (60 s), so that it is never this side that hangs up first."""


class AddressInUseError(HarnessError):
    """The address cannot be listened on; the message says what to try."""


@dataclass(frozen=True)
class Place:
    """Where the server listens."""

    host: str = "0.0.0.0"  # noqa: S104 - a class reaches the teacher's machine over its network
    port: int | None = None
    """None: the first free one from 8000."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose word on who asks is taken; empty = nobody's."""


def bind(place: Place) -> socket.socket:
    """Listen; raises AddressInUseError when the address is taken or not this machine's."""
    ports: Iterable[int] = range(PORT, PORT + PORTS_TRIED) if place.port is None else (place.port,)
    problem: OSError | None = None
    for port in ports:
        try:
            family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
            return socket.create_server((place.host, port), family=family, backlog=2048)
        except (OSError, OverflowError) as error:
            problem = error if isinstance(error, OSError) else OSError(str(error))
    raise AddressInUseError(
        f"cannot listen on {place.host}, port {place.port or PORT}: {problem}; "
        "another program (or another `harness classroom`) may use it: try --port 8080"
    )


def shown_urls(place: Place, bound: socket.socket) -> tuple[str, ...]:
    """Addresses of the site as a class would type them, the likeliest first."""
    port = bound.getsockname()[1]
    hosts = lan_addresses() if place.host in ANY else (place.host,)
    return tuple(site_url(host, port) for host in hosts or ("127.0.0.1",))


def own_url(place: Place, bound: socket.socket) -> str:
    """The address of the site on this machine itself."""
    host = ("::1" if ":" in place.host else "127.0.0.1") if place.host in ANY else place.host
    return site_url(host, bound.getsockname()[1])


class Server(uvicorn.Server):
    """Ends the streams of events first: they would keep the server from closing until its patience ends."""

    def __init__(self, config: uvicorn.Config, at: Here) -> None:
        super().__init__(config)
        self._at = at

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin; what was loaded until now stays, so that no collection of garbage looks at it again."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_AFTER)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        self._at.end_streams()
        await super().shutdown(sockets)


def serve(lessons: Lessons, options: WebOptions, place: Place, bound: socket.socket) -> None:
    """Serve until interrupted (Ctrl-C) or told to end (SIGTERM); no line is logged about who asks."""
    app = create_app(lessons, replace(options, shown_url=shown_urls(place, bound)[0]))
    server = Server(_config(app, place), app.state.here)
    try:
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        return


def open_browser(url: str) -> None:
    """Show a page in this machine's browser, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _config(app: ASGIApp, place: Place) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        proxy_headers=bool(place.trusted_proxies),
        forwarded_allow_ips=list(place.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=CLOSING_S,
    )
