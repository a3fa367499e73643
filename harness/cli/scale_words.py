"""What `harness scale` says: how far a run is, and what was collected."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from harness.cli.progress import run_progress
from harness.cli.replay import EXIT_OPEN_CALLS, summary
from harness.scale.collect import Collected, collect
from harness.schema import Stops
from harness.store.folder import RunFolder
from harness.store.shared import SharedStore

EXIT_FAILED_VERDICTS = 3


def looker(*, quiet: bool) -> Callable[[SharedStore], None]:
    """Prints to stderr how far the judges are, whenever that changed."""
    shown = ""

    def look(store: SharedStore) -> None:
        nonlocal shown
        text = tally_text(store)
        if text != shown and not quiet:
            click.echo(text, err=True)
        shown = text

    return look


def status_of(store: SharedStore) -> dict[str, object]:
    """How far each judge is, and what was spent of what may be, for programs."""
    return {
        "judges": {name: asdict(tally) for name, tally in store.tally().items()},
        "stops": dict(store.stops()),
        "account": store.account().model_dump(mode="json"),
    }


def tally_text(store: SharedStore) -> str:
    """How far each judge is, for people."""
    stops = store.stops()
    lines = [
        f"{name}: {tally.n_done:,} of {tally.n_calls:,} calls ended"
        + (f"; stopped: {stops[name]}" if name in stops else "")
        for name, tally in store.tally().items()
    ]
    account = store.account()
    if account.stops != Stops():
        spent = f"{account.n_calls:,} requests, {account.n_tokens:,.0f} tokens, ${account.usd:,.2f}"
        most = ", ".join(f"{name} {most:g}" for name, most in account.stops.model_dump().items() if most)
        lines.append(f"this sitting: {spent}, of {most}")
    return "\n".join(lines)


def collect_into(store: SharedStore, path: Path, *, as_json: bool) -> None:
    """Collect, say what there is, and end with the exit code of `harness run`."""
    with run_progress(quiet=True) as progress:
        collected = asyncio.run(collect(store, RunFolder(path), progress))
    click.echo(json.dumps(_as_json(collected), indent=2) if as_json else _text(collected))
    finished = collected.finished
    if finished.n_open:
        sys.exit(EXIT_OPEN_CALLS)
    if finished.n_failed:
        sys.exit(EXIT_FAILED_VERDICTS)


def _as_json(collected: Collected) -> dict[str, object]:
    return {
        **summary(collected.finished),
        "n_attempts_failed": collected.n_attempts_failed,
        "n_begun_twice": collected.n_begun_twice,
        "stopped": dict(collected.stops),
    }


def _text(collected: Collected) -> str:
    finished = collected.finished
    lines = [
        f"{finished.folder.path}: {len(finished.verdicts)} verdicts, {finished.n_failed} of them failed",
        f"calls open: {finished.n_open}; attempts that failed: {collected.n_attempts_failed}",
        f"calls that a lost worker had begun, asked again: {collected.n_begun_twice}",
    ]
    lines += [f"stopped: {message}" for message in collected.stops.values()]
    lines.append(f"next: harness compare {finished.folder.path}")
    return "\n".join(lines)
