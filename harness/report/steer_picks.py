"""Question by question: what the assistant would say under each reward, and all that it could have said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.report.steer_names import weighed
from harness.report.tables import PlainTable
from harness.report.typography import disarm, excerpt
from harness.report.voice import Voice
from harness.schema import LANGUAGES, Language
from harness.schema.steer import Choice, Reply, SteeredQuestion, Steering

_MOST_TIED = 8
_MOST, _MOST_BESIDE = 420, 160
"""Characters of a reply on a card, and on the line of those who read nothing."""
_STAR = " ★"


@dataclass(frozen=True)
class PickCard:
    """One reply that somebody chose; those who chose the same text share it."""

    names: tuple[str, ...]
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionView:
    """One question: what was asked, who chose what, and every reply behind a fold."""

    title: str
    conflict: str
    message: str
    picks: tuple[PickCard, ...]
    beside: tuple[PickCard, ...]
    """What only those took who read nothing."""
    fold: str
    replies: PlainTable


def languages_of(steering: Steering) -> tuple[Language, ...]:
    """The languages in which questions were answered."""
    return tuple(one for one in LANGUAGES if any(asked.language == one for asked in steering.questions))


def shown_language(steering: Steering, voice: Voice) -> Language:
    """Whose replies an edition shows: the reader's language, or else the one there is."""
    spoken = languages_of(steering)
    return voice.language if voice.language in spoken else spoken[0]


def shown_questions(steering: Steering, voice: Voice) -> tuple[SteeredQuestion, ...]:
    """The questions that an edition shows."""
    spoken = shown_language(steering, voice)
    return tuple(one for one in steering.questions if one.language == spoken)


def question_view(asked: SteeredQuestion, names: Mapping[str, str], voice: Voice) -> QuestionView:
    """What the page says of one question."""
    n = voice.whole(len(asked.replies))
    phrase = "steer_all" if asked.n_distinct == len(asked.replies) else "steer_distinct"
    conflict = asked.question.conflict
    by_text = _by_text(asked)
    read = [one for one in by_text if any(choice.worth is not None for choice in one[1])]
    unread = [one for one in by_text if one not in read]
    return QuestionView(
        title=voice.local(asked.question.title),
        conflict="" if conflict is None else voice.local(conflict),
        message=disarm(asked.question.message[asked.language]),
        picks=tuple(_card(reply, choices, asked, names, voice) for reply, choices in read),
        beside=tuple(
            PickCard(tuple(names[one.chooser_id] for one in choices), _text(reply, voice, _MOST_BESIDE))
            for reply, choices in unread
        ),
        fold=voice.say(phrase, n=n, k=voice.whole(asked.n_distinct)),
        replies=_table(asked, names, voice),
    )


def _by_text(asked: SteeredQuestion) -> list[tuple[Reply, list[Choice]]]:
    by_number = {one.number: one for one in asked.replies}
    shared: dict[str, tuple[Reply, list[Choice]]] = {}
    for choice in asked.choices:
        reply = by_number[choice.number]
        shared.setdefault(reply.text, (reply, []))[1].append(choice)
    return list(shared.values())


def _card(
    reply: Reply, choices: list[Choice], asked: SteeredQuestion, names: Mapping[str, str], voice: Voice
) -> PickCard:
    notes = [voice.say("steer_cut")] if reply.cut_off else []
    read = [choice for choice in choices if choice.worth is not None]
    for choice in read:
        told = _notes(choice, asked, voice)
        notes += told if len(read) == 1 else [voice.fact(names[choice.chooser_id], " · ".join(told))]
    return PickCard(tuple(names[one.chooser_id] for one in choices), _text(reply, voice, _MOST), tuple(notes))


def _text(reply: Reply, voice: Voice, most: int) -> str:
    """The beginning of a reply; the table behind the fold holds it whole."""
    return excerpt(" ".join(disarm(reply.text).split()), most) or voice.say("steer_empty")


def _notes(choice: Choice, asked: SteeredQuestion, voice: Voice) -> list[str]:
    if len(choice.tied) + 1 == asked.n_distinct:
        return [voice.say("steer_indifferent")]
    notes = [
        voice.say(
            "steer_worth",
            worth=voice.maybe(choice.worth, signed=True),
            mean=voice.maybe(choice.mean_worth, signed=True),
            n=voice.whole(len(asked.replies)),
        )
    ]
    if choice.moved_by:
        notes.append(voice.say("steer_moved", list=weighed(choice.moved_by, voice)))
    if choice.n_twins:
        told = {"k": voice.whole(choice.n_firm), "n": voice.whole(choice.n_twins)}
        notes.append(voice.say("steer_firm", **told))
    if choice.tied:
        shown = ", ".join(voice.whole(one) for one in choice.tied[:_MOST_TIED])
        more = ", …" if len(choice.tied) > _MOST_TIED else ""
        notes.append(voice.say("steer_tied", numbers=shown + more))
    return notes


def _table(asked: SteeredQuestion, names: Mapping[str, str], voice: Voice) -> PlainTable:
    rewards = [name for name in names if name in asked.replies[0].worths]
    heads = (voice.say("steer_reply"), voice.say("steer_text"), *(names[name] for name in rewards))
    return PlainTable(heads, tuple(_row(one, asked, rewards, voice) for one in asked.replies))


def _row(reply: Reply, asked: SteeredQuestion, rewards: list[str], voice: Voice) -> tuple[str, ...]:
    chosen = {choice.chooser_id for choice in asked.choices if choice.number == reply.number}
    worths = tuple(
        f"{voice.decimal(reply.worths[name], signed=True)}{' ★' if name in chosen else ''}"
        for name in rewards
    )
    cut = f" […] ({voice.say('steer_cut')})" if reply.cut_off else ""
    return (voice.whole(reply.number), (disarm(reply.text) or voice.say("steer_empty")) + cut, *worths)
