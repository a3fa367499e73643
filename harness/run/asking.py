"""What one call asks, by protocol: its messages, and everything else of its request."""

from __future__ import annotations

from collections.abc import Sequence

from harness.prompt import (
    KeptMessages,
    PromptSource,
    Template,
    as_one_text,
    build_grade_request,
    build_listwise_request,
    build_pairwise_request,
    is_local,
    is_pasted,
    render_listwise,
    render_pairwise,
    render_pointwise,
    render_together,
    reply_schema,
)
from harness.run.calls import Grid
from harness.schema import JudgeSpec, Message, Presentation, Request


def render_messages(
    spec: JudgeSpec,
    template: Template,
    source: PromptSource,
    presentation: Presentation,
    kept: KeptMessages | None = None,
) -> tuple[Message, ...]:
    """The messages of one call; what is `kept` is not rendered again."""
    in_words = spec.pair_reading == "word"
    if spec.protocol == "pairwise":
        messages = render_pairwise(template, source, presentation, kept, allow_tie=in_words)
    elif spec.protocol == "pointwise":
        messages = render_pointwise(template, source, presentation, kept, as_form=in_words)
    else:
        messages = render_listwise(template, source, presentation, kept)
    return as_one_text(messages) if is_pasted(spec.model_id) else messages


def joint_messages(
    spec: JudgeSpec, template: Template, shown: Sequence[tuple[PromptSource, Presentation]]
) -> tuple[Message, ...]:
    """The messages of one call about several cases."""
    messages = render_together(template, shown)
    return as_one_text(messages) if is_pasted(spec.model_id) else messages


def build_request(
    grid: Grid,
    source: PromptSource,
    slots: tuple[str, ...],
    messages: tuple[Message, ...],
    repeat: int,
) -> Request:
    """The request of one call. But for the messages it depends on judge, rulebook, slots and repeat alone."""
    spec, runtime = grid.spec, grid.runtime
    if spec.protocol == "pairwise":
        return build_pairwise_request(spec, messages, slots, repeat, runtime)
    pointwise = spec.protocol == "pointwise"
    if pointwise and spec.pair_reading != "word":
        return build_grade_request(spec, messages, source.n_grades, repeat, runtime)
    schema = reply_schema(slots, source, bounded=is_local(spec.model_id), ends=not pointwise)
    return build_listwise_request(spec, messages, schema, repeat, runtime)
