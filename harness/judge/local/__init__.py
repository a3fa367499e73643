"""Small models that run in this process: no key, no network, no cost but time.

The native library is loaded when a judge answers its first request, never before.
"""

from harness.judge.local.engine import LocalEngine
from harness.judge.local.judge import LocalJudge
from harness.judge.local.wire import build_body, read_completion

__all__ = ["LocalEngine", "LocalJudge", "build_body", "read_completion"]
