"""Options that change which experiment is asked: the same for `harness run` and `harness estimate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.load.content import load_experiment
from harness.load.overrides import Overrides
from harness.run.capabilities import load_capabilities
from harness.run.extend import ablated_experiment
from harness.schema import CapabilityTable, Experiment

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--ablate-rules",
        is_flag=True,
        help="Ask also under each rulebook without one of its rules at a time.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="FIELD=VALUE",
        help="Set a field of the experiment: parts.PART.repeats=2, dimensions=true. Again for more.",
    ),
    click.option("--judges", metavar="A,B", default="", help="Only these judges."),
    click.option("--cases", metavar="X,Y", default="", help="Only these cases."),
    click.option("--seed", type=click.IntRange(min=0), help="Another seed than the experiment's."),
    click.option(
        "--capabilities",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Leave out what `harness judges check --write FILE` found to be refused.",
    ),
)

shots_option = click.option(
    "--shots-from",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="People's grades for judges that are shown graded cases first (NAME.shots-4).",
)


@dataclass(frozen=True)
class AskedOptions:
    """What was typed."""

    ablate_rules: bool
    settings: tuple[str, ...]
    judges: str
    cases: str
    seed: int | None
    capabilities: Path | None

    def experiment(self, name: str) -> Experiment:
        """The experiment as the options leave it; raises ExperimentError."""
        overrides = Overrides(self.settings, _names(self.judges), _names(self.cases), self.seed)
        loaded = load_experiment(name, overrides=overrides)
        return ablated_experiment(loaded) if self.ablate_rules else loaded

    def table(self) -> CapabilityTable | None:
        """The capability table, where one was named; raises InputError."""
        return None if self.capabilities is None else load_capabilities(self.capabilities)


def experiment_options(command: Command) -> Command:
    """Give a command the options of `AskedOptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _names(typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in typed.split(",") if name.strip()))
