"""What one of several workers may ask of a provider: its part of the preset's limits, never more."""

from __future__ import annotations

from dataclasses import dataclass

from harness.prompt import is_local
from harness.schema import JudgeSpec, Limits


@dataclass(frozen=True)
class Share:
    """Worker `index` (from 0) of `n_workers`.

    Limits are divided once, by the number of workers that was announced, and not leased while running: so
    their sum is never more than the provider allows, whatever dies or starts again, and no call waits for a
    central counter. The price is that the share of a dead worker is idle until it is started again.
    """

    index: int
    n_workers: int

    def limits(self, spec: JudgeSpec) -> Limits | None:
        """What of a judge's limits is this worker's; None when it has no part in it.

        A judge that runs in the worker itself (local, scripted) has no provider whose limits are shared.
        """
        if is_local(spec.model_id) or spec.model_id.startswith("scripted/"):
            return spec.limits
        whole = spec.limits
        n_places = whole.concurrency // self.n_workers + (self.index < whole.concurrency % self.n_workers)
        if n_places == 0:
            return None
        part = n_places / whole.concurrency
        return whole.model_copy(
            update={
                "concurrency": n_places,
                "requests_per_min": whole.requests_per_min and whole.requests_per_min * part,
                "tokens_per_min": whole.tokens_per_min and whole.tokens_per_min * part,
            }
        )
