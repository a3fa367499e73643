"""Coverage-guided fuzzing with atheris: `python -m tests.fuzz.drive TARGET --cpu-minutes 10`.

A broken promise is written to FOLDER/TARGET/crashes under the name of its place, once per place, and fuzzing
goes on; a hang ends it. The last line on stdout is JSON: executions, CPU seconds, places. Exit code 1 when a
promise broke. `make fuzz` runs every target; atheris has builds for Linux and macOS only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from hashlib import sha256
from importlib import import_module
from pathlib import Path

atheris = import_module("atheris")  # by name: it is no part of the locked tools, and has no types

with atheris.instrument_imports(include=["harness"]):
    from harness.formats.registry import FORMATS
    from tests.fuzz import targets

    _ = list(FORMATS.values())  # their readers are imported when they are asked for: now

LONGEST_RUN_S = 20
"""More for one input is a hang: libFuzzer ends the process and keeps the input."""


class Watched:
    """A target that counts its runs, keeps what broke it, and ends when its time is used up."""

    def __init__(self, name: str, folder: Path, cpu_s: float) -> None:
        self.name, self.folder, self.cpu_s = name, folder, cpu_s
        self.n_runs = 0
        self.slowest_s = 0.0
        self.broken: dict[str, int] = {}
        self._run = targets.TARGETS[name].run

    def __call__(self, content: bytes) -> None:
        """Run once."""
        before = time.process_time()
        try:
            self._run(content)
        except Exception as error:  # noqa: BLE001 - anything that is not a word to people is a broken promise
            self._keep(error, content)
        now = time.process_time()
        self.slowest_s = max(self.slowest_s, now - before)
        self.n_runs += 1
        if now >= self.cpu_s:
            self._end(now)

    def _keep(self, error: Exception, content: bytes) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__}-{Path(last.filename).stem}-{last.lineno}"
        if place not in self.broken:
            crashes = self.folder / "crashes"
            crashes.mkdir(parents=True, exist_ok=True)
            (crashes / f"{place}-{sha256(content).hexdigest()[:8]}").write_bytes(content)
            traceback.print_exception(error)
        self.broken[place] = self.broken.get(place, 0) + 1

    def _end(self, now: float) -> None:
        told = {
            "target": self.name,
            "executions": self.n_runs,
            "cpu_s": round(now, 1),
            "slowest_s": round(self.slowest_s, 3),
            "broken": self.broken,
        }
        print(json.dumps(told), flush=True)  # noqa: T201 - a program's last word
        os._exit(bool(self.broken))


def main() -> None:
    """Fuzz one target for so many minutes of CPU time."""
    parser = argparse.ArgumentParser(description="Fuzz one target.")
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--cpu-minutes", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="corpus and crashes go here")
    asked = parser.parse_args()
    folder = asked.folder / asked.target
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in targets.TARGETS[asked.target].seeds():
        (corpus / f"seed-{sha256(seed).hexdigest()[:16]}").write_bytes(seed)
    options = [f"-timeout={LONGEST_RUN_S}", "-max_len=4096", "-rss_limit_mb=4096", "-verbosity=0"]
    watched = Watched(asked.target, folder, 60 * asked.cpu_minutes)
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", str(corpus)], watched)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
