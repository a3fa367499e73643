"""What a run folder remembers of the batches that were submitted for it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from harness.schema.base import Identifier, Record, Text
from harness.schema.call import Sha256

BatchState = Literal["prepared", "uploaded", "created", "collected", "lost"]
"""Written down before the upload; after it; after the creation; all answers are kept; the provider has none.

Until `collected` or `lost` a batch is alive: what it holds is asked in no other way.
"""


class BatchTerms(Record):
    """What one batch of a provider may hold and what its tokens cost, with date and source."""

    max_requests: Annotated[int, Field(ge=1)]
    max_bytes: Annotated[int, Field(ge=1)]
    price_factor: Annotated[
        float | None, Field(ge=0, le=1, description="share of the live price; null: unknown")
    ]
    date: Text
    source: Text


class BatchTally(Record):
    """What became of the requests of one batch."""

    n_answers: Annotated[int, Field(ge=0, description="completions kept, blocked ones among them")]
    n_rejected: Annotated[int, Field(ge=0, description="refused for good; kept as such")]
    n_open: Annotated[int, Field(ge=0, description="failed in a way that may pass, or missing: open again")]
    n_known: Annotated[int, Field(ge=0, description="recorded before, by an interrupted collection")] = 0
    n_missing: Annotated[int, Field(ge=0, description="of the open ones: in no file")] = 0
    n_duplicates: Annotated[int, Field(ge=0, description="lines about a request already answered")] = 0
    n_unknown: Annotated[int, Field(ge=0, description="lines about no request of this batch")] = 0
    n_unreadable: Annotated[int, Field(ge=0, description="half lines and lines that are no answer")] = 0


class BatchNote(Record):
    """One line of the ledger: a step that a batch took; what a line does not say stays as it was."""

    name: Identifier
    state: BatchState
    at: Annotated[str, Field(description="UTC, ISO 8601")]
    judge_id: Identifier | None = None
    keys: tuple[Sha256, ...] = ()
    n_bytes: Annotated[int | None, Field(ge=0)] = None
    sha256: Annotated[Sha256 | None, Field(description="of the file that is uploaded")] = None
    file_id: Text | None = None
    batch_id: Text | None = None
    status: Annotated[Text | None, Field(description="as the provider named it last")] = None
    tally: BatchTally | None = None
    words: Annotated[str, Field(description="why it failed, was lost, or how it was found again")] = ""

    @model_serializer(mode="wrap")
    def _without_silence(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = handler(self)
        return {name: value for name, value in content.items() if value not in (None, "", (), [])}
