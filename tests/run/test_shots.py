from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ExperimentError, InputError, StoreError
from harness.load.content import load_experiment, load_judge
from harness.run.content import gather_content
from harness.run.plan import PlannedCell, plan_run
from harness.run.session import Finished, record_run
from harness.run.shots import ShotPool, read_shots
from harness.schema import (
    Answer,
    Canary,
    Case,
    Manifest,
    RankedVerdict,
    ShotSource,
    canonical_json,
)
from harness.schema.related import related_groups
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.conftest import Bench, Done
    from tests.run.conftest import Counting, Runs

Command = Callable[..., "Done"]
CASES = ("doctor", "garden", "kitchen", "train")
HEADER = "session,annotator_id,case_id,answer_id,grade,rulebook_id\n"


def table(grades: dict[str, tuple[int, ...]], person: str = "p1", rulebook_id: str = "hhh") -> str:
    """Rows in which a person gives these grades to the answers a, b, c of each case."""
    return "".join(
        f"class,{person},{case_id},{case_id}-{letter},{grade},{rulebook_id}\n"
        for case_id, given in grades.items()
        for letter, grade in zip("abc", given, strict=False)
    )


@pytest.fixture
def shown(bench: Bench) -> Bench:
    """Give a bench with four graded cases, and a listwise judge under hhh."""
    bench.write_case("kitchen", ("Boil it.", "Fry it slowly.", "Leave it."))
    bench.write_case("train", ("Wait here.", "Take the next one.", "Walk, it is near."))
    path = bench.root / "cases/mini/set.yaml"
    path.write_text(path.read_text().replace("[doctor, garden]", f"[{', '.join(CASES)}]"))
    bench.write_scripts("longest")
    bench.write_experiment("script-longest.shots-2", rulebooks="hhh")
    everyone = table(dict.fromkeys(CASES, (1, 3, 4))) + table(dict.fromkeys(CASES, (2, 4, 4)), "p2")
    Path("class.csv").write_text(HEADER + everyone)
    return bench


def source_of(bench: Bench) -> ShotSource:
    """The consensus of the table."""
    content = gather_content(load_experiment("mini"))
    return read_shots(Path("class.csv"), content.case_set, tuple(content.cases.values()))


def planned(bench: Bench, source: ShotSource | None = None) -> tuple[PlannedCell, ...]:
    """The plan of the bench's experiment, with the table's grades."""
    experiment = load_experiment("mini")
    content = replace(gather_content(experiment), shots=source or source_of(bench))
    return plan_run(experiment, content, {name: {} for name in content.judges})


def record(runs: Runs, counting: Counting, path: Path | None, *, extend: bool = False) -> Finished:
    """Record a run with a table of people's grades."""

    async def whole() -> Finished:
        return await record_run(
            load_experiment("mini"),
            RunFolder(Path("run")),
            counting,
            runs.heard,
            asyncio.Event(),
            shots_from=path,
            extend=extend,
        )

    return asyncio.run(whole())


# --- the consensus ---------------------------------------------------------------------------------


def test_shots_are_what_people_said_without_a_judges_grades_in_sight(shown: Bench) -> None:
    """A judge is not shown what a judge said: verdicts with a proposal in sight count for nobody."""
    from harness.load.content import load_case_set

    plain = table(dict.fromkeys(CASES, (1, 3, 4))).splitlines()
    touched = table(dict.fromkeys(CASES, (4, 1, 1)), "p2").splitlines()
    rows = [f"{row},none," for row in plain] + [f"{row},script/hhh,4" for row in touched]
    path = shown.root / "proposals.csv"
    path.write_text("\n".join([f"{HEADER.strip()},proposal,proposed_grade", *rows]), encoding="utf-8")
    source = read_shots(path, *load_case_set("mini", roots=[shown.root]))
    assert source.n_people == 1
    assert source.grades["hhh"]["garden"] == {"garden-a": 1, "garden-b": 3, "garden-c": 4}


def test_the_consensus_by_hand(shown: Bench) -> None:
    """The median of the people's first grades, between two the lower: 1 and 2 give 1, 3 and 4 give 3."""
    source = source_of(shown)
    assert source.grades == {
        "hhh": {name: {f"{name}-a": 1, f"{name}-b": 3, f"{name}-c": 4} for name in CASES}
    }
    assert (source.n_people, source.name) == (2, "class.csv")
    assert source.sha256 == hashlib.sha256(Path("class.csv").read_bytes()).hexdigest()


def test_only_first_grades_and_whole_cases_count(shown: Bench) -> None:
    """A second vote after a discussion changes nothing, and a case with an ungraded answer is left out."""
    rows = HEADER.replace("\n", ",phase\n")
    first = table({"doctor": (1, 2, 3), "garden": (4, 4)}).replace("hhh\n", "hhh,1\n")
    second = table({"doctor": (4, 4, 4)}).replace("hhh\n", "hhh,2\n")
    Path("class.csv").write_text(rows + second + first)
    assert source_of(shown).grades == {"hhh": {"doctor": {"doctor-a": 1, "doctor-b": 2, "doctor-c": 3}}}


def test_a_table_without_a_whole_case_is_refused(shown: Bench) -> None:
    """Nothing can be shown then; a table that cannot be read names its problems."""
    Path("class.csv").write_text(HEADER + table({"doctor": (1, 2)}))
    with pytest.raises(ExperimentError, match="no case has a grade for each of its answers"):
        source_of(shown)
    Path("class.csv").write_text(HEADER + table({"nobody": (1, 2, 3)}))
    with pytest.raises(InputError, match="nobody"):
        source_of(shown)


# --- what is shown ---------------------------------------------------------------------------------


def test_examples_are_turns_before_the_case(shown: Bench) -> None:
    """Two cases as the judge would see them, each with the reply that people's grades make."""
    for one in planned(shown):
        (call,) = one.calls
        roles = [message.role for message in call.messages]
        assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
        for reply in call.messages[2:5:2]:
            graded = json.loads(reply.content)
            assert sorted(graded[slot] for slot in "ABC") == [1, 3, 4]
            assert (graded[graded["best"]], graded[graded["worst"]]) == (4, 1)


def test_the_grades_belong_to_the_texts_beside_them(shown: Bench) -> None:
    """The slot that the reply calls best holds the text that people graded best."""
    best = {"The longest reply of all.", "Ask a neighbour.", "Leave it.", "Walk, it is near."}
    for one in planned(shown):
        messages = one.calls[0].messages
        for user, reply in zip(messages[1:-1:2], messages[2::2], strict=False):
            slot = json.loads(reply.content)["best"]
            assert user.content.split(f"ANSWER {slot}\n")[1].splitlines()[1] in best


def test_without_shots_a_prompt_is_what_it_was(shown: Bench) -> None:
    """A judge without examples has the same messages, requests and keys whether or not there is a table."""
    shown.write_experiment("script-longest", rulebooks="hhh")
    experiment = load_experiment("mini")
    content = gather_content(experiment)
    plain = plan_run(experiment, content, {"script-longest": {}})
    assert [call.key for one in plain for call in one.calls] == [
        call.key for one in planned(shown) for call in one.calls
    ]
    assert b"shots" not in canonical_json(plain[0].calls[0].request)
    assert b"shots" not in canonical_json(content.judges["script-longest"])


def test_the_table_is_part_of_the_key(shown: Bench) -> None:
    """Another file is another key, even where it gives the same grades; the request names its digest."""
    source = source_of(shown)
    other = source.model_copy(update={"sha256": "f" * 64})
    here, there = planned(shown, source), planned(shown, other)
    assert {call.request.runtime["shots_sha256"] for one in here for call in one.calls} == {source.sha256}
    assert {call.key for one in here for call in one.calls}.isdisjoint(
        call.key for one in there for call in one.calls
    )
    assert [call.messages for one in here for call in one.calls] == [
        call.messages for one in there for call in one.calls
    ]


def test_fewer_examples_are_the_first_of_more(shown: Bench) -> None:
    """With the same seed three examples begin with those of one, and a plan is the same twice."""
    shown.write_experiment("script-longest.shots-1", "script-longest.shots-3", rulebooks="hhh")
    plan = planned(shown)
    few, many = ([one for one in plan if one.spec.shots == n] for n in (1, 3))
    for case_id in CASES:
        (short,) = {one.calls[0].messages[1:3] for one in few if one.cell.case_id == case_id}
        (long,) = {one.calls[0].messages[1:7] for one in many if one.cell.case_id == case_id}
        assert long[:2] == short
        assert len(set(long[::2])) == 3
    assert [call.key for one in plan for call in one.calls] == [
        call.key for one in planned(shown) for call in one.calls
    ]


def test_the_seed_chooses(shown: Bench) -> None:
    """Over seeds every other case comes first before a case."""
    content = gather_content(load_experiment("mini"))
    source = source_of(shown)
    doctor = content.cases["doctor"]
    firsts = {
        ShotPool(source, content.cases, seed).candidates(doctor, "hhh", "en")[0].case_id for seed in range(60)
    }
    assert firsts == set(CASES) - {"doctor"}


def test_examples_of_a_pairwise_judge(shown: Bench) -> None:
    """Each example is a pair that people graded apart; the better one stands first in every other one."""
    shown.write_judge("pairs", "scripted/longest", "protocol: pairwise\n")
    shown.write_experiment("pairs.shots-2", rulebooks="hhh")
    for one in planned(shown):
        for call in one.calls:
            replies = [message.content for message in call.messages if message.role == "assistant"]
            assert sorted(replies) == sorted(call.presentation.slots)
    Path("class.csv").write_text(HEADER + table(dict.fromkeys(CASES, (2, 2, 2))))
    assert planned(shown)[0].calls[0].messages[2].content == "tie"
    shown.write_judge("pairs", "scripted/longest", "protocol: pairwise\npair_reading: token_probability\n")
    with pytest.raises(ExperimentError, match="graded 0 that may stand there"):
        planned(shown)


@pytest.mark.parametrize(("reading", "replies"), [("word", {1, 3, 4}), ("token_probability", {1, 3, 4})])
def test_examples_of_a_pointwise_judge(shown: Bench, reading: str, replies: set[int]) -> None:
    """Each example is one answer with its grade, in the form that this judge has to reply in."""
    shown.write_judge("alone", "scripted/longest", f"protocol: pointwise\npair_reading: {reading}\n")
    shown.write_experiment("alone.shots-3", rulebooks="hhh")
    given = set()
    for one in planned(shown):
        for call in one.calls:
            for message in call.messages:
                if message.role == "assistant":
                    graded = json.loads(message.content)
                    given.add(graded if reading != "word" else graded[call.presentation.slots[0]])
    assert given <= replies
    assert len(given) > 1


def test_a_judge_may_reply_what_people_replied_before(shown: Bench, runs: Runs, counting: Counting) -> None:
    """A reply that equals an example's is the judge's own, and is read; only texts can be copied."""
    Path("class.csv").write_text(HEADER + table(dict.fromkeys(CASES, (1, 2, 4))))
    finished = record(runs, counting, Path("class.csv"))
    assert all(isinstance(one, RankedVerdict) for one in finished.verdicts)


# --- no leak ---------------------------------------------------------------------------------------

TEXTS = st.sampled_from(
    ["red", "Red ", "green", "blue", "ash", "oak", "elm", "fir", "yew", "ivy", "fig", "bay"]
)


@st.composite
def case_sets(draw: st.DrawFn) -> list[Case]:
    """Cases whose messages and answers are drawn from few words, some of them canaries of others."""
    cases = []
    for number in range(draw(st.integers(2, 7))):
        name = f"c{number}"
        words = draw(st.lists(TEXTS, min_size=2, max_size=3))
        twin = draw(st.none() | st.integers(0, 6))
        canary = None
        if twin is not None and twin != number:
            canary = Canary(answer_id=f"{name}-a", twin_case_id=f"c{twin}", twin_answer_id=f"c{twin}-a")
        answers = tuple(
            Answer(answer_id=f"{name}-{'abc'[n]}", text={"en": f"{word} {draw(st.integers(0, 3))}"})
            for n, word in enumerate(words)
        )
        message = f"{draw(TEXTS)} {draw(st.integers(0, 9))}"
        cases.append(
            Case(case_id=name, title={"en": name}, message={"en": message}, answers=answers, canary=canary)
        )
    return cases


def words_in(case: Case) -> set[str]:
    """Every text of a case, as a reader sees it."""
    texts = [case.message["en"], *(answer.text["en"] for answer in case.answers)]
    return {" ".join(text.lower().split()) for text in texts}


def are_twins(one: Case, other: Case) -> bool:
    """Whether one of two cases is the other's canary."""
    pairs = ((one, other), (other, one))
    return any(a.canary is not None and a.canary.twin_case_id == b.case_id for a, b in pairs)


@settings(max_examples=300)
@given(case_sets(), st.integers(0, 2**32))
def test_no_example_ever_gives_the_case_away(cases: list[Case], seed: int) -> None:
    """Neither the case nor its twin nor a case that shares a text, in any chain, stands before it."""
    by_id = {case.case_id: case for case in cases}
    grades = {case.case_id: {answer.answer_id: 1 for answer in case.answers} for case in cases}
    source = ShotSource(name="t", sha256="0" * 64, n_people=1, grades={"hhh": grades})
    pool = ShotPool(source, by_id, seed)
    for case in cases:
        found = pool.candidates(case, "hhh", "en")
        assert len({one.case_id for one in found}) == len(found)
        for other in found:
            assert other.case_id != case.case_id
            assert not words_in(other) & words_in(case)
            assert not are_twins(one=other, other=case)
            assert other.canary is None
            # Nor a case that is so related to one that is so related to this one.
            for third in cases:
                related = words_in(third) & words_in(case) or are_twins(third, case)
                assert not (related and (words_in(third) & words_in(other) or are_twins(third, other)))


@given(case_sets())
def test_groups_do_not_depend_on_the_order_of_the_cases(cases: list[Case]) -> None:
    """Two cases are related or not, whichever is read first."""

    def together(found: dict[str, str]) -> set[frozenset[str]]:
        return {frozenset(name for name in found if found[name] == root) for root in found.values()}

    assert together(related_groups(cases)) == together(related_groups(cases[::-1]))


def test_a_shared_text_in_another_language_counts(shown: Bench) -> None:
    """Two cases that share one translation are related, whatever language is asked in."""
    cases = gather_content(load_experiment("mini")).cases
    french = {"en": "Something else.", "fr": "Le même texte."}
    doctor, garden = (
        cases[name].model_copy(update={"message": {**french, "en": name}}) for name in ("doctor", "garden")
    )
    groups = related_groups([doctor, garden, cases["train"]])
    assert groups["doctor"] == groups["garden"] != groups["train"]


def test_the_plan_itself_never_shows_the_case_twice(shown: Bench) -> None:
    """In every call of a plan, under each protocol, no text of the judged case stands in an example."""
    shown.write_judge("pairs", "scripted/longest", "protocol: pairwise\n")
    shown.write_judge("alone", "scripted/longest", "protocol: pointwise\n")
    shown.write_experiment("script-longest.shots-3", "pairs.shots-3", "alone.shots-3", rulebooks="hhh")
    cases = gather_content(load_experiment("mini")).cases
    for one in planned(shown):
        case = cases[one.cell.case_id]
        for call in one.calls:
            before = "\n".join(message.content for message in call.messages[1:-1])
            assert case.message["en"] not in before
            assert all(answer.text["en"] not in before for answer in case.answers)


# --- too few ---------------------------------------------------------------------------------------


def test_too_few_graded_cases_are_an_error(shown: Bench) -> None:
    """Four cases give three examples at most; nothing is asked with fewer than promised."""
    shown.write_experiment("script-longest.shots-4", rulebooks="hhh")
    with pytest.raises(ExperimentError, match=r"wants 4 graded cases before doctor under hhh.*graded 3"):
        planned(shown)


def test_grades_under_another_rulebook_are_no_examples(shown: Bench) -> None:
    """Grades under one employer's rules are none under another's; without one rule they count."""
    shown.write_experiment("script-longest.shots-2", rulebooks="none")
    with pytest.raises(ExperimentError, match=r"under none, and the people of class\.csv graded 0"):
        planned(shown)
    shown.write_experiment("script-longest.shots-2", rulebooks="hhh", more=", ablate_rules: true")
    assert {one.cell.rulebook_id for one in planned(shown)} > {"hhh", "hhh.without-1"}


def test_a_table_has_to_be_named(shown: Bench, command: Command) -> None:
    """Without one the run is refused before anything is asked, and says which option is missing."""
    done = command("run", "mini", "-o", "run")
    assert done.code == 1
    assert "script-longest.shots-2 is shown graded cases first: name a table, --shots-from FILE" in done.err


# --- runs ------------------------------------------------------------------------------------------


def test_shots_are_a_factor_of_the_experiment(shown: Bench) -> None:
    """`NAME.shots-N` is the preset after N cases, a judge of its own; shots-0 is the preset without."""
    spec, base = load_judge("script-longest.shots-2"), load_judge("script-longest")
    assert (spec.judge_id, spec.shots) == ("script-longest.shots-2", 2)
    assert spec.model_copy(update={"judge_id": base.judge_id, "shots": 0}) == base
    shown.write_experiment("script-longest.shots-2", "nobody.shots-2", rulebooks="hhh")
    with pytest.raises(ExperimentError, match="unknown judge 'nobody'"):
        load_experiment("mini")


def test_a_preset_may_say_it_itself(shown: Bench) -> None:
    """`shots: 1` in a preset is the same without a name of its own."""
    shown.write_judge("taught", "scripted/longest", "shots: 1\n")
    shown.write_experiment("taught", rulebooks="hhh")
    assert all(len(call.messages) == 4 for one in planned(shown) for call in one.calls)


def test_a_run_keeps_its_examples(
    shown: Bench, runs: Runs, counting: Counting, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    """The manifest holds grades and digest: resume and replay need no table, and another one is refused."""
    record(runs, counting, Path("class.csv"))
    n_asked = len(counting.asked)
    kept = RunFolder(Path("run")).read_manifest().shots
    assert kept == source_of(shown)
    assert "p1" not in Path("run/manifest.json").read_text()
    before = contents(Path("run"))
    Path("class.csv").rename("elsewhere.csv")
    record(runs, counting, None)
    runs.replay(Path("run"))
    assert contents(Path("run")) == before
    assert len(counting.asked) == n_asked
    Path("other.csv").write_text(HEADER + table(dict.fromkeys(CASES, (1, 2, 4))))
    with pytest.raises(StoreError, match="shots"):
        record(runs, counting, Path("other.csv"))


def test_examples_can_join_a_run(shown: Bench, runs: Runs, counting: Counting) -> None:
    """A part with examples may extend a run that had none; the recorded calls stay as they are."""
    shown.write_experiment("script-longest", rulebooks="hhh")
    record(runs, counting, None)
    assert b"shots" not in Path("run/manifest.json").read_bytes()
    n_asked = len(counting.asked)
    extra = "- {part_id: taught, judges: [script-longest.shots-2], rulebooks: [hhh], languages: [en]}\n"
    shown.write_experiment("script-longest", rulebooks="hhh", extra=extra)
    finished = record(runs, counting, Path("class.csv"), extend=True)
    assert len(counting.asked) == 2 * n_asked == len(finished.verdicts)
    assert {one.cell.annotator_id for one in finished.verdicts} == {
        "script-longest",
        "script-longest.shots-2",
    }


def test_the_command(shown: Bench, command: Command) -> None:
    """`harness run E --shots-from TABLE`, then compare and replay as any run."""
    assert command("run", "mini", "-o", "run", "--shots-from", "class.csv").code == 0
    assert command("compare", "run", "--language", "en").code == 0
    assert command("replay", "run").code == 0


def test_what_is_asked_can_be_looked_at_before(shown: Bench, command: Command) -> None:
    """`estimate` counts the tokens of the examples, and `prompt` prints them; both say when grades lack."""
    assert command("estimate", "mini").code == 1
    done = command("estimate", "mini", "--shots-from", "class.csv", "--json")
    assert done.code == 0, done.err
    with_examples = json.loads(done.out)["judges"][0]["prompt_tokens"]["low"]
    shown.write_experiment("script-longest", rulebooks="hhh")
    without = json.loads(command("estimate", "mini", "--json").out)["judges"][0]["prompt_tokens"]["low"]
    assert with_examples > 1.2 * without
    asked = ("prompt", "doctor", "--set", "mini", "--judge", "script-longest.shots-2", "--language", "en")
    assert "--shots-from" in command(*asked).err
    printed = command(*asked, "--shots-from", "class.csv")
    assert printed.code == 0, printed.err
    assert printed.out.count("[assistant]") == 2


def test_a_manifest_without_examples_keeps_its_bytes(root: Path) -> None:
    """The shipped run was recorded before there were examples and limits: it reads and writes alike."""
    path = root / "results/local-judges/manifest.json"
    written = path.read_bytes()
    assert canonical_json(Manifest.model_validate_json(written)) + b"\n" == written


def test_scripts_judge_the_case_and_not_the_examples(shown: Bench, runs: Runs, counting: Counting) -> None:
    """With and without examples `longest` gives the same grades: it reads the last turn."""
    shown.write_experiment("script-longest", "script-longest.shots-2", rulebooks="hhh")
    finished = record(runs, counting, Path("class.csv"))
    by_judge: dict[str, set[str]] = {}
    for one in finished.verdicts:
        assert isinstance(one, RankedVerdict)
        by_judge.setdefault(one.cell.annotator_id, set()).add(f"{one.cell.case_id} {one.grades}")
    assert by_judge["script-longest"] == by_judge["script-longest.shots-2"]
