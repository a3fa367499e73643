"""Exports, opened by the real libraries that they are made for.

The libraries live in an environment of their own (`make readers`), for they pin what the harness needs in
other versions. Each is driven by a small script in `readers/`, which prints what it saw. HARNESS_READERS
names another interpreter, for example one that has torch; HARNESS_PROMPTFOO names promptfoo's command.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from ruamel.yaml import YAML

from harness.api.exporting import Export

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parent / "readers"
ROOT = Path(__file__).parents[3]
# Read here: what a user sets for the harness is hidden from every test.
INTERPRETER = Path(os.environ.get("HARNESS_READERS", ROOT / ".venv-readers" / "bin" / "python"))
PROMPTFOO = os.environ.get("HARNESS_PROMPTFOO") or shutil.which("promptfoo")
Reading = Callable[..., dict[str, Any]]


class Exporting(Protocol):
    """What the fixture gives."""

    def __call__(self, name: str, **choices: Any) -> Export:  # noqa: ANN401 - any choice
        """Export the small run."""


@pytest.fixture(scope="session")
def interpreter() -> Path:
    """The interpreter that has the libraries."""
    if not INTERPRETER.exists():
        pytest.skip("no environment with the libraries that read exports: `make readers` builds it")
    return INTERPRETER


@pytest.fixture
def reading(interpreter: Path) -> Reading:
    """Runs a script under that interpreter, or skips the test when a library is not there."""

    def read(script: str, *arguments: object, needs: tuple[str, ...]) -> dict[str, Any]:
        ask = "import importlib.util as u, sys; print(*[n for n in sys.argv[1:] if u.find_spec(n) is None])"
        command = [str(interpreter), "-c", ask, *needs]
        absent = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        if absent:
            pytest.skip(f"not installed in {interpreter.parent.parent.name}: {absent}")
        done = subprocess.run(
            [str(interpreter), str(SCRIPTS / f"{script}.py"), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return seen

    return read


def lines(path: Path) -> list[dict[str, Any]]:
    """JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_datasets_opens_every_configuration_as_it_was_written(exporting: Exporting, reading: Reading) -> None:
    """Each row comes back as it stands in its file, also when a column is empty on one side only."""
    whole = exporting("datasets", who="both", test_share=0.5).path
    pairs = exporting("pairs", who="both", test_share=0.5, ties="keep").path
    found = reading("read_datasets", whole, pairs, needs=("datasets",))["folders"]
    assert set(found[whole.name]["rows"]) == {"cases", "rankings", "pairs"}
    assert found[whole.name]["default"] == {"train": 1, "test": 4}
    for name, sides in found[whole.name]["rows"].items():
        assert {side: lines(whole / f"data/{name}-{side}.jsonl") for side in sides} == sides
    assert {side: lines(pairs / f"{side}.jsonl") for side in ("train", "test")} == found[pairs.name]["rows"][
        "default"
    ]


def test_trl_prepares_the_pairs(exporting: Exporting, reading: Reading) -> None:
    """TRL finds prompt, better and worse answer in all four shapes, and two completions in each pair."""
    shapes = [(trainer, style) for trainer in ("dpo", "reward") for style in ("chat", "text")]
    folders = [exporting("pairs", trainer=one, style=style, ties="keep").path for one, style in shapes]
    seen = reading("read_trl_formats", *folders, needs=("trl", "datasets"))["folders"]
    question, better, worse = "Name a bird that cannot fly.", "The ostrich.", "A bee {{ env.KEY }} <b>."
    for (_, style), folder in zip(shapes, folders, strict=True):
        user, assistant = ("<user>", "<assistant>") if style == "chat" else ("", "")
        gap = "" if style == "chat" else "\n\n"
        told = seen[folder.name]
        assert told["is_conversational"] is (style == "chat")
        # Of two texts TRL takes the shared beginning for the prompt: here the question alone.
        assert told["shown"] == {
            "prompt": f"{user}{question}{gap}",
            "chosen": f"{assistant}{better}",
            "rejected": f"{assistant}{worse}",
        }
        assert told["n_unpaired"] == 2 * told["n_rows"]


@pytest.mark.parametrize("style", ["chat", "text"])
@pytest.mark.parametrize("trainer", ["dpo", "reward"])
def test_trl_trains_a_step(exporting: Exporting, reading: Reading, trainer: str, style: str) -> None:
    """The real trainer reads every pair, takes a step and evaluates; the reward trainer takes our margins.

    A network drawn at random gives both answers about the same reward, so that a pair with margin m costs
    -log sigmoid(-m); without a margin, and in DPO before the first step, it costs log 2.
    """
    folder = exporting("pairs", trainer=trainer, style=style, ties="keep", test_share=0.5).path
    seen = reading("read_trl", folder, trainer, needs=("trl", "torch"))
    rows = lines(folder / "train.jsonl")
    assert seen["rows"] == {"train": len(rows), "test": len(lines(folder / "test.jsonl"))}
    assert rows[0]["case_id"] == "q2"
    assert "Name a colour." in seen["first"]
    assert "Red." in seen["first"]
    margins = [row["margin"] if trainer == "reward" else 0.0 for row in rows]
    assert seen["margins"] == (pytest.approx(sorted(margins)) if trainer == "reward" else None)
    expected = sum(math.log1p(math.exp(margin)) for margin in margins) / len(margins)
    assert seen["loss"] == pytest.approx(expected, abs=0.05)
    assert "eval_loss" in seen["eval"]


def test_argillas_client_takes_settings_and_records(exporting: Exporting, reading: Reading) -> None:
    """It sends whole rankings as submitted, others as drafts, and a judge's order as options."""
    folder = exporting("argilla", who="both").path
    seen = reading("read_argilla", folder / "answers-2", folder / "answers-3", needs=("argilla",))["folders"]
    assert [one["questions"] for one in seen.values()] == [
        {"ranking": ["A", "B"]}, {"ranking": ["A", "B", "C"]},
    ]  # fmt: skip
    assert all(required for one in seen.values() for required in one["fields"].values())
    for folder_name, n_options in (("answers-2", 2), ("answers-3", 3)):
        for record in seen[folder_name]["records"]["records.json"]:
            for response in record["responses"]:
                ranked = response["values"]["ranking"]["value"]
                assert (response["status"] == "submitted") is (len(ranked) == n_options)
                assert all(isinstance(one["rank"], int) for one in ranked)
    ((judged,),) = (seen["answers-3"]["records"]["records-judge-1.json"],)
    (suggestion,) = judged["suggestions"]
    assert [one["value"] for one in suggestion["value"]] == ["A", "B", "C"]
    assert suggestion["agent"] == "mill"


@pytest.mark.parametrize("who", ["both", "nobody"])
def test_label_studio_accepts_tasks_and_configuration(
    exporting: Exporting, reading: Reading, who: str
) -> None:
    """Its SDK finds nothing wrong with any task, annotation or prediction; its converter finds rankings."""
    folder = exporting("label-studio", who=who).path
    seen = reading("read_label_studio", folder, needs=("label_studio_sdk",))
    assert seen["controls"] == {"rank": "Ranker"}
    assert seen["tasks"] == [True, True]
    assert seen["annotations"] == ([True] * 4 if who == "both" else [])
    assert seen["predictions"] == ([[]] if who == "both" else [])
    said = [one["rank"][0]["ranker"] for one in seen["converted"] if "rank" in one]
    assert ({"1-best": ["q1-a"], "2": ["q1-b", "q1-c"]} in said) is (who == "both")


def test_inspect_runs_the_task_and_scores_by_peoples_order(
    exporting: Exporting, reading: Reading, tmp_path: Path
) -> None:
    """Two pairs, one ordered alike and one levelled: 3/4; what grades not every answer has no score."""
    folder = exporting("inspect").path
    replies = tmp_path / "replies.json"
    # Slots of q1: A holds c, B holds a, C holds b; people put a over both others.
    said = {"bird": 'Hm {so} {"A": 4}, then {"A": 1, "B": 4, "C": 4}', "colour": '{"A": true, "B": 1}'}
    replies.write_text(json.dumps(said), encoding="utf-8")
    seen = reading("read_inspect", folder, replies, needs=("inspect_ai",))
    assert seen["status"] == "success"
    assert seen["scores"]["q1 hhh en"] == pytest.approx(3 / 4)
    assert math.isnan(seen["scores"]["q2 hhh en"])
    assert (seen["mean"], seen["unscored"]) == (pytest.approx(3 / 4), 1)
    written = {one["id"]: one["input"] for one in lines(folder / "dataset.jsonl")}
    assert {name: [[one["role"], one["content"]] for one in told] for name, told in written.items()} == seen[
        "sent"
    ]


# --- promptfoo ----------------------------------------------------------------------------------------


@pytest.fixture
def promptfoo(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs promptfoo, which asks nobody and tells nobody."""
    if PROMPTFOO is None:
        pytest.skip("no promptfoo here: `npm install promptfoo` (1.4 GB), and name it in HARNESS_PROMPTFOO")
    quiet = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1"}
    quiet |= {"PROMPTFOO_DISABLE_REMOTE_GENERATION": "1", "PROMPTFOO_CONFIG_DIR": str(tmp_path / "promptfoo")}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROMPTFOO, *map(str, arguments)],
            env={**os.environ, **quiet},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


def test_promptfoo_accepts_the_configuration_and_sends_the_very_prompt(
    exporting: Exporting, promptfoo: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """`validate` finds nothing wrong; its provider `echo` gives back each prompt, sign for sign."""
    config = exporting("promptfoo").path / "promptfooconfig.yaml"
    done = promptfoo("validate", "config", "-c", config)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "valid" in done.stdout
    promptfoo("eval", "-c", config, "-o", tmp_path / "out.json", "--no-cache", "--no-table", "--no-write")
    echoed = json.loads((tmp_path / "out.json").read_bytes())["results"]["results"]
    prompts = lines(exporting("inspect").path / "dataset.jsonl")
    assert sorted(one["response"]["output"] for one in echoed) == sorted(
        "\n\n".join(message["content"] for message in one["input"]) for one in prompts
    )
    assert {one["gradingResult"]["reason"].partition(":")[0] for one in echoed} == {"unreadable"}


def test_promptfoo_scores_by_peoples_order(
    exporting: Exporting, promptfoo: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """The same replies as with Inspect: 3/4 for the one, a failure for the other, whatever the braces."""
    path = exporting("promptfoo").path / "promptfooconfig.yaml"
    config = YAML(typ="safe").load(path)
    (tmp_path / "judge.cjs").write_text(
        "module.exports = class { id() { return 'invented'; } async callApi(prompt) { return { output:"
        ' prompt.includes(\'bird\') ? \'Hm {so} {"A": 4}, then {"A": 1, "B": 4, "C": 4}\''
        ' : \'{"A": true, "B": 1}\' }; } };',
        encoding="utf-8",
    )
    config["providers"] = [f"file://{tmp_path / 'judge.cjs'}"]
    YAML(typ="safe").dump(config, path)
    promptfoo("eval", "-c", path, "-o", tmp_path / "out.json", "--no-cache", "--no-table", "--no-write")
    scored = json.loads((tmp_path / "out.json").read_bytes())["results"]["results"]
    found = {one["testCase"]["description"]: (one["success"], one["score"]) for one in scored}
    assert found == {"q1 hhh en": (True, pytest.approx(3 / 4)), "q2 hhh en": (False, 0)}
