"""The command `harness`: one thin function per command, each in a module that is loaded when it is called."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from importlib import import_module

import click

from harness import __version__
from harness.errors import HarnessError

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130

OBJECTS_PER_COLLECTION = 10_000

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("harness.cli.demo:demo", "Replay the recorded judges and write a report; no key, no network."),
    "check": ("harness.cli.check:check", "Check cases, rulebooks, judges, experiments, people's grades."),
    "prompt": ("harness.cli.prompt:prompt", "Print exactly what a judge is sent."),
    "paste": ("harness.cli.paste:paste", "Carry prompts to a chat window by hand, and its replies back."),
    "estimate": ("harness.cli.estimate:estimate", "Say what a run will ask, cost, take, and can show."),
    "run": ("harness.cli.run:run", "Ask the judges of an experiment, or resume where a run stopped."),
    "batch": ("harness.cli.batch:batch", "The provider's own batches: about half the price, within a day."),
    "scale": ("harness.cli.scale:scale", "The same plan on many machines, over a shared store."),
    "replay": ("harness.cli.replay:replay", "Read a recorded run again, with the network unreachable."),
    "import": ("harness.cli.import_:import_", "Read other tools' verdicts and people's votes as a run."),
    "export": ("harness.cli.export:export", "Write what a run says as files for other tools."),
    "compare": ("harness.cli.compare:compare", "Compare the judges of a run with people."),
    "report": ("harness.cli.report:report", "Write the report of a run: one HTML page."),
    "next": ("harness.cli.next:next_", "Say which case to ask which person about next, and why."),
    "classroom": (
        "harness.cli.classroom:classroom",
        "A class grades the answers too, and sees itself beside the judges.",
    ),
    "annotate": (
        "harness.cli.annotate:annotate",
        "A person grades cases at the terminal, with a judge's proposals or without.",
    ),
    "calibrate": (
        "harness.cli.calibrate:calibrate_command",
        "Choose the judge or panel that agrees best with people, honestly.",
    ),
    "steer": (
        "harness.cli.steer:steer",
        "Rewards choose among a model's replies: whose grades change what it says.",
    ),
    "reward": ("harness.cli.reward:reward", "Learn from people's grades which answers they would prefer."),
    "plan": ("harness.cli.plan:plan", "Say how many cases, people and runs a study needs."),
    "local": ("harness.cli.local:local", "Small models that judge in this process."),
    "judges": ("harness.cli.judges:judges", "List the judges that have a preset, or check them."),
    "schemas": ("harness.cli.schemas:schemas", "Write the JSON schemas that editors check YAML with."),
}

HIDDEN: dict[str, tuple[str, str]] = {
    "formats-page": ("harness.cli.formats_page:formats_page", "Print docs/formats.md."),
    "help-page": ("harness.cli.help_page:help_page", "Print docs/cli.md: the help of every command."),
}
"""For those who work on the harness; not listed."""


class LazyGroup(click.Group):
    """Lists its commands without importing them, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Command names, in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command; None when there is no such command."""
        if cmd_name not in COMMANDS and cmd_name not in HIDDEN:
            return None
        module_name, _, attribute = (COMMANDS.get(cmd_name) or HIDDEN[cmd_name])[0].partition(":")
        command = getattr(import_module(module_name), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module_name}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a misspelt one is answered with the near ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = _near(args[0]) if args else []
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {' or '.join(near)}?", ctx) from error


def _near(typed: str) -> list[str]:
    """The commands most like what was typed; one that is far behind the best is not named."""
    from difflib import SequenceMatcher

    alike = {name: SequenceMatcher(a=name, b=typed).ratio() for name in COMMANDS}
    least = max(0.6, max(alike.values()) - 0.1)
    return [name for name, ratio in alike.items() if ratio > least]


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `harness demo`. Every command explains itself: harness COMMAND --help.",
)
@click.version_option(__version__, prog_name="harness")
def harness() -> None:
    """Language models judge answers under an employer's rulebook; people judge the same answers.

    The harness asks the judges, records what they said, and compares their rankings with people's: what the
    model moves, what the company's rules move, what is only noise, and how much people disagree themselves.
    """


def _collect_rarely() -> None:
    """Look for garbage in circles less often than Python does, and not at all when the process ends.

    A command loads modules and records that stay to its end: looking through them is a seventh of its work.
    """
    gc.set_threshold(OBJECTS_PER_COLLECTION, 20, 20)
    atexit.register(gc.freeze)


def main() -> None:
    """Entry point: exit 0 done, 1 an error that says what to do next, 2 usage, 3 failed verdicts (`run`)."""
    _collect_rarely()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a letter shows a question mark, and the command goes on.
            stream.reconfigure(errors="replace")
    try:
        harness.main(prog_name="harness", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(EXIT_ERROR)
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; the same command resumes", err=True)
        sys.exit(EXIT_INTERRUPTED)
