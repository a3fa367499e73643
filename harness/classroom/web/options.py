"""What whoever starts the server decides about it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harness.errors import HarnessError
from harness.schema import Language


class WebOptionError(HarnessError):
    """An option of the server cannot be used; the message says what would be right."""


def new_secret() -> str:
    """Draw a secret of 128 bits."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Limits:
    """Sizes that no honest page reaches."""

    body_bytes: int = 64 * 1024
    desk_body_bytes: int = 2 * 1024 * 1024
    sessions: int = 500


@dataclass(frozen=True)
class WebOptions:
    """How the server is reached and who may begin a lesson on it."""

    host_secret: str = field(default_factory=new_secret, repr=False)
    """Begins lessons; it is in the teacher's link that the terminal prints. Empty = anyone may begin one."""
    language: Language = "fr"
    public_url: str | None = None
    """`https://class.example`: the one address that pages are reached under; its scheme decides on Secure."""
    hosts: tuple[str, ...] = ()
    """Names that requests may be addressed to; empty = any (see `harness.classroom.web.guard`)."""
    shown_url: str = "http://127.0.0.1:8000"
    """What links and QR codes begin with when there is no public address."""
    retention_h: float = 24.0
    """What the form of a new lesson proposes."""
    closing: Path | None = None
    """A folder with a closing.yaml of the teacher's own."""
    shared: bool = False
    """Another server may change the same database."""
    limits: Limits = Limits()
    heartbeat_s: float = 10.0

    def __post_init__(self) -> None:
        if self.public_url is not None:
            check_public_url(self.public_url)

    @property
    def base_url(self) -> str:
        """What links and QR codes begin with, without a slash at the end."""
        return (self.public_url or self.shown_url).rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether cookies may only travel encrypted."""
        return self.base_url.startswith("https://") and self.public_url is not None

    @property
    def public_netloc(self) -> str | None:
        """Host and port of the public address, in lower case."""
        return None if self.public_url is None else urlsplit(self.public_url).netloc.lower()


def check_public_url(url: str) -> None:
    """Raise WebOptionError unless this is the bare address of a site."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise WebOptionError(f"a public address begins with https:// (or http://) and names a host: '{url}'")
    if parts.path.rstrip("/") or parts.query or parts.fragment or parts.username:
        raise WebOptionError(f"a public address is only scheme, host and port, with no path: '{url}'")
