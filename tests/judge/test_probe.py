from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as HttpRequest
from werkzeug import Response

from harness.judge.build import live_judge
from harness.judge.clock import Clock
from harness.judge.probe import features_of, variant
from harness.run.probing import check_judges, tiny_request
from harness.schema import JudgeCapabilities, JudgeSpec, Sampling
from harness.schema.capability import parameters_of, without_parameters

if TYPE_CHECKING:
    from tests.conftest import Bench, Done

KEY = "sk-proj-0123456789abcdefINVENTED"
PATH = "/v1/chat/completions"
GOOD = {"A": 2, "B": 1, "best": "A", "worst": "B", "reason": "It adds up."}


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Listen on the loopback address, at any free port."""
    return ("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an invented key where presets look for it."""
    monkeypatch.setenv("TEST_API_KEY", KEY)


class Provider:
    """A server that refuses what a test names, and remembers what it was sent."""

    def __init__(self, server: HTTPServer) -> None:
        self.refuses: set[str] = set()
        self.refuses_together: set[str] = set()
        self.text = json.dumps(GOOD)
        self.finish_reason = "stop"
        self.logprobs = True
        self.status = 200
        self.message = ""
        self.bodies: list[dict[str, Any]] = []
        server.expect_request(PATH).respond_with_handler(self.answer)

    def answer(self, asked: HttpRequest) -> Response:
        """Answer one request."""
        body = json.loads(asked.get_data())
        self.bodies.append(body)
        if self.status != 200:
            return _error(self.status, self.message)
        refused = sorted(self.refuses & body.keys())
        if refused:
            return _error(400, f"Unsupported parameter: '{refused[0]}' is not supported with this model.")
        if self.refuses_together and self.refuses_together <= body.keys():
            return _error(400, "these parameters cannot both be specified")
        return _json(self._reply(body))

    def _reply(self, body: Mapping[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if "tools" in body:
            call = {"name": "verdict", "arguments": self.text}
            tools = [{"id": "1", "type": "function", "function": call}]
            message = {"role": "assistant", "content": None, "tool_calls": tools}
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        if body.get("logprobs") and self.logprobs:
            top = [{"token": "A", "logprob": -0.2}, {"token": "B", "logprob": -2.0}]
            choice["logprobs"] = {"content": [{"token": "A", "logprob": -0.2, "top_logprobs": top}]}
        return {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "test-2030-05-01",
            "choices": [choice],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
        }


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status=status, content_type="application/json")


def _error(status: int, message: str) -> Response:
    return _json({"error": {"message": message, "type": "invalid_request_error"}}, status)


@pytest.fixture
def provider(httpserver: HTTPServer) -> Provider:
    """Give a server that takes everything until a test says otherwise."""
    return Provider(httpserver)


@pytest.fixture
def make(httpserver: HTTPServer) -> Callable[..., JudgeSpec]:
    """Give presets that point to the server, asked directly."""

    def build(**changes: object) -> JudgeSpec:
        fields: dict[str, object] = {
            "judge_id": "judge",
            "model_id": "openai/test",
            "sampling": Sampling(temperature=0.0, seed=0, max_tokens=60),
            "api_base": httpserver.url_for("/v1"),
            "api_key_env": "TEST_API_KEY",
            "transport": "direct",
        }
        return JudgeSpec.model_validate(fields | changes)

    return build


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def check(spec: JudgeSpec) -> JudgeCapabilities:
    """Check one judge; no test waits."""
    clock = Clock(sleep=_at_once)
    build = lambda one, recorder: live_judge(one, recorder, clock=clock)  # noqa: E731 - for one line
    (found,) = asyncio.run(check_judges([spec], build=build, clock=clock)).judges
    return found


def answers(found: JudgeCapabilities) -> dict[str, str]:
    """Name -> answer of every trait."""
    return {trait.name: trait.answer for trait in found.traits}


def words(found: JudgeCapabilities, name: str) -> str:
    """The words of one trait."""
    return next(trait.words for trait in found.traits if trait.name == name)


# --- all is well -----------------------------------------------------------------------------------


def test_one_call_is_enough_where_all_is_taken(provider: Provider, make: Callable[..., JudgeSpec]) -> None:
    """A provider that takes the whole request is asked once, and every trait is answered."""
    found = check(make())
    assert found.usable
    assert found.dropped == ()
    assert found.n_calls == len(provider.bodies) == 1
    assert answers(found) == dict.fromkeys(
        ("key", "model", "structured_output", "temperature", "seed"), "yes"
    )
    assert found.model_echo == "test-2030-05-01"
    assert words(found, "key") == "TEST_API_KEY is set"
    assert KEY not in found.model_dump_json()


def test_the_tiny_call_is_made_like_a_runs_own(make: Callable[..., JudgeSpec]) -> None:
    """Template, form, mechanism and parameters are those of a run; only the case is tiny."""
    request = tiny_request(make(extra_parameters={"top_k": 3}), "en", {})
    assert request.parameters["top_k"] == 3
    assert "response_format" in request.parameters
    assert "2 + 2" in request.messages[1].content
    assert sum(len(message.content) for message in request.messages) < 2500


@pytest.mark.parametrize("mechanism", ["native", "tool"])
def test_litellm_is_checked_in_the_same_way(
    provider: Provider, make: Callable[..., JudgeSpec], mechanism: str
) -> None:
    """The other transport finds the same refusals by the same few calls."""
    provider.refuses = {"seed"}
    found = check(make(transport="litellm", mechanism=mechanism))
    assert (found.usable, found.dropped) == (True, ("seed",))
    assert answers(found)["structured_output"] == answers(found)["temperature"] == "yes"


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["temperature", "seed", "top_p", "top_k"])
def test_a_refused_parameter_is_known_by_name(
    provider: Provider, make: Callable[..., JudgeSpec], name: str
) -> None:
    """Whichever parameter the provider answers with a 400 is the one that is dropped, and no other."""
    provider.refuses = {name}
    sampling = Sampling(temperature=0.0, seed=0, top_p=0.9, max_tokens=60)
    found = check(make(sampling=sampling, extra_parameters={"top_k": 3}))
    assert found.usable
    assert found.dropped == (name,)
    assert f"'{name}' is not supported" in words(found, name)
    others = {"temperature", "seed", "top_p", "top_k"} - {name}
    assert all(answers(found)[other] == "yes" for other in others)


def test_several_refused_parameters_are_all_found(provider: Provider, make: Callable[..., JudgeSpec]) -> None:
    """A reasoning model that takes neither temperature nor seed loses both, and keeps its form."""
    provider.refuses = {"temperature", "seed"}
    found = check(make())
    assert found.dropped == ("temperature", "seed")
    assert answers(found)["structured_output"] == "yes"


def test_parameters_that_exclude_each_other_are_kept_as_far_as_they_go(
    provider: Provider, make: Callable[..., JudgeSpec]
) -> None:
    """What is kept was taken together: of two that cannot both be given, the first stays."""
    provider.refuses_together = {"temperature", "top_p"}
    found = check(make(sampling=Sampling(temperature=0.0, top_p=0.9, max_tokens=60)))
    assert found.dropped == ("top_p",)
    assert found.usable


def test_a_refused_form_is_no_parameter_to_be_dropped(
    provider: Provider, make: Callable[..., JudgeSpec]
) -> None:
    """How the verdict is asked for is a person's choice: not usable, and what to write is told."""
    provider.refuses = {"response_format"}
    found = check(make())
    assert not found.usable
    assert found.dropped == ()
    assert answers(found)["structured_output"] == "no"
    assert "write mechanism: tool" in words(found, "structured_output")
    provider.refuses = {"response_format", "tools"}
    assert "write mechanism: text" in words(check(make()), "structured_output")


def test_a_form_that_is_ignored_is_told(provider: Provider, make: Callable[..., JudgeSpec]) -> None:
    """A server that takes the schema and answers in prose is usable and `ignored`, not `yes`."""
    provider.text = "I prefer answer A."
    found = check(make())
    assert found.usable
    assert answers(found)["structured_output"] == "ignored"
    provider.text = '{"A": 2}'
    assert "lacks B" in words(check(make()), "structured_output")
    provider.text, provider.finish_reason = '{"A": 2, "B', "length"
    assert answers(check(make()))["structured_output"] == "unknown"


def test_token_probabilities_are_asked_for_where_they_are_read(
    provider: Provider, make: Callable[..., JudgeSpec]
) -> None:
    """A pairwise judge that reads probabilities is usable only where they come."""
    spec = make(protocol="pairwise", pair_reading="token_probability")
    assert answers(check(spec))["logprobs"] == "yes"
    provider.logprobs = False
    found = check(spec)
    assert not found.usable
    assert "write pair_reading: word" in words(found, "logprobs")
    provider.refuses = {"logprobs"}
    found = check(spec)
    assert (found.usable, answers(found)["temperature"]) == (False, "yes")


# --- who cannot be asked at all --------------------------------------------------------------------


def test_a_missing_key_is_named_and_nobody_is_asked(
    provider: Provider, make: Callable[..., JudgeSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable there is no call at all."""
    monkeypatch.delenv("TEST_API_KEY")
    found = check(make())
    assert (found.usable, found.n_calls, provider.bodies) == (False, 0, [])
    assert words(found, "key") == "set the environment variable TEST_API_KEY"


@pytest.mark.parametrize(
    ("status", "message", "trait"),
    [
        (401, f"Incorrect API key provided: {KEY}", "key"),
        (403, "this key may not use this endpoint", "key"),
        (404, "The model `test` does not exist", "model"),
        (400, "Invalid model: test", "model"),
    ],
)
@pytest.mark.parametrize("transport", ["direct", "litellm"])
def test_a_refused_key_and_an_unknown_model_are_told_apart(
    provider: Provider, make: Callable[..., JudgeSpec], transport: str, status: int, message: str, trait: str
) -> None:
    """The trait that is wrong says so; a key that the provider quotes back is not repeated."""
    provider.status, provider.message = status, message
    found = check(make(transport=transport))
    assert not found.usable
    assert answers(found)[trait] == "no"
    assert KEY not in found.model_dump_json()


def test_a_provider_that_is_down_is_unknown_not_refused(
    provider: Provider, make: Callable[..., JudgeSpec]
) -> None:
    """A 503 says nothing about parameters: nothing is dropped."""
    provider.status, provider.message = 503, "overloaded"
    found = check(make())
    assert (found.usable, found.dropped, answers(found)["model"]) == (False, (), "unknown")
    assert len(provider.bodies) == 2


def test_scripted_and_local_judges_are_checked_too(tmp_path: Path) -> None:
    """A script answers; one that does not exist and weights that are not there are named."""
    script = check(JudgeSpec(judge_id="script", model_id="scripted/longest"))
    assert (script.usable, answers(script)["structured_output"]) == (True, "yes")
    none = check(JudgeSpec(judge_id="script", model_id="scripted/nobody"))
    assert not none.usable
    local = check(JudgeSpec(judge_id="local", model_id=f"gguf:{tmp_path}/gone.gguf", threads=1))
    assert (local.usable, answers(local)["weights"]) == (False, "no")


def test_features_are_everything_a_preset_adds(make: Callable[..., JudgeSpec]) -> None:
    """Without its features a preset asks the bare prompt; with all of them it is itself."""
    spec = make(extra_parameters={"top_k": 3})
    assert features_of(spec) == ("structured_output", "temperature", "seed", "top_k")
    bare = variant(spec, ())
    assert (parameters_of(bare), bare.mechanism) == ((), "text")
    assert variant(spec, features_of(spec)) == spec.model_copy(update={"pair_reading": "word"})
    assert without_parameters(spec, ("seed",)).sampling.seed is None
    assert without_parameters(spec, ()) == spec


# --- the command, and what a run makes of it -------------------------------------------------------


def _content(bench: Bench, server: HTTPServer) -> Path:
    bench.write_judge(
        "remote",
        "openai/test",
        f"api_base: {server.url_for('/v1')}\napi_key_env: TEST_API_KEY\ntransport: direct\nservice: test\n"
        "sampling: {temperature: 0, seed: 0, max_tokens: 60}\n",
    )
    return bench.write_experiment("remote", rulebooks="none")


def test_a_run_leaves_out_what_was_refused_and_says_so(
    bench: Bench, provider: Provider, httpserver: HTTPServer, command: Callable[..., Done]
) -> None:
    """It is gone before the key is made: told at the start, kept in the manifest, replayed offline."""
    _content(bench, httpserver)
    provider.refuses = {"temperature"}
    checked = command("judges", "check", "--experiment", "mini", "--write", "table.json")
    assert checked.code == 0
    assert "refused: temperature" in checked.out
    provider.text = json.dumps({"A": 2, "B": 1, "C": 3, "best": "C", "worst": "B", "reason": "So."})
    ran = command("run", "mini", "-o", "run", "--capabilities", "table.json", "-q")
    assert ran.code == 0
    assert "remote: temperature is left out of every request" in ran.err
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["judges"][0]["spec"]["sampling"]["temperature"] is None
    assert manifest["capabilities"]["judges"][0]["dropped"] == ["temperature"]
    asked = len(provider.bodies)
    again = command("run", "mini", "-o", "run", "-q")
    assert (again.code, len(provider.bodies)) == (0, asked)
    assert "temperature is left out" in again.err
    for way in (("replay", "run"), ("run", "mini", "-o", "run", "--replay")):
        assert command(*way, "-q").code == 0
    assert len(provider.bodies) == asked
    assert KEY not in checked.out + ran.out + ran.err


def test_a_folder_keeps_the_table_that_it_began_with(
    bench: Bench, provider: Provider, httpserver: HTTPServer, command: Callable[..., Done]
) -> None:
    """A later check that finds the same changes nothing; one that finds something else is another run."""
    _content(bench, httpserver)
    provider.refuses = {"temperature"}
    command("judges", "check", "remote", "--write", "table.json")
    provider.text = json.dumps({"A": 2, "B": 1, "C": 3, "best": "C", "worst": "B", "reason": "So."})
    assert command("run", "mini", "-o", "run", "--capabilities", "table.json", "-q").code == 0
    table = json.loads(Path("table.json").read_text())
    table["judges"][0]["checked_at"] = "2031-01-01T00:00:00+00:00"
    Path("later.json").write_text(json.dumps(table))
    before = Path("run/manifest.json").read_bytes()
    assert command("run", "mini", "-o", "run", "--capabilities", "later.json", "-q").code == 0
    assert Path("run/manifest.json").read_bytes() == before
    table["judges"][0]["dropped"] = ["seed"]
    Path("other.json").write_text(json.dumps(table))
    refused = command("run", "mini", "-o", "run", "--capabilities", "other.json", "-q")
    assert refused.code == 1
    assert "sampling" in refused.err


def test_a_run_can_be_extended_by_a_checked_judge(
    bench: Bench, provider: Provider, httpserver: HTTPServer, command: Callable[..., Done]
) -> None:
    """A run that began without a table takes one in for the judges that join it."""
    provider.refuses = {"seed"}
    _content(bench, httpserver)
    bench.write_scripts("longest")
    bench.write_experiment("script-longest", rulebooks="none")
    assert command("run", "mini", "-o", "run", "-q").code == 0
    extra = "- {part_id: second, judges: [remote], rulebooks: [none], languages: [en]}\n"
    bench.write_experiment("script-longest", rulebooks="none", extra=extra)
    command("judges", "check", "--experiment", "mini", "--write", "table.json")
    provider.text = json.dumps({"A": 2, "B": 1, "C": 3, "best": "C", "worst": "B", "reason": "So."})
    done = command("run", "mini", "-o", "run", "--extend", "--capabilities", "table.json", "-q")
    assert done.code == 0, done.err
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert [one["judge_id"] for one in manifest["capabilities"]["judges"]] == ["remote"]


def test_the_check_ends_with_1_where_a_judge_would_not_answer(
    bench: Bench, provider: Provider, httpserver: HTTPServer, command: Callable[..., Done]
) -> None:
    """Programs see it by the exit code; the list of presets is as it was; nothing named is an error."""
    _content(bench, httpserver)
    provider.status, provider.message = 401, "no"
    done = command("judges", "check", "remote", "--json")
    assert done.code == 1
    assert json.loads(done.out)["judges"][0]["usable"] is False
    assert "NOT USABLE" in command("judges", "check", "remote").out
    assert "remote" in command("judges").out
    assert command("judges", "check").code == 2


def test_a_damaged_table_is_named(bench: Bench, command: Callable[..., Done]) -> None:
    """A file that is no capability table is refused before anything is asked."""
    bench.write_scripts("longest")
    bench.write_experiment("script-longest")
    Path("table.json").write_text('{"judges": 3}')
    done = command("run", "mini", "--capabilities", "table.json")
    assert done.code == 1
    assert "table.json: judges: is no capability table" in done.err
