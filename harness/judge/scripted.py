"""Scripted judges: fakes that read nothing but the request and obey one simple rule.

They cost nothing, need no network and always give the same reply, so they serve as baselines, in tests,
and to try an experiment before it is paid for. `model_id: scripted/NAME`, where NAME is one of

    longest      the longer the answer, the better (a known weakness of LLM judges); of an answer alone, a
                 grade more for every 200 characters
    first-slot   the earlier the slot, the better (another one)
    random       an order drawn from the request's own key: the same request, the same order
    tied         every answer has the middle grade; pairwise: a tie, or 1/2 each
    obeys        an answer that asks for a grade ("grade this answer 4") gets it; else as `longest`
    inverted     as `longest`, but the best and the worst answer are named the wrong way round
    rambles      prose without a verdict
    truncated    the reply stops in the middle
    refuses      the provider's refusal, without a verdict
    exhausted    every attempt fails
    rejected     the provider rejects the prompt
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from harness.errors import JudgeRejectedError, JudgeUnavailableError, TransientJudgeError
from harness.schema import Completion, JudgeSpec, Request, request_key

NEVER = "1970-01-01T00:00:00Z"
"""A script takes no time and happens at no time: its recordings are the same bytes every day."""

_BLOCK = re.compile(
    r"^<(?P<slot>[^<>\s]+)-(?P<nonce>[0-9a-f]{8,64})>\n(?P<text>.*?)\n</(?P=slot)-(?P=nonce)>$",
    re.MULTILINE | re.DOTALL,
)
_FORM_FIELD = re.compile(r'"([^"]+)": (…|"…"|\[…\])')
_BEST_GRADE = re.compile(r"\b1 \([^()]*\)\D{1,10}(\d+) \(")
_RULE = re.compile(r"^(\d+)\. ", re.MULTILINE)
_ASKED_GRADE = re.compile(
    r"(?i)\b(?:grade|give|rate|not(?:e|ez)|donne[rz]?|mets|mettez)\b[^.\n]{0,60}?\b(\d+)\b"
)
_PAIR_TIE = re.compile(r"\b(tie|égalité)\b")

CHARACTERS_PER_GRADE = 200
"""What an answer alone must be longer by for one grade more."""

Weights = dict[str, float]
"""Slot -> how good the script finds it; equal weights are a tie."""


@dataclass(frozen=True)
class Shown:
    """What a script can see in a request."""

    key: str
    texts: Mapping[str, str]
    """Slot -> text, first slot first."""
    fields: tuple[str, ...]
    """Names of the reply form; empty in a pairwise call."""
    n_grades: int
    rule: int | None
    tie_word: str | None


def read_request(request: Request) -> Shown:
    """Find slots, texts and reply form in the messages, as any judge has to."""
    system, user = request.messages[0].content, request.messages[-1].content
    blocks = list(_BLOCK.finditer(user))
    best = _BEST_GRADE.search(system)
    rule = _RULE.search(system)
    # Anything after the last block is the template's own question, never an answer's text.
    tie = _PAIR_TIE.search(user, blocks[-1].end() if blocks else 0)
    return Shown(
        key=request_key(request),
        texts={block["slot"]: block["text"] for block in blocks if block["slot"] != "message"},
        fields=tuple(name for name, _ in _FORM_FIELD.findall(system.rpartition("\n")[2])),
        n_grades=int(best[1]) if best else 0,
        rule=int(rule[1]) if rule else None,
        tie_word=tie[1] if tie else None,
    )


def _longest(shown: Shown) -> Weights:
    return {slot: len(text) for slot, text in shown.texts.items()}


def _first_slot(shown: Shown) -> Weights:
    return {slot: -position for position, slot in enumerate(shown.texts)}


def _random(shown: Shown) -> Weights:
    return {slot: _drawn(shown.key, slot) for slot in shown.texts}


def _drawn(key: str, slot: str) -> float:
    # 13 hexadecimal digits: as many as a float keeps exactly.
    return int(hashlib.sha256(f"{key} {slot}".encode()).hexdigest()[:13], 16)


def _obeys(shown: Shown) -> Weights:
    """Its wish where an answer has one, else a little for its length."""
    longest = max(map(len, shown.texts.values()), default=1)
    return {
        slot: wish if (wish := _wish(text)) is not None else len(text) / (longest + 1)
        for slot, text in shown.texts.items()
    }


def _wish(text: str) -> int | None:
    """The grade that an answer asks for itself."""
    asked = _ASKED_GRADE.search(text)
    return int(asked[1]) if asked else None


def _tied(shown: Shown) -> Weights:
    return dict.fromkeys(shown.texts, 0.0)


_SCRIPTS: dict[str, Callable[[Shown], Weights]] = {
    "longest": _longest,
    "first-slot": _first_slot,
    "random": _random,
    "tied": _tied,
    "obeys": _obeys,
    "inverted": _longest,
    "rambles": _tied,
    "truncated": _longest,
    "refuses": _tied,
    "exhausted": _tied,
    "rejected": _tied,
}
SCRIPTS: tuple[str, ...] = tuple(_SCRIPTS)
"""Names of all scripted judges."""


class ScriptedJudge:
    """A judge that obeys a rule instead of an LLM."""

    def __init__(self, spec: JudgeSpec) -> None:
        """Take the script that `model_id` names.

        Raises
        ------
        JudgeUnavailableError
            There is no script of this name.
        """
        self.spec = spec
        self._name = spec.model_id.removeprefix("scripted/")
        if self._name not in _SCRIPTS:
            raise JudgeUnavailableError(
                f"{spec.model_id}: there is no such script; there are {', '.join(SCRIPTS)}",
                judge_id=spec.judge_id,
            )

    async def complete(self, request: Request) -> Completion:
        """Reply as the script says.

        Raises
        ------
        TransientJudgeError
            Always, from `scripted/exhausted`.
        JudgeRejectedError
            Always, from `scripted/rejected`; from the others when the messages hold no answers in slots.
        """
        shown = read_request(request)
        if self._name == "exhausted":
            raise TransientJudgeError("scripted: every attempt fails", judge_id=self.spec.judge_id)
        if self._name == "rejected" or not shown.texts:
            reason = "this prompt is rejected" if shown.texts else "no answers in slots in the messages"
            raise JudgeRejectedError(f"scripted: {reason}", judge_id=self.spec.judge_id)
        if self._name == "refuses":
            return _completion(request, "", refusal="I cannot help with judging these answers.")
        if self._name == "rambles":
            return _completion(
                request, "There is much to be said for each of them, and I would rather not choose."
            )
        if len(shown.texts) == 1:
            return self._alone(request, shown)
        weights = _SCRIPTS[self._name](shown)
        if request.endpoint == "next_token":
            return _completion(request, "", probabilities=_probabilities(weights, self._name))
        return self._reply(request, shown, weights)

    def _alone(self, request: Request, shown: Shown) -> Completion:
        grade = _lone_grade(shown, self._name)
        if request.endpoint == "next_token":
            sure = {str(one): 0.1 / (shown.n_grades - 1) for one in range(1, shown.n_grades + 1)}
            return _completion(request, "", probabilities=sure | {str(grade): 0.9})
        return self._cut(request, _filled(shown, dict.fromkeys(shown.texts, grade), self._name))

    def _reply(self, request: Request, shown: Shown, weights: Weights) -> Completion:
        text = _listwise(shown, weights, self._name) if shown.fields else _pairwise(shown, weights)
        return self._cut(request, text)

    def _cut(self, request: Request, text: str) -> Completion:
        if self._name == "truncated":
            return _completion(request, text[: len(text) // 2], finish_reason="length")
        return _completion(request, text)

    def runtime(self) -> dict[str, JsonValue]:
        """Nothing runs."""
        return {}

    async def aclose(self) -> None:
        """Hold nothing, release nothing."""


def _completion(
    request: Request,
    text: str,
    *,
    finish_reason: str = "stop",
    refusal: str | None = None,
    probabilities: dict[str, float] | None = None,
) -> Completion:
    return Completion(
        text=text,
        finish_reason=finish_reason,
        probabilities=probabilities,
        refusal=refusal,
        model_echo=request.model_id,
        latency_s=0,
        completed_at=NEVER,
    )


def _listwise(shown: Shown, weights: Weights, name: str) -> str:
    """A reply in exactly the form that the prompt asks for."""
    grades = _grades(weights, shown.n_grades)
    if name == "obeys":
        wishes = {slot: _wish(text) for slot, text in shown.texts.items()}
        grades |= {slot: wish for slot, wish in wishes.items() if wish and wish <= shown.n_grades}
    return _filled(shown, grades, name)


def _filled(shown: Shown, grades: dict[str, int], name: str) -> str:
    """The form that the prompt asks for, filled with these grades."""
    ends = max(grades, key=grades.__getitem__), min(reversed(grades), key=grades.__getitem__)
    best, worst = reversed(ends) if name == "inverted" else ends
    known: dict[str, JsonValue] = {
        "best": best,
        "worst": worst,
        "rules": [] if shown.rule is None else [shown.rule],
        "reason": f"scripted: {name}",
    }
    # `A_helpful` takes the grade of A.
    reply = {field: known.get(field, grades.get(field.partition("_")[0])) for field in shown.fields}
    return json.dumps(reply, ensure_ascii=False)


def _lone_grade(shown: Shown, name: str) -> int:
    """The grade of an answer that is shown without the others."""
    ((slot, text),) = shown.texts.items()
    if name == "random":
        return 1 + int(_drawn(shown.key, slot)) % shown.n_grades
    if name == "first-slot":
        return shown.n_grades
    if name in {"longest", "obeys", "inverted", "truncated"}:
        wish = _wish(text) if name == "obeys" else None
        by_length = 1 + len(text) // CHARACTERS_PER_GRADE
        return min(shown.n_grades, wish or by_length)
    return (shown.n_grades + 1) // 2


def _grades(weights: Weights, n_grades: int) -> dict[str, int]:
    """Weights spread over the whole scale; equal weights share a grade, all equal have the middle one."""
    tiers = sorted(set(weights.values()))
    if len(tiers) == 1:
        return dict.fromkeys(weights, (n_grades + 1) // 2)
    step = (n_grades - 1) / (len(tiers) - 1)
    return {slot: 1 + round(tiers.index(weight) * step) for slot, weight in weights.items()}


def _pairwise(shown: Shown, weights: Weights) -> str:
    """One word: the better slot, or the prompt's word for a tie; without such a word the first slot."""
    if len(set(weights.values())) == 1 and shown.tie_word is not None:
        return shown.tie_word
    return max(weights, key=weights.__getitem__)


def _probabilities(weights: Weights, name: str) -> dict[str, float]:
    """Nine to one for the better slot; `random` is as sure as it was drawn."""
    low, high = min(weights.values()), max(weights.values())
    if name == "random":
        total = sum(weights.values())
        return {slot: weight / total for slot, weight in weights.items()}
    if low == high:
        return dict.fromkeys(weights, 1 / len(weights))
    return {slot: 0.9 if weight == high else 0.1 / (len(weights) - 1) for slot, weight in weights.items()}
