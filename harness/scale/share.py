"""What one of several workers may ask of a provider: its part of the provider's limits, never more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.judge.budget import is_free
from harness.judge.provider import provider_name
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

    def specs(self, specs: Iterable[JudgeSpec]) -> dict[str, JudgeSpec]:
        """The judges that this worker has a part in, each with its part of the limits of its provider.

        Judges of one provider share its limits, in every worker as in `harness run`. A judge that runs in
        the worker itself (local, scripted) has no provider whose limits are shared.
        """
        by_provider: dict[str, list[JudgeSpec]] = {}
        everyone = list(specs)
        for spec in everyone:
            by_provider.setdefault(provider_name(spec), []).append(spec)
        parts = {spec.judge_id: self._part(spec, by_provider[provider_name(spec)]) for spec in everyone}
        return {
            spec.judge_id: spec.model_copy(update={"limits": part})
            for spec in everyone
            if (part := parts[spec.judge_id]) is not None
        }

    def _part(self, spec: JudgeSpec, neighbours: list[JudgeSpec]) -> Limits | None:
        if is_free(spec):
            return spec.limits
        whole = _provider_limits(neighbours)
        n_places = whole.concurrency // self.n_workers + (self.index < whole.concurrency % self.n_workers)
        if n_places == 0:
            return None
        part = n_places / whole.concurrency
        return spec.limits.model_copy(
            update={
                "concurrency": n_places,
                "requests_per_min": whole.requests_per_min and whole.requests_per_min * part,
                "tokens_per_min": whole.tokens_per_min and whole.tokens_per_min * part,
            }
        )


def _provider_limits(specs: list[JudgeSpec]) -> Limits:
    """The smallest limits that a provider's judges state; places that nobody states are the usual ones."""
    limits = [spec.limits for spec in specs]
    places = [one.concurrency for one in limits if "concurrency" in one.model_fields_set]
    requests = [one.requests_per_min for one in limits if one.requests_per_min is not None]
    tokens = [one.tokens_per_min for one in limits if one.tokens_per_min is not None]
    return Limits(
        concurrency=min(places, default=Limits().concurrency),
        requests_per_min=min(requests, default=None),
        tokens_per_min=min(tokens, default=None),
    )
