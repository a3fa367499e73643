"""A replay proves that it opened no connection: any attempt is an error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from harness.errors import HarnessError

_WATCHED = frozenset(
    f"socket.{name}"
    for name in (
        *("connect", "sendto", "sendmsg"),
        *("getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo"),
    )
)


class _Guard:
    """An audit hook cannot be removed, so one is installed once and switched."""

    def __init__(self) -> None:
        self.installed = False
        self.closed = 0

    def __call__(self, event: str, _: tuple[object, ...]) -> None:
        if self.closed and event in _WATCHED:
            raise HarnessError(
                f"a replay tried to reach the network ({event}); nothing may: please report this"
            )


_guard = _Guard()


@contextmanager
def network_unreachable() -> Iterator[None]:
    """While inside, every attempt to connect or to resolve a name raises HarnessError."""
    if not _guard.installed:
        sys.addaudithook(_guard)
        _guard.installed = True
    _guard.closed += 1
    try:
        yield
    finally:
        _guard.closed -= 1
