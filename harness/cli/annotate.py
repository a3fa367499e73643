"""`harness annotate`."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from harness.errors import HarnessError
from harness.schema import LANGUAGES, Cell, Language, Proposal

if TYPE_CHECKING:
    from harness.annotate import Content, Design, Sitting, Terminal
    from harness.schema import Case

_LONGEST_NAME = 60


@click.command(short_help="A person grades cases at the terminal, with a judge's proposals or without.")
@click.argument("target", metavar="RUN|EXPERIMENT")
@click.option("--person", required=True, metavar="NAME", help="A pseudonym; the same one resumes.")
@click.option(
    "--output", "-o", required=True, type=click.Path(path_type=Path, dir_okay=False),
    help="The people's table (.csv or .jsonl); several people may fill it, one after the other or at once.",
)  # fmt: skip
@click.option("--rulebook", "rulebook_id", default="hhh", show_default=True, help="The rules to grade by.")
@click.option(
    "--propose", "judge_id", metavar="JUDGE", help="Show this judge's grades, to half of the people."
)
@click.option(
    "--design", type=click.Choice(["people", "cases"]), default="people", show_default=True,
    help="What the lot deals: whole people, or half of the cases to each person.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), help="Of the lot.  [default: drawn, and kept]")
@click.option("--cases", metavar="X,Y", default="", help="Only these cases.  [default: all]")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the texts.  [default: the set's first]")
@click.option("--session", metavar="NAME", help="A class, a day.  [default: the table's name]")
@click.option("--simulated", is_flag=True, help="These grades are invented: every file and page says so.")
@click.option("--json", "as_json", is_flag=True, help="Print how the sitting ended as JSON.")
def annotate(target: str, *, as_json: bool, **asked: object) -> None:
    """Let a person grade the cases of a run folder, or of an experiment, at the terminal.

    Answers come in an order of one's own, grades as `4 2 1 3` (1 = worst, ties are fine); u goes back, s
    skips, q stops, and the same command resumes. Every case is written when it is graded, with the time that
    it took.

    With --propose, a judge of the run proposes grades and the person corrects them. What that does to people
    is measured: by lot, half of them see no proposal. `--design people` deals whole people in pairs: it
    answers what seeing proposals does, and how far it makes people alike; three people in each arm are the
    least, twenty or so in all give an interval of some +-0.27. `--design cases` shows each person proposals
    in a random half of the cases: half as wide with as many people, if having seen some proposals does not
    change how the other cases are graded. Nobody is told of an arm, and who sees nothing reads no word of
    proposals. Who was dealt what is kept in TABLE.arms.json before the first case.

    \b
    harness annotate local-judges --person otter-7 -o class.csv
    harness annotate results/my-run --person otter-7 --propose gpt-4o -o people.csv
    harness compare results/my-run --people people.csv
    """  # noqa: D301 - click wants the character itself
    sitting = _sitting(target, asked)
    tally = sitting.hold()
    if as_json:
        click.echo(json.dumps({"person": sitting.person.annotator_id, **tally._asdict()}))
        return
    click.echo(f"{asked['output']}: {tally.n_done} cases graded by {sitting.person.annotator_id}")


def _sitting(target: str, asked: dict[str, object]) -> Sitting:
    from harness.annotate import PeopleTable, Sitting, load_content

    content = load_content(target)
    output = cast("Path", asked["output"])
    language = cast("Language", asked["language"] or content.case_set.languages[0])
    named = tuple(name.strip() for name in str(asked["cases"]).split(",") if name.strip())
    cases = content.chosen(named, language)
    rulebook = content.rulebook(str(asked["rulebook_id"]))
    person = Cell(
        annotator_id=_pseudonym(str(asked["person"])),
        annotator_kind="person",
        case_id=cases[0].case_id,
        rulebook_id=rulebook.rulebook_id,
        language=language,
        session=str(asked["session"] or output.stem),
        simulated=bool(asked["simulated"]),
    )
    return Sitting(
        person=person,
        cases=cases,
        rulebook=rulebook,
        n_grades=content.case_set.n_grades,
        table=PeopleTable(output, content.case_set, content.cases),
        terminal=_terminal(),
        proposals=_proposals(content, cases, person, asked),
        judge=str(asked["judge_id"] or ""),
    )


def _pseudonym(name: str) -> str:
    """Names that a table, a spreadsheet and a page show as they are."""
    kept = name.strip()
    if not kept or len(kept) > _LONGEST_NAME or not kept[0].isalnum() or not kept.isprintable():
        words = f"must begin with a letter or digit, without control characters, {_LONGEST_NAME} at most"
        raise click.BadParameter(words, param_hint="--person")
    return kept


def _proposals(
    content: Content, cases: tuple[Case, ...], person: Cell, asked: dict[str, object]
) -> dict[str, Proposal]:
    """What this person sees, or does not see, in each case that a judge graded."""
    from harness.annotate import Study, deal, load_proposals
    from harness.annotate.dealing import study_path

    judge_id = cast("str | None", asked["judge_id"])
    if judge_id is None:
        return {}
    if content.folder is None:
        raise HarnessError("--propose needs a run folder: an experiment alone holds no judge's grades")
    scale = (person.language, content.case_set.n_grades)
    found = load_proposals(content.folder, cases, (judge_id, person.rulebook_id), scale)
    if not found:
        raise HarnessError(f"'{judge_id}' graded none of these cases readably; name others, or another judge")
    seed = cast("int | None", asked["seed"])
    study = Study(
        session=person.session or "",
        judge_id=judge_id,
        rulebook_id=person.rulebook_id,
        design=cast("Design", asked["design"]),
        seed=-1 if seed is None else seed,
        case_ids=tuple(found),
    )
    arm = deal(study_path(cast("Path", asked["output"])), study, person.annotator_id)
    hidden = Proposal(lot=arm.lot)
    return {
        case_id: proposal.model_copy(update={"lot": arm.lot}) if case_id in arm.shown else hidden
        for case_id, proposal in found.items()
    }


def _terminal() -> Terminal:
    from harness.annotate import Terminal

    def ask(prompt: str) -> str | None:
        click.echo(prompt, nl=False, err=True)
        line = sys.stdin.readline()
        if not sys.stdin.isatty():
            click.echo(line.rstrip("\r\n"), err=True)
        return line if line else None

    width = min(100, shutil.get_terminal_size((80, 24)).columns)
    return Terminal(lambda line: click.echo(line, err=True), ask, time.monotonic, width)
