"""Options of `harness scale`."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

import click

from harness.cli.asked import AskedOptions, Command, experiment_options, shots_option
from harness.cli.sitting import Sitting, limit_options
from harness.scale.planning import CALLS_PER_LEASE, Planning
from harness.scale.worker import LEASE_S
from harness.schema import Experiment
from harness.store.shared import url_passwords

STORE_VARIABLE = "HARNESS_STORE"


def _store_given(_: click.Context, __: click.Parameter, place: str | None) -> str:
    """The place of the store; a password may come from the environment, never from the command line."""
    if place is not None and url_passwords(place):
        raise click.BadParameter(
            f"a password on the command line is seen by everybody on this machine: put it into PGPASSWORD or "
            f"~/.pgpass, or the whole URL into {STORE_VARIABLE}"
        )
    found = place or os.environ.get(STORE_VARIABLE, "").strip()
    if not found:
        raise click.BadParameter(
            f"say where the workers meet: --store postgresql://host/database, --store /shared/folder, or "
            f"{STORE_VARIABLE} in the environment"
        )
    return found


store_option = click.option(
    "--store",
    "place",
    callback=_store_given,
    help="postgresql://USER@HOST/DATABASE, or a folder that every worker can write to.  "
    f"[env: {STORE_VARIABLE}]",
)
run_option = click.option(
    "--run", "run_id", help="Name of the run in the store.  [default: the experiment's id]"
)
lease_option = click.option(
    "--lease",
    "lease_s",
    type=click.FloatRange(min=1.0),
    default=LEASE_S,
    show_default=True,
    help="Seconds after which a lost worker's calls go to another.",
)
_calls_option = click.option(
    "--calls-per-lease",
    type=click.IntRange(min=1),
    default=CALLS_PER_LEASE,
    show_default=True,
    help="How many calls of a judge are handed out at a time; fixed when the run is planned.",
)
output_option = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Run folder.  [default: results/RUN]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")


@dataclass(frozen=True)
class PlanningOptions:
    """What was typed of a plan: which experiment, what judges are shown and can do, where workers stop."""

    typed: dict[str, object]

    def experiment(self, name: str) -> Experiment:
        """The experiment as the options leave it; raises ExperimentError."""
        return self._asked().experiment(name)

    def sitting(self) -> Sitting:
        """Where all workers together stop."""
        return Sitting(**self._of(Sitting))  # type: ignore[arg-type]

    def planning(self) -> Planning:
        """How the run is planned; raises InputError."""
        return Planning(
            calls_per_lease=cast("int", self.typed["calls_per_lease"]),
            capabilities=self._asked().table(),
            shots_from=cast("Path | None", self.typed["shots_from"]),
        )

    def _asked(self) -> AskedOptions:
        return AskedOptions(**self._of(AskedOptions))  # type: ignore[arg-type]

    def _of(self, kind: type) -> dict[str, object]:
        return {one.name: self.typed[one.name] for one in fields(kind) if one.name in self.typed}


def planning_options(command: Command) -> Command:
    """Give a command the options of `PlanningOptions`."""
    return experiment_options(shots_option(limit_options(_calls_option(command))))
