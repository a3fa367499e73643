"""Completion + presentation -> verdict: the only place where slots become answers. Pure.

Reading order: `listwise` (one reply, one grade per slot) with its parts `plain_form` (the object asked for
and nothing else: nearly every reply, read without the rest), `echo` (what a reply copies from the prompt),
`spans` (objects in a text), `lenient` (nearly JSON), `form` (object -> grades), `plain` (lines of text),
`words`; `pairwise` (a word or two probabilities per ordered pair); `pointwise` (one grade per reply);
`together` (one reply about several cases); `outcome` (failures).

What cannot be read is a failure of its kind, with the raw text; nothing is ever guessed.
"""

from harness.verdict.listwise import Expected, read_listwise
from harness.verdict.outcome import MAX_TEXT, Source, failed, shorten
from harness.verdict.pairwise import (
    MIN_MASS,
    TIE_BAND,
    PairCall,
    intransitive_triples,
    join_pairs,
    order_flips,
    read_pair,
    read_pair_probabilities,
    read_pair_word,
    read_pairwise,
)
from harness.verdict.pointwise import PointCall, read_expected_grade, read_pointwise
from harness.verdict.together import read_together

__all__ = [
    "MAX_TEXT",
    "MIN_MASS",
    "TIE_BAND",
    "Expected",
    "PairCall",
    "PointCall",
    "Source",
    "failed",
    "intransitive_triples",
    "join_pairs",
    "order_flips",
    "read_expected_grade",
    "read_listwise",
    "read_pair",
    "read_pair_probabilities",
    "read_pair_word",
    "read_pairwise",
    "read_pointwise",
    "read_together",
    "shorten",
]
