"""One weights file, loaded: the native runtime, and a prompt cache that changes no result."""

from __future__ import annotations

import http.client
import importlib
import importlib.metadata
import json
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.errors import JudgeRejectedError, JudgeUnavailableError
from harness.judge.local.prefix import priming_prompt, reusable_length
from harness.judge.local.wire import Circumstances, build_body, failure_of, read_completion
from harness.schema import Completion, Request, canonical_json, text_sha256

N_CONTEXT = 4096
DEFAULT_THREADS = 2
_HOW_TO_INSTALL = "the local runtime is missing: pip install 'llm-judge-harness[local]'"


def runtime_version() -> str:
    """Version of the installed native runtime, without loading it.

    Raises
    ------
    JudgeUnavailableError
        It is not installed.
    """
    try:
        return importlib.metadata.version("xllamacpp")
    except importlib.metadata.PackageNotFoundError as error:
        raise JudgeUnavailableError(_HOW_TO_INSTALL) from error


class LocalEngine:
    """A loaded model; blocking, and to be used by one thread at a time."""

    def __init__(self, weights: Path, *, threads: int = DEFAULT_THREADS, prompt_cache: bool = True) -> None:
        """Load the weights; takes seconds.

        Raises
        ------
        JudgeUnavailableError
            The runtime is not installed, or cannot load this file.
        """
        self._version = runtime_version()
        self._prompt_cache = prompt_cache
        self._secret = secrets.token_hex(16)
        self._held: list[int] = []
        self.n_reused = 0
        self._server = _start_server(weights, threads, self._secret)

    def ask(self, request: Request) -> Completion:
        """Answer one request.

        Raises
        ------
        JudgeRejectedError
            The prompt does not fit, or the request is invalid.
        TransientJudgeError
            The runtime failed.
        """
        body = build_body(request)
        started = time.perf_counter()
        reply = self._reply(body)
        circumstances = Circumstances(
            latency_s=round(time.perf_counter() - started, 4),
            completed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            versions={"xllamacpp": self._version},
            wire_sha256=text_sha256(canonical_json(body).decode()),
        )
        return read_completion(request, reply, circumstances)

    def _reply(self, body: dict[str, Any]) -> dict[str, Any]:
        n_reused = self._prime(body["messages"]) if self._prompt_cache else 0
        reply = self._chat({**body, "cache_prompt": n_reused > 0})
        if n_reused and reply.get("timings", {}).get("cache_n") != n_reused:
            # The runtime kept something else than we think: only a fresh computation is sure to be the same.
            reply = self._chat({**body, "cache_prompt": False})
            n_reused = 0
        if "error" in reply:
            self._held = []
        self.n_reused = n_reused
        return reply

    def _prime(self, messages: list[dict[str, str]]) -> int:
        """Cut what the runtime holds to a prefix that is safe to reuse; its length, 0 = start afresh."""
        wanted, held = self._tokens(messages), self._held
        length = reusable_length(held, wanted)
        self._held = wanted
        if length:
            self._server.handle_completions(
                {
                    "prompt": priming_prompt(held, wanted, length),
                    "max_tokens": 1,
                    "temperature": 0,
                    "cache_prompt": True,
                }
            )
        return length

    def _chat(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = self._server.handle_chat_completions(body)
        except ValueError as error:
            raise JudgeRejectedError(f"the local runtime refuses this request: {error}") from error
        return reply

    def _tokens(self, messages: list[dict[str, str]]) -> list[int]:
        prompt = self._post("/apply-template", {"messages": messages})["prompt"]
        asked = {"content": prompt, "add_special": True, "parse_special": True}
        tokens: list[int] = self._post("/tokenize", asked)["tokens"]
        return tokens

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask the runtime's own endpoint on loopback; the library has no other way to its tokenizer."""
        address = urlsplit(self._server.listening_address)
        connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=60)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._secret}"}
        try:
            connection.request("POST", path, json.dumps(body).encode(), headers)
            reply: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in reply:
            raise failure_of(reply["error"])
        return reply


def _start_server(weights: Path, threads: int, secret: str) -> Any:  # noqa: ANN401 - the library has no types
    # Before the import: on shared cores, threads that wait by spinning make generation 15 times slower.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    try:
        native = importlib.import_module("xllamacpp")
    except ImportError as error:
        raise JudgeUnavailableError(f"{_HOW_TO_INSTALL} ({error})") from error
    settings = native.CommonParams()
    settings.model.path = str(weights)
    settings.n_ctx = settings.n_batch = settings.n_ubatch = N_CONTEXT  # one batch: see prefix.py
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.cache_ram_mib = 0  # its default grows by gigabytes
    settings.api_keys = [secret]  # it always listens on a loopback port; without a key anyone here could ask
    settings.endpoint_slots = settings.ui = False
    settings.verbosity = -1
    try:
        return native.Server(settings)
    except RuntimeError as error:
        raise JudgeUnavailableError(
            f"{weights}: the local runtime cannot load this file ({error})"
        ) from error
