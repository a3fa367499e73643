"""LocalJudge: the Judge protocol over a model in this process."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import JsonValue

from harness.errors import JudgeUnavailableError
from harness.judge.local.engine import DEFAULT_THREADS, N_CONTEXT, LocalEngine, runtime_version
from harness.judge.weights import check_weights, find_weights, weights_sha256
from harness.schema import Completion, JudgeSpec, Request


class LocalJudge:
    """A small model on this machine; it answers one request at a time."""

    def __init__(self, spec: JudgeSpec, cache_dir: Path | None = None) -> None:
        """Check what can be checked without loading anything.

        Raises
        ------
        JudgeUnavailableError
            The preset asks for a forced tool call, which local models do not know.
        """
        if spec.mechanism == "tool":
            raise JudgeUnavailableError(
                f"{spec.judge_id}: a local model takes mechanism native or text, not tool",
                judge_id=spec.judge_id,
            )
        self.spec = spec
        self._cache_dir = cache_dir
        self._engine: LocalEngine | None = None
        self._worker: ThreadPoolExecutor | None = None

    @property
    def n_threads(self) -> int:
        """Threads that the runtime computes with."""
        return self.spec.threads or DEFAULT_THREADS

    def runtime(self) -> dict[str, JsonValue]:
        """Identity of the weights and of what runs them.

        Raises
        ------
        JudgeUnavailableError
            The runtime is not installed, the name is unknown, or the file is not there.
        """
        return {
            "weights_sha256": weights_sha256(self.spec.model_id),
            "runtime": f"xllamacpp {runtime_version()}",
            "prompt_cache": "exact" if self._caches else "off",
            "threads": self.n_threads,
            "n_ctx": N_CONTEXT,
            "json": "compact",
        }

    @property
    def _caches(self) -> bool:
        return self.spec.prompt_cache is not False

    async def complete(self, request: Request) -> Completion:
        """Answer one request; the first one loads the weights.

        Raises
        ------
        JudgeUnavailableError
            The runtime or the weights are missing, or do not fit each other.
        JudgeRejectedError
            The prompt does not fit, or the request is invalid.
        TransientJudgeError
            The runtime failed.
        """
        if self._worker is None:
            # One thread for everything native: loading, asking and unloading never overlap.
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="local-judge")
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._ask, request)

    def _ask(self, request: Request) -> Completion:
        if self._engine is None:
            self._engine = self._load()
        return self._engine.ask(request)

    def _load(self) -> LocalEngine:
        weights = find_weights(self.spec.model_id, self._cache_dir)
        check_weights(weights, weights_sha256(self.spec.model_id))
        return LocalEngine(weights, threads=self.n_threads, prompt_cache=self._caches)

    async def aclose(self) -> None:
        """Unload the weights; another request would load them again."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await asyncio.get_running_loop().run_in_executor(worker, self._unload)
            worker.shutdown()

    def _unload(self) -> None:
        self._engine = None
