"""A provider in a process of its own, what it really said, and a run folder read beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """A provider that runs, and its log."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Where an OpenAI-compatible client finds it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def requests(self) -> list[dict[str, Any]]:
        """Every request, in the order in which they came."""
        lines = self.log.read_text("utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1]]

    def said(self, model_id: str = "test") -> dict[str, list[dict[str, Any]]]:
        """Prompt -> its requests, attempt by attempt."""
        by_prompt: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in self.requests():
            if line["model"] == model_id:
                by_prompt[line["prompt"]].append(line)
        return by_prompt


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Give what starts a provider with these options; it ends with the test."""
    with ExitStack() as stack:

        def start(name: str, *options: str) -> Served:
            log = tmp_path / f"{name}.log"
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.faults.provider", str(log), *options],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            assert process.stdout is not None
            assert process.stdin is not None
            stack.callback(process.stdin.close)
            return Served(int(process.stdout.readline()), log)

        yield start
