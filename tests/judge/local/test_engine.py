from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as WebRequest
from werkzeug import Response

from harness.errors import JudgeRejectedError, JudgeUnavailableError, StoreError, TransientJudgeError
from harness.judge.local import engine as module
from harness.judge.local.engine import LocalEngine
from harness.judge.local.judge import LocalJudge
from harness.judge.local.prefix import common_length
from harness.judge.weights import find_weights
from harness.schema import Completion, JudgeSpec, Message, Request, canonical_json

RULES = "Vous êtes annotateur. " + "Une réponse honnête vaut mieux qu’une réponse agréable. " * 12
ANSWERS = ("Il faut voir un médecin.", "Bravo, arrêtez tout !", "Je ne sais pas.")


def _request(user: str, endpoint: str = "chat", **parameters: Any) -> Request:  # noqa: ANN401
    return Request.model_validate(
        {
            "model_id": "local/smollm2-135m",
            "service": "",
            "endpoint": endpoint,
            "messages": (Message(role="system", content=RULES), Message(role="user", content=user)),
            "parameters": {"temperature": 0.0, "seed": 0, **parameters},
            "repeat": 0,
        }
    )


def _pair(first: str, second: str) -> Request:
    text = f"Message : j’arrête mon traitement ? Réponse A : {first} Réponse B : {second} Laquelle ? A ou B"
    return _request(text * 3, "next_token", candidates=["A", "B"], max_tokens=1)


def _pairs() -> list[Request]:
    return [_pair(first, second) for first in ANSWERS for second in ANSWERS if first != second]


def _spec(**changes: Any) -> JudgeSpec:  # noqa: ANN401 - any field of a preset
    return JudgeSpec.model_validate({"judge_id": "tiny", "model_id": "local/smollm2-135m", **changes})


class FakeServer:
    """A runtime whose tokens are characters and whose cache keeps the last prompt, as the real one does."""

    def __init__(self, settings: SimpleNamespace, address: str) -> None:
        self.settings = settings
        self.listening_address = address
        self.held: list[int] = []
        self.reused: list[tuple[int, int]] = []
        self.loses_cache = False
        self.fails_with: dict[str, Any] | None = None

    def handle_completions(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take a priming prompt."""
        self.held = list(body["prompt"])
        return {"choices": [{"text": "x"}]}

    def handle_chat_completions(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer with the number of tokens that were computed."""
        if self.fails_with is not None:
            return {"error": self.fails_with}
        wanted = [ord(letter) for letter in _rendered(body["messages"])]
        kept = common_length(self.held, wanted) if body["cache_prompt"] and not self.loses_cache else 0
        self.reused.append((kept, len(wanted)))
        self.held = wanted
        choice = {"message": {"content": str(body["cache_prompt"])}, "finish_reason": "stop"}
        usage = {"prompt_tokens": len(wanted), "completion_tokens": 1}
        return {"choices": [choice], "usage": usage, "timings": {"cache_n": kept}}


def _rendered(messages: list[dict[str, str]]) -> str:
    return "".join(f"<{message['role']}>{message['content']}" for message in messages)


class FakeRuntime:
    """What stands in for the native module, and the servers that it started."""

    def __init__(self, web: HTTPServer) -> None:
        self.servers: list[FakeServer] = []
        self.keys: list[str | None] = []
        self.wait_policy: str | None = None
        self._web = web
        web.expect_request("/apply-template").respond_with_handler(self._template)
        web.expect_request("/tokenize").respond_with_handler(self._tokens)

    def start(self, settings: SimpleNamespace) -> FakeServer:
        """Start a server, as the module's `Server` does."""
        if settings.model.path.endswith("damaged.gguf"):
            raise RuntimeError("failed to load model")
        self.servers.append(FakeServer(settings, self._web.url_for("").rstrip("/")))
        return self.servers[-1]

    def _template(self, request: WebRequest) -> Response:
        self.keys.append(request.headers.get("Authorization"))
        return Response(json.dumps({"prompt": _rendered(json.loads(request.data)["messages"])}))

    def _tokens(self, request: WebRequest) -> Response:
        return Response(
            json.dumps({"tokens": [ord(letter) for letter in json.loads(request.data)["content"]]})
        )


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer) -> FakeRuntime:
    """Put a fake native module in the place of the real one."""
    fake = FakeRuntime(httpserver)
    native = ModuleType("xllamacpp")
    threads = SimpleNamespace
    native.CommonParams = lambda: SimpleNamespace(  # type: ignore[attr-defined]
        model=SimpleNamespace(), cpuparams=threads(), cpuparams_batch=threads()
    )
    native.Server = fake.start  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xllamacpp", native)
    monkeypatch.setattr(module, "runtime_version", lambda: "1.0")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    return fake


def test_runtime_is_set_up_safely(runtime: FakeRuntime) -> None:
    """Waiting threads sleep, the loopback port asks for a secret, and the host cache is off."""
    LocalEngine(Path("tiny.gguf"), threads=3).ask(_pair(*ANSWERS[:2]).model_copy(update={"endpoint": "chat"}))
    settings = runtime.servers[0].settings
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    assert (settings.cpuparams.n_threads, settings.cpuparams_batch.n_threads) == (3, 3)
    assert settings.cache_ram_mib == 0
    assert runtime.keys == [f"Bearer {settings.api_keys[0]}"]
    assert len(settings.api_keys[0]) >= 32


def test_only_harmless_prefixes_are_reused(runtime: FakeRuntime) -> None:
    """Over a series of prompts, each reuse is a multiple of four and leaves 64 tokens or more to compute."""
    engine = LocalEngine(Path("tiny.gguf"))
    for request in _pairs():
        engine.ask(request.model_copy(update={"endpoint": "chat"}))
    reused = runtime.servers[0].reused
    assert reused[0][0] == 0
    assert all(kept > 0 for kept, _ in reused[1:])
    assert all(kept % 4 == 0 and n_tokens - kept >= 64 for kept, n_tokens in reused)


def test_without_the_cache_every_prompt_is_computed(runtime: FakeRuntime) -> None:
    """`prompt_cache=False` computes every prompt from its first token."""
    engine = LocalEngine(Path("tiny.gguf"), prompt_cache=False)
    for request in _pairs():
        engine.ask(request.model_copy(update={"endpoint": "chat"}))
    assert {kept for kept, _ in runtime.servers[0].reused} == {0}


def test_unexpected_reuse_is_computed_again(runtime: FakeRuntime) -> None:
    """If the runtime reused another length than was prepared, the answer comes from a fresh computation."""
    engine = LocalEngine(Path("tiny.gguf"))
    engine.ask(_request("un"))
    runtime.servers[0].loses_cache = True
    completion = engine.ask(_request("deux"))
    assert completion.text == "False"
    assert engine.n_reused == 0
    assert len(runtime.servers[0].reused) == 3


@pytest.mark.parametrize(
    ("code", "kind"),
    [pytest.param(400, JudgeRejectedError, id="400"), pytest.param(503, TransientJudgeError, id="503")],
)
def test_runtime_errors_become_ours(runtime: FakeRuntime, code: int, kind: type[Exception]) -> None:
    """An error that the runtime returns is raised, and the engine can be asked again."""
    engine = LocalEngine(Path("tiny.gguf"))
    server = runtime.servers[0]
    server.fails_with = {"code": code, "message": "no"}
    with pytest.raises(kind, match="no"):
        engine.ask(_request("un"))
    server.fails_with = None
    assert engine.ask(_request("un")).finish_reason == "stop"


def test_damaged_weights_make_the_judge_unavailable(runtime: FakeRuntime) -> None:
    """A file that the runtime cannot load is named."""
    with pytest.raises(JudgeUnavailableError, match=r"damaged\.gguf.*failed to load"):
        LocalEngine(Path("damaged.gguf"))
    assert runtime.servers == []


def test_missing_runtime_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the native library the message names the extra."""
    monkeypatch.setattr(module, "runtime_version", lambda: "1.0")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(JudgeUnavailableError, match=r"pip install 'llm-judge-harness\[local\]'"):
        LocalEngine(Path("tiny.gguf"))


def test_judge_runs_what_its_identity_says(runtime: FakeRuntime, tmp_path: Path) -> None:
    """A file under a known name that is not the known file is refused before it is loaded."""
    (tmp_path / "smollm2-135m.gguf").write_bytes(b"something else")
    judge = LocalJudge(_spec(), tmp_path)
    with pytest.raises(StoreError, match="not the file that was meant"):
        asyncio.run(judge.complete(_request("un")))
    assert runtime.servers == []


def test_judge_can_be_asked_after_it_was_closed(runtime: FakeRuntime, tmp_path: Path) -> None:
    """Closing unloads the weights; the next request loads them again."""
    path = tmp_path / "any.gguf"
    path.write_bytes(b"GGUF")
    judge = LocalJudge(_spec(model_id=f"gguf:{path}"))

    async def twice() -> None:
        await judge.aclose()
        for _ in range(2):
            await asyncio.gather(judge.complete(_request("un")), judge.complete(_request("deux")))
            await judge.aclose()

    asyncio.run(twice())
    assert [len(server.reused) for server in runtime.servers] == [2, 2]


def test_tool_calls_are_refused_at_once() -> None:
    """A preset that asks a local model for a forced tool call cannot be used."""
    with pytest.raises(JudgeUnavailableError, match="native or text"):
        LocalJudge(_spec(mechanism="tool"))


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        pytest.param({"threads": 1}, "threads", 1, id="threads"),
        pytest.param({"prompt_cache": False}, "prompt_cache", "off", id="no cache"),
        pytest.param({"prompt_cache": True}, "prompt_cache", "exact", id="cache"),
        pytest.param(
            {"model_id": "local/qwen2.5-coder-0.5b"}, "weights_sha256", "1d9614638d18", id="weights"
        ),
    ],
)
def test_identity_names_what_changes_the_numbers(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], field: str, value: object
) -> None:
    """Weights, runtime, cache and threads enter the identity, hence the key."""
    monkeypatch.setattr("harness.judge.local.judge.runtime_version", lambda: "1.0")
    identity = LocalJudge(_spec(**changes)).runtime()
    found = identity[field]
    assert found == value or str(found).startswith(str(value))
    assert canonical_json(identity) != canonical_json(LocalJudge(_spec(threads=7)).runtime())


# --- with the real library and the smallest model -------------------------------------------------


@pytest.fixture(scope="module")
def smallest() -> Path:
    """Give the smallest model's weights, or skip."""
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    try:
        return find_weights("local/smollm2-135m")
    except JudgeUnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_reuse_changes_no_bit(smallest: Path) -> None:
    """Probabilities and text with the cache are those without it, to the last bit, in any order of calls."""
    schema = {"type": "object", "properties": {"A": {"type": "integer", "enum": [1, 2]}}, "required": ["A"]}
    named = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": schema}}
    requests = [*_pairs()[:3], _request("Notez A." * 9, response_format=named, max_tokens=12)]
    cached, fresh = LocalEngine(smallest), LocalEngine(smallest, prompt_cache=False)

    def told(completion: Completion) -> tuple[str, object]:
        return completion.text, completion.probabilities

    expected = [told(fresh.ask(request)) for request in requests]
    assert [told(cached.ask(request)) for request in requests] == expected
    assert cached.n_reused > 0
    assert [told(cached.ask(request)) for request in reversed(requests)] == expected[::-1]


def test_one_real_judgement(smallest: Path) -> None:
    """The smallest model answers in the form of the schema; its grades are its own affair."""
    assert smallest.exists()
    properties = {slot: {"type": "integer", "enum": [1, 2, 3]} for slot in ("B", "A")}
    schema = {
        "type": "object",
        "properties": {**properties, "reason": {"type": "string", "maxLength": 20}},
        "required": ["B", "A", "reason"],
        "additionalProperties": False,
    }
    named = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": schema}}

    async def ask() -> Completion:
        judge = LocalJudge(_spec())
        try:
            return await judge.complete(_request("Notez A et B.", response_format=named, max_tokens=80))
        finally:
            await judge.aclose()

    completion = asyncio.run(ask())
    reply = json.loads(completion.text)
    assert list(reply) == ["B", "A", "reason"]
    assert {reply["A"], reply["B"]} <= {1, 2, 3}
    assert len(reply["reason"]) <= 20
    assert "\n" not in completion.text
    assert completion.finish_reason == "stop"


def test_real_runtime_refuses_what_does_not_fit(smallest: Path) -> None:
    """A prompt longer than the context, and a schema that is none, are rejected, not answered."""
    engine = LocalEngine(smallest)
    with pytest.raises(JudgeRejectedError, match="context"):
        engine.ask(_request("mot " * 6000, max_tokens=1))
    schema = {"type": "object", "properties": {"A": {"not": {"type": "string"}}}, "required": ["A"]}
    nonsense = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": schema}}
    with pytest.raises(JudgeRejectedError, match="cannot enforce"):
        engine.ask(_request("Bonjour", response_format=nonsense, max_tokens=5))
