from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import (
    CassetteMissError,
    HarnessError,
    JudgeRejectedError,
    JudgeUnavailableError,
    StoreError,
    TransientJudgeError,
)
from harness.load.content import load_experiment
from harness.run.offline import network_unreachable
from harness.schema import FailedVerdict, canonical_json
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder
from harness.store.on_disk import OnDisk

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.run.conftest import Counting, Runs

Contents = Callable[[Path], dict[str, bytes]]
EVERY_SCRIPT = (
    *("longest", "first-slot", "random", "tied", "obeys", "inverted"),
    *("rambles", "truncated", "refuses", "exhausted", "rejected"),
)
N_CALLS = 24
"""Two cases, six presentations of three answers, two rulebooks: calls of one listwise judge."""


@pytest.fixture
def mini(bench: Bench) -> Bench:
    """Give a bench with one judge and its experiment."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    return bench


# --- replay ----------------------------------------------------------------------------------------


def test_a_replay_writes_the_same_bytes(
    bench: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """Every kind of reply and failure, listwise and pairwise, comes back byte for byte."""
    bench.write_scripts(*EVERY_SCRIPT)
    for name in ("longest", "random", "refuses", "exhausted"):
        bench.write_judge(f"pairs-{name}", f"scripted/{name}", "protocol: pairwise\n")
    tokens = "protocol: pairwise\npair_reading: token_probability\n"
    bench.write_judge("tokens", "scripted/random", tokens)
    pairs = ("pairs-longest", "pairs-random", "pairs-refuses", "pairs-exhausted", "tokens")
    bench.write_experiment(*(f"script-{name}" for name in EVERY_SCRIPT), *pairs)
    recorded = runs.record(load_experiment("mini"), Path("run"), counting)
    before = contents(Path("run"))
    kinds = {one.failure for one in recorded.verdicts if isinstance(one, FailedVerdict)}
    assert kinds == {"inverted", "unparsable", "truncated", "refused", "exhausted", "rejected"}
    assert recorded.n_open == 0
    asked = len(counting.asked)
    replayed = runs.replay(Path("run"), Path("again"))
    assert contents(Path("again")) == before
    assert (Path("again") / "manifest.json").read_bytes() == (Path("run") / "manifest.json").read_bytes()
    assert replayed.store_sha256 == recorded.store_sha256
    assert len(counting.asked) == asked


def test_a_replay_into_itself_changes_nothing(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """Replaying a run folder in place leaves every byte as it was, and restores verdicts that were lost."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    before = contents(Path("run"))
    runs.replay(Path("run"))
    assert contents(Path("run")) == before
    Path("run/verdicts.jsonl").unlink()
    Path("run/timing.jsonl").write_text("torn")
    runs.replay(Path("run"))
    assert contents(Path("run")) == before


def test_a_replay_needs_only_manifest_and_cassette(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """What travels by git is enough, also when the judge's preset is gone."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    shutil.copytree("run/cassette", "clone/cassette")
    shutil.copy("run/manifest.json", "clone/manifest.json")
    (mini.root / "prompts/judges/script-longest.yaml").unlink()
    (mini.root / "prompts/experiments/mini.yaml").unlink()
    runs.replay(Path("clone"))
    assert contents(Path("clone")) == contents(Path("run"))


@pytest.mark.parametrize(
    "reach",
    [
        pytest.param(lambda: socket.create_connection(("127.0.0.1", 9)), id="connect"),
        pytest.param(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", 9)), id="send"),
        pytest.param(lambda: socket.gethostbyname("localhost"), id="look up"),
        pytest.param(lambda: socket.gethostbyaddr("127.0.0.1"), id="look up backwards"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_replay_cannot_reach_the_network(reach: Callable[[], object]) -> None:
    """While a replay runs, any attempt to connect or to look up a name raises, loopback included."""
    with network_unreachable(), pytest.raises(HarnessError, match="tried to reach the network"):
        reach()


def test_after_a_replay_the_network_is_back(mini: Bench, runs: Runs, counting: Counting) -> None:
    """A replay closes the network for itself only, also when it ends with an error."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    runs.replay(Path("run"))
    mini.write_case("doctor", ("Changed.", "A longer reply.", "The longest reply of all."))
    with pytest.raises(CassetteMissError):
        runs.replay(Path("run"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_a_judge_that_goes_live_in_a_replay_fails(
    mini: Bench, runs: Runs, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a mistake of ours that opens a connection inside a replay ends as an error, never as an answer."""
    runs.record(load_experiment("mini"), Path("run"), counting)

    def go_live(self: OnDisk, key: str) -> None:
        socket.create_connection(("127.0.0.1", 9))

    monkeypatch.setattr(OnDisk, "__getitem__", go_live)
    with pytest.raises(HarnessError, match="tried to reach the network"):
        runs.replay(Path("run"))


# --- misses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("A longer reply.", "A longer reply!", "messages[1] differs at character", id="answer"),
        pytest.param(
            "about the doctor", "about this doctor", "messages[1] differs at character", id="message"
        ),
    ],
)
def test_one_changed_letter_is_a_miss(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents, old: str, new: str, words: str
) -> None:
    """One changed letter of what is rendered is an error that names the nearest recording and the place."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    before = contents(Path("run"))
    path = mini.root / "cases/mini/doctor.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(CassetteMissError) as caught:
        runs.replay(Path("run"))
    for word in (words, "judge script-longest", "case doctor", "rulebook hhh (base)", "undo the change"):
        assert word in str(caught.value)
    assert contents(Path("run")) == before
    assert len(counting.asked) == N_CALLS


def test_what_no_judge_reads_may_change(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """A new title or commentary of a case changes no recording and no verdict."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    before = contents(Path("run"))
    path = mini.root / "cases/mini/doctor.yaml"
    path.write_text(
        path.read_text().replace("Discuss.", "Discuss at length.").replace("{en: doctor}", "{en: Doctor}")
    )
    runs.replay(Path("run"))
    assert contents(Path("run")) == before


@pytest.mark.parametrize(
    ("part", "field"),
    [
        pytest.param("prompts/templates/listwise.en.j2", "messages[0] differs", id="template"),
        pytest.param("prompts/rulebooks/hhh.yaml", "messages[0] differs", id="rulebook"),
    ],
)
def test_a_changed_template_or_rulebook_is_a_miss(
    mini: Bench, runs: Runs, counting: Counting, root: Path, part: str, field: str
) -> None:
    """Our own copy of a template or rulebook with one other word no longer fits the recordings."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    mini.write(
        part, (root / part).read_text().replace("annotator", "critic").replace("You grade", "You mark")
    )
    with pytest.raises(CassetteMissError, match=field.replace("[", r"\[")):
        runs.replay(Path("run"))


# --- resume ----------------------------------------------------------------------------------------


def test_a_resume_asks_nothing_twice(mini: Bench, runs: Runs, counting: Counting, contents: Contents) -> None:
    """A finished run asks nothing again, and its files stay as they are."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    before = contents(Path("run"))
    assert len(counting.asked) == N_CALLS
    again = runs.record(load_experiment("mini"), Path("run"), counting)
    assert len(counting.asked) == N_CALLS
    assert contents(Path("run")) == before
    assert len(again.verdicts) == N_CALLS


def test_a_cassette_that_holds_everything_is_left_alone(mini: Bench, runs: Runs, counting: Counting) -> None:
    """Where nothing is new the cassette's files are the same files, and the digest is theirs."""
    recorded = runs.record(load_experiment("mini"), Path("run"), counting)
    before = {path.name: path.stat().st_ino for path in Path("run/cassette").iterdir()}
    again = runs.record(load_experiment("mini"), Path("run"), counting)
    assert {path.name: path.stat().st_ino for path in Path("run/cassette").iterdir()} == before
    assert again.store_sha256 == recorded.store_sha256


def test_an_export_that_was_killed_is_made_good(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """A cassette that stands under its temporary name, or beside an older one, comes to its place."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    before = contents(Path("run"))
    shutil.copytree("run/cassette", "run/.cassette.old")
    Path("run/cassette").rename("run/.cassette.new")
    for _ in range(2):
        runs.record(load_experiment("mini"), Path("run"), counting)
        assert contents(Path("run")) == before
        assert not list(Path("run").glob(".cassette.*"))
        shutil.copytree("run/cassette", "run/.cassette.old")
    assert len(counting.asked) == N_CALLS


def test_a_damaged_cassette_stops_a_resume(mini: Bench, runs: Runs, counting: Counting) -> None:
    """A flipped letter is named before anything is asked, although the working store has everything."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    path = Path("run/cassette/000.jsonl")
    path.write_bytes(path.read_bytes().replace(b"stop", b"stpp", 1))
    with pytest.raises(StoreError, match=r"000\.jsonl:1"):
        runs.record(load_experiment("mini"), Path("run"), counting)
    assert len(counting.asked) == N_CALLS


@pytest.mark.parametrize("stop_after", [1, 7, N_CALLS - 1])
def test_an_interrupted_run_goes_on_where_it_stopped(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents, stop_after: int
) -> None:
    """After Ctrl-C what is in flight is kept, the rest is asked once, and the bytes are the same."""
    runs.record(load_experiment("mini"), Path("whole"), counting)
    counting.asked.clear()
    stopped = runs.record(load_experiment("mini"), Path("run"), counting, stop_after=stop_after)
    assert stopped.interrupted
    assert stop_after <= len(counting.asked) < stop_after + 8
    assert stopped.n_open == N_CALLS - len(counting.asked)
    assert len(stopped.verdicts) == len(counting.asked)
    counting.after = None
    resumed = runs.record(load_experiment("mini"), Path("run"), counting)
    assert (resumed.n_open, resumed.interrupted) == (0, False)
    assert len(counting.asked) == N_CALLS
    assert contents(Path("run")) == contents(Path("whole"))


def test_a_clone_without_working_store_resumes_from_its_cassette(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """A run that came by git asks only what its cassette lacks."""
    runs.record(load_experiment("mini"), Path("run"), counting, stop_after=5)
    counting.after = None
    n_first = len(counting.asked)
    Path("run/.work.sqlite").unlink()
    Path("run").rename("clone")
    runs.record(load_experiment("mini"), Path("clone"), counting)
    assert len(counting.asked) == N_CALLS
    assert n_first < N_CALLS
    runs.record(load_experiment("mini"), Path("other"), counting)
    assert contents(Path("clone")) == contents(Path("other"))


def test_failed_calls_are_asked_again_and_replaced(mini: Bench, runs: Runs, counting: Counting) -> None:
    """A resume asks terminal failures again, and an answer takes the failure's place."""
    counting.failing["script-longest"] = TransientJudgeError("HTTP 500", attempts=5)
    first = runs.record(load_experiment("mini"), Path("run"), counting)
    assert first.n_failed == N_CALLS
    assert {one.attempts for one in first.timings} == {5}
    counting.failing.clear()
    second = runs.record(load_experiment("mini"), Path("run"), counting)
    assert (second.n_failed, second.n_open) == (0, 0)
    assert len(counting.asked) == 2 * N_CALLS
    assert not list(Cassette.read(Path("run/cassette")).outcomes())


def test_an_interrupted_resume_keeps_the_failures_it_did_not_ask_again(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """Verdicts are what a replay would write at any time: failures not asked again yet are still shown."""
    counting.failing["script-longest"] = JudgeRejectedError("too long")
    runs.record(load_experiment("mini"), Path("run"), counting)
    counting.failing.clear()
    counting.asked.clear()
    stopped = runs.record(load_experiment("mini"), Path("run"), counting, stop_after=3)
    assert len(stopped.verdicts) == N_CALLS
    assert stopped.n_failed == N_CALLS - len(counting.asked) > 0
    before = contents(Path("run"))
    runs.replay(Path("run"))
    assert contents(Path("run")) == before


def test_failures_replay_as_the_failures_they_were(mini: Bench, runs: Runs, counting: Counting) -> None:
    """Kind, message and number of attempts of a failed call come back from the cassette."""
    counting.failing["script-longest"] = TransientJudgeError(
        "HTTP 429: slow down (after 4 attempts)", attempts=4
    )
    recorded = runs.record(load_experiment("mini"), Path("run"), counting)
    replayed = runs.replay(Path("run"), Path("again"))
    assert replayed.verdicts == recorded.verdicts
    assert replayed.timings == recorded.timings
    assert {(one.failure, one.message) for one in replayed.verdicts if isinstance(one, FailedVerdict)} == {
        ("exhausted", "HTTP 429: slow down (after 4 attempts)")
    }


# --- providers that cannot be used -----------------------------------------------------------------


def test_one_judge_that_cannot_be_used_stops_alone(bench: Bench, runs: Runs, counting: Counting) -> None:
    """A wrong key stops its own judge: the others finish, and its calls stay open, unstored."""
    bench.write_scripts("longest", "random", "tied")
    bench.write_experiment("script-longest", "script-random", "script-tied")
    counting.failing["script-random"] = JudgeUnavailableError("script-random: wrong key (check the key)")
    finished = runs.record(load_experiment("mini"), Path("run"), counting)
    assert finished.n_open == N_CALLS
    assert {one.cell.annotator_id for one in finished.verdicts} == {"script-longest", "script-tied"}
    assert len(finished.verdicts) == 2 * N_CALLS
    assert dict(finished.stops) == {"script-random": "script-random: wrong key (check the key)"}
    assert runs.heard.stops == ["script-random: wrong key (check the key)"]
    assert counting.asked.count("script-random") <= 8
    assert {one.origin.judge_id for one in Cassette.read(Path("run/cassette"))} == {
        "script-longest",
        "script-tied",
    }
    counting.failing.clear()
    assert runs.record(load_experiment("mini"), Path("run"), counting).n_open == 0


def write_twins(bench: Bench) -> None:
    """Write two presets of one model, whose calls are all alike: pairs are shown alike to every judge."""
    for name in ("first", "second"):
        bench.write_judge(name, "scripted/random", "protocol: pairwise\nlimits: {concurrency: 1}\n")
    bench.write_experiment("first", "second")


def test_what_two_judges_ask_alike_is_asked_once(bench: Bench, runs: Runs, counting: Counting) -> None:
    """Presets of the same model share what they ask alike, in one run and in its replay."""
    write_twins(bench)
    finished = runs.record(load_experiment("mini"), Path("run"), counting)
    n_keys = len({key for one in finished.verdicts for key in one.completion_keys})
    assert len(finished.verdicts) == 2 * 12
    assert n_keys == len(counting.asked) == len(Cassette.read(Path("run/cassette"))) == 72
    assert runs.heard.n_ended == 2 * 72
    assert runs.replay(Path("run")).verdicts == finished.verdicts


def test_what_one_judge_could_not_ask_another_one_asks(bench: Bench, runs: Runs, counting: Counting) -> None:
    """When a judge is given up, a judge that asks the same goes on, and its answers serve both."""
    write_twins(bench)
    counting.failing["first"] = JudgeUnavailableError("first: wrong key")
    finished = runs.record(load_experiment("mini"), Path("run"), counting)
    assert [one.outcome for one in finished.verdicts] == ["ranked"] * 2 * 12
    assert (finished.n_open, counting.asked.count("first"), counting.asked.count("second")) == (0, 1, 72)


def test_answers_that_come_after_the_stop_are_kept_and_shown(
    mini: Bench, runs: Runs, counting: Counting
) -> None:
    """A call in flight when its judge is given up is paid for: its verdict stands in the same run."""

    def fail_now(n_asked: int) -> None:
        if n_asked == 4:
            counting.failing["script-longest"] = JudgeUnavailableError("budget spent")

    counting.after = fail_now
    finished = runs.record(load_experiment("mini"), Path("run"), counting)
    recorded = {one.key for one in Cassette.read(Path("run/cassette"))}
    assert {key for one in finished.verdicts for key in one.completion_keys} == recorded
    assert finished.n_open == N_CALLS - len(recorded)


# --- the run folder belongs to one experiment ------------------------------------------------------


def second_part(judge_id: str) -> str:
    """A further part of the experiment."""
    return f"- {{part_id: second, judges: [{judge_id}], rulebooks: [placebo], languages: [en]}}\n"


def test_new_parts_need_the_word_extend(
    mini: Bench, runs: Runs, counting: Counting, contents: Contents
) -> None:
    """An experiment that grew is refused as another run, unless it is said that the run may grow."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    mini.write_scripts("random")
    mini.write_experiment("script-longest", extra=second_part("script-random"))
    grown = load_experiment("mini")
    with pytest.raises(StoreError, match=r"experiment\.parts"):
        runs.record(grown, Path("run"), counting)
    assert len(counting.asked) == N_CALLS
    began = RunFolder(Path("run")).read_manifest().created_at
    finished = runs.record(grown, Path("run"), counting, extend=True)
    assert len(finished.verdicts) == len(counting.asked) == N_CALLS + N_CALLS // 2
    assert counting.asked[N_CALLS:] == ["script-random"] * (N_CALLS // 2)
    manifest = RunFolder(Path("run")).read_manifest()
    assert manifest.created_at == began
    assert [one.spec.judge_id for one in manifest.judges] == ["script-longest", "script-random"]
    assert "prompts/rulebooks/placebo.yaml" in manifest.files
    # From now on it is one run like any other.
    before = contents(Path("run"))
    runs.replay(Path("run"))
    runs.record(grown, Path("run"), counting)
    assert contents(Path("run")) == before


def test_extending_a_run_that_is_not_there_begins_it(mini: Bench, runs: Runs, counting: Counting) -> None:
    """The word `extend` does no harm in an empty folder, nor where nothing is new."""
    runs.record(load_experiment("mini"), Path("run"), counting, extend=True)
    written = Path("run/manifest.json").read_bytes()
    runs.record(load_experiment("mini"), Path("run"), counting, extend=True)
    assert Path("run/manifest.json").read_bytes() == written
    assert len(counting.asked) == N_CALLS


def widen(bench: Bench) -> None:
    """Add a judge to a part that is recorded."""
    bench.write_scripts("random")
    bench.write_experiment("script-longest", "script-random")


def shrink(bench: Bench) -> None:
    """Put another part in the place of the one that is recorded."""
    bench.write_experiment("script-longest")
    path = bench.root / "prompts/experiments/mini.yaml"
    path.write_text(path.read_text().replace("part_id: first", "part_id: other"))


def reseed(bench: Bench) -> None:
    """Change the seed."""
    path = bench.write_experiment("script-longest", extra=second_part("script-longest"))
    path.write_text(path.read_text().replace("seed: 7", "seed: 8"))


def reheat(bench: Bench) -> None:
    """Change a recorded judge."""
    bench.write_judge("script-longest", "scripted/longest", "sampling: {temperature: 0.7}\n")


def rewrite(bench: Bench) -> None:
    """Change a recorded case."""
    bench.write_case("garden", ("Other.", "Wait.", "Ask a neighbour."))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(widen, "the parts first are recorded here", id="widened part"),
        pytest.param(shrink, "the parts first are recorded here", id="part gone"),
        pytest.param(reseed, "experiment.seed was 7, now 8", id="seed"),
        pytest.param(reheat, "temperature was 0.0, now 0.7", id="judge"),
        pytest.param(rewrite, "files.cases/mini/garden.yaml was", id="file"),
    ],
)
def test_what_was_there_may_not_change(
    mini: Bench,
    runs: Runs,
    counting: Counting,
    contents: Contents,
    change: Callable[[Bench], None],
    words: str,
) -> None:
    """Extending refuses every change of what is recorded, asks nothing, and leaves the folder as it is."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    before = contents(Path("run")), Path("run/manifest.json").read_bytes()
    change(mini)
    with pytest.raises(StoreError) as caught:
        runs.record(load_experiment("mini"), Path("run"), counting, extend=True)
    assert words in str(caught.value)
    assert len(counting.asked) == N_CALLS
    assert (contents(Path("run")), Path("run/manifest.json").read_bytes()) == before


def test_an_upgrade_does_not_stop_a_resume(mini: Bench, runs: Runs, counting: Counting) -> None:
    """Other versions of the harness or of packages, another hour, another folder name: still the same run."""
    runs.record(load_experiment("mini"), Path("run"), counting, stop_after=5)
    counting.after = None
    folder = RunFolder(Path("run"))
    older = folder.read_manifest().model_copy(
        update={
            "harness_version": "0.0.1",
            "versions": {"python": "3.11.0"},
            "created_at": "2020-01-01T00:00:00Z",
        }
    )
    folder.replace_manifest(older)
    Path("run").rename("renamed")
    runs.record(load_experiment("mini"), Path("renamed"), counting)
    assert len(counting.asked) == N_CALLS
    assert RunFolder(Path("renamed")).read_manifest() == older


def test_verdicts_and_comparison_carry_no_time(mini: Bench, runs: Runs, counting: Counting) -> None:
    """Two recordings of the same judges at different hours have the same verdicts and the same cassette."""
    runs.record(load_experiment("mini"), Path("one"), counting)
    folder = RunFolder(Path("one"))
    folder.replace_manifest(folder.read_manifest().model_copy(update={"created_at": "2020-01-01T00:00:00Z"}))
    runs.record(load_experiment("mini"), Path("two"), counting)
    for name in ("verdicts.jsonl", "timing.jsonl", "cassette/manifest.json"):
        assert (Path("one") / name).read_bytes() == (Path("two") / name).read_bytes()


def test_every_line_is_canonical(mini: Bench, runs: Runs, counting: Counting) -> None:
    """Verdicts and manifest are canonical JSON with a newline, so that the same content is the same bytes."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    for name in ("manifest.json", "verdicts.jsonl", "timing.jsonl"):
        for line in (Path("run") / name).read_bytes().splitlines(keepends=True):
            assert canonical_json(json.loads(line)) + b"\n" == line


def test_a_miss_leaves_nothing_where_it_would_have_been_written(
    mini: Bench, runs: Runs, counting: Counting
) -> None:
    """A replay that cannot be finished writes no verdict, no manifest and no folder."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    mini.write_case("garden", ("Changed.", "A longer reply.", "The longest reply of all."))
    with pytest.raises(CassetteMissError):
        runs.replay(Path("run"), Path("again"))
    assert not Path("again").exists()
