"""Invented calls for the store's tests, and small disks that fill up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.schema import (
    Completion,
    Message,
    Origin,
    Outcome,
    Presentation,
    Recording,
    Request,
    digest_request,
    request_key,
    text_sha256,
)

SYSTEM = "You are an annotator. Your employer wants careful answers."


class Calls:
    """Builds requests, completions and recordings that differ only where a test says so."""

    def request(self, number: int = 0, **changes: object) -> Request:
        """The request of call `number`."""
        message = f"<message-{text_sha256(str(number))[:8]}>Which doctor should I see, number {number}?"
        request = Request(
            model_id="openai/gpt-4o",
            service="",
            endpoint="chat",
            messages=(Message(role="system", content=SYSTEM), Message(role="user", content=message)),
            parameters={"temperature": 0.0, "max_tokens": 400},
            repeat=0,
        )
        return request.model_copy(update=changes)

    def completion(self, text: str = '{"A": 4, "B": 1}') -> Completion:
        """A completion with this text."""
        return Completion(text=text, finish_reason="stop", latency_s=1.5, completed_at="2026-01-02T03:04:05Z")

    def origin(self, _key: str = "") -> Origin:
        """The same place in the plan for every key."""
        return Origin(
            judge_id="gpt-4o",
            case_id="doctor",
            rulebook_id="hhh",
            wording="base",
            language="fr",
            protocol="listwise",
            repeat=0,
            template_id="listwise.fr",
            presentation=Presentation(order=("doctor-a", "doctor-b"), slots=("A", "B")),
        )

    def recording(self, number: int = 0, text: str = '{"A": 4, "B": 1}', **changes: object) -> Recording:
        """The recording of call `number`."""
        request = self.request(number, **changes)
        return Recording(
            key=request_key(request),
            request=digest_request(request),
            origin=self.origin(),
            completion=self.completion(text),
        )

    def outcome(self, number: int = 0, message: str = "timed out", ended_at: str = "2026-01-02") -> Outcome:
        """Call `number`, ended without a completion."""
        request = self.request(number)
        return Outcome(
            key=request_key(request),
            request=digest_request(request),
            origin=self.origin(),
            reason="exhausted",
            message=message,
            attempts=5,
            ended_at=ended_at,
        )

    def texts(self, *numbers: int) -> dict[str, str]:
        """The message texts of these calls, under their hashes."""
        contents = [message.content for number in numbers for message in self.request(number).messages]
        return {text_sha256(content): content for content in contents}


@pytest.fixture
def calls() -> Calls:
    """Give the builder of invented calls."""
    return Calls()


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
