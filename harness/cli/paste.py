"""`harness paste`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import click

from harness.errors import HarnessError
from harness.schema import LANGUAGES, FailedVerdict, Language, Verdict

if TYPE_CHECKING:
    from harness.run.pasting import PasteAsk, PastePrompt, Pasting, Told

END = "."
"""The line that ends a reply in the terminal."""


@click.command(short_help="Carry prompts to a chat window by hand, and its replies back.")
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.option("--model", "model_name", required=True, metavar="NAME", help="The model, as the chat names it.")
@click.option("--maker", metavar="NAME", help="The company that trained it.")
@click.option("--date", "told_date", metavar="YYYY-MM-DD", help="When the chat replied.  [default: today]")
@click.option("--set", "case_set", default="annotator", show_default=True, help="Case set id.")
@click.option("--cases", metavar="X,Y", default="", help="Only these cases.  [default: the whole set]")
@click.option("--rulebook", "rulebook_id", default="hhh", show_default=True, help="Rulebook id.")
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
@click.option(
    "--repeat", type=click.IntRange(0, 99), default=0, show_default=True, help="Which presentation, from 0."
)
@click.option("--one-by-one", is_flag=True, help="A prompt for each case, instead of one for all.")
@click.option("--print", "only_print", is_flag=True, help="Print the next prompt without a reply, and stop.")
@click.option(
    "--reply",
    type=click.File(encoding="utf-8", errors="replace"),
    help="The reply to that prompt, from a file; - is stdin.",
)
@click.option("--yes", is_flag=True, help="Keep what was understood without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print what was kept as JSON.")
def paste(run: Path, *, only_print: bool, yes: bool, as_json: bool, **asked: object) -> None:
    """Carry prompts to any chat window by hand, and its replies back into a run folder.

    For models that have a chat and no key. Each prompt is shown; copy it into a new chat, paste the reply
    here, look at the grades that were understood, and keep them. They are recordings and verdicts like any
    others, marked as pasted, with the model and the date that you name: `replay`, `compare` and `report`
    read the folder. A reply is never replaced; asking again is another --repeat.

    \b
    harness paste results/chats --model "Mistral Large 3 (Le Chat)"
    harness paste results/chats --model "GPT-5.2" --one-by-one --rulebook comfort-first
    harness paste results/chats --model "GPT-5.2" --print > prompt.txt
    harness paste results/chats --model "GPT-5.2" --reply reply.txt --yes
    """  # noqa: D301 - click wants the character itself
    sitting = _sitting(run, asked)
    reply = cast("TextIO | None", asked["reply"])
    if only_print:
        click.echo(sitting.next_prompt().text)
        return
    if reply is not None:
        prompt = sitting.next_prompt()
        kept = [sitting.take(prompt, reply.read(), yes=yes)]
    else:
        if not sys.stdin.isatty():
            raise click.UsageError("no terminal to paste into: give --reply FILE (- is stdin), or --print")
        kept = [sitting.converse(prompt, yes=yes) for prompt in sitting.open_prompts()]
    _tell(run, [one for one in kept if one is not None], as_json=as_json)


def _sitting(run: Path, asked: dict[str, object]) -> _Sitting:
    from harness.load.content import load_case_set
    from harness.run.pasting import PasteAsk, Pasting, Told
    from harness.store.folder import RunFolder

    case_set, _ = load_case_set(str(asked["case_set"]))
    named = tuple(name.strip() for name in str(asked["cases"]).split(",") if name.strip())
    told = Told(
        str(asked["model_name"]),
        str(asked["told_date"] or date.today().isoformat()),  # noqa: DTZ011 - the day on the person's wall
        cast("str | None", asked["maker"]),
    )
    ask = PasteAsk(
        case_set=case_set.set_id,
        case_ids=named or case_set.case_order,
        rulebook_id=str(asked["rulebook_id"]),
        language=cast("Language", asked["language"]),
        repeat=cast("int", asked["repeat"]),
        together=not asked["one_by_one"],
    )
    return _Sitting(Pasting(RunFolder(run)), told, ask)


@dataclass(frozen=True)
class _Sitting:
    """One model, one rulebook, and a person who carries texts to and fro."""

    pasting: Pasting
    told: Told
    ask: PasteAsk

    def open_prompts(self) -> list[PastePrompt]:
        """The prompts without a reply."""
        found = [one for one in self.pasting.prompts(self.told, self.ask) if not one.is_answered]
        if not found:
            raise HarnessError(
                "every prompt of this ask has its reply; --repeat asks again in another presentation"
            )
        return found

    def next_prompt(self) -> PastePrompt:
        """The first of them."""
        return self.open_prompts()[0]

    def converse(self, prompt: PastePrompt, *, yes: bool) -> tuple[Verdict, ...] | None:
        """Show a prompt, take the reply from the terminal; None when it is not kept."""
        click.echo(f"\n--- copy from here: {', '.join(prompt.case_ids)} ---\n", err=True)
        click.echo(prompt.text)
        words = f"\n--- to here. Paste the reply, then a line with only '{END}' (nothing before it skips):"
        click.echo(words, err=True)
        text = "\n".join(iter(_line, END))
        return self.take(prompt, text, yes=yes) if text.strip() else None

    def take(self, prompt: PastePrompt, text: str, *, yes: bool) -> tuple[Verdict, ...] | None:
        """Show what a reply is understood to say and keep it, once the person agrees."""
        understood = self.pasting.read(self.told, self.ask, prompt.key, text)
        click.echo("understood, with the letters of the prompt (1 = worst):", err=True)
        for verdict in understood:
            click.echo(f"  {verdict.cell.case_id}: {_in_words(verdict)}", err=True)
        if not yes and not _agreed():
            return None
        asyncio.run(self.pasting.keep(self.told, self.ask, prompt.key, text))
        return understood


def _line() -> str:
    line = sys.stdin.readline()
    return line.rstrip("\r\n") if line else END


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to confirm the grades: look at them above, then give --yes")
    return click.confirm("Keep this reply?", default=True, err=True)


def _in_words(verdict: Verdict) -> str:
    if isinstance(verdict, FailedVerdict):
        return f"not understood ({verdict.failure}: {verdict.message})"
    shown = verdict.presentation
    assert shown is not None, "a reply always has a presentation"
    pairs = zip(shown.slots, shown.order, strict=True)
    return ", ".join(f"{slot} {verdict.grades[answer_id]:g}" for slot, answer_id in pairs)


def _tell(run: Path, kept: Iterable[tuple[Verdict, ...]], *, as_json: bool) -> None:
    verdicts = [verdict for one in kept for verdict in one]
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in verdicts], ensure_ascii=False))
        return
    n_failed = sum(isinstance(one, FailedVerdict) for one in verdicts)
    failed = f", {n_failed} of them not understood" if n_failed else ""
    click.echo(f"{run}: {len(verdicts)} verdicts kept{failed}")
    if verdicts:
        click.echo(f"next: harness compare {run}", err=True)
