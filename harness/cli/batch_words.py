"""What `harness batch` prints when it has done its work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.cli.batch_sitting import Sat
from harness.judge.batch_remote import RemoteBatch
from harness.run.batch_collect import tally_words
from harness.schema.batch import BatchTally
from harness.store.batches import BatchEntry

Look = RemoteBatch | str
"""A batch as its provider describes it now, or why that is not known."""


def report_text(sat: Sat) -> str:
    """What a sitting came to, for people, and what to do next."""
    finished, report = sat.finished, sat.report
    counts = f"{len(finished.verdicts):,} verdicts, {finished.n_failed:,} of them failed"
    lines = [f"{finished.folder.path}: {counts}, {finished.n_open:,} calls open"]
    lines += _report_lines(sat)
    lines += [f"given up: {message}" for message in dict.fromkeys(finished.stops.values())]
    lines += [f"not in batches: {judge_id}: {why}" for judge_id, why in report.left.items()]
    return "\n".join([*lines, _next_step(sat)])


def _report_lines(sat: Sat) -> Iterator[str]:
    report = sat.report
    if sat.submitted and (report.n_batches or not report.tallies):
        yield f"submitted: {report.n_submitted:,} calls in {_batches(report.n_batches)}"
    if report.tallies:
        words = tally_words(BatchTally(**report.totals()))
        yield f"collected: {_batches(len(report.tallies))}: {words}"
    if sat.n_alive_batches:
        yield f"with the provider: {sat.n_alive:,} calls in {_batches(sat.n_alive_batches)}"
    if report.n_found:
        yield f"found again, not created twice: {_batches(report.n_found)}"
    if report.n_uploaded_again:
        yield f"uploaded again after an interruption: {report.n_uploaded_again} (the first file is not paid)"
    if report.n_maybe_twice:
        yield (
            f"perhaps created twice: {_batches(report.n_maybe_twice)}: an attempt was not answered, and this "
            "server does not list what it has"
        )
    if report.n_over_limits:
        yield f"left open by the limits of this sitting: {report.n_over_limits:,} calls"


def _next_step(sat: Sat) -> str:
    run = sat.finished.folder.path
    if sat.n_alive:
        return f"next: harness batch collect {run} --wait"
    if sat.finished.n_open:
        return "next: harness batch run submits the open calls, harness run asks them live"
    return f"next: harness compare {run}"


def report_facts(sat: Sat) -> dict[str, object]:
    """The same for programs."""
    report = sat.report
    return {
        "submitted_batches": report.n_batches,
        "submitted_calls": report.n_submitted,
        "found_again": report.n_found,
        "uploaded_again": report.n_uploaded_again,
        "maybe_twice": report.n_maybe_twice,
        "over_limits": report.n_over_limits,
        "alive_batches": sat.n_alive_batches,
        "alive_calls": sat.n_alive,
        "not_in_batches": dict(report.left),
        "collected": report.totals(),
    }


def status_lines(run: Path, entries: Sequence[BatchEntry], looks: Mapping[str, Look]) -> Iterator[str]:
    """One line per batch, and what to do next."""
    if not entries:
        yield f"{run}: no batch was ever submitted for this run"
        return
    for entry in entries:
        yield f"{entry.judge_id}: {_place(entry, looks.get(entry.name))}"
    alive = [entry for entry in entries if entry.alive]
    if alive:
        n_calls = sum(len(entry.note.keys) for entry in alive)
        yield f"{n_calls:,} calls with the provider; harness batch collect {run} brings in what has ended"


def _place(entry: BatchEntry, look: Look | None) -> str:
    note = entry.note
    what = f"{note.batch_id or entry.name}, {len(note.keys):,} calls, submitted {entry.submitted_at}"
    if note.tally is not None:
        failed = f" ({note.words})" if note.words else ""
        return f"{what}: {note.status}, collected: {tally_words(note.tally)}{failed}"
    if note.state == "lost":
        return f"{what}: given up: {note.words}"
    if note.state != "created":
        return f"{what}: interrupted while it was submitted; harness batch run finishes that"
    if isinstance(look, RemoteBatch):
        done = "" if look.n_done is None else f", {look.n_done:,} done"
        return f"{what}: {look.status}{done}"
    return f"{what}: {note.status} when last seen" + (f"; {look}" if look else "")


def entry_facts(entry: BatchEntry, look: Look | None) -> dict[str, object]:
    """One batch for programs."""
    note = entry.note
    remote = look if isinstance(look, RemoteBatch) else None
    return {
        "name": entry.name,
        "judge_id": entry.judge_id,
        "state": note.state,
        "alive": entry.alive,
        "batch_id": note.batch_id,
        "file_id": note.file_id,
        "calls": len(note.keys),
        "submitted_at": entry.submitted_at,
        "status": remote.status if remote else note.status,
        "done": remote.n_done if remote else None,
        "tally": note.tally.model_dump() if note.tally else None,
        "words": look if isinstance(look, str) else note.words,
    }


def _batches(number: int) -> str:
    return f"{number} batch" if number == 1 else f"{number} batches"
