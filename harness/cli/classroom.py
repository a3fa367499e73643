"""`harness classroom`: the group; `harness classroom` alone serves."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": (
        "harness.cli.classroom_serve:serve",
        "Serve the class's pages from this machine (the default).",
    ),
    "file": (
        "harness.cli.classroom_paper:file",
        "Write the stand-alone HTML file for a USB stick or an ENT.",
    ),
    "sheets": ("harness.cli.classroom_paper:sheets", "Write the sheets of paper to print."),
    "list": ("harness.cli.classroom_kept:list_", "List the lessons that are kept on this machine."),
    "link": ("harness.cli.classroom_kept:link", "Make a further teacher's link of a lesson."),
    "export": ("harness.cli.classroom_kept:export", "Write a lesson as a run folder."),
    "delete": ("harness.cli.classroom_kept:delete", "Delete a lesson, now and for good."),
    "rehearse": ("harness.cli.classroom_kept:rehearse", "Begin a rehearsal with invented pupils."),
}


class ClassroomGroup(click.Group):
    """Loads a command when it is called; a first word that is an option belongs to `serve`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `serve` in front of what names no command."""
        own = {"-h", "--help"}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Command names, in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module_name, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module_name), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=ClassroomGroup, name="classroom", short_help="A class plays annotator.")
def classroom() -> None:
    """A class grades the same answers as the judges, on phones, on paper or by show of hands.

    \b
    harness classroom                     serve on this machine's network; a QR code lets the class in
    harness classroom rehearse            the same with invented pupils, to try every screen
    harness classroom file -o class.html  one file for a USB stick, with reply codes
    """  # noqa: D301 - click wants the character itself
