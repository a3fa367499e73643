"""A provider with files and batches on the loopback address: `python -m tests.faults.batch_provider LOG`.

It speaks POST /v1/files, GET /v1/files/ID/content, POST and GET /v1/batches, GET /v1/batches/ID, its cancel,
and POST /v1/chat/completions, which answers live exactly what a batch answers. What it answers to a prompt
follows from the prompt alone. Every request is a line of LOG. Tests in this process put faults into `Faults`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODEL_ECHO = "m-2030"
_FILE = re.compile(rb'name="file"; filename="([^"]+)".*?\r\n\r\n(.*)\r\n--', re.DOTALL)
_STEPS = ("validating", "in_progress", "finalizing")

Json = dict[str, Any]
Kind = Callable[[Json], str]
"""What becomes of a request, from its body: `good` or a fault by name."""


def good(_: Json) -> str:
    """Every request is answered."""
    return "good"


@dataclass
class Faults:
    """What goes wrong."""

    kind: Kind = good
    ending: str = "completed"
    """How batches end: completed, failed, expired, cancelled."""
    errors: list[Json] = field(default_factory=list)
    """Why a batch failed."""
    n_looks: int = 2
    """Looks at a batch before it has ended."""
    reverse: bool = False
    """Answers come in another order."""
    extra_lines: list[bytes] = field(default_factory=list)
    """Lines that stand in the file of answers beside the others; {first} is the first line again."""
    cut: int = 0
    """Bytes that the file of answers lacks at its end, the first `n_cut` times that it is read."""
    n_cut: int = 1
    http: dict[str, list[int]] = field(default_factory=dict)
    """`METHOD path-prefix` -> statuses that its next requests get; 0 drops the connection after the work."""
    list_batches: bool = True
    echo: str = MODEL_ECHO


def seed_of(body: Json) -> int:
    """A number that follows from the prompt."""
    return int(hashlib.sha256(json.dumps(body["messages"], sort_keys=True).encode()).hexdigest(), 16)


def answer(body: Json, echo: str = MODEL_ECHO) -> Json:
    """The good answer to a request: it has the form that was asked for."""
    schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    text = json.dumps(_form(schema, seed_of(body))) if schema else "A"
    choice: Json = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    if body.get("logprobs"):
        listed = [{"token": token, "logprob": value, "bytes": None} for token, value in _tokens(body)]
        choice["logprobs"] = {"content": [listed[0] | {"top_logprobs": listed}], "refusal": None}
    return {
        "id": "c-1",
        "object": "chat.completion",
        "created": 1,
        "model": echo,
        "system_fingerprint": "fp-1",
        "choices": [choice],
        "usage": {"prompt_tokens": 700, "completion_tokens": 30, "total_tokens": 730},
    }


def _tokens(body: Json) -> list[tuple[str, float]]:
    first, second = ("A", "B") if seed_of(body) % 2 else ("B", "A")
    likely = {"1": -3.0, "2": -4.0, "X": -3.5, "Y": -4.5, "3": -5.0, "4": -5.5}
    return [(first, -0.1), (second, -2.3), *likely.items()]


def _form(schema: Json, seed: int) -> Json:
    form: Json = {}
    for place, (name, field_schema) in enumerate(schema["properties"].items()):
        if "enum" in field_schema:
            allowed = field_schema["enum"]
            form[name] = allowed[(seed >> place * 3) % len(allowed)]
        else:
            form[name] = [] if field_schema["type"] == "array" else "Clear."
    grades = {name: grade for name, grade in form.items() if isinstance(grade, int)}
    if {"best", "worst"} <= form.keys() and grades:
        form["best"], form["worst"] = max(grades, key=grades.__getitem__), min(grades, key=grades.__getitem__)
    return form


def line_of(kind: str, request: Json, echo: str) -> tuple[str, Json] | None:
    """Which file a request's line stands in, and the line; None: in neither."""
    line: Json = {"id": "r-1", "custom_id": request["custom_id"], "response": None, "error": None}
    body = request["body"]
    statuses = {
        "too-long": (400, "context_length_exceeded", "too long"),
        "busy": (429, "rate_limit_exceeded", "slow down"),
        "broken": (500, "server_error", "oops"),
        "refused-key": (401, "invalid_api_key", "Incorrect API key provided"),
        "blocked": (400, "content_policy_violation", "blocked"),
    }
    if kind == "missing":
        return None
    if kind in {"batch_expired", "batch_cancelled", "odd"}:
        return "error", line | {"error": {"code": kind, "message": "this request was not executed"}}
    if kind in statuses:
        status, code, words = statuses[kind]
        error = {"error": {"message": words, "type": "invalid_request_error", "code": code}}
        return "error", line | {"response": {"status_code": status, "request_id": "q", "body": error}}
    whole = answer(body, echo)
    if kind == "filter":
        whole["choices"][0] |= {
            "finish_reason": "content_filter",
            "message": {"role": "assistant", "content": ""},
        }
    if kind == "choiceless":
        whole["choices"] = []
    return "output", line | {"response": {"status_code": 200, "request_id": "q", "body": whole}}


class BatchProvider(ThreadingHTTPServer):
    """Answers on one port, with everything that it was sent in memory."""

    daemon_threads = True

    def __init__(self, faults: Faults | None = None, log: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults = faults or Faults()
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Json] = {}
        self.looks: Counter[str] = Counter()
        self.requests: list[Json] = []
        self.log = log
        self.working = threading.RLock()

    @property
    def url(self) -> str:
        """Where an OpenAI-compatible client finds it."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def asked(self, prefix: str) -> list[Json]:
        """The requests whose method and path begin like this."""
        with self.working:
            return [one for one in self.requests if one["what"].startswith(prefix)]

    def submitted(self) -> list[Json]:
        """Every line of every file of which there is a batch: what is paid."""
        with self.working:
            files = [self.files[one["input_file_id"]] for one in self.batches.values()]
        return [json.loads(line) for content in files for line in content.splitlines()]

    def note(self, what: str, key: str, body: Json | None) -> None:
        """Keep a request, and write it down."""
        self.requests.append({"what": what, "key": key, "body": body})
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"what": what}) + "\n")

    def status_for(self, what: str) -> int | None:
        """The fault that is due for a request."""
        for prefix, statuses in self.faults.http.items():
            if what.startswith(prefix) and statuses:
                return statuses.pop(0)
        return None

    def store(self, content: bytes) -> str:
        """Keep a file; its id."""
        file_id = f"file-{len(self.files) + 1}"
        self.files[file_id] = content
        return file_id

    def create(self, asked: Json) -> Json:
        """A new batch."""
        batch_id = f"batch_{len(self.batches) + 1}"
        n_lines = len(self.files[asked["input_file_id"]].splitlines())
        self.batches[batch_id] = {
            "id": batch_id,
            "object": "batch",
            "endpoint": asked["endpoint"],
            "completion_window": asked["completion_window"],
            "input_file_id": asked["input_file_id"],
            "status": "validating",
            "errors": None,
            "output_file_id": None,
            "error_file_id": None,
            "created_at": 1_900_000_000,
            "metadata": asked.get("metadata"),
            "request_counts": {"total": n_lines, "completed": 0, "failed": 0},
        }
        return self.batches[batch_id]

    def look(self, batch_id: str) -> Json:
        """How a batch stands; looking brings it on."""
        batch = self.batches[batch_id]
        self.looks[batch_id] += 1
        if batch["status"] in {"completed", "failed", "expired", "cancelled"}:
            return batch
        if self.looks[batch_id] <= self.faults.n_looks and batch["status"] != "cancelling":
            batch["status"] = _STEPS[min(self.looks[batch_id], len(_STEPS)) - 1]
            return batch
        self.end(batch, "cancelled" if batch["status"] == "cancelling" else self.faults.ending)
        return batch

    def end(self, batch: Json, status: str) -> None:
        """Finish a batch: write its files."""
        batch |= {"status": status, f"{status}_at": batch["created_at"] + 3600}
        if status == "failed":
            batch["errors"] = {"object": "list", "data": self.faults.errors}
            return
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        read = [line_of(self.faults.kind(line["body"]), line, self.faults.echo) for line in lines]
        found = [one for one in read if one is not None]
        for name in ("output", "error"):
            told = [json.dumps(line).encode() for where, line in found if where == name]
            told = told[::-1] if self.faults.reverse else told
            if name == "output":
                told += [told[0] if line == b"{first}" else line for line in self.faults.extra_lines]
            batch[f"{name}_file_id"] = self.store(b"".join(line + b"\n" for line in told)) if told else None
        n_answers = sum(where == "output" for where, _ in found)
        batch["request_counts"] |= {"completed": n_answers, "failed": len(lines) - n_answers}

    def content(self, file_id: str) -> bytes:
        """A file, or what is left of it."""
        self.looks[file_id] += 1
        whole = self.files[file_id]
        return (
            whole[: -self.faults.cut]
            if self.faults.cut and self.looks[file_id] <= self.faults.n_cut
            else whole
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BatchProvider

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Answer."""
        self._answer()

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        what = f"{self.command} {self.path}"
        is_json = (self.headers.get("content-type") or "").startswith("application/json")
        body = json.loads(raw) if raw and is_json else None
        with self.server.working:
            self.server.note(what, self.headers.get("authorization") or "", body)
            due = self.server.status_for(what)
            if due:
                self._send(due, {"error": {"message": f"status {due}", "code": "x"}})
                return
            status, reply = self._reply(raw, body)
        if due == 0:
            self.close_connection = True
            self.connection.close()
            return
        self._send(status, reply)

    def _reply(self, raw: bytes, body: Json | None) -> tuple[int, Json | bytes]:
        path, _, query = self.path.removeprefix("/v1").partition("?")
        parts = path.strip("/").split("/")
        provider = self.server
        if path == "/files" and (found := _FILE.search(raw)):
            file_id = provider.store(found[2])
            name = found[1].decode()
            return 200, {
                "id": file_id,
                "object": "file",
                "bytes": len(found[2]),
                "created_at": 1,
                "filename": name,
                "purpose": "batch",
                "status": "processed",
            }
        if parts[0] == "files" and parts[-1] == "content":
            return 200, provider.content(parts[1])
        if path == "/chat/completions" and body is not None:
            line = line_of(
                provider.faults.kind(body), {"custom_id": "live", "body": body}, provider.faults.echo
            )
            response: Json = line[1]["response"] if line else {"status_code": 500, "body": {}}
            return response["status_code"], response["body"]
        if parts[0] == "batches":
            return self._batches(parts[1:], body, query)
        return 404, {"error": {"message": "no such page", "code": "not_found"}}

    def _batches(self, parts: list[str], body: Json | None, query: str) -> tuple[int, Json]:
        provider = self.server
        if not parts and self.command == "POST" and body is not None:
            return 200, provider.create(body)
        if not parts and not provider.faults.list_batches:
            return 405, {"error": {"message": "method not allowed"}}
        if not parts:
            after = re.search(r"after=(\w+)", query)
            listed = list(provider.batches.values())[::-1]
            ids = [one["id"] for one in listed]
            page = listed[ids.index(after[1]) + 1 if after else 0 :]
            return 200, {"object": "list", "data": page[:1], "has_more": len(page) > 1}
        if parts[0] not in provider.batches:
            return 404, {"error": {"message": f"No batch found with id {parts[0]}", "code": "not_found"}}
        if parts[-1] == "cancel":
            provider.batches[parts[0]]["status"] = "cancelling"
            return 200, provider.batches[parts[0]]
        return 200, provider.look(parts[0])

    def _send(self, status: int, reply: Json | bytes) -> None:
        content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(provider: BatchProvider) -> Iterator[BatchProvider]:
    """The provider in a thread of its own, until the block ends."""
    thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        provider.server_close()
        thread.join()


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description="A provider with files and batches.")
    parser.add_argument("log", type=Path)
    parser.add_argument("--looks", type=int, default=2)
    asked = parser.parse_args()
    with serving(BatchProvider(Faults(n_looks=asked.looks), asked.log)) as provider:
        print(provider.server_port, flush=True)  # noqa: T201 - whoever started it reads the port
        sys.stdin.read()


if __name__ == "__main__":
    main()
