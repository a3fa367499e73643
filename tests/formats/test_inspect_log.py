"""Inspect's eval logs: scorers as judges, epochs as repeats, scores that are none."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ImportFormatError
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.formats.inspect_log import FORMAT, read_inspect
from harness.schema import FailedVerdict, RankedVerdict

Entry = dict[str, Any]


def sample(
    name: object, output: str, scores: Mapping[str, object], *, epoch: int = 1, **more: object
) -> Entry:
    """Give a sample as inspect-ai 0.3.285 writes it, less its events; `scores` are values by scorer."""
    row: Entry = {
        "id": name,
        "epoch": epoch,
        "input": "May I return it?",
        "target": "Yes",
        "messages": [],
        "output": {
            "model": "lab/tern",
            "choices": [{"message": {"role": "assistant", "content": output}, "stop_reason": "stop"}],
            "completion": output,
        },
        "scores": {
            scorer: {"value": value, "answer": output, "explanation": "as counted", "history": []}
            for scorer, value in scores.items()
        },
        "metadata": {},
        "uuid": "EZyNNQRCckZzuzK7Be97JD",
    }
    return row | more


def log(system: str, *samples: Entry, status: str = "success", task: str = "shop") -> Entry:
    """Give a log as inspect-ai 0.3.285 writes it."""
    facts = {"run_id": "r", "created": "2026-11-21T23:48:14+00:00", "task": task, "model": system}
    return {"version": 2, "status": status, "eval": facts, "plan": {}, "stats": {}, "samples": list(samples)}


def write(tmp_path: Path, *logs: Entry) -> list[Path]:
    """Write logs as JSON files."""
    paths = [tmp_path / f"log-{number}.json" for number in range(len(logs))]
    for path, content in zip(paths, logs, strict=True):
        path.write_text(json.dumps(content), encoding="utf-8")  # NaN is written as Inspect writes it
    return paths


def read(tmp_path: Path, *logs: Entry, options: Mapping[str, str] | None = None) -> Imported:
    """Read logs given as files."""
    return read_inspect(write(tmp_path, *logs), options or {})


def said(imported: Imported) -> list[tuple[str, int, object]]:
    """Give scorer, repeat, and grades by system or the failure."""
    authors = {answer.answer_id: answer.author_model_id for case in imported.cases for answer in case.answers}
    return [
        (
            verdict.cell.annotator_id,
            verdict.cell.repeat,
            {authors[name]: grade for name, grade in verdict.grades.items()}
            if isinstance(verdict, RankedVerdict)
            else verdict.failure,
        )
        for verdict in assemble(imported).judges
    ]


def test_a_scorer_ranks_the_outputs_of_two_logs(tmp_path: Path) -> None:
    """The same sample in two logs is a case with two answers; each scorer is a judge."""
    imported = read(
        tmp_path,
        log("lab/tern", sample("c1", "Yes.", {"tidy": 5, "match": "C"})),
        log("lab/wren", sample("c1", "No.", {"tidy": 2.5, "match": "C"})),
    )
    assert said(imported) == [
        ("tidy", 0, {"lab/tern": 2.0, "lab/wren": 1.0}),
        ("match", 0, {"lab/tern": 1.0, "lab/wren": 1.0}),
    ]
    assert {judge.protocol for judge in imported.judges} == {"pointwise"}
    assert imported.cases[0].message == {"en": "May I return it?"}
    assert [answer.text["en"] for answer in imported.cases[0].answers] == ["Yes.", "No."]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("C", "P"),
        ("P", "I"),
        ("P", "N"),
        ("yes", "no"),
        (True, False),
        ("TRUE", "false"),
        ("3.5", 3),
        (1, 0.5),
    ],
)
def test_values_count_as_inspect_counts_them(tmp_path: Path, better: object, worse: object) -> None:
    """Letters, words, truth values and numbers become the numbers of Inspect's own value_to_float."""
    first = log("lab/tern", sample("c1", "Yes.", {"s": better}))
    second = log("lab/wren", sample("c1", "No.", {"s": worse}))
    assert said(read(tmp_path, first, second)) == [("s", 0, {"lab/tern": 2.0, "lab/wren": 1.0})]


@pytest.mark.parametrize("value", [float("nan"), None, "about right", float("inf"), "c"])
def test_what_is_no_score_is_a_failure(tmp_path: Path, value: object) -> None:
    """NaN is Inspect's mark for `not scored`; a word is no grade either: both fail, and are never 0."""
    first = log("lab/tern", sample("c1", "Yes.", {"s": value}))
    second = log("lab/wren", sample("c1", "No.", {"s": 3}))
    imported = read(tmp_path, first, second)
    assert said(imported) == [("s", 0, "unparsable")]
    assert any(note.startswith("Scores that are none") for note in imported.notes)


def test_the_reason_of_an_unscored_output_is_kept(tmp_path: Path) -> None:
    """A grader's refusal is told apart from a grade that could not be read, with what it wrote."""
    refused = {"value": float("nan"), "reason": "refusal", "explanation": "I will not grade this."}
    row = sample("c1", "Yes.", {}) | {"scores": {"s": refused}}
    imported = read(tmp_path, log("lab/tern", row), log("lab/wren", sample("c1", "No.", {"s": 3})))
    (verdict,) = assemble(imported).judges
    assert isinstance(verdict, FailedVerdict)
    assert (verdict.failure, verdict.text) == ("refused", "I will not grade this.")


def test_epochs_are_repeats_and_different_outputs_are_said(tmp_path: Path) -> None:
    """Each epoch is a repeat of every scorer; where the system wrote something else, a note says so."""
    tern = [sample("c1", f"Yes {epoch}.", {"s": epoch}, epoch=epoch) for epoch in (1, 2)]
    wren = [sample("c1", "No.", {"s": 1}, epoch=epoch) for epoch in (1, 2)]
    imported = read(tmp_path, log("lab/tern", *tern), log("lab/wren", *wren))
    assert said(imported) == [
        ("s", 0, {"lab/tern": 1.0, "lab/wren": 1.0}),
        ("s", 1, {"lab/tern": 2.0, "lab/wren": 1.0}),
    ]
    assert imported.cases[0].answers[0].text == {"en": "Yes 1."}
    assert any("differ from epoch to epoch" in note and note.endswith("1.") for note in imported.notes)


def test_epochs_of_one_system_can_be_answers(tmp_path: Path) -> None:
    """One log alone ranks nothing, and says what to do; its epochs can be read as answers."""
    rows = [sample("c1", f"Yes {epoch}.", {"s": epoch}, epoch=epoch) for epoch in (1, 2, 3)]
    with pytest.raises(ImportFormatError, match=r"one log for each system.*epochs=answers"):
        read(tmp_path, log("lab/tern", *rows))
    imported = read(tmp_path, log("lab/tern", *rows), options={"epochs": "answers"})
    (case,) = imported.cases
    assert [answer.author_model_id for answer in case.answers] == ["lab/tern"] * 3
    assert sorted(imported.graded[0].grades.values()) == [1.0, 2.0, 3.0]


def test_several_values_are_several_judges(tmp_path: Path) -> None:
    """A scorer with named values is one judge for each of them; the option scorers keeps only some."""
    values = {"helpful": 3, "honest": 1}
    logs = [
        log("lab/tern", sample("c1", "Yes.", {"parts": values, "s": 1})),
        log("lab/wren", sample("c1", "No.", {"parts": {"helpful": 1, "honest": 2}, "s": 1})),
    ]
    imported = read(tmp_path, *logs, options={"scorers": "parts"})
    assert said(imported) == [
        ("parts-helpful", 0, {"lab/tern": 2.0, "lab/wren": 1.0}),
        ("parts-honest", 0, {"lab/tern": 1.0, "lab/wren": 2.0}),
    ]
    with pytest.raises(ImportFormatError, match=r"found: parts helpful, parts honest, s"):
        read(tmp_path, *logs, options={"scorers": "tidy"})


def test_a_missing_output_leaves_a_partial_ranking(tmp_path: Path) -> None:
    """Of three systems one was not scored: the other two are ranked, and the loss is counted."""
    logs = [log(f"lab/{name}", sample("c1", name, {"s": n})) for n, name in enumerate(("rook", "tern"))]
    logs.append(log("lab/wren", sample("c1", "wren", {"s": float("nan")})))
    imported = read(tmp_path, *logs)
    assert said(imported) == [("s", 0, {"lab/rook": 1.0, "lab/tern": 2.0})]
    assert any("missing from that ranking: 1." in note for note in imported.notes)


def test_stopped_samples_and_logs_are_said(tmp_path: Path) -> None:
    """A sample that ended in an error has no valid score, and a log that did not succeed is named."""
    row = sample("c1", "", {"s": 4}, error={"message": "timeout", "traceback": "", "traceback_ansi": ""})
    logs = [log("lab/tern", row, status="error"), log("lab/wren", sample("c1", "No.", {"s": 3}))]
    imported = read(tmp_path, *logs)
    assert said(imported) == [("s", 0, "unparsable")]
    assert imported.notes[0] == "Logs that ended as `error`: 1."


def test_one_system_twice_is_refused(tmp_path: Path) -> None:
    """Two logs of one system cannot be told apart: both places are named."""
    row = sample("c1", "Yes.", {"s": 1})
    with pytest.raises(ImportFormatError, match=r"log-1.json:1: lab/tern stands twice.*log-0.json:1"):
        read(tmp_path, log("lab/tern", row), log("lab/tern", row))


def test_tasks_are_told_apart(tmp_path: Path) -> None:
    """The same sample id in another task is another case."""
    logs = [
        log(f"lab/{name}", sample(1, name, {"s": 1}), task=task)
        for name in ("tern", "wren")
        for task in ("shop", "bank")
    ]
    assert [case.case_id for case in read(tmp_path, *logs).cases] == ["shop-1", "bank-1"]


def test_a_chat_is_read_by_its_user_messages(tmp_path: Path) -> None:
    """An input that is a list of messages becomes what the user wrote, without system and tools."""
    chat = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "May I"}]},
        {"role": "tool", "content": "ok"},
        {"role": "user", "content": "return it?"},
    ]
    logs = [log(f"lab/{name}", sample("c1", name, {"s": 1}, input=chat)) for name in ("tern", "wren")]
    assert read(tmp_path, *logs).cases[0].message == {"en": "May I\n\nreturn it?"}


def archive(path: Path, content: Entry, *, header: bool = True) -> Path:
    """Write a log as the archive `.eval`, as older releases of Inspect compress it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as found:
        found.writestr("_journal/start.json", "{}")
        for row in content["samples"]:
            found.writestr(f"samples/{row['id']}_epoch_{row['epoch']}.json", json.dumps(row))
        if header:
            found.writestr("header.json", json.dumps({**content, "samples": None}))
    return path


def test_archives_give_the_same_as_json(tmp_path: Path) -> None:
    """A folder of `.eval` archives is read like the logs written as JSON."""
    logs = [log(f"lab/{name}", sample("c1", name, {"s": n})) for n, name in enumerate(("tern", "wren"))]
    (tmp_path / "logs").mkdir()
    for number, content in enumerate(logs):
        archive(tmp_path / "logs" / f"{number}.eval", content)
    assert said(read_inspect([tmp_path / "logs"], {})) == said(read(tmp_path, *logs))


def test_an_archive_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    """A run that never ended, a damaged archive and an unknown compression each name a way on."""
    content = log("lab/tern", sample("c1", "Yes.", {"s": 1}))
    unfinished = archive(tmp_path / "a.eval", content, header=False)
    with pytest.raises(ImportFormatError, match="the run did not end"):
        read_inspect([unfinished], {})
    whole = archive(tmp_path / "b.eval", content).read_bytes()
    # method 93, Zstandard, is what Inspect writes since 2025 and what zipfile reads from Python 3.14 on
    method = whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"header.json")) + 10
    (tmp_path / "c.eval").write_bytes(whole[:method] + b"\x5e\x00" + whole[method + 2 :])
    with pytest.raises(ImportFormatError, match=r"inspect log convert c\.eval --to json"):
        read_inspect([tmp_path / "c.eval"], {})
    (tmp_path / "d.eval").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImportFormatError, match=r"no \.eval archive"):
        read_inspect([tmp_path / "d.eval"], {})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (sample(None, "Yes.", {"s": 1}), "id: is missing"),
        (sample("c2", "Yes.", {"s": 1}, epoch=0), "epoch: is 0"),
        (sample("c2", "Yes.", {}) | {"scores": {"s": 4}}, "s: must be an object"),
        (sample("c2", "Yes.", {"s": 1}, input=7), "input: must be a text"),
        (sample("c2", "Yes.", {"s": 1}) | {"output": []}, "output: must be an object"),
    ],
)
def test_what_is_wrong_is_named_with_the_number_of_its_sample(
    tmp_path: Path, row: Entry, message: str
) -> None:
    """A sample that cannot be read is an error at its number, and every one of them is listed."""
    with pytest.raises(ImportFormatError) as caught:
        read(tmp_path, log("lab/tern", sample("c1", "Yes.", {"s": 1}), row, row))
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert message in str(caught.value)


def test_another_question_under_one_id_is_refused(tmp_path: Path) -> None:
    """Logs over different samples with the same ids cannot be joined."""
    logs = [log("lab/tern", sample("c1", "Yes.", {"s": 1}))]
    logs.append(log("lab/wren", sample("c1", "No.", {"s": 1}, input="Is it new?")))
    with pytest.raises(ImportFormatError, match="another question"):
        read(tmp_path, *logs)


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    """What the documentation shows, with a second system beside it, can be imported as it stands."""
    other = json.loads(FORMAT.example.replace("tern-7b", "wren-13b"))
    assert said(read(tmp_path, json.loads(FORMAT.example), other)) == [
        ("tidy_judge", 0, {"lab/tern-7b": 1.0, "lab/wren-13b": 1.0})
    ]
