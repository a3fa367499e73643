"""Ordered pairs, each read as one word or as two probabilities -> a ranking with ties.

p_ij = mean over the two orders of P(i beats j); s_i = mean over j of p_ij; answers sorted by s.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.errors import VerdictParseError
from harness.schema import (
    Cell,
    Completion,
    FailedVerdict,
    Outcome,
    PairReading,
    Presentation,
    RankedVerdict,
)
from harness.verdict.echo import CLOSING_TAG, Echo, without_reasoning
from harness.verdict.outcome import Source, check_unfiltered, explain_unread, fail_unread, is_cut_off
from harness.verdict.words import TIE_WORDS, fold

TIE_BAND = 0.01
"""Neighbours in s closer than this are tied."""

MIN_MASS = 0.5
"""Probability that must lie on the two slot names; with less, the judge was saying something else."""

_AROUND = " \t\"'`*_.!,;:()[]{}<>«»“”‘’"
_LEAD = re.compile(
    r"(?:(?:la|the)\s+)?(?:r[ée]ponse|answer|option|choix|choice|verdict)(?:\s*:\s*|\s+)", re.IGNORECASE
)
_LONG = 2_000
_NO_ECHO = Echo("")
_TIE = "="
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class PairCall:
    """One ordered pair as asked, and how that call ended."""

    completion: Completion | Outcome
    presentation: Presentation
    key: str
    prompt_text: str = ""
    """What the reply may have copied."""


def read_pair_word(
    completion: Completion,
    presentation: Presentation,
    tie_words: frozenset[str] = TIE_WORDS,
    prompt_text: str = "",
) -> float:
    """P(first shown beats second) from one word: 1, 0, or ½ for a tie.

    The word stands alone on the first line (quotes, full stop and "Réponse" aside); what follows may explain,
    but may not name the other slot or a tie, nor may the whole be a passage of the prompt.
    `tie_words` are folded: lower case, without accents.

    Raises
    ------
    VerdictParseError
        Its `reason` says how: refused, filtered, truncated, unparsable.
    """
    check_unfiltered(completion)
    reply = without_reasoning(completion.text[:_LONG]).strip()
    word, line_end, rest = reply.partition("\n")
    is_whole = bool(line_end) or not is_cut_off(completion)
    said = _read_word(word, presentation.slots, tie_words) if is_whole else None
    if said is None or not _named_in(rest, presentation.slots, tie_words) <= {said}:
        raise explain_unread(completion, f"not one of the words asked for: {reply[:80]!r}", _NO_ECHO)
    if rest.strip() and (CLOSING_TAG.search(rest) or Echo(prompt_text).is_copy(reply)):
        raise explain_unread(completion, f"copied from the prompt: {reply[:80]!r}", _NO_ECHO)
    return 0.5 if said == _TIE else float(said == presentation.slots[0])


def _read_word(line: str, slots: Sequence[str], tie_words: frozenset[str]) -> str | None:
    """The slot that a line consists of, or a tie, or None."""
    bare = line.strip(_AROUND)
    bare = _LEAD.sub("", bare, count=1).strip(_AROUND) if _LEAD.match(bare) else bare
    if fold(bare).replace("-", " ") in tie_words:
        return _TIE
    return next((slot for slot in slots if bare.casefold() == slot.casefold()), None)


def _named_in(text: str, slots: Sequence[str], tie_words: frozenset[str]) -> set[str]:
    """Every slot that a text mentions, and whether it mentions a tie."""
    words = _WORD.findall(text)
    folded = f" {fold(' '.join(words))} "
    ties = {_TIE} if any(f" {tie} " in folded for tie in tie_words) else set()
    return ties | {slot for slot in slots if slot in words}


def read_pair_probabilities(completion: Completion, presentation: Presentation) -> float:
    """P(first shown beats second) = p1 / (p1 + p2), the probabilities of the two slot names as next token.

    Raises
    ------
    VerdictParseError
        The two hold less than half of the probability, or one is missing or no probability.
    """
    check_unfiltered(completion)
    told = completion.probabilities or {}
    shares = [told.get(slot, math.nan) for slot in presentation.slots]
    if len(shares) != 2 or not all(0 <= share <= 1 for share in shares):
        message = f"no probabilities of {' and '.join(presentation.slots)}: {str(told)[:200]}"
        raise VerdictParseError(message, text=completion.text)
    mass = math.fsum(shares)
    if mass < MIN_MASS:
        names = " and ".join(presentation.slots)
        message = f"only {mass:.3f} of the probability lies on {names}; {MIN_MASS} is needed"
        raise VerdictParseError(message, text=completion.text)
    return shares[0] / mass


def read_pair(completion: Completion, presentation: Presentation, prompt_text: str = "") -> float:
    """P(first shown beats second), by probabilities where the completion has them, else by its word.

    Raises
    ------
    VerdictParseError
        The reply cannot be read.
    """
    if completion.probabilities is not None:
        return read_pair_probabilities(completion, presentation)
    return read_pair_word(completion, presentation, prompt_text=prompt_text)


def read_pairwise(
    calls: Sequence[PairCall], cell: Cell, answer_ids: Sequence[str]
) -> RankedVerdict | FailedVerdict:
    """The verdict of all pairs in both orders; a missing or unreadable pair fails it, with that pair's kind.

    Raises
    ------
    ValueError
        Two calls show the same pair in the same order: a fault of the caller.
    """
    call_of = {call.presentation.order: call for call in calls}
    if len(call_of) != len(calls):
        raise ValueError("two calls show the same pair in the same order")
    asked = [order for i, j in combinations(answer_ids, 2) for order in ((i, j), (j, i))]
    keys = tuple(call_of[order].key for order in asked if order in call_of)
    wins: dict[tuple[str, str], float] = {}
    for first, second in asked:
        call = call_of.get((first, second))
        try:
            wins[first, second] = _read_call(call)
        except VerdictParseError as error:
            message = f"pair {first} (shown first), {second}: {error}"
            told = VerdictParseError(message, reason=error.reason)
            shown = None if call is None else call.presentation
            return fail_unread(cell, told, Source(error.text, shown, keys))
    return join_pairs(wins, cell, answer_ids, keys)


def join_pairs(
    wins: Mapping[tuple[str, str], float], cell: Cell, answer_ids: Sequence[str], keys: tuple[str, ...] = ()
) -> RankedVerdict:
    """The verdict of all pairs in both orders; `wins` = P(first shown beats second) of each ordered pair.

    Raises
    ------
    KeyError
        An ordered pair is missing: a fault of the caller.
    """
    pairs = tuple(_pair(first, second, wins) for first, second in combinations(answer_ids, 2))
    return RankedVerdict(cell=cell, grades=rank_pairs(pairs, answer_ids), pairs=pairs, completion_keys=keys)


def _read_call(call: PairCall | None) -> float:
    if call is None:
        raise VerdictParseError("there is no completion", reason="exhausted")
    if isinstance(call.completion, Outcome):
        raise VerdictParseError(call.completion.message, reason=call.completion.reason)
    return read_pair(call.completion, call.presentation, call.prompt_text)


def _pair(first: str, second: str, wins: Mapping[tuple[str, str], float]) -> PairReading:
    return PairReading(
        first=first,
        second=second,
        p_first_shown_first=wins[first, second],
        p_first_shown_second=1 - wins[second, first],
    )


def rank_pairs(pairs: Sequence[PairReading], answer_ids: Sequence[str]) -> dict[str, float]:
    """Dense grades, 1 = worst, from the mean share of wins s; neighbours closer than the tie band share one.

    Ties form chains: with s = .500, .508, .516 all three are tied, although the outer two are further apart
    than the band. Cutting a chain would make the grades depend on the end from which one starts.
    """
    shares: dict[str, list[float]] = {answer_id: [] for answer_id in answer_ids}
    for pair in pairs:
        shares[pair.first].append(pair.p)
        shares[pair.second].append(1 - pair.p)
    means = {answer_id: math.fsum(won) / len(won) for answer_id, won in shares.items()}
    grades: dict[str, float] = {}
    grade, before = 0, -math.inf
    for answer_id in sorted(answer_ids, key=means.__getitem__):
        # rounded, so that a difference of exactly the band does not hang on the last bit
        grade += round(means[answer_id] - before, 12) >= TIE_BAND if math.isfinite(before) else 1
        grades[answer_id], before = float(grade), means[answer_id]
    return {answer_id: grades[answer_id] for answer_id in answer_ids}


def order_flips(verdict: RankedVerdict) -> tuple[int, int]:
    """How many pairs name different winners in the two orders, and of how many; a tie names no winner."""
    orders = [(pair.p_first_shown_first, pair.p_first_shown_second) for pair in verdict.pairs]
    return sum(min(told) < 0.5 < max(told) for told in orders), len(orders)


def intransitive_triples(verdict: RankedVerdict) -> int:
    """How many triples go round in a circle: a beats b, b beats c, c beats a (mean of both orders)."""
    lead: dict[tuple[str, str], float] = {}
    for pair in verdict.pairs:
        ahead = round(pair.p - 0.5, 12)
        lead[pair.first, pair.second], lead[pair.second, pair.first] = ahead, -ahead
    answer_ids = sorted({answer_id for order in lead for answer_id in order})
    return sum(_is_circle([lead[a, b], lead[b, c], lead[c, a]]) for a, b, c in combinations(answer_ids, 3))


def _is_circle(leads: Sequence[float]) -> bool:
    return all(ahead > 0 for ahead in leads) or all(ahead < 0 for ahead in leads)
