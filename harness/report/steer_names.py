"""Who chooses on the page of steering: names, whose grades, how far they can be relied on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.report.numbers import p_value
from harness.report.prose_steer import FEATURE_WORDS, STANDINGS
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.schema.steer import Chooser, Steering

BASELINES = {"longest": "steer_longest", "first": "steer_first"}
"""Those who read nothing, and how they are called."""


@dataclass(frozen=True)
class ChooserCard:
    """One reward, and whose grades it learned."""

    name: str
    tag: str
    lines: tuple[str, ...]


def rewards_of(steering: Steering) -> tuple[Chooser, ...]:
    """Those who choose by a reward."""
    return tuple(one for one in steering.choosers if one.kind == "reward")


def chooser_names(steering: Steering, voice: Voice) -> dict[str, str]:
    """What everybody is called: the rules that the grades were given under; twins carry their file's name."""
    names = {one.chooser_id: _name(one, voice) for one in steering.choosers}
    twins = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {key: f"{name} ({disarm(key)})" if name in twins else name for key, name in names.items()}


def _name(chooser: Chooser, voice: Voice) -> str:
    if chooser.kind != "reward":
        return voice.say(BASELINES[chooser.kind])
    return ", ".join(voice.local(title) for title in chooser.rulebooks) or disarm(chooser.chooser_id)


def chooser_cards(steering: Steering, voice: Voice) -> tuple[ChooserCard, ...]:
    """A card for every reward."""
    names = chooser_names(steering, voice)
    return tuple(
        ChooserCard(
            name=names[one.chooser_id],
            tag=voice.say("steer_simulated") if is_simulated(one) else "",
            lines=tuple(_lines(one, voice)),
        )
        for one in rewards_of(steering)
    )


def is_simulated(chooser: Chooser) -> bool:
    """Whether nobody gave the grades that it learned from."""
    return chooser.training is not None and chooser.training.simulated


def _lines(chooser: Chooser, voice: Voice) -> list[str]:
    return [
        _whose(chooser, voice),
        _looks(chooser, voice),
        _accuracy(chooser, voice),
        _standing(chooser, voice),
    ]


def _looks(chooser: Chooser, voice: Voice) -> str:
    return voice.say("steer_looks", list=weighed(chooser.looks_at, voice)) if chooser.looks_at else ""


def weighed(told: Iterable[tuple[str, float]], voice: Voice) -> str:
    """Features with what each adds: `praise +0.42, empathy −0.30`."""
    return ", ".join(f"{feature_word(name, voice)} {voice.decimal(by, signed=True)}" for name, by in told)


def feature_word(name: str, voice: Voice) -> str:
    """Name a feature; one that the page does not know by its own name."""
    return voice.word(FEATURE_WORDS[name]) if name in FEATURE_WORDS else disarm(name)


def _whose(chooser: Chooser, voice: Voice) -> str:
    training = chooser.training
    if training is None:
        return ""
    n_situations = voice.whole(training.n_situations)
    if training.reference == "key" and not training.simulated:
        return voice.say("steer_from_key", n=n_situations)
    counted = "steer_person" if training.n_people == 1 else "steer_persons"
    people = voice.say(counted, n=voice.whole(training.n_people))
    phrase = "steer_from_simulated" if training.simulated else "steer_from_people"
    return voice.say(phrase, people=people, n=n_situations)


def _accuracy(chooser: Chooser, voice: Voice) -> str:
    found = chooser.accuracy
    if found is None or found.tau_people.value is None:
        return voice.say("steer_accuracy_none")
    said = voice.say(
        "steer_accuracy",
        tau=voice.plain(found.tau_people),
        floor=voice.estimate(found.floor),
        longest=voice.estimate(found.longest),
    )
    if found.null is None:
        return said
    return f"{said} {voice.say('steer_null', p=p_value(found.null.p, voice.language))}"


def _standing(chooser: Chooser, voice: Voice) -> str:
    if chooser.standing is None:
        return ""
    said = voice.word(STANDINGS[chooser.standing])
    return f"{said[:1].upper()}{said[1:]}."
