"""Options of one sitting of `harness run`: where it stops, who hears of it; none is part of what is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.cli.events import EventLog
from harness.errors import HarnessError
from harness.judge.budget import is_free
from harness.load.content import load_judges
from harness.schema import Experiment, Stops

Command = TypeVar("Command", bound=Callable[..., Any])

_LIMITS = (
    click.option("--max-usd", type=click.FloatRange(min=0, min_open=True), help="Stop at so many dollars."),
    click.option("--max-calls", type=click.IntRange(min=1), help="Stop after so many requests."),
    click.option("--max-tokens", type=click.IntRange(min=1), help="Stop after so many tokens."),
    click.option(
        "--max-minutes", type=click.FloatRange(min=0, min_open=True), help="Stop after so many minutes."
    ),
)
_EVENTS = click.option(
    "--events",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write what happens as JSON lines to this file; - is stdout, and the summary is its last line.",
)


def limit_options(command: Command) -> Command:
    """Give a command the options that say where a sitting stops."""
    for option in reversed(_LIMITS):
        command = option(command)
    return command


def sitting_options(command: Command) -> Command:
    """Give a command the options of `Sitting`."""
    return limit_options(_EVENTS(command))


@dataclass(frozen=True)
class Sitting:
    """What was typed."""

    max_usd: float | None
    max_calls: int | None
    max_tokens: int | None
    max_minutes: float | None
    events: Path | None = None

    @property
    def events_on_stdout(self) -> bool:
        """Whether stdout belongs to the events."""
        return self.events == Path("-")

    def stops(self, experiment: Experiment) -> Stops | None:
        """The limits of the experiment, under those that were typed; None without any.

        Raises
        ------
        HarnessError
            Money is limited, and a judge that is paid has no price.
        """
        typed = {
            "max_usd": self.max_usd,
            "max_calls": self.max_calls,
            "max_tokens": self.max_tokens,
            "max_minutes": self.max_minutes,
        }
        known = {name: limit for name, limit in typed.items() if limit is not None}
        stops = (experiment.stops or Stops()).model_copy(update=known)
        if stops.max_usd is not None:
            _check_prices(experiment)
        return None if stops == Stops() else stops

    @contextmanager
    def event_log(self) -> Iterator[EventLog | None]:
        """The open log of events, or None.

        Raises
        ------
        HarnessError
            The file cannot be written.
        """
        if self.events is None:
            yield None
        elif self.events_on_stdout:
            yield EventLog(sys.stdout)
        else:
            try:
                stream = self.events.open("a", encoding="utf-8")
            except OSError as error:
                raise HarnessError(f"{self.events}: cannot be written to: {error.strerror}") from error
            with stream:
                yield EventLog(stream)


def _check_prices(experiment: Experiment) -> None:
    judge_ids = dict.fromkeys(judge for part in experiment.parts for judge in part.judges)
    unknown = [spec.judge_id for spec in load_judges(judge_ids) if spec.price is None and not is_free(spec)]
    if unknown:
        raise HarnessError(
            f"max_usd needs the price of every judge, and {', '.join(unknown)} has none: write `price:` into "
            "the preset (dollars per million tokens, with date and source; 0 for a server of one's own), or "
            "limit max_calls or max_tokens instead"
        )
