"""Every format: what it holds, and that our own readers find it again."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Protocol

import jinja2
import pytest
from ruamel.yaml import YAML

from harness.api.exporting import Export, load_material
from harness.errors import HarnessError
from harness.formats.assemble import assemble
from harness.formats.importing import Asked, import_files
from harness.formats.out.choosing import tiers
from harness.formats.out.promptfoo import inert
from harness.formats.out.registry import SUMMARIES, find_writer
from harness.formats.registry import read_files
from harness.load.content import load_case_set
from harness.load.people import load_people
from harness.schema import RankedVerdict, Verdict
from harness.store.folder import RunFolder


class Exporting(Protocol):
    """What the fixture gives."""

    run: RunFolder

    def __call__(self, name: str, **choices: Any) -> Export:  # noqa: ANN401 - any choice
        """Export the small run."""

    def imported(self, name: str, simulated: str) -> RunFolder:
        """Make the small run; its first person may be invented."""


def rows(path: Path) -> list[dict[str, Any]]:
    """JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def said(verdicts: tuple[Verdict, ...]) -> list[list[list[str]]]:
    """Tiers by the last letter of the answer ids, in a fixed order."""
    found = [tiers(one.grades) for one in verdicts if isinstance(one, RankedVerdict)]
    return sorted([sorted(name[-1] for name in tier) for tier in one] for one in found)


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_format_is_written_with_its_card_and_account(exporting: Exporting, name: str) -> None:
    """Each format writes the files that it names; the card names no commentary, the account every hash."""
    done = exporting(name, who="both", rulebooks=("hhh",))
    account = json.loads((done.path / "export.json").read_text(encoding="utf-8"))
    assert (
        set(account["files"])
        == set(done.files)
        == {str(one.relative_to(done.path)) for one in done.path.rglob("*") if one.is_file()}
        - {"export.json"}
    )
    card = (done.path / "README.md").read_text(encoding="utf-8")
    assert all(f"`{one}`" in card for one in done.files if one != "README.md")
    assert find_writer(name).summary in card


def test_people_in_the_long_table_come_back_unchanged(exporting: Exporting) -> None:
    """JSON lines of people are the people of the run; in CSV a formula is text, and the rest is the same."""
    people = load_material(exporting.run).people
    case_set, cases = exporting.run.read_manifest().case_set, exporting.run.read_cases()
    lines = exporting("long", table="jsonl").path / "people.jsonl"
    assert load_people(lines, case_set, cases) == people
    for kind in ("csv", "csv-semicolon"):
        path = exporting("long", table=kind).path / "people.csv"
        back = load_people(path, case_set, cases)
        assert {one.cell.annotator_id for one in back} == {"'=p1", "p2", "p3"}
        assert [one.grades for one in back] == [one.grades for one in people]


def test_all_long_tables_import_as_the_same_run(exporting: Exporting, tmp_path: Path) -> None:
    """`import long` of the exported tables finds people, judges with their failures, the key, and texts."""
    done = exporting("long", who="both", with_key=True, table="jsonl")
    paths = [done.path / name for name in done.files if name.endswith(".jsonl")]
    back = assemble(read_files("long", paths, {}))
    before = load_material(exporting.run)
    key = [one for one in back.people if one.cell.annotator_kind == "key"]
    assert said(tuple(one for one in back.people if one not in key)) == said(before.people)
    assert said(tuple(key)) == said(before.keys) != []
    assert said(back.judges) == said(before.judges)
    assert [one.outcome for one in back.judges] == [one.outcome for one in before.judges]


def test_a_key_leaves_only_on_demand_and_never_as_a_person(exporting: Exporting) -> None:
    """Without the option no line holds the key; with it, every line of it says `key`."""
    for name, asked in (("rankings", False), ("rankings", True)):
        found = rows(exporting(name, with_key=asked).path / "rankings.jsonl")
        kinds = {row["annotator_id"]: row["annotator_kind"] for row in found}
        assert (kinds.get("gold") == "key") is asked


def test_tools_find_the_rankings_again(exporting: Exporting) -> None:
    """Argilla's and Label Studio's exports, read by our readers, hold the same orders and ties of people.

    Argilla takes incomplete rankings as drafts only, and drafts are no verdicts.
    """
    people = load_material(exporting.run).people
    whole = tuple(one for one in people if len(one.grades) == {"q1": 3, "q2": 2}[one.cell.case_id])
    done = exporting("argilla")
    records = [done.path / f"answers-{n}" / "records.json" for n in (2, 3)]
    back = assemble(read_files("argilla", records, {"question": "ranking"}))
    assert said(back.people) == [[[slot.lower() for slot in tier] for tier in one] for one in said(whole)]
    assert done.counts["incomplete"] == len(people) - len(whole) == 2
    done = exporting("label-studio")
    options = {"items": "answers", "buckets": "1-best,2,3-worst"}
    back = assemble(read_files("label-studio", [done.path / "tasks.json"], options))
    assert said(back.people) == said(people)


def test_argilla_gets_one_data_set_per_number_of_answers(exporting: Exporting) -> None:
    """It wants every option of a question ranked: no case stands under options that it has not."""
    folder = exporting("argilla", who="nobody").path
    for n in (2, 3):
        settings = json.loads((folder / f"answers-{n}" / "settings.json").read_bytes())
        (record,) = json.loads((folder / f"answers-{n}" / "records.json").read_bytes())
        options = [one["value"] for one in settings["questions"][0]["settings"]["options"]]
        assert set(record["fields"]) == {one["name"] for one in settings["fields"]} == {"message", *options}


def test_a_suggestion_says_its_ties_beside_its_order(exporting: Exporting, tmp_path: Path) -> None:
    """Argilla's client takes a suggestion as an order; what the judge put level is in the metadata."""
    exporting.imported("level", "false")
    votes = (tmp_path / "level.csv").read_text(encoding="utf-8").replace(",q1,a,3,", ",q1,a,2,")
    (tmp_path / "level.csv").write_text(votes, encoding="utf-8")
    tables = (tmp_path / "answers.csv", tmp_path / "level.csv")
    import_files(Asked("long", tables, {}, None), tmp_path / "tie")
    done = exporting("argilla", who="judges", run=RunFolder(tmp_path / "tie"))
    (record,) = json.loads((done.path / "records-judge-1.json").read_bytes())
    assert record["suggestions"]["ranking"]["value"] == ["A", "B", "C"]
    assert record["metadata"]["suggested_tiers"] == ["A B", "C"]
    assert done.counts["level"] == 1


@pytest.mark.parametrize("style", ["chat", "text"])
@pytest.mark.parametrize("trainer", ["dpo", "reward"])
def test_the_card_declares_every_column_in_its_order(exporting: Exporting, trainer: str, style: str) -> None:
    """A column that is nowhere declared, or declared and nowhere written, would be refused by `datasets`."""
    for name in ("datasets", "pairs"):
        done = exporting(name, who="both", trainer=trainer, style=style)
        card = (done.path / "README.md").read_text(encoding="utf-8")
        told = YAML(typ="safe").load(card.split("---\n")[1])["dataset_info"]
        for one in [told] if name == "pairs" else told:
            file = f"data/{one['config_name']}-train.jsonl" if "config_name" in one else "train.jsonl"
            declared = [column["name"] for column in one["features"]]
            assert {tuple(row) for row in rows(done.path / file)} == {tuple(declared)}


def test_a_side_without_pairs_has_no_file(exporting: Exporting) -> None:
    """An empty file would stop `load_dataset`; the card says that the side is empty."""
    found = {
        seed: exporting("pairs", rulebooks=("hhh",), test_share=0.5, seed=seed, who="judges")
        for seed in range(4)
    }
    one_sided = [done for done in found.values() if "train.jsonl" not in done.files]
    assert one_sided
    for done in one_sided:
        assert "train.jsonl" not in (done.path / "README.md").read_text(encoding="utf-8")
        assert any("No file for the train side" in note for note in done.notes)


def test_judges_are_suggestions_and_predictions(exporting: Exporting) -> None:
    """What a judge said never stands among people's answers in an annotation tool."""
    done = exporting("argilla", who="judges")
    back = assemble(read_files("argilla", [done.path / "records-judge-1.json"], {"question": "ranking"}))
    assert not back.people
    assert said(back.judges) == [[["a"], ["b"], ["c"]]]
    tasks = json.loads((exporting("label-studio", who="judges").path / "tasks.json").read_bytes())
    assert [(len(one["annotations"]), len(one["predictions"])) for one in tasks] == [(0, 1)]


def test_a_data_set_names_its_files_in_its_card(exporting: Exporting) -> None:
    """The front matter is YAML whose configurations are exactly the files under data/."""
    done = exporting("datasets", test_share=0.5)
    front = YAML(typ="safe").load((done.path / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    named = {file["path"] for one in front["configs"] for file in one["data_files"]}
    assert named == {name for name in done.files if name.startswith("data/")}
    assert {one["config_name"] for one in front["configs"]} == {"cases", "rankings", "pairs"}
    sides = [
        {row["case_id"] for row in rows(done.path / f"data/cases-{side}.jsonl")} for side in ("train", "test")
    ]
    assert not sides[0] & sides[1]


def test_inspect_and_promptfoo_hold_the_prompt_and_peoples_majority(exporting: Exporting) -> None:
    """Each sample is a judge's prompt; the pairs are those that more people put apart so."""
    samples = rows(exporting("inspect").path / "dataset.jsonl")
    sample = next(one for one in samples if one["metadata"]["case_id"] == "q1")
    letters = {slot: name[-1] for slot, name in sample["metadata"]["slots"].items()}
    pairs = {(letters[better], letters[worse]) for better, worse in sample["metadata"]["preferred"]}
    assert pairs == {("a", "b"), ("a", "c")}
    assert [one["role"] for one in sample["input"]] == ["system", "user"]
    path = exporting("promptfoo").path / "promptfooconfig.yaml"
    tests = YAML(typ="safe").load(path)["tests"]
    shown = rendered(tests[0]["vars"]["request"])
    assert shown == "\n\n".join(one["content"] for one in samples[0]["input"])
    assert "{{ env.KEY }}" in shown


def rendered(text: str) -> str:
    """What a template engine makes of a text, once; Nunjucks follows Jinja's syntax."""
    return jinja2.Environment(keep_trailing_newline=True).from_string(text).render(env="no", x="no")  # noqa: S701 - no HTML


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "{{ env.KEY }}",
        "{{{ x }}}",
        "{% raw %}{% endraw %}",
        "{# note #}",
        "file:///etc/passwd",
        '{"a": {}}',
    ],
)
def test_a_hostile_text_is_itself_after_one_rendering(text: str) -> None:
    """Nothing in a text of a case is run, filled in or loaded; the model is shown its very letters."""
    written = inert(text)
    assert rendered(written) == text
    assert not written.startswith(("file:", "{{ env"))


def test_nothing_is_written_over(exporting: Exporting) -> None:
    """A folder that holds something is refused by name."""
    first = exporting("rankings")
    from harness.api.exporting import Order, export_run
    from harness.formats.out.base import Choices

    with pytest.raises(HarnessError, match="holds something already"):
        export_run(exporting.run, Order("rankings", first.path, Choices()))


def test_an_own_run_exports_its_judges(tmp_path: Path) -> None:
    """A set that lies in the content folders needs no copy in the run; its commentary stays at home."""
    from harness.api.exporting import Order, export_run
    from harness.formats.out.base import Choices
    from harness.load.roots import shipped_root

    folder = RunFolder(shipped_root() / "results" / "local-judges")
    export_run(folder, Order("datasets", tmp_path / "out", Choices(who="judges", rulebooks=("hhh",))))
    whole = "".join(one.read_text(encoding="utf-8") for one in (tmp_path / "out").rglob("*") if one.is_file())
    _, cases = load_case_set("annotator")
    assert not any(text[:60] in whole for case in cases for text in (case.commentary or {}).values())
    assert all(json.dumps(case.message["fr"], ensure_ascii=False) in whole for case in cases)


def test_the_csv_of_judges_says_how_a_verdict_failed(exporting: Exporting) -> None:
    """A refusal is a word in the column of grades, never a number."""
    path = exporting("long", who="judges").path / "judges.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        found = [(row["case_id"], row["grade"]) for row in csv.DictReader(stream)]
    assert found == [("q1", "3"), ("q1", "2"), ("q1", "1"), ("q2", "refused"), ("q2", "refused")]


def test_the_inspect_task_is_python(exporting: Exporting) -> None:
    """The exported task compiles, and reads the data set that lies beside it."""
    task = (exporting("inspect").path / "task.py").read_text(encoding="utf-8")
    compile(task, "task.py", "exec")
    assert 'with_name("dataset.jsonl")' in task
