from __future__ import annotations

import asyncio
import gc
import json
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as HttpRequest
from werkzeug import Response

from harness.errors import JudgeError, JudgeUnavailableError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.client import LitellmJudge
from harness.judge.direct import OPENAI_KEY, PROVIDERS, DirectJudge
from harness.judge.remote import NO_KEY, RESERVED_PARAMETERS
from harness.judge.reply import COMMON_REASONS
from harness.schema import Completion, JudgeSpec, Request, canonical_json, text_sha256

if TYPE_CHECKING:
    from tests.conftest import Bench, Done
    from tests.judge.conftest import FakeTime

SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]
KEY = "sk-proj-0123456789abcdefINVENTED"
PATH = "/v1/chat/completions"
WAYS: tuple[type[LitellmJudge | DirectJudge], ...] = (LitellmJudge, DirectJudge)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Listen on the loopback address, at any free port."""
    return ("127.0.0.1", 0)


@pytest.fixture
def spec(httpserver: HTTPServer, make_spec: SpecMaker, monkeypatch: pytest.MonkeyPatch) -> JudgeSpec:
    """Give a direct preset that points to the loopback server, with an invented key."""
    monkeypatch.setenv("TEST_API_KEY", KEY)
    return make_spec(api_base=httpserver.url_for("/v1"), api_key_env="TEST_API_KEY", transport="direct")


def ask(judge: Judge, request: Request) -> Completion:
    """Ask once, in an event loop of its own."""

    async def once() -> Completion:
        try:
            return await judge.complete(request)
        finally:
            await judge.aclose()

    return asyncio.run(once())


def ended(judge: Judge, request: Request) -> Completion | JudgeError:
    """The completion of a call, or its error, which tells no key and drags nothing along that does."""
    try:
        return ask(judge, request)
    except JudgeError as caught:
        error = caught
    assert "INVENTED" not in str(error)
    assert (error.__cause__, error.__context__) == (None, None)
    return error


def outcome(judge: Judge, request: Request) -> tuple[object, ...]:
    """How a call ends: all that is kept of a completion, or an error's class and Retry-After."""
    end = ended(judge, request)
    if isinstance(end, TransientJudgeError):
        return type(end), end.retry_after_s
    if isinstance(end, JudgeError):
        return (type(end),)
    return tuple(end.model_dump(exclude={"latency_s", "completed_at", "versions"}).items())


def reply(message: Mapping[str, object] | None = None, **changes: object) -> dict[str, Any]:
    """A good reply of an OpenAI-compatible server; changes apply to its choice."""
    whole = {"role": "assistant", "content": '{"A": 1}'} | dict(message or {})
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-2030-05-01",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "message": whole, "finish_reason": "stop"} | changes],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }


def without(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """The reply without one field."""
    return {field: value for field, value in whole.items() if field != name}


def error_body(message: str, **fields: object) -> dict[str, Any]:
    """An error body as most providers write it."""
    return {"error": {"message": message} | fields}


CALL = {"id": "c", "type": "function", "function": {"name": "verdict", "arguments": '{"A": 2}'}}
TOO_LONG = "This model's maximum context length is 4097 tokens."
ANSWERS: dict[str, object] = {
    "an answer": reply(),
    "refusal in words": reply({"content": "I can't judge these."}),
    "refusal field": reply({"content": None, "refusal": "No."}),
    "filtered": reply({"content": ""}, finish_reason="content_filter"),
    "cut off": reply({"content": '{"A":'}, finish_reason="length"),
    "unknown reason": reply(finish_reason="recitation_x"),
    "another word for stop": reply(finish_reason="eos"),
    "another word for length": reply(finish_reason="max_tokens"),
    "another word for filtered": reply(finish_reason="SAFETY"),
    "no reason": reply(finish_reason=None),
    "thoughts before the answer": reply({"content": "<think>B is\nbad</think>\n{}"}),
    "thoughts never ended": reply({"content": "<think>B is"}),
    "thoughts in a field": reply({"content": "<think>x</think>y", "reasoning_content": "B is bad"}),
    "thoughts in another field": reply({"content": "y", "reasoning": "B is bad"}),
    "tool call": reply({"content": None, "tool_calls": [CALL]}),
    "half an emoji": reply({"content": "A\ud83d"}),
    "no usage": without(reply(), "usage"),
    "no model": without(reply(), "model"),
    "wrong model": reply() | {"model": "another/model"},
    "two choices": reply() | {"choices": reply()["choices"] + reply({"content": "B"})["choices"]},
    "unknown fields": reply() | {"surprise": {"A": 1}, "error": None},
    "no choices": reply() | {"choices": []},
    "choices missing": without(reply(), "choices"),
    "an empty choice": reply() | {"choices": [{}]},
    "an empty object": {},
    "a list": [reply()],
    "a number": 7,
    "error under 200": error_body("Provider returned error", code=502),
    "rate limit under 200": error_body("slow down", code=429),
    "no money under 200": error_body("Insufficient credits", code=402),
}
BODIES: dict[str, bytes] = {
    "half": json.dumps(reply()).encode()[:60],
    "empty": b"",
    "a page": b"<html>busy</html>",
    "no UTF-8": b'{"choices": "\xff"}',
    "nested without end": b"[" * 100_000,
}
FAILURES: dict[str, tuple[int, object]] = {
    "rate limit": (429, error_body("Rate limit reached", type="requests")),
    "no money left": (
        429,
        error_body("You exceeded it.", code="insufficient_quota"),
    ),
    "larger than a minute": (429, error_body("Request too large for test")),
    "server error": (500, error_body("boom")),
    "troubled server": (500, error_body("invalid_api_key table is locked")),
    "bad gateway": (502, error_body("bad gateway")),
    "overloaded": (503, error_body("overloaded")),
    "529": (529, error_body("Overloaded", type="overloaded_error")),
    "request timeout": (408, error_body("slow")),
    "conflict": (409, error_body("lock")),
    "wrong key": (401, error_body(f"Incorrect API key provided: {KEY}.", code="invalid_api_key")),
    "missing key": (401, error_body("No key given", type="invalid_request_error")),
    "payment": (402, error_body("Payment required")),
    "forbidden": (403, error_body("no access to this model")),
    "unknown model": (404, error_body("The model does not exist", code="model_not_found")),
    "no credit": (400, error_body("Your credit balance is too low")),
    "parameter": (400, error_body("Unsupported parameter: 'seed'")),
    "context too long": (400, error_body(TOO_LONG, code="context_length_exceeded")),
    "context too long for vLLM": (400, {"object": "error", "message": TOO_LONG, "code": 400}),
    "bad request": (400, error_body("malformed")),
    "a number in the message": (400, error_body("Token 429 is odd")),
    "too large": (413, error_body("too large")),
    "unprocessable": (422, {"detail": [{"loc": ["body", "seed"], "msg": "extra"}]}),
    "policy": (400, error_body("Your request was rejected", code="content_policy_violation")),
    "policy of Azure": (400, error_body("no", innererror={"code": "ResponsibleAIPolicyViolation"})),
    "moderation": (403, error_body("The model requires moderation and your input was flagged")),
}
WAITS = [
    {},
    {"Retry-After": "7"},
    {"Retry-After-Ms": "250", "Retry-After": "1"},
    {"Retry-After": "Wed, 01 May 2030 12:00:30 GMT"},
    {"Retry-After": "soon"},
]


# --- both ways alike -------------------------------------------------------------------------------


def both(
    httpserver: HTTPServer, spec: JudgeSpec, request: Request, fake_time: FakeTime, respond: Response
) -> list[tuple[object, ...]]:
    """How the call ends through litellm and directly, after one request each."""
    httpserver.expect_request(PATH).respond_with_response(respond)
    ends = [outcome(way(spec, fake_time.clock()), request) for way in WAYS]
    assert len(httpserver.log) == 2
    first, second = (seen.get_json() for seen, _ in httpserver.log)
    assert first == second
    return ends


@pytest.mark.parametrize("name", ANSWERS)
def test_the_same_reply_means_the_same_both_ways(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, fake_time: FakeTime, name: str
) -> None:
    """What a server answers becomes the same completion or the same failure, both ways."""
    response = Response(json.dumps(ANSWERS[name]), content_type="application/json")
    through_litellm, direct = both(httpserver, spec, make_request(), fake_time, response)
    assert direct == through_litellm


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_no_reply_is_the_same_failure_both_ways(
    httpserver: HTTPServer,
    spec: JudgeSpec,
    make_request: RequestMaker,
    fake_time: FakeTime,
    name: str,
    kind: str,
) -> None:
    """Half a JSON, a page, nothing: worth another attempt, through litellm and directly."""
    ends = both(httpserver, spec, make_request(), fake_time, Response(BODIES[name], content_type=kind))
    assert ends == [(TransientJudgeError, None)] * 2


@pytest.mark.parametrize("name", FAILURES)
def test_the_same_status_means_the_same_both_ways(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, fake_time: FakeTime, name: str
) -> None:
    """An HTTP error becomes the same failure, or the same filtered completion, both ways."""
    status, body = FAILURES[name]
    response = Response(json.dumps(body), status, content_type="application/json")
    through_litellm, direct = both(httpserver, spec, make_request(), fake_time, response)
    assert direct == through_litellm


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504, 529])
def test_an_error_without_words_means_the_same_both_ways(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, fake_time: FakeTime, status: int
) -> None:
    """A page instead of an error body leaves the status to go by, through litellm and directly."""
    response = Response("<html>sorry</html>", status, content_type="text/html")
    through_litellm, direct = both(httpserver, spec, make_request(), fake_time, response)
    assert direct == through_litellm


@pytest.mark.parametrize("headers", WAITS)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_the_same_both_ways(
    httpserver: HTTPServer,
    spec: JudgeSpec,
    make_request: RequestMaker,
    fake_time: FakeTime,
    status: int,
    headers: dict[str, str],
) -> None:
    """What a server asks to wait is read alike, and never invented."""
    body = json.dumps(error_body("slow down"))
    response = Response(body, status, headers, content_type="application/json")
    through_litellm, direct = both(httpserver, spec, make_request(), fake_time, response)
    assert direct == through_litellm


SCHEMA = {"type": "object", "properties": {"A": {"type": "integer"}}, "required": ["A"]}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"temperature": 0.0, "max_tokens": 50, "seed": 3, "top_p": 0.5},
        {"max_completion_tokens": 9, "min_p": 0.1, "extra_body": {"guided_regex": "[ABCD]"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "verdict", "schema": SCHEMA}}},
        {"tools": [{"type": "function", "function": {"name": "verdict", "parameters": SCHEMA}}]},
    ],
    ids=lambda parameters: ",".join(parameters) or "none",
)
def test_the_same_is_sent_both_ways(
    httpserver: HTTPServer,
    spec: JudgeSpec,
    make_request: RequestMaker,
    fake_time: FakeTime,
    parameters: dict[str, Any],
) -> None:
    """The server receives the same body either way, and the hash that is kept is the hash of it."""
    response = Response(json.dumps(reply()), content_type="application/json")
    through_litellm, direct = both(httpserver, spec, make_request(parameters=parameters), fake_time, response)
    assert direct == through_litellm
    sent = httpserver.log[1][0].get_json()
    assert ("wire_sha256", text_sha256(canonical_json(sent).decode())) in direct
    assert httpserver.log[1][0].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "logprobs",
    [
        {"content": [{"token": "A", "logprob": -1.0, "bytes": None, "top_logprobs": [
            {"token": token, "logprob": logprob, "bytes": None}
            for token, logprob in (("A", -1.0), (" A", -2.0), ("B", -1.5), ("C", -9.0))
        ]}]},
        {"content": []},
        None,
    ],
    ids=["told", "empty", "none"],
)  # fmt: skip
def test_token_probabilities_are_the_same_both_ways(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, fake_time: FakeTime, logprobs: object
) -> None:
    """Probabilities of the next token, and their absence, are read alike."""
    response = Response(json.dumps(reply(logprobs=logprobs)), content_type="application/json")
    parameters = {"temperature": 0.0, "max_tokens": 50, "candidates": ["A", "B", "X"]}
    request = make_request(endpoint="next_token", parameters=parameters)
    through_litellm, direct = both(httpserver, spec, request, fake_time, response)
    assert direct == through_litellm


def test_words_for_the_end_are_those_of_litellm() -> None:
    """Our table of finish reasons is litellm's; this test fails when litellm learns another word."""
    from litellm.litellm_core_utils import core_helpers

    assert core_helpers._FINISH_REASON_MAP == COMMON_REASONS


@pytest.mark.parametrize("way", WAYS)
def test_a_reply_of_ten_megabytes_is_no_answer(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, way: type[LitellmJudge | DirectJudge]
) -> None:
    """A reply far longer than what was asked for is a failure that may pass, and none of it is kept."""
    httpserver.expect_request(PATH).respond_with_json(reply({"content": "A" * 10_000_000}))
    with pytest.raises(TransientJudgeError, match="4,000,000 bytes") as caught:
        ask(way(spec), make_request())
    assert len(str(caught.value)) < 400


# --- connections -----------------------------------------------------------------------------------

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


async def _drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_request(reader)


async def _drop_midway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_request(reader)
    writer.write(HEAD + json.dumps(reply()).encode()[:80])
    await writer.drain()


async def _stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_request(reader)
    await reader.read()


async def _trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read_request(reader)
    writer.write(HEAD)
    for _ in range(500):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Write without end and without saying how much it will be."""
    await _read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * 100_000)
        await writer.drain()


async def _ask_raw(handler: Handler, make_spec: SpecMaker, request: Request) -> tuple[JudgeError | None, int]:
    """How a call to a raw server ends, and how many connections it saw."""
    n_connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal n_connections
        n_connections += 1
        with suppress(OSError):
            await handler(reader, writer)
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        judge = DirectJudge(make_spec(api_base=url, transport="direct", limits={"timeout_s": 0.2}))
        try:
            await judge.complete(request)
        except JudgeError as error:
            return error, n_connections
        finally:
            await judge.aclose()
    return None, n_connections


@pytest.mark.parametrize("act", [_drop, _drop_midway, _stay_silent, _trickle, _pour])
def test_no_answer_may_be_asked_again(act: Handler, make_spec: SpecMaker, make_request: RequestMaker) -> None:
    """A dropped connection, silence, and a reply that never ends are given up after one request."""
    error, n_connections = asyncio.run(_ask_raw(act, make_spec, make_request()))
    assert type(error) is TransientJudgeError
    assert n_connections == 1


def test_a_refused_connection_may_be_asked_again(make_spec: SpecMaker, make_request: RequestMaker) -> None:
    """A server that is not there yet is a failure that may pass."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        spec = make_spec(api_base=f"http://127.0.0.1:{free.getsockname()[1]}/v1", transport="direct")
        assert type(ended(DirectJudge(spec), make_request())) is TransientJudgeError


@pytest.fixture
def own_certificate(tmp_path: Path) -> Path:
    """Give a certificate for 127.0.0.1 that nobody vouches for, with its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("making a certificate needs the program openssl")
    key, certificate, both_in_one = (tmp_path / name for name in ("key.pem", "certificate.pem", "both.pem"))
    made = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout {key} -out {certificate}"
    subprocess.run(["openssl", *made.split()], check=True, capture_output=True)
    both_in_one.write_text(key.read_text() + certificate.read_text())
    return both_in_one


def test_a_certificate_that_nobody_vouches_for_is_refused(
    own_certificate: Path, make_spec: SpecMaker, make_request: RequestMaker
) -> None:
    """A server whose certificate the machine does not trust gets neither prompt nor key."""
    received: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            received.append(await _read_request(reader))
        writer.close()

    async def once() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own_certificate)
        async with await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context) as server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            judge = DirectJudge(make_spec(api_base=url, transport="direct"))
            with pytest.raises(TransientJudgeError, match=r"(?i)certificate"):
                await judge.complete(make_request())
            await judge.aclose()

    asyncio.run(once())
    assert received == []


def test_connections_are_kept_and_no_more_than_the_preset_allows(
    make_spec: SpecMaker, make_request: RequestMaker
) -> None:
    """Twenty calls with three in flight go over three connections."""
    n_connections = 0
    body = json.dumps(reply()).encode()
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal n_connections
        n_connections += 1
        with suppress(asyncio.IncompleteReadError):
            while await _read_request(reader):
                writer.write(answer)
                await writer.drain()
        writer.close()

    async def many() -> None:
        async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            judge = DirectJudge(make_spec(api_base=url, transport="direct", limits={"concurrency": 3}))
            await asyncio.gather(*(judge.complete(make_request(repeat=n)) for n in range(20)))
            await judge.aclose()

    asyncio.run(many())
    assert n_connections == 3


def test_closing_leaves_no_connection_open(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """A closed judge has no open session, and it may be asked again in another event loop."""
    httpserver.expect_request(PATH).respond_with_json(reply())
    judge = DirectJudge(spec)
    texts = [ask(judge, make_request()).text for _ in range(2)]
    assert texts == ['{"A": 1}'] * 2
    assert not [one for one in gc.get_objects() if type(one) is aiohttp.ClientSession and not one.closed]


def test_a_redirect_is_not_followed(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker
) -> None:
    """Nobody else gets the prompt or the key because the server says so."""
    httpserver.expect_request(PATH).respond_with_data(
        status=307, headers={"Location": httpserver.url_for("/elsewhere")}
    )
    error = ended(DirectJudge(spec), make_request())
    assert type(error) is JudgeUnavailableError
    assert "HTTP 307" in str(error)
    assert len(httpserver.log) == 1


def test_the_environments_proxy_is_not_used(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that the environment names for something else gets nothing."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    httpserver.expect_request(PATH).respond_with_json(reply())
    assert ask(DirectJudge(spec), make_request()).text == '{"A": 1}'


def test_cookies_are_not_kept(httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker) -> None:
    """No call carries what an earlier one was handed: repeats stay independent."""
    httpserver.expect_request(PATH).respond_with_json(reply(), headers={"Set-Cookie": "judge=7"})

    async def twice() -> None:
        judge = DirectJudge(spec)
        await judge.complete(make_request())
        await judge.complete(make_request())
        await judge.aclose()

    asyncio.run(twice())
    assert ["Cookie" in seen.headers for seen, _ in httpserver.log] == [False, False]


# --- keys and settings -----------------------------------------------------------------------------


def test_versions_name_the_client(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """A completion says which client fetched it, how long that took by the clock, and when."""

    def answer(_: HttpRequest) -> Response:
        fake_time.passed_s += 2.5
        return Response(json.dumps(reply()), content_type="application/json")

    httpserver.expect_request(PATH).respond_with_handler(answer)
    completion = ask(DirectJudge(spec, fake_time.clock()), make_request())
    assert set(completion.versions) == {"aiohttp", "python"}
    assert (completion.latency_s, completion.completed_at) == (2.5, "2030-05-01T12:00:02+00:00")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"api_base": "http://127.0.0.1:9/v1", "api_key_env": "ANOTHER_API_KEY"}, "ANOTHER_API_KEY"),
        ({}, OPENAI_KEY),
        ({"model_id": "hosted_vllm/test"}, "api_base"),
        ({"model_id": "anthropic/test", "api_base": "http://127.0.0.1:9/v1"}, "openai/NAME"),
        ({"model_id": "test", "api_base": "http://127.0.0.1:9/v1"}, "openai/NAME"),
        ({"api_base": "127.0.0.1:8000/v1"}, "http://"),
    ],
)
def test_a_preset_that_cannot_be_asked_directly_says_why(
    make_spec: SpecMaker, make_request: RequestMaker, changes: dict[str, object], words: str
) -> None:
    """A missing key, another provider's protocol, no URL: named before anything is sent."""
    error = ended(DirectJudge(make_spec(transport="direct", **changes)), make_request())
    assert type(error) is JudgeUnavailableError
    assert words in str(error)


def test_a_key_with_a_line_end_inside_is_named_and_not_shown(
    spec: JudgeSpec, make_request: RequestMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot stand in a header is refused before it is sent."""
    monkeypatch.setenv("TEST_API_KEY", f"{KEY}\nInjected: yes")
    for way in WAYS:
        error = ended(way(spec), make_request())
        assert type(error) is JudgeUnavailableError
        assert "TEST_API_KEY" in str(error)


def test_a_server_without_a_key_never_gets_anothers(
    httpserver: HTTPServer, make_spec: SpecMaker, make_request: RequestMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key for one provider is not sent to a server whose preset does not name it."""
    monkeypatch.setenv(OPENAI_KEY, KEY)
    httpserver.expect_request(PATH).respond_with_json(reply())
    ask(DirectJudge(make_spec(api_base=httpserver.url_for("/v1/"))), make_request())
    assert httpserver.log[0][0].headers["Authorization"] == f"Bearer {NO_KEY}"


@pytest.mark.parametrize("name", sorted(RESERVED_PARAMETERS))
def test_a_preset_may_not_change_who_answers(
    httpserver: HTTPServer, spec: JudgeSpec, make_request: RequestMaker, name: str
) -> None:
    """What litellm's judge refuses is refused here too, before anything is sent."""
    error = ended(DirectJudge(spec), make_request(parameters={name: 1}))
    assert type(error) is JudgeUnavailableError
    assert name in str(error)
    assert httpserver.log == []


@pytest.mark.parametrize("provider", sorted(PROVIDERS - {"openai"}))
def test_each_provider_that_is_asked_directly_is_sent_the_same_by_litellm(
    httpserver: HTTPServer,
    spec: JudgeSpec,
    make_request: RequestMaker,
    fake_time: FakeTime,
    provider: str,
) -> None:
    """Whatever may stand before the model's name, the server receives and answers the same either way."""
    spec = spec.model_copy(update={"model_id": f"{provider}/test"})
    request = make_request(model_id=spec.model_id)
    response = Response(json.dumps(reply()), content_type="application/json")
    through_litellm, direct = both(httpserver, spec, request, fake_time, response)
    assert direct == through_litellm


# --- runs ------------------------------------------------------------------------------------------

VERDICT = '{"A": 1, "B": 2, "C": 3, "best": "C", "worst": "A", "reason": "x"}'


def _write_run(bench: Bench, url: str, transport: str) -> None:
    bench.write_judge("tester", "openai/test", f"api_base: {url}\ntransport: {transport}\n")
    bench.write_experiment("tester", rulebooks="none")


@pytest.mark.parametrize(("first", "second"), [("litellm", "direct"), ("direct", "litellm")])
def test_what_one_way_recorded_the_other_way_replays(
    httpserver: HTTPServer,
    bench: Bench,
    command: Callable[..., Done],
    contents: Callable[[Path], dict[str, bytes]],
    first: str,
    second: str,
) -> None:
    """The transport is no part of the key: a run recorded one way replays, to the byte, the other way."""
    httpserver.expect_request(PATH).respond_with_json(reply({"content": VERDICT}))
    _write_run(bench, httpserver.url_for("/v1"), first)
    assert command("run", "mini", "-o", "run").code == 0
    recorded, n_asked = contents(Path("run")), len(httpserver.log)
    _write_run(bench, httpserver.url_for("/v1"), second)
    done = command("run", "mini", "-o", "run", "--replay")
    assert done.code == 0, done.err
    assert contents(Path("run")) == recorded
    assert len(httpserver.log) == n_asked > 0


def test_both_ways_give_the_same_verdicts(
    httpserver: HTTPServer, bench: Bench, command: Callable[..., Done]
) -> None:
    """The same server asked both ways gives the same keys and the same verdicts, byte for byte."""
    httpserver.expect_request(PATH).respond_with_json(reply({"content": VERDICT}))
    for transport in ("litellm", "direct"):
        _write_run(bench, httpserver.url_for("/v1"), transport)
        assert command("run", "mini", "-o", transport).code == 0
    one, other = (Path(way, "verdicts.jsonl").read_bytes() for way in ("litellm", "direct"))
    assert one == other
    assert one.count(b"\n") > 0


def test_a_direct_run_imports_neither_litellm_nor_pandas_nor_scipy(
    httpserver: HTTPServer, bench: Bench
) -> None:
    """The whole command, asking a server, without what takes seconds to import."""
    httpserver.expect_request(PATH).respond_with_json(reply({"content": VERDICT}))
    _write_run(bench, httpserver.url_for("/v1"), "direct")
    code = (
        "import sys\n"
        "from harness.cli import main\n"
        "sys.argv = ['harness', 'run', 'mini', '-o', 'run', '-q']\n"
        "main()\n"
        "print(sorted({'litellm', 'openai', 'httpx', 'pandas', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert len(httpserver.log) > 0
