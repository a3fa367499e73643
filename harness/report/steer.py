"""A steering record as one HTML page and as a few lines: whose grades change what the assistant says."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.page import render_editions
from harness.report.panels.panel import Panel
from harness.report.steer_figures import Names, counted_share, differ_panel, n_shown, place_panel
from harness.report.steer_names import ChooserCard, chooser_cards, chooser_names, is_simulated, rewards_of
from harness.report.steer_picks import QuestionView, question_view, shown_language, shown_questions
from harness.report.steer_traits import luck_panel, shift_panel
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import LANGUAGE_NAMES
from harness.schema import LANGUAGES, Language
from harness.schema.steer import Chooser, Steering

_SHOWN_DIGEST = 16


@dataclass(frozen=True)
class SteerEdition:
    """What the page says in one language."""

    voice: Voice
    spoken: Language
    eyebrow: str
    headline: str
    basis: tuple[str, ...]
    caveats: tuple[str, ...]
    limits: tuple[str, ...]
    choosers: tuple[ChooserCard, ...]
    questions: tuple[QuestionView, ...]
    panels: tuple[Panel, ...]
    facts: tuple[tuple[str, str], ...]


def render_steering(steering: Steering, *, language: Language = "fr") -> str:
    """Render the page in both languages, without a script and with nothing fetched.

    `language` is the one shown first. Where questions were answered in one language only, both editions show
    these answers.
    """
    editions = [_edition(steering, Voice(one)) for one in LANGUAGES]
    return render_editions("steer.html.j2", editions, language, "steer.css")


def steering_findings(steering: Steering, language: Language) -> tuple[str, ...]:
    """Say the same in a few lines of text."""
    voice = Voice(language)
    titles = [figure.title for panel in _panels(steering, voice) for figure in panel.figures]
    said = (steer_headline(steering, voice), *_basis(steering, voice))
    return (*said, "", *titles, "", *_caveats(steering, voice))


def _panels(steering: Steering, voice: Voice) -> tuple[Panel, ...]:
    names = chooser_names(steering, voice)
    return tuple(
        panel(steering, names, voice) for panel in (differ_panel, place_panel, shift_panel, luck_panel)
    )


def _edition(steering: Steering, voice: Voice) -> SteerEdition:
    names = chooser_names(steering, voice)
    return SteerEdition(
        voice=voice,
        spoken=shown_language(steering, voice),
        eyebrow=voice.say("steer_eyebrow", n=voice.whole(steering.manifest.n_replies)),
        headline=steer_headline(steering, voice),
        basis=_basis(steering, voice),
        caveats=_caveats(steering, voice),
        limits=(voice.say("steer_cannot_best"), voice.say("steer_cannot_training")),
        choosers=chooser_cards(steering, voice),
        questions=tuple(question_view(one, names, voice) for one in shown_questions(steering, voice)),
        panels=_panels(steering, voice),
        facts=_facts(steering, names, voice),
    )


def steer_headline(steering: Steering, voice: Voice) -> str:
    """Say in one sentence for how many questions whose grades they were decides what is said."""
    found = steering.disagreement[shown_language(steering, voice)]
    n = voice.whole(steering.manifest.n_replies)
    if found.value is None:
        return voice.say("steer_headline_few", n=n)
    counts = {"k": counted_share(found, voice), "of": voice.whole(found.n), "n": n}
    rewards = rewards_of(steering)
    if len(rewards) == 1:
        name = chooser_names(steering, voice)[rewards[0].chooser_id]
        return voice.say("steer_headline_one", name=name, **counts)
    return voice.say("steer_headline", **counts)


def _basis(steering: Steering, voice: Voice) -> tuple[str, ...]:
    spec = steering.manifest.sampler.spec
    said = voice.say(
        "steer_basis",
        model=disarm(spec.title or spec.judge_id),
        n=voice.whole(steering.manifest.n_replies),
    )
    spoken = shown_language(steering, voice)
    chance = next((one.by_chance for one in steering.differing if one.language == spoken), None)
    if chance is None:
        return (said,)
    return (said, voice.say("steer_basis_chance", chance=voice.percent(chance)))


def _caveats(steering: Steering, voice: Voice) -> tuple[str, ...]:
    said = [*_about_rewards(steering, voice), voice.say("steer_caveat_model")]
    if any(one.share.value is not None for one in steering.differing):
        said.append(voice.say("steer_caveat_questions", n=n_shown(steering, voice)))
    if steering.n_failed:
        said.append(voice.say("steer_caveat_failed", n=voice.whole(steering.n_failed)))
    return tuple(said)


def _about_rewards(steering: Steering, voice: Voice) -> list[str]:
    """What must be known of whose grades they were, each said once with the names that it is true of."""
    names, rewards = chooser_names(steering, voice), rewards_of(steering)
    told = {
        "steer_caveat_simulated": [one for one in rewards if is_simulated(one)],
        "steer_caveat_few": [one for one in rewards if one.standing == "too_few"],
        "steer_caveat_demonstration": [one for one in rewards if one.standing == "demonstration"],
        "steer_caveat_seen": [one for one in rewards if _knows(one, steering)],
    }
    said = [voice.say(phrase, names=_listed(found, names, voice)) for phrase, found in told.items() if found]
    spoken = shown_language(steering, voice)
    foreign = [one for one in rewards if one.training is not None and one.training.language != spoken]
    if foreign:
        languages = dict.fromkeys(one.training.language for one in foreign if one.training is not None)
        listed = ", ".join(voice.word(LANGUAGE_NAMES[one]) for one in languages)
        whose = _listed(foreign, names, voice)
        said.append(voice.say("steer_caveat_language", languages=listed, names=whose))
    return said


def _knows(reward: Chooser, steering: Steering) -> bool:
    """Whether questions are cases that it learned from."""
    asked, learned = steering.manifest.questions, reward.training
    if learned is None or learned.case_set_id != asked.question_set_id:
        return False
    return not {one.question_id for one in asked.questions}.isdisjoint(learned.case_ids)


def _listed(choosers: list[Chooser], names: Names, voice: Voice) -> str:
    marks = ("«\u00a0", "\u00a0»") if voice.language == "fr" else ("“", "”")
    return ", ".join(f"{marks[0]}{names[one.chooser_id]}{marks[1]}" for one in choosers)


def _facts(steering: Steering, names: Names, voice: Voice) -> tuple[tuple[str, str], ...]:
    manifest = steering.manifest
    spec, told = manifest.sampler.spec, manifest.sampler.runtime
    instruction = manifest.questions.instruction
    versions = {"harness": manifest.harness_version, **manifest.versions}
    facts = {
        "steer_made_questions": voice.local(manifest.questions.title),
        "steer_made_model": " · ".join(
            str(one) for one in (spec.title, spec.model_id, told.get("runtime")) if one
        ),
        "steer_made_settings": _settings(steering, voice),
        "steer_made_instruction": voice.local(instruction) if instruction else voice.say("steer_made_none"),
        "steer_made_when": manifest.created_at,
        "steer_made_versions": ", ".join(f"{key} {value}" for key, value in versions.items()),
        "steer_made_weights": str(told.get("weights_sha256", ""))[:_SHOWN_DIGEST],
        "steer_made_store": steering.store_sha256[:_SHOWN_DIGEST],
    }
    said = [(voice.say(key), disarm(text)) for key, text in facts.items() if text]
    return (*said, *_reward_digests(steering, names, voice))


def _settings(steering: Steering, voice: Voice) -> str:
    asked = steering.manifest.sampler.spec.sampling.model_dump(exclude_none=True)
    settings = ", ".join(f"{key} {value}" for key, value in asked.items())
    return voice.say("steer_settings", n=voice.whole(steering.manifest.n_replies), settings=settings)


def _reward_digests(steering: Steering, names: Names, voice: Voice) -> list[tuple[str, str]]:
    return [
        (voice.say("steer_made_reward", name=names[one.chooser_id]), one.sha256[:_SHOWN_DIGEST])
        for one in rewards_of(steering)
        if one.sha256
    ]
