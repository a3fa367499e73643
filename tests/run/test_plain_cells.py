"""Plain cells are replayed without records, and leave the very bytes that the records would."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import CassetteMissError, StoreError
from harness.load.content import load_experiment
from harness.run.content import gather_content
from harness.run.plain_cells import PlainCells
from harness.run.plan import Place, Planner
from harness.run.reading import read_cell, timing_of
from harness.schema import Completion, Recording, Usage, canonical_json, digest_request
from harness.store.secret_scan import SecretScan
from tests.verdict.test_plain_form import told

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.run.conftest import Counting, Runs

    Contents = Callable[[Path], dict[str, bytes]]

POSITION = 1234


class Desk:
    """A planner with its first places, and recordings of whatever a test wants to have been replied."""

    def __init__(self, dimensions: str = "false") -> None:
        self.experiment = load_experiment("mini").model_copy(update={"dimensions": dimensions == "true"})
        self.content = gather_content(self.experiment)
        self.planner = Planner(self.experiment, self.content, {name: {} for name in self.content.judges})
        self.places: list[Place] = [*islice(self.planner.places(), 4)]

    def lines(
        self, completion: Completion, place: Place
    ) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes] | None]:
        """The lines that records give, and those of the quick way, where it gives any."""
        planned = self.planner.cell(place)
        (call,) = planned.calls
        request = digest_request(call.request)
        recording = Recording(key=call.key, request=request, origin=call.origin, completion=completion)
        verdict = canonical_json(read_cell(planned, self.content, [completion])) + b"\n"
        timing = canonical_json(timing_of(POSITION, [completion])) + b"\n"
        cells = PlainCells(self.planner, {call.key: canonical_json(recording)}, SecretScan({}))
        found = cells.read(place, POSITION)
        if found is None:
            return (verdict, timing), None
        assert Completion.model_validate_json(found.completion) == completion
        return (verdict, timing), (found.verdict, found.timing)


@pytest.fixture
def mini(bench: Bench) -> Bench:
    """An experiment of two listwise judges."""
    bench.write_scripts("longest", "random")
    bench.write_experiment("script-longest", "script-random")
    return bench


def completion(text: str, **changes: object) -> Completion:
    """A completion as providers bring it."""
    whole = Completion(text=text, finish_reason="stop", latency_s=1.25, completed_at="2026-01-02T03:04:05Z")
    return whole.model_copy(update=changes)


PLAIN = '{"A": 1, "B": 2, "C": 4, "best": "C", "worst": "A", "rules": [1], "reason": "clear: 91"}'
COUNTS = st.none() | st.integers(0, 5_000)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "finish_reason": st.sampled_from(["stop", "length", "content_filter", "SAFETY", "refusal"]),
        "refusal": st.sampled_from([None, "I won't."]),
        "latency_s": st.floats(0, 1e12) | st.sampled_from([0.0, 3.0, 0.00004, 1e-7, 12.34565]),
        "attempts": st.integers(1, 10**12),
        "usage": st.builds(Usage, prompt_tokens=COUNTS, completion_tokens=COUNTS),
        "batch_id": st.sampled_from([None, "", "batch-1"]),
        "probabilities": st.sampled_from([None, {"A": 0.5}]),
        "versions": st.sampled_from([{}, {"key": "x", "litellm": "1"}]),
    },
)


@pytest.mark.parametrize("dimensions", ["true", "false"])
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=told() | st.just(PLAIN), changes=CHANGES, number=st.integers(0, 3))
def test_plain_lines_are_those_of_the_records(
    mini: Bench, dimensions: str, text: str, changes: dict[str, object], number: int
) -> None:
    """Whatever was replied and however long it took: the same two lines, or the long way."""
    desk = _desk(mini, dimensions)
    expected, found = desk.lines(completion(text, **changes), desk.places[number])
    assert found in (None, expected)


_DESKS: dict[tuple[Path, str], Desk] = {}


def _desk(mini: Bench, dimensions: str) -> Desk:
    """One per test: reading the content takes longer than reading a reply."""
    if (mini.root, dimensions) not in _DESKS:
        _DESKS[mini.root, dimensions] = Desk(dimensions)
    return _DESKS[mini.root, dimensions]


@pytest.mark.usefixtures("mini")
def test_the_reply_that_was_asked_for_takes_the_quick_way() -> None:
    """A good reply in the form asked for needs no record."""
    desk = Desk()
    for place in desk.places:
        expected, found = desk.lines(completion(PLAIN), place)
        assert found == expected


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"text": "A: 1\nB: 2\nC: 3"}, id="another form"),
        pytest.param(
            {"text": PLAIN.replace('"best": "C"', '"best": "A"').replace('"worst": "A"', '"worst": "C"')},
            id="inverted",
        ),
        pytest.param({"finish_reason": "content_filter"}, id="filtered"),
        pytest.param({"text": PLAIN.replace("clear", "my password is")}, id="like a secret"),
        pytest.param({"attempts": 2 * 10**9}, id="odd number"),
    ],
)
@pytest.mark.usefixtures("mini")
def test_what_needs_a_closer_look_gets_it(changes: dict[str, object]) -> None:
    """Failures, secrets and odd numbers are left to the records."""
    desk = Desk()
    _, found = desk.lines(completion(PLAIN).model_copy(update=changes), desk.places[0])
    assert found is None


def test_a_prompt_that_holds_the_reply_is_looked_at_closely(mini: Bench) -> None:
    """A copy of an answer is a failure, quick or not: its digits stand in the prompt."""
    mini.write_case("doctor", ("Short.", PLAIN, "The longest reply of all."))
    desk = Desk()
    expected, found = desk.lines(completion(PLAIN), desk.places[0])
    assert found is None
    assert b'"outcome":"failed"' in expected[0]
    assert b"copied from the prompt" in expected[0]


def test_a_prompt_in_disguise_is_looked_at_closely(mini: Bench) -> None:
    """What the eye does not see may be a verdict: such a case is left to the records."""
    mini.write_case("doctor", ("Short.", "A\u200bB", "The longest reply of all."))
    desk = Desk()
    expected, found = desk.lines(completion(PLAIN), desk.places[0])
    assert found is None
    assert b'"outcome":"ranked"' in expected[0]


BLOCKS = "{% for block in blocks %}\n\n{{ block.open }}\n{{ block.text }}\n{{ block.close }}\n{% endfor %}"
SCALE = "Grade: from 1 (worst) to {{ n_grades }} (best).\n{{ reply_form }}"
RULES_AND_CASE = "{{ preamble }}{% if dimensions %}!{% endif %}{{ message.text }}" + BLOCKS
TEMPLATES = {
    "rules with the case": (SCALE, RULES_AND_CASE),
    "case with the rules": ("{{ message.text }}\n" + SCALE, RULES_AND_CASE),
}


@pytest.mark.parametrize("template", ["as shipped", *TEMPLATES])
def test_a_replay_is_the_same_without_it(
    bench: Bench,
    runs: Runs,
    counting: Counting,
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
    template: str,
) -> None:
    """Every protocol, failures, cases of other sizes, other templates: the files of a replay are the same."""
    scripts = ("longest", "random", "tied", "obeys", "refuses", "exhausted", "truncated")
    bench.write_scripts(*scripts)
    bench.write_case("garden", ("Water it.", "Wait."))
    bench.write_judge("pairs", "scripted/random", "protocol: pairwise\n")
    bench.write_judge("points", "scripted/longest", "protocol: pointwise\n")
    judges = (*(f"script-{name}" for name in scripts), "pairs", "points")
    bench.write_experiment(*judges, more=", repeats: 1", extra=_more_repeats("script-longest"))
    if template in TEMPLATES:
        system, user = TEMPLATES[template]
        blocks = f"{{% block system %}}{system}{{% endblock %}}{{% block user %}}{user}{{% endblock %}}"
        bench.write("prompts/templates/listwise.en.j2", blocks)
    runs.record(load_experiment("mini"), Path("run"), counting)
    n_plain = _count_plain(monkeypatch)
    runs.replay(Path("run"), Path("quick"))
    assert (n_plain() > 0) is (template != "case with the rules")
    monkeypatch.setattr(PlainCells, "read", lambda *_: None)
    runs.replay(Path("run"), Path("slow"))
    assert contents(Path("quick")) == contents(Path("slow")) == contents(Path("run"))


def _more_repeats(judge_id: str) -> str:
    fields = f"judges: [{judge_id}], rulebooks: [hhh], languages: [en], repeats: 2"
    return f"- {{part_id: second, {fields}}}\n"


def _count_plain(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the cells that were read the quick way."""
    read, found = PlainCells.read, []

    def counted(self: PlainCells, place: Place, position: int) -> object:
        lines = read(self, place, position)
        found.extend([lines] if lines is not None else [])
        return lines

    monkeypatch.setattr(PlainCells, "read", counted)
    return lambda: len(found)


@pytest.mark.usefixtures("mini")
def test_a_miss_is_named_as_ever(mini: Bench, runs: Runs, counting: Counting) -> None:
    """One changed letter of a rulebook is a miss."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    path = mini.root / "cases/mini/doctor.yaml"
    path.write_text(path.read_text().replace("about the doctor", "about this doctor"))
    with pytest.raises(CassetteMissError, match="case doctor"):
        runs.replay(Path("run"), Path("again"))


@pytest.mark.parametrize(
    "secret", ["script-longest", "doctor-b", "completion_keys", "best_not_top", "scripted: l"]
)
def test_a_secret_is_found_wherever_it_stands(
    mini: Bench, runs: Runs, counting: Counting, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    """In a cell, an answer's name, a field, a flag or a reason: as the long way finds it."""
    runs.record(load_experiment("mini"), Path("run"), counting)
    monkeypatch.setenv("SOME_API_KEY", secret)
    found: dict[bool, str] = {}
    for quick in (True, False):
        if not quick:
            monkeypatch.setattr(PlainCells, "read", lambda *_: None)
        try:
            runs.replay(Path("run"), Path(f"again-{quick}"))
        except StoreError as error:
            found[quick] = str(error)
    assert found.get(True) == found.get(False)
    assert secret in {"completion_keys", "best_not_top"} or len(found) == 2
