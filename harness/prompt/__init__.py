"""Case + rulebook + presentation -> the exact messages and parameters of one request.

The text lives in `prompts/templates/<id>.<language>.j2`; nothing here writes prose. A prompt holds the
rulebook, the user's message and the answers in slots, never commentary, key, answer ids or the order.

`template` reads a file; `rendering` fills it, and keeps what many prompts share; `requests` adds parameters.
"""

from harness.prompt.rendering import (
    LISTWISE_SLOTS,
    PAIR_SLOTS,
    POINT_SLOTS,
    TIE_WORDS,
    KeptMessages,
    PromptSource,
    as_one_text,
    block_nonce,
    describe_messages,
    listwise_slots,
    render_listwise,
    render_pairwise,
    render_pointwise,
    render_together,
    reply_form,
)
from harness.prompt.requests import (
    MAX_TOKEN_GRADE,
    build_grade_request,
    build_listwise_request,
    build_pairwise_request,
    is_local,
    is_pasted,
    reply_schema,
)
from harness.prompt.template import VARIABLES, Template, template_problems

__all__ = [
    "LISTWISE_SLOTS",
    "MAX_TOKEN_GRADE",
    "PAIR_SLOTS",
    "POINT_SLOTS",
    "TIE_WORDS",
    "VARIABLES",
    "KeptMessages",
    "PromptSource",
    "Template",
    "as_one_text",
    "block_nonce",
    "build_grade_request",
    "build_listwise_request",
    "build_pairwise_request",
    "describe_messages",
    "is_local",
    "is_pasted",
    "listwise_slots",
    "render_listwise",
    "render_pairwise",
    "render_pointwise",
    "render_together",
    "reply_form",
    "reply_schema",
    "template_problems",
]
