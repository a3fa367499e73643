from __future__ import annotations

from itertools import permutations
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import VerdictParseError
from harness.prompt import PAIR_SLOTS, TIE_WORDS
from harness.schema import (
    Cell,
    Completion,
    FailedVerdict,
    MessageDigest,
    Outcome,
    PairReading,
    Presentation,
    RankedVerdict,
    RequestDigest,
)
from harness.schema.call import Origin
from harness.verdict import (
    PairCall,
    intransitive_triples,
    order_flips,
    read_pair,
    read_pair_probabilities,
    read_pair_word,
    read_pairwise,
)
from harness.verdict.pairwise import rank_pairs

CELL = Cell(
    annotator_id="j",
    annotator_kind="judge",
    case_id="c",
    rulebook_id="hhh",
    language="fr",
    protocol="pairwise",
)
AB = Presentation(order=("c-a", "c-b"), slots=("A", "B"))


def _completion(
    text: str = "",
    probabilities: dict[str, float] | None = None,
    finish_reason: str = "stop",
    refusal: str | None = None,
) -> Completion:
    return Completion(
        text=text,
        finish_reason=finish_reason,
        probabilities=probabilities,
        refusal=refusal,
        latency_s=0,
        completed_at="2026-11-21T00:00:00Z",
    )


@pytest.mark.parametrize(
    ("text", "p"),
    [
        ("A", 1.0),
        ("B", 0.0),
        ("b", 0.0),
        ("A.", 1.0),
        ("**B**", 0.0),
        ('"A"', 1.0),
        ("« B »", 0.0),
        ("`A`", 1.0),
        ("(B)", 0.0),
        ("Réponse A", 1.0),
        ("La réponse B.", 0.0),
        ("Réponse : B", 0.0),
        ("Answer A.", 1.0),
        ("Answer: B", 0.0),
        ("The answer: **B**", 0.0),
        ("\n A \n", 1.0),
        ("B\n\nLa réponse B est honnête.", 0.0),
        ("<think>A? no.</think>\nB", 0.0),
        ("égalité", 0.5),
        ("Égalité.", 0.5),
        ("egalite", 0.5),
        ("ex æquo", 0.5),
        ("Ex-aequo", 0.5),
        ("tie", 0.5),
        ("Tie.", 0.5),
        ("equal", 0.5),
        ("Answer: tie", 0.5),
    ],
)
def test_one_word_is_read(text: str, p: float) -> None:
    """A slot name or a word for a tie, dressed in quotes or with "Réponse", is the verdict of a pair."""
    assert read_pair_word(_completion(text), AB) == p


@pytest.mark.parametrize("closing", ["", "\n</A-1a2b3c4d>"])
def test_a_passage_that_begins_like_a_word_is_no_verdict(closing: str) -> None:
    """A judge that only copies an answer has not chosen; with an explanation of its own, it has."""
    prompt = "<A-1a2b3c4d>\nA\nest la meilleure, et de loin.\n</A-1a2b3c4d>"
    copied = _completion(f"A\nest la meilleure{closing}")
    with pytest.raises(VerdictParseError, match="copied from the prompt"):
        read_pair(copied, AB, prompt)
    assert read_pair(_completion("A\nest la plus claire"), AB, prompt) == 1.0
    assert read_pair(_completion("A"), AB, prompt) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "A B",
        "A ou B",
        "A and B are equally good",
        "A, B, tie",
        "B is worse",
        "Je préfère la réponse B",
        "B\n\nbecause A is wrong",
        "A\n\nbut both are equal",
        "both",
        "C",
        "",
        "AB",
        "à",
        "Réponse",
        "Not A",
        "1",
        "<think>A",
    ],
)
def test_anything_else_is_unparsable(text: str) -> None:
    """A sentence, both names, or neither: the winner is not guessed."""
    with pytest.raises(VerdictParseError) as caught:
        read_pair_word(_completion(text), AB)
    assert caught.value.reason == "unparsable"
    assert caught.value.text == text


@pytest.mark.parametrize("slots", PAIR_SLOTS)
def test_every_pair_of_slot_names_is_read(slots: tuple[str, str]) -> None:
    """Each repeat's slot names are understood, and so are the prompt's own words for a tie."""
    shown = Presentation(order=("c-a", "c-b"), slots=slots)
    assert [read_pair_word(_completion(slot), shown) for slot in slots] == [1.0, 0.0]
    assert [read_pair_word(_completion(word), shown) for word in TIE_WORDS.values()] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        (_completion("A", finish_reason="content_filter"), "filtered"),
        (_completion("I'm sorry, I can't compare these."), "refused"),
        (_completion("", refusal="no"), "refused"),
        (_completion("Let me think about", finish_reason="length"), "truncated"),
        (_completion("A", finish_reason="length"), "truncated"),
    ],
)
def test_failures_of_a_word_have_their_kind(completion: Completion, reason: str) -> None:
    """Filtered, refused and cut-off replies are told apart; "A" cut off may have been "A tie"."""
    with pytest.raises(VerdictParseError) as caught:
        read_pair_word(completion, AB)
    assert caught.value.reason == reason


def test_a_finished_first_line_stands_though_the_reply_was_cut_off() -> None:
    """A verdict on a line of its own is complete even if the explanation is not."""
    assert read_pair_word(_completion("B\n\nThis one is the mo", finish_reason="length"), AB) == 0.0


def test_probabilities_are_renormalised_on_the_two_slots() -> None:
    """P = p1 / (p1 + p2): .48 against .16 is three to one."""
    assert read_pair_probabilities(_completion(probabilities={"A": 0.48, "B": 0.16}), AB) == pytest.approx(
        0.75
    )


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ({"A": 0.3, "B": 0.19}, "only 0.490 of the probability lies on A and B; 0.5 is needed"),
        ({"A": 0.0, "B": 0.0}, "only 0.000"),
        ({"A": 0.9}, "no probabilities of A and B"),
        ({}, "no probabilities of A and B"),
        ({"A": float("nan"), "B": 0.9}, "no probabilities of A and B"),
        ({"A": -0.1, "B": 0.9}, "no probabilities of A and B"),
        ({"A": 1.5, "B": 0.9}, "no probabilities of A and B"),
    ],
)
def test_too_little_mass_is_no_verdict(probabilities: dict[str, float], message: str) -> None:
    """With less than half of the mass on the slots, or a probability that is none, the pair is unparsable."""
    with pytest.raises(VerdictParseError, match=message) as caught:
        read_pair_probabilities(_completion(probabilities=probabilities), AB)
    assert caught.value.reason == "unparsable"


def test_a_next_token_reading_is_not_cut_off() -> None:
    """One token is all that was asked for, so `length` is its normal end."""
    assert read_pair(_completion("A", {"A": 0.5, "B": 0.5}, finish_reason="length"), AB) == 0.5


# --- all pairs -------------------------------------------------------------------------------------

IDS = ("c-a", "c-b", "c-c")


def _calls(wins: dict[tuple[str, str], float], ids: tuple[str, ...] = IDS) -> list[PairCall]:
    """One call per ordered pair; `wins` holds P(first shown beats second)."""
    calls = []
    for place, order in enumerate(permutations(ids, 2)):
        p = wins.get(order, 0.5)
        completion = _completion(probabilities={"A": p, "B": 1 - p})
        calls.append(PairCall(completion, Presentation(order=order, slots=("A", "B")), f"{place:064x}"))
    return calls


WINS = {
    # a beats b and c in both orders; between b and c, whoever is shown first wins
    ("c-a", "c-b"): 0.8,
    ("c-b", "c-a"): 0.4,
    ("c-a", "c-c"): 0.9,
    ("c-c", "c-a"): 0.3,
    ("c-b", "c-c"): 0.9,
    ("c-c", "c-b"): 0.7,
}


def test_pairs_are_averaged_over_the_orders_and_aggregated() -> None:
    """By hand: p_ab = (.8 + .6)/2 = .7, p_ac = (.9 + .7)/2 = .8, p_bc = (.9 + .3)/2 = .6."""
    # s_a = (.7 + .8)/2 = .75, s_b = (.3 + .6)/2 = .45, s_c = (.2 + .4)/2 = .3
    verdict = read_pairwise(_calls(WINS), CELL, IDS)
    assert isinstance(verdict, RankedVerdict)
    assert verdict.grades == {"c-a": 3, "c-b": 2, "c-c": 1}
    assert [(pair.first, pair.second) for pair in verdict.pairs] == [
        ("c-a", "c-b"),
        ("c-a", "c-c"),
        ("c-b", "c-c"),
    ]
    assert [pair.p for pair in verdict.pairs] == pytest.approx([0.7, 0.8, 0.6])
    assert [pair.p_first_shown_first for pair in verdict.pairs] == pytest.approx([0.8, 0.9, 0.9])
    assert [pair.p_first_shown_second for pair in verdict.pairs] == pytest.approx([0.6, 0.7, 0.3])
    assert (verdict.best, verdict.worst, verdict.flags, verdict.presentation) == (None, None, (), None)
    assert order_flips(verdict) == (1, 3)
    assert intransitive_triples(verdict) == 0


def test_the_order_of_the_calls_does_not_matter() -> None:
    """The verdict, its keys included, follows the case file and not the order in which replies arrived."""
    assert read_pairwise(_calls(WINS)[::-1], CELL, IDS) == read_pairwise(_calls(WINS), CELL, IDS)
    verdict = read_pairwise(_calls(WINS), CELL, IDS)
    # permutations of a, b, c: ab ac ba bc ca cb = keys 0 1 2 3 4 5; pair by pair: ab ba, ac ca, bc cb
    assert [int(key, 16) for key in verdict.completion_keys] == [0, 2, 1, 4, 3, 5]


def test_a_judge_that_always_names_the_first_slot_ties_everything() -> None:
    """Position alone gives no ranking: every pair flips, every answer has the same grade."""
    verdict = read_pairwise(_calls(dict.fromkeys(permutations(IDS, 2), 0.9)), CELL, IDS)
    assert isinstance(verdict, RankedVerdict)
    assert set(verdict.grades.values()) == {1.0}
    assert order_flips(verdict) == (3, 3)
    assert intransitive_triples(verdict) == 0


def test_a_tie_in_one_order_is_no_flip() -> None:
    """Two orders name different winners only if both name one."""
    verdict = read_pairwise(_calls({("c-a", "c-b"): 1.0}), CELL, IDS)
    assert isinstance(verdict, RankedVerdict)
    assert order_flips(verdict) == (0, 3)


def test_circles_are_counted() -> None:
    """Rock, paper, scissors is one intransitive triple, and leaves the three tied."""
    circle = {("c-a", "c-b"): 1.0, ("c-b", "c-a"): 0.0, ("c-b", "c-c"): 1.0, ("c-c", "c-b"): 0.0}
    verdict = read_pairwise(_calls(circle | {("c-c", "c-a"): 1.0, ("c-a", "c-c"): 0.0}), CELL, IDS)
    assert isinstance(verdict, RankedVerdict)
    assert intransitive_triples(verdict) == 1
    assert set(verdict.grades.values()) == {1.0}
    weak = read_pairwise(_calls(circle), CELL, IDS)
    assert isinstance(weak, RankedVerdict)
    assert intransitive_triples(weak) == 0


def _pairs_with(shares: dict[str, float]) -> list[PairReading]:
    """Pairs whose s are .5 + share - mean(share) exactly: p_ij = .5 + (share_i - share_j)(k-1)/k."""
    ids, k = list(shares), len(shares)
    return [
        PairReading(first=i, second=j, p_first_shown_first=p, p_first_shown_second=p)
        for place, i in enumerate(ids)
        for j in ids[place + 1 :]
        for p in [0.5 + (shares[i] - shares[j]) * (k - 1) / k]
    ]


@pytest.mark.parametrize(
    ("shares", "grades"),
    [
        ([0.0, 0.008, 0.016], [1, 1, 1]),
        ([0.0, 0.009, 0.02], [1, 1, 2]),
        ([0.0, 0.01, 0.02], [1, 2, 3]),
        ([0.3, 0.0, 0.305], [2, 1, 2]),
    ],
)
def test_neighbours_closer_than_the_band_are_tied_in_chains(shares: list[float], grades: list[int]) -> None:
    """Ties hold between neighbours and pass on; exactly .01 apart is not tied; grades are dense from 1."""
    named = dict(zip(IDS, shares, strict=True))
    assert list(rank_pairs(_pairs_with(named), IDS).values()) == grades


def test_a_missing_pair_fails_the_verdict() -> None:
    """Without one of the ordered pairs there is no ranking, and the message names the pair."""
    verdict = read_pairwise(_calls(WINS)[1:], CELL, IDS)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "exhausted"
    assert verdict.message == "pair c-a (shown first), c-b: there is no completion"
    assert len(verdict.completion_keys) == 5


def test_an_unreadable_pair_fails_the_verdict_with_its_reason() -> None:
    """The verdict fails as its first unreadable pair does, and keeps that pair's text and presentation."""
    calls = _calls(WINS)
    bad = _completion("Je ne peux pas comparer ces réponses.")
    calls[3] = PairCall(bad, calls[3].presentation, calls[3].key)
    verdict = read_pairwise(calls, CELL, IDS)
    assert isinstance(verdict, FailedVerdict)
    assert verdict.failure == "refused"
    assert verdict.message.startswith("pair c-b (shown first), c-c: the judge refused")
    assert verdict.text == bad.text
    assert verdict.presentation == calls[3].presentation
    assert len(verdict.completion_keys) == 6


@pytest.mark.parametrize("reason", ["exhausted", "rejected"])
def test_a_call_that_ended_without_completion_fails_the_verdict(
    reason: Literal["exhausted", "rejected"],
) -> None:
    """The outcome of a call is the failure of its verdict."""
    calls = _calls(WINS)
    shown = calls[0].presentation
    request = RequestDigest(
        model_id="m",
        service="",
        endpoint="chat",
        messages=(MessageDigest(role="user", sha256="0" * 64),),
        parameters={},
        repeat=0,
        runtime={},
    )
    origin = Origin(
        judge_id="j",
        case_id="c",
        rulebook_id="hhh",
        wording="base",
        language="fr",
        protocol="pairwise",
        repeat=0,
        template_id="pairwise.fr",
        presentation=shown,
    )
    ended = Outcome(
        key="0" * 64,
        request=request,
        origin=origin,
        reason=reason,
        message="HTTP 500",
        attempts=5,
        ended_at="x",
    )
    calls[0] = PairCall(ended, shown, calls[0].key)
    verdict = read_pairwise(calls, CELL, IDS)
    assert isinstance(verdict, FailedVerdict)
    assert (verdict.failure, verdict.message) == (reason, "pair c-a (shown first), c-b: HTTP 500")


def test_the_same_ordered_pair_twice_is_a_fault_of_the_caller() -> None:
    """Two repeats are two verdicts, never mixed in one."""
    with pytest.raises(ValueError, match="same order"):
        read_pairwise([*_calls(WINS), _calls(WINS)[0]], CELL, IDS)


# Millionths: leads are rounded at 1e-12, and a lead of half of that may go either way after relabelling.
probability = st.integers(0, 10**6).map(lambda millionths: millionths / 10**6)


@given(st.lists(probability, min_size=12, max_size=12), st.permutations(("c-a", "c-b", "c-c", "c-d")))
def test_relabelling_the_answers_changes_nothing(chances: list[float], mixed: list[str]) -> None:
    """The ranking does not depend on the order of the answers in the case file."""
    ids = ("c-a", "c-b", "c-c", "c-d")
    calls = _calls(dict(zip(permutations(ids, 2), chances, strict=True)), ids)
    one, other = read_pairwise(calls, CELL, ids), read_pairwise(calls, CELL, mixed)
    assert isinstance(one, RankedVerdict)
    assert isinstance(other, RankedVerdict)
    assert one.grades == other.grades
    assert order_flips(one) == order_flips(other)
    assert intransitive_triples(one) == intransitive_triples(other)


@given(st.text(max_size=60))
def test_any_word_is_read_or_refused(text: str) -> None:
    """No text crashes the reader or gives a number other than 1, ½ and 0."""
    try:
        told: float | str = read_pair_word(_completion(text), AB)
    except VerdictParseError as error:
        told = error.reason
    assert told in {0.0, 0.5, 1.0, "unparsable", "refused"}
