from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.schema import FailedVerdict, Manifest, RankedVerdict, canonical_json
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

Command = Callable[..., "Done"]
Contents = Callable[[Path], dict[str, bytes]]

HEADER = "case_id,answer_a,answer_b,winner,annotator_id,annotator_kind,shown_first,text_a,text_b,message"


def votes(n_cases: int = 8) -> str:
    """Two judges in both orders and four people; one judge always takes what is shown first."""
    rows = [HEADER]
    for case in range(n_cases):
        words = f"short,a longer answer,question {case}"
        for order in "ab":
            rows += [
                f"c{case},x,y,{'a' if case % 3 else 'tie'},steady,judge,{order},{words}",
                f"c{case},x,y,{order},slotty,judge,{order},{words}",
            ]
        rows += [
            f"c{case},x,y,{'a' if (case + who) % 4 else 'b'},p{who},person,a,{words}" for who in range(4)
        ]
    return "\n".join(rows) + "\n"


@pytest.fixture
def table(bench: Bench) -> Path:
    """Give a table of votes in an empty folder."""
    path = Path("votes.csv")
    path.write_text(votes(), encoding="utf-8")
    return path


def test_votes_become_a_run_that_compares_and_reports(command: Command, table: Path) -> None:
    """Import -> compare -> report, with nothing but the table: judges, people, flips and texts are there."""
    done = command("import", "pairwise", table, "-o", "run", "--title", "Our votes")
    assert (done.code, done.out) == (0, "run\n")
    assert "read: 8 cases with 16 answers; 2 judges, 4 people" in done.err
    assert "next: harness compare run" in done.err
    compared = command("compare", "run", "--json")
    assert compared.code == 0, compared.err
    comparison = json.loads(compared.out)
    rows = {row["annotator_id"]: row for row in comparison["rows"] if row["kind"] == "judge"}
    assert rows["slotty"]["order_flips"]["value"] == 1.0
    assert rows["steady"]["order_flips"]["value"] == 0.0
    assert rows["steady"]["protocol"] == "pairwise"
    assert comparison["reference"]["kind"] == "people"
    assert comparison["reference"]["n_annotators"] == 4
    assert comparison["run_title"] == {"en": "Our votes"}
    assert comparison["store_sha256"] == RunFolder(Path("run")).imported_digest()
    assert comparison["cases"][0]["message"] == {"en": "question 0"}
    assert command("report", "run").code == 0
    page = Path("run/report.html").read_text(encoding="utf-8")
    assert "Our votes" in page


def test_the_folder_holds_all_that_it_needs(command: Command, table: Path) -> None:
    """Cases, people, judges and the hash of what was read are in the folder; the table may be gone."""
    assert command("import", "pairwise", table, "-o", "run").code == 0
    table.unlink()
    folder = RunFolder(Path("run"))
    manifest = folder.read_manifest()
    assert manifest.imported is not None
    (source,) = manifest.imported.sources
    assert (source.name, manifest.imported.format) == ("votes.csv", "pairwise")
    assert len(folder.read_cases()) == 8
    assert len(folder.read_people()) == 32
    assert len(folder.read_verdicts()) == 16
    assert folder.read_timing() == []
    assert folder.read_rulebooks() == []
    assert command("compare", "run").code == 0
    assert str(Path.cwd()) not in Path("run/manifest.json").read_text(encoding="utf-8")


def test_the_same_import_again_gives_the_same_bytes(
    command: Command, table: Path, contents: Contents
) -> None:
    """Writing over the same import changes no byte, the manifest included, whatever else is in the folder."""
    assert command("import", "pairwise", table, "-o", "run").code == 0
    assert command("report", "run").code == 0
    before, manifest = contents(Path("run")), Path("run/manifest.json").read_bytes()
    assert command("import", "pairwise", table, "-o", "run").code == 0
    assert contents(Path("run")) == before
    assert Path("run/manifest.json").read_bytes() == manifest


def test_another_import_is_refused(command: Command, table: Path) -> None:
    """Other files, other options or another format do not write over an import."""
    assert command("import", "pairwise", table, "-o", "run").code == 0
    manifest = Path("run/manifest.json").read_bytes()
    other = command("import", "pairwise", table, "-o", "run", "--option", "order=unknown")
    assert other.code == 1
    assert "holds another import (pairwise; other options)" in other.err
    table.write_text(votes(4), encoding="utf-8")
    assert "other sources" in command("import", "pairwise", table, "-o", "run").err
    assert Path("run/manifest.json").read_bytes() == manifest


def test_folders_of_something_else_are_refused(command: Command, table: Path, bench: Bench) -> None:
    """A run of our own judges, and a folder with other files, stay as they are."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    assert command("run", "mini", "--quiet").code == 0
    refused = command("import", "pairwise", table, "-o", "results/mini")
    assert (refused.code, "asked judges" in refused.err) == (1, True)
    Path("notes").mkdir()
    Path("notes/mine.txt").write_text("keep", encoding="utf-8")
    refused = command("import", "pairwise", table, "-o", "notes")
    assert (refused.code, "no run (mine.txt)" in refused.err) == (1, True)
    assert [path.name for path in Path("notes").iterdir()] == ["mine.txt"]


def test_nothing_is_written_when_the_files_are_wrong(command: Command, table: Path) -> None:
    """An import with a problem leaves no folder behind; every problem is told."""
    table.write_text(votes().replace("steady,judge", "steady,robot", 2), encoding="utf-8")
    done = command("import", "pairwise", table, "-o", "run")
    assert done.code == 1
    assert done.err.count("annotator_kind: must be judge, person or key") == 2
    assert done.out == ""
    assert not Path("run").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name a format"),
        (("pairwise",), "name the files to read"),
        (("pairwise", "votes.csv"), "-o FOLDER"),
        (("pairwise", "votes.csv", "-o", "run", "--option", "order"), "KEY=VALUE"),
        (("pairwise", "votes.csv", "-o", "run", "--option", "a=1", "--option", "a=2"), "given twice"),
    ],
)
def test_wrong_usage_teaches(command: Command, table: Path, arguments: tuple[str, ...], words: str) -> None:
    """What is missing on the command line is said, with exit code 2."""
    done = command("import", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_unknown_formats_and_files_are_errors(command: Command, table: Path) -> None:
    """A misspelt format and a file that is not there end with exit code 1 and say so."""
    assert "did you mean 'pairwise'" in command("import", "pairwize", table, "-o", "run").err
    missing = command("import", "pairwise", "absent.csv", "-o", "run")
    assert (missing.code, "absent.csv: no such file" in missing.err) == (1, True)


def test_formats_are_explained(command: Command) -> None:
    """`--formats` explains one format, or all, on stdout."""
    one = command("import", "rankings", "--formats")
    assert one.code == 0
    assert "A=D>C>B" in one.out
    assert "pairwise:" in command("import", "--formats").out


def test_json_says_the_same(command: Command, table: Path) -> None:
    """`--json` prints the account for programs; the folder is in it."""
    found = json.loads(command("import", "pairwise", table, "-o", "run", "--json").out)
    assert found["run"] == "run"
    assert (found["cases"], found["judges"], found["people"]) == (8, 2, 4)
    assert (found["verdicts"], found["people_verdicts"], found["failed"]) == (16, 32, {})


def test_an_imported_run_cannot_be_replayed_or_extended(command: Command, table: Path, bench: Bench) -> None:
    """There are no recordings: replay and run say so, and name what can be done."""
    assert command("import", "pairwise", table, "-o", "run").code == 0
    replayed = command("replay", "run")
    assert (replayed.code, "was imported (pairwise)" in replayed.err) == (1, True)
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    again = command("run", "mini", "-o", "run", "--quiet")
    assert (again.code, "was imported (pairwise)" in again.err) == (1, True)


def test_failures_of_people_are_kept_and_counted(command: Command, table: Path) -> None:
    """A person's vote that could not be read stays in people.jsonl, and out of the comparison."""
    table.write_text(votes().replace(",b,p1,", ",refused,p1,"), encoding="utf-8")
    done = command("import", "pairwise", table, "-o", "run")
    assert "2 refused" in done.err
    people = RunFolder(Path("run")).read_people()
    assert sum(isinstance(one, FailedVerdict) for one in people) == 2
    assert sum(isinstance(one, RankedVerdict) for one in people) == 30
    assert command("compare", "run").code == 0


def test_another_table_of_people_can_be_named(command: Command, table: Path) -> None:
    """--people FILE replaces the people in the folder; --reference none leaves them out."""
    assert command("import", "pairwise", table, "-o", "run").code == 0
    rows = [
        f"s,q1,c{case},c{case}-{answer},{grade}"
        for case in range(8)
        for answer, grade in (("x", 2), ("y", 1))
    ]
    Path("class.csv").write_text(
        "\n".join(["session,annotator_id,case_id,answer_id,grade", *rows]) + "\n", encoding="utf-8"
    )
    named = json.loads(command("compare", "run", "--people", "class.csv", "--json").out)
    assert (named["reference"]["kind"], named["reference"]["n_annotators"]) == ("people", 1)
    nobody = json.loads(command("compare", "run", "--reference", "none", "--json").out)
    assert nobody["reference"]["kind"] == "none"


def test_votes_of_people_alone_compare(command: Command, table: Path) -> None:
    """A table without a judge is a run as well: agreement among people, no judge's row."""
    table.write_text(
        "\n".join(line for line in votes().splitlines() if ",judge," not in line) + "\n", encoding="utf-8"
    )
    assert command("import", "pairwise", table, "-o", "run").code == 0
    comparison = json.loads(command("compare", "run", "--json").out)
    assert comparison["reference"]["human_human"]["value"] is not None
    assert [row for row in comparison["rows"] if row["kind"] == "judge"] == []
    assert command("report", "run").code == 0


def test_a_gold_label_is_a_key_not_a_person(command: Command, table: Path) -> None:
    """Rows of kind `key` are compared with as a key, and never counted among people."""
    table.write_text(votes().replace(",p0,person", ",gold,key"), encoding="utf-8")
    assert command("import", "pairwise", table, "-o", "run").code == 0
    people = json.loads(command("compare", "run", "--json").out)
    assert people["reference"]["n_annotators"] == 3
    key = json.loads(command("compare", "run", "--reference", "key", "--json").out)
    assert (key["reference"]["kind"], key["reference"]["n_annotators"]) == ("key", 1)


@pytest.mark.parametrize("n_answers", [2, 11, 64])
def test_any_number_of_answers_compares(command: Command, bench: Bench, n_answers: int) -> None:
    """From 2 to 64 answers per case: beyond ten there is no median and no crowd ceiling, with the reason."""
    rows = [
        f"c{case},a{answer},{(answer * (case + 3) + place * place) % 7},{who},{kind}"
        for case in range(4)
        for place, (who, kind) in enumerate(
            [("j", "judge"), ("p1", "person"), ("p2", "person"), ("p3", "person")]
        )
        for answer in range(n_answers)
    ]
    Path("scores.csv").write_text(
        "\n".join(["case_id,answer_id,score,annotator_id,annotator_kind", *rows]) + "\n", encoding="utf-8"
    )
    assert command("import", "scores", "scores.csv", "-o", "run").code == 0
    done = command("compare", "run", "--json")
    assert done.code == 0, done.err
    comparison = json.loads(done.out)
    (judge,) = [row for row in comparison["rows"] if row["kind"] == "judge"]
    assert judge["protocol"] == "pointwise"
    assert judge["tau_people"]["value"] is not None
    ceiling = comparison["reference"]["crowd_ceiling"]
    assert (ceiling["undefined_because"] == "too_many_answers") == (n_answers > 10)
    assert bool(comparison["cases"][0]["medians"]) <= (n_answers <= 10)
    assert command("report", "run").code == 0


def test_secrets_do_not_get_into_a_run(command: Command, table: Path) -> None:
    """A text that looks like a key stops the import, as it stops a run."""
    table.write_text(votes().replace("question 3", "sk-abcdefghijklmnopqrstuv"), encoding="utf-8")
    done = command("import", "pairwise", table, "-o", "run")
    assert done.code == 1
    assert "sk-abc" not in done.err
    assert not Path("run/manifest.json").exists()


def test_manifests_without_an_import_keep_their_bytes(command: Command, bench: Bench) -> None:
    """A run of our own says nothing about imports, and a manifest is written as it was read."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    assert command("run", "mini", "--quiet").code == 0
    written = Path("results/mini/manifest.json").read_bytes()
    assert b"imported" not in written
    assert canonical_json(Manifest.model_validate_json(written)) + b"\n" == written


def test_a_damaged_import_names_its_line(command: Command, table: Path) -> None:
    """A torn or damaged file of an import says which line, and how to get it back."""
    assert command("import", "pairwise", table, "-o", "run").code == 0
    path = Path("run/people.jsonl")
    path.write_bytes(path.read_bytes()[:-10])
    done = command("compare", "run")
    assert done.code == 1
    assert "people.jsonl:32: torn" in done.err
    assert "harness import" in done.err
