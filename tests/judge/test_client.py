from __future__ import annotations

import asyncio
import gc
import json
import logging
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as HttpRequest
from werkzeug import Response

from harness.errors import JudgeError, JudgeRejectedError, JudgeUnavailableError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.client import NO_KEY, RESERVED_PARAMETERS, LitellmJudge
from harness.judge.clock import SYSTEM_CLOCK
from harness.schema import Completion, JudgeSpec, Request, canonical_json, text_sha256

if TYPE_CHECKING:
    from tests.judge.conftest import FakeTime

SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]
KEY = "sk-proj-0123456789abcdefINVENTED"
OPENAI_PATH = "/v1/chat/completions"
ANTHROPIC_PATH = "/v1/messages"


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Listen on the loopback address, at any free port."""
    return ("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an invented key where presets look for it."""
    monkeypatch.setenv("TEST_API_KEY", KEY)


def ask(judge: Judge, request: Request) -> Completion:
    """Ask once, in an event loop of its own."""

    async def once() -> Completion:
        try:
            return await judge.complete(request)
        finally:
            await judge.aclose()

    return asyncio.run(once())


def failure_of(judge: Judge, request: Request) -> JudgeError:
    """The error with which a call ends."""
    with pytest.raises(JudgeError) as caught:
        ask(judge, request)
    return caught.value


def openai_reply(message: Mapping[str, object] | None = None, **changes: object) -> dict[str, Any]:
    """A good reply of an OpenAI-compatible server; changes apply to its choice or its message."""
    whole = {"role": "assistant", "content": '{"A": 1}'} | dict(message or {})
    choice = {"index": 0, "message": whole, "finish_reason": "stop"} | changes
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-2030-05-01",
        "system_fingerprint": "fp_1",
        "choices": [choice],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }


def anthropic_reply(**changes: object) -> dict[str, Any]:
    """A good reply of an Anthropic-style server."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-2030",
        "content": [{"type": "text", "text": "B"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 5, "output_tokens": 1},
    } | changes


def error_body(message: str, **fields: object) -> dict[str, Any]:
    """An error body as most providers write it."""
    return {"error": {"message": message} | fields}


@pytest.fixture
def openai_spec(httpserver: HTTPServer, make_spec: SpecMaker) -> JudgeSpec:
    """Give a preset that points to the loopback server's OpenAI-style route."""
    return make_spec(api_base=httpserver.url_for("/v1"), api_key_env="TEST_API_KEY")


@pytest.fixture
def anthropic_spec(httpserver: HTTPServer, make_spec: SpecMaker) -> JudgeSpec:
    """Give a preset that points to the loopback server's Anthropic-style route."""
    return make_spec(
        model_id="anthropic/claude-test", api_base=httpserver.url_for(""), api_key_env="TEST_API_KEY"
    )


# --- answers ---------------------------------------------------------------------------------------


def test_reads_an_answer(httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker) -> None:
    """A completion holds the text and everything the provider told about it."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply())
    completion = ask(LitellmJudge(openai_spec), make_request())
    assert completion.text == '{"A": 1}'
    assert completion.finish_reason == "stop"
    assert (completion.model_echo, completion.fingerprint) == ("test-2030-05-01", "fp_1")
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (7, 3)
    assert set(completion.versions) == {"litellm", "python"}
    assert completion.attempts == 1
    assert completion.refusal is None


def test_sends_the_request_as_it_is(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """Messages and parameters reach the server unchanged, unknown ones too, and nothing is added."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply())
    schema = {"type": "object", "properties": {"A": {"type": "integer"}}, "required": ["A"]}
    parameters = {
        "temperature": 0.0,
        "max_tokens": 50,
        "seed": 3,
        "min_p": 0.1,
        "response_format": {"type": "json_schema", "json_schema": {"name": "verdict", "schema": schema}},
    }
    request = make_request(parameters=parameters)
    completion = ask(LitellmJudge(openai_spec), request)
    seen, _ = httpserver.log[0]
    messages = [message.model_dump() for message in request.messages]
    assert seen.get_json() == parameters | {"model": "test", "messages": messages}
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    # The hash that is recorded is the hash of what the server received.
    assert completion.wire_sha256 == text_sha256(canonical_json(seen.get_json()).decode())


def test_always_sends_a_limit_of_tokens(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """A request without a limit gets the preset's, never litellm's guess from its price map."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply())
    ask(LitellmJudge(openai_spec), make_request(parameters={}))
    assert httpserver.log[0][0].get_json()["max_tokens"] == openai_spec.sampling.max_tokens


def test_takes_latency_and_date_from_the_clock(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Latency and date come from the injected clock."""

    def answer(_: HttpRequest) -> Response:
        fake_time.passed_s += 2.5
        return Response(json.dumps(openai_reply()), content_type="application/json")

    httpserver.expect_request(OPENAI_PATH).respond_with_handler(answer)
    completion = ask(LitellmJudge(openai_spec, fake_time.clock()), make_request())
    assert completion.latency_s == 2.5
    assert completion.completed_at == "2030-05-01T12:00:02+00:00"


@pytest.mark.parametrize(
    ("reply", "text", "finish_reason", "refusal"),
    [
        pytest.param(
            {"message": {"content": "I can't judge these."}}, "I can't judge these.", "stop", None, id="said"
        ),
        pytest.param({"message": {"content": None, "refusal": "No."}}, "", "stop", "No.", id="refusal field"),
        pytest.param(
            {"message": {"content": ""}, "finish_reason": "content_filter"},
            "",
            "content_filter",
            None,
            id="filtered",
        ),
        pytest.param(
            {"message": {"content": '{"A":'}, "finish_reason": "length"},
            '{"A":',
            "length",
            None,
            id="too long",
        ),
        pytest.param(
            {"finish_reason": "recitation_x"}, '{"A": 1}', "recitation_x", None, id="unknown reason"
        ),
        pytest.param({"finish_reason": "eos"}, '{"A": 1}', "stop", None, id="another word for stop"),
    ],
)
def test_hands_on_what_is_no_plain_answer(
    httpserver: HTTPServer,
    openai_spec: JudgeSpec,
    make_request: RequestMaker,
    reply: dict[str, Any],
    text: str,
    finish_reason: str,
    refusal: str | None,
) -> None:
    """Refusals, filtered and cut replies are completions: what they mean is for the verdict to say."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply(**reply))
    completion = ask(LitellmJudge(openai_spec), make_request())
    assert (completion.text, completion.finish_reason, completion.refusal) == (text, finish_reason, refusal)


def test_reads_the_forced_tool_call(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """With the mechanism `tool` the text is the call's arguments."""
    call = {"id": "c", "type": "function", "function": {"name": "verdict", "arguments": '{"A": 2}'}}
    httpserver.expect_request(OPENAI_PATH).respond_with_json(
        openai_reply(message={"content": None, "tool_calls": [call]}, finish_reason="tool_calls")
    )
    tool = {"type": "function", "function": {"name": "verdict", "parameters": {"type": "object"}}}
    request = make_request(parameters={"max_tokens": 9, "tools": [tool]})
    assert ask(LitellmJudge(openai_spec), request).text == '{"A": 2}'


def test_sums_token_variants(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """A candidate's probability sums its tokens with and without white space; the rest stays unassigned."""
    tops = [("A", -1.0), (" A", -2.0), ("B", -1.5), ("C", -3.0)]
    first = {
        "token": "A",
        "logprob": -1.0,
        "bytes": None,
        "top_logprobs": [{"token": token, "logprob": logprob, "bytes": None} for token, logprob in tops],
    }
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply(logprobs={"content": [first]}))
    parameters = {"temperature": 0.0, "max_tokens": 50, "candidates": ["A", "B", "X"]}
    completion = ask(LitellmJudge(openai_spec), make_request(endpoint="next_token", parameters=parameters))
    # A is e^-1 plus e^-2, B is e^-1.5, X was not listed.
    assert completion.probabilities == pytest.approx({"A": 0.5032147244, "B": 0.2231301601, "X": 0.0})
    sent = httpserver.log[0][0].get_json()
    assert (sent["logprobs"], sent["top_logprobs"], sent["max_tokens"]) == (True, 20, 1)
    assert "candidates" not in sent


def test_says_when_token_probabilities_are_missing(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """A provider that ignores the wish for token probabilities is rejected, and the remedy named."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply())
    error = failure_of(
        LitellmJudge(openai_spec), make_request(endpoint="next_token", parameters={"candidates": ["A", "B"]})
    )
    assert type(error) is JudgeRejectedError
    assert "logprobs" in str(error)
    assert "pair_reading: word" in str(error)


def test_reads_the_anthropic_route(
    httpserver: HTTPServer, anthropic_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """A provider with another wire format gives the same completion."""
    httpserver.expect_request(ANTHROPIC_PATH).respond_with_json(anthropic_reply())
    completion = ask(LitellmJudge(anthropic_spec), make_request(model_id="anthropic/claude-test"))
    assert (completion.text, completion.finish_reason) == ("B", "stop")
    assert completion.usage.prompt_tokens == 5
    sent = httpserver.log[0][0].get_json()
    assert sent["max_tokens"] == 50
    assert completion.wire_sha256 == text_sha256(canonical_json(sent).decode())


# --- failures over the wire ------------------------------------------------------------------------

TOO_LONG = "This model's maximum context length is 4097 tokens."
FAILURES = [
    pytest.param(
        429, error_body("Rate limit reached", type="requests"), TransientJudgeError, id="rate limit"
    ),
    pytest.param(
        429,
        error_body("You exceeded your current quota.", type="insufficient_quota", code="insufficient_quota"),
        JudgeUnavailableError,
        id="no money left",
    ),
    pytest.param(
        429, error_body("Request too large for test"), JudgeRejectedError, id="larger than a minute"
    ),
    pytest.param(500, error_body("boom"), TransientJudgeError, id="server error"),
    pytest.param(
        500, error_body("invalid_api_key table is locked"), TransientJudgeError, id="troubled server"
    ),
    pytest.param(502, error_body("bad gateway"), TransientJudgeError, id="bad gateway"),
    pytest.param(503, error_body("overloaded"), TransientJudgeError, id="overloaded"),
    pytest.param(529, error_body("Overloaded", type="overloaded_error"), TransientJudgeError, id="529"),
    pytest.param(408, error_body("slow"), TransientJudgeError, id="request timeout"),
    pytest.param(409, error_body("lock"), TransientJudgeError, id="conflict"),
    pytest.param(
        401,
        error_body(
            f"Incorrect API key provided: {KEY}.", type="invalid_request_error", code="invalid_api_key"
        ),
        JudgeUnavailableError,
        id="wrong key",
    ),
    # litellm calls this one BadRequestError.
    pytest.param(
        401, error_body("No key given", type="invalid_request_error"), JudgeUnavailableError, id="missing key"
    ),
    pytest.param(402, error_body("Payment required"), JudgeUnavailableError, id="payment"),
    # On the Anthropic route litellm calls this one APIConnectionError.
    pytest.param(403, error_body("no access to this model"), JudgeUnavailableError, id="forbidden"),
    pytest.param(
        404,
        error_body("The model does not exist", type="invalid_request_error", code="model_not_found"),
        JudgeUnavailableError,
        id="unknown model",
    ),
    pytest.param(
        400,
        error_body("Your credit balance is too low", type="invalid_request_error"),
        JudgeUnavailableError,
        id="no credit",
    ),
    pytest.param(400, error_body("Unsupported parameter: 'seed'"), JudgeUnavailableError, id="parameter"),
    pytest.param(
        400, error_body(TOO_LONG, code="context_length_exceeded"), JudgeRejectedError, id="context too long"
    ),
    pytest.param(400, error_body("malformed"), JudgeRejectedError, id="bad request"),
    # litellm calls this one RateLimitError on the OpenAI route, because of the number.
    pytest.param(400, error_body("Token 429 is odd"), JudgeRejectedError, id="a number in the message"),
    pytest.param(413, error_body("too large"), JudgeRejectedError, id="too large"),
    pytest.param(422, error_body("bad field"), JudgeRejectedError, id="unprocessable"),
]


@pytest.mark.parametrize(("status", "body", "kind"), FAILURES)
@pytest.mark.parametrize("route", ["openai", "anthropic"])
def test_each_failure_has_its_kind(
    httpserver: HTTPServer,
    openai_spec: JudgeSpec,
    anthropic_spec: JudgeSpec,
    make_request: RequestMaker,
    caplog: pytest.LogCaptureFixture,
    route: str,
    status: int,
    body: dict[str, Any],
    kind: type[JudgeError],
) -> None:
    """One failed call is one request, becomes the right kind of error on both routes, and tells no key."""
    spec = openai_spec if route == "openai" else anthropic_spec
    httpserver.expect_request(OPENAI_PATH).respond_with_json(body, status=status)
    httpserver.expect_request(ANTHROPIC_PATH).respond_with_json(body, status=status)
    with caplog.at_level(logging.DEBUG):
        error = failure_of(LitellmJudge(spec), make_request(model_id=spec.model_id))
    assert type(error) is kind
    assert len(httpserver.log) == 1
    assert f"HTTP {status}" in str(error)
    assert error.judge_id == "tester"
    assert "INVENTED" not in str(error) + caplog.text
    # Nothing with the key in it travels along in a traceback.
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (
            400,
            error_body(
                "Your request was rejected", type="invalid_request_error", code="content_policy_violation"
            ),
        ),
        (
            400,
            error_body(
                "filtered", code="content_filter", innererror={"code": "ResponsibleAIPolicyViolation"}
            ),
        ),
        (400, error_body("Output blocked by content filtering policy", type="invalid_request_error")),
        (403, error_body("The model requires moderation and your input was flagged for violence")),
    ],
)
@pytest.mark.parametrize("route", ["openai", "anthropic"])
def test_a_blocked_prompt_is_a_filtered_completion(
    httpserver: HTTPServer,
    openai_spec: JudgeSpec,
    anthropic_spec: JudgeSpec,
    make_request: RequestMaker,
    route: str,
    status: int,
    body: dict[str, Any],
) -> None:
    """A prompt that the content policy blocks is the provider's answer: empty text, `content_filter`."""
    spec = openai_spec if route == "openai" else anthropic_spec
    httpserver.expect_request(OPENAI_PATH).respond_with_json(body, status=status)
    httpserver.expect_request(ANTHROPIC_PATH).respond_with_json(body, status=status)
    completion = ask(LitellmJudge(spec), make_request(model_id=spec.model_id))
    assert (completion.text, completion.finish_reason) == ("", "content_filter")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After-Ms": "250", "Retry-After": "1"}, 0.25),
        ({"Retry-After": "Wed, 01 May 2030 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Wed, 01 May 2030 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_carries_retry_after(
    httpserver: HTTPServer,
    openai_spec: JudgeSpec,
    make_request: RequestMaker,
    fake_time: FakeTime,
    status: int,
    headers: dict[str, str],
    expected: float | None,
) -> None:
    """The provider's Retry-After travels with the error, as seconds or as a date, and is never invented."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(error_body("slow down"), status, headers)
    error = failure_of(LitellmJudge(openai_spec, fake_time.clock()), make_request())
    assert isinstance(error, TransientJudgeError)
    assert error.retry_after_s == expected


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps(openai_reply())[:60], id="half"),
        pytest.param("", id="empty"),
        pytest.param("<html>busy</html>", id="a page"),
        pytest.param(json.dumps(openai_reply() | {"choices": []}), id="no choices"),
    ],
)
@pytest.mark.parametrize("route", ["openai", "anthropic"])
def test_a_reply_that_is_no_reply_may_be_asked_again(
    httpserver: HTTPServer,
    openai_spec: JudgeSpec,
    anthropic_spec: JudgeSpec,
    make_request: RequestMaker,
    route: str,
    body: str,
) -> None:
    """Half a JSON body and its like are failures of the transport, after one request."""
    spec = openai_spec if route == "openai" else anthropic_spec
    httpserver.expect_request(OPENAI_PATH).respond_with_data(body, content_type="application/json")
    httpserver.expect_request(ANTHROPIC_PATH).respond_with_data(body, content_type="application/json")
    error = failure_of(LitellmJudge(spec), make_request(model_id=spec.model_id))
    assert type(error) is TransientJudgeError
    assert len(httpserver.log) == 1


# --- silence and dropped connections ---------------------------------------------------------------


class RawServer(socketserver.ThreadingTCPServer):
    """A server that reads a request and then does as the test says."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, act: Callable[[socketserver.StreamRequestHandler, threading.Event], None]) -> None:
        self.n_requests = 0
        self.over = threading.Event()
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.request.recv(65536)
                server.n_requests += 1
                with suppress(OSError):
                    act(self, server.over)

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Base URL of the OpenAI-style route."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@pytest.fixture
def serve_raw() -> Iterator[Callable[..., RawServer]]:
    """Start raw servers and stop them afterwards."""
    servers: list[RawServer] = []

    def start(act: Callable[[socketserver.StreamRequestHandler, threading.Event], None]) -> RawServer:
        server = RawServer(act)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"


def _drop(_: socketserver.StreamRequestHandler, __: threading.Event) -> None:
    """Close without a word."""


def _drop_midway(handler: socketserver.StreamRequestHandler, _: threading.Event) -> None:
    handler.wfile.write(HEAD + json.dumps(openai_reply()).encode()[:80])


def _stay_silent(_: socketserver.StreamRequestHandler, over: threading.Event) -> None:
    over.wait(10)


def _trickle(handler: socketserver.StreamRequestHandler, over: threading.Event) -> None:
    handler.wfile.write(HEAD)
    while not over.wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()


@pytest.mark.parametrize("act", [_drop, _drop_midway, _stay_silent, _trickle])
def test_no_answer_may_be_asked_again(
    serve_raw: Callable[..., RawServer],
    make_spec: SpecMaker,
    make_request: RequestMaker,
    act: Callable[[socketserver.StreamRequestHandler, threading.Event], None],
) -> None:
    """A dropped connection, silence, and a reply that never ends are given up after one request."""
    server = serve_raw(act)
    spec = make_spec(api_base=server.url, api_key_env="TEST_API_KEY", limits={"timeout_s": 0.2})
    error = failure_of(LitellmJudge(spec), make_request())
    assert type(error) is TransientJudgeError
    assert server.n_requests == 1


def test_a_refused_connection_may_be_asked_again(
    serve_raw: Callable[..., RawServer], make_spec: SpecMaker, make_request: RequestMaker
) -> None:
    """A server that is not there yet is a failure that may pass."""
    server = serve_raw(_drop)
    server.shutdown()
    server.server_close()
    spec = make_spec(api_base=server.url, api_key_env="TEST_API_KEY", limits={"timeout_s": 5})
    assert type(failure_of(LitellmJudge(spec), make_request())) is TransientJudgeError


# --- keys and settings -----------------------------------------------------------------------------


def test_names_the_missing_variable(make_spec: SpecMaker, make_request: RequestMaker) -> None:
    """A preset's own key variable that is not set is named before anything is sent."""
    spec = make_spec(api_base="http://127.0.0.1:9/v1", api_key_env="ANOTHER_API_KEY")
    error = failure_of(LitellmJudge(spec), make_request())
    assert type(error) is JudgeUnavailableError
    assert "ANOTHER_API_KEY" in str(error)


@pytest.mark.parametrize(
    ("model_id", "variable"),
    [
        ("openai/gpt-4o", "OPENAI_API_KEY"),
        ("anthropic/claude-test", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-test", "GEMINI_API_KEY"),
        ("mistral/test", "MISTRAL_API_KEY"),
    ],
)
def test_names_the_providers_missing_variable(
    make_spec: SpecMaker, make_request: RequestMaker, model_id: str, variable: str
) -> None:
    """Without a key the provider's usual variable is named before anything is sent."""
    error = failure_of(LitellmJudge(make_spec(model_id=model_id)), make_request(model_id=model_id))
    assert type(error) is JudgeUnavailableError
    assert variable in str(error)


def test_unknown_provider(make_spec: SpecMaker, make_request: RequestMaker) -> None:
    """A model id of no known provider makes the judge unavailable; it is no finding about a prompt."""
    spec = make_spec(model_id="nobody/test")
    assert type(failure_of(LitellmJudge(spec), make_request(model_id="nobody/test"))) is JudgeUnavailableError


def test_a_server_without_a_key_never_gets_anothers(
    httpserver: HTTPServer, make_spec: SpecMaker, make_request: RequestMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key for one provider is not sent to a server whose preset does not name it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply())
    ask(LitellmJudge(make_spec(api_base=httpserver.url_for("/v1"))), make_request())
    assert httpserver.log[0][0].headers["Authorization"] == f"Bearer {NO_KEY}"


@pytest.mark.parametrize("name", sorted(RESERVED_PARAMETERS))
def test_a_preset_may_not_change_who_answers(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker, name: str
) -> None:
    """Fallbacks, mock replies, other servers, retries: refused by name before anything is sent."""
    error = failure_of(LitellmJudge(openai_spec), make_request(parameters={name: 1}))
    assert type(error) is JudgeUnavailableError
    assert name in str(error)
    assert httpserver.log == []


def test_an_unsupported_parameter_is_never_dropped(
    httpserver: HTTPServer, anthropic_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """A parameter that the provider does not take stops the judge; it is not removed in silence."""
    request = make_request(model_id=anthropic_spec.model_id, parameters={"seed": 1, "max_tokens": 5})
    error = failure_of(LitellmJudge(anthropic_spec), request)
    assert type(error) is JudgeUnavailableError
    assert "seed" in str(error)
    assert httpserver.log == []


def test_judges_share_connections_until_the_last_is_closed(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """Closing one judge does not cut off another that is still asking, and a new loop starts afresh."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply())
    request = make_request()

    async def two() -> list[str]:
        first, second = LitellmJudge(openai_spec, SYSTEM_CLOCK), LitellmJudge(openai_spec)
        texts = [(await first.complete(request)).text, (await second.complete(request)).text]
        await first.aclose()
        texts.append((await second.complete(request)).text)
        await second.aclose()
        return texts

    assert asyncio.run(two()) == ['{"A": 1}'] * 3
    assert asyncio.run(two()) == ['{"A": 1}'] * 3


def test_closing_leaves_no_connection_open(
    httpserver: HTTPServer, openai_spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """After the last judge is closed no session of its event loop is left open."""
    httpserver.expect_request(OPENAI_PATH).respond_with_json(openai_reply())

    async def still_open() -> list[object]:
        judge = LitellmJudge(openai_spec)
        before = {id(session) for session in _open_sessions()}
        await judge.complete(make_request())
        opened = [session for session in _open_sessions() if id(session) not in before]
        assert opened
        await judge.aclose()
        return [session for session in opened if not session.closed]

    assert asyncio.run(still_open()) == []


def _open_sessions() -> list[aiohttp.ClientSession]:
    found = [thing for thing in gc.get_objects() if type(thing) is aiohttp.ClientSession]
    return [session for session in found if not session.closed]
