"""What a reward model learned, how well it predicts, what moves it: numbers, or words where data are few."""

from __future__ import annotations

from harness.report.figures.dots import Axis, Dot, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure, shortened
from harness.report.panels.dots import line_of
from harness.report.panels.panel import Panel, TitledTable
from harness.report.prose_reward import REWARD_METHODS
from harness.report.prose_steer import FEATURE_WORDS
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, preferred
from harness.report.words import LANGUAGE_NAMES
from harness.schema import Estimate
from harness.schema.reward import (
    PredictedAnswer,
    PredictedCase,
    RewardAccuracy,
    RewardFeature,
    RewardModel,
    RewardReport,
    shown_cases,
)

_WHOSE = {"people": "reward_whose_people", "key": "reward_whose_key"}
_MOST_WEIGHTS = 22
_MOST_NAMED = 3
_MOST_CHARACTERS = 110


def reward_panel(report: RewardReport, voice: Voice) -> Panel:
    """Build the one panel of the page: whose grades, how well, by what, and case by case."""
    reward = report.reward
    notes = tuple(_notes(report, voice))
    if reward.accuracy is None:
        return Panel(voice.say("reward_section"), notes, tables=(_cases(report, voice),))
    if reward.standing in ("too_few", "demonstration"):
        tables = (_in_words(report, reward.accuracy, voice), _pulls(reward, voice), _cases(report, voice))
        return Panel(voice.say("reward_section"), notes, tables=tables)
    figures = (_accuracy(reward.accuracy, voice), _weights(reward, voice))
    return Panel(voice.say("reward_section"), notes, figures, tables=(_cases(report, voice),))


def feature_name(name: str, voice: Voice) -> str:
    """What a feature is called; axes of meaning have numbers for names."""
    if name in FEATURE_WORDS:
        return voice.word(FEATURE_WORDS[name])
    word, _, number = name.partition("-")
    return f"{voice.word(FEATURE_WORDS[word])} {number}" if word in FEATURE_WORDS else disarm(name)


def _notes(report: RewardReport, voice: Voice) -> list[str]:
    reward, training = report.reward, report.reward.training
    rules = ", ".join(map(voice.rulebook, training.rulebook_ids))
    whose = _WHOSE[training.reference] if training.people_known else "reward_whose_votes"
    said = [
        voice.say(
            whose,
            n_rankings=voice.whole(training.n_rankings),
            people=voice.counted(training.n_people, "people"),
            n_situations=voice.whole(training.n_situations),
            rules=rules,
        )
    ]
    if training.simulated:
        said.append(voice.say("reward_simulated"))
    return [*said, *_how(reward, voice), *_how_far(reward, voice), _about(reward, voice)]


def _how(reward: RewardModel, voice: Voice) -> list[str]:
    axes = [one for one in reward.features if one.name not in FEATURE_WORDS]
    said = voice.say("reward_looks", n=voice.whole(len(reward.features) - len(axes)))
    if reward.embedding is None or not axes:
        return [f"{said} {voice.say('reward_no_meaning')}" if reward.embedding is None else said]
    network = reward.embedding
    meaning = voice.say(
        "reward_meaning",
        n=voice.whole(len(axes)),
        package=disarm(network.package),
        version=disarm(network.version),
        licence=disarm(network.licence),
    )
    return [f"{said} {meaning}"]


def _how_far(reward: RewardModel, voice: Voice) -> list[str]:
    found, n = reward.accuracy, voice.whole(reward.training.n_situations)
    said = []
    if found is not None:
        one_by_one = found.scheme == "leave-one-situation-out"
        said.append(voice.say("reward_scheme_one" if one_by_one else "reward_scheme_folds"))
    if reward.standing in ("too_few", "demonstration"):
        said.append(voice.say("reward_few", n=n))
    elif reward.standing == "trial":
        said.append(voice.say("reward_trial", n=n))
    return said


def _about(reward: RewardModel, voice: Voice) -> str:
    return voice.say(
        "reward_about",
        method=voice.word(REWARD_METHODS[reward.method]),
        id=disarm(reward.reward_id),
        run=disarm(reward.training.run_id),
        date=disarm(reward.training.fitted_at[:10]),
        language=voice.word(LANGUAGE_NAMES[reward.training.language]),
    )


def _accuracy(found: RewardAccuracy, voice: Voice) -> Figure:
    named: list[tuple[str, Estimate, str | int]] = [
        ("reward_line_floor", found.floor, "baseline"),
        ("reward_line_longest", found.longest, "baseline"),
        ("reward_line_own", found.tau_people, 0),
        ("reward_line_in_sample", found.in_sample, 1),
        ("reward_line_human", found.human_human, "people"),
        ("reward_line_ceiling", found.crowd_ceiling, "people"),
    ]
    lines = [line_of(voice.say(name), one, voice, kind=kind) for name, one, kind in named]
    if found.null is not None:
        dot = Dot(found.null.mean, kind="baseline")
        lines.insert(1, DotLine(voice.say("reward_line_null"), (dot,)))
    title = voice.say(_verdict(found.beyond_longest))
    chart = DotChart(
        figure_id=f"reward-accuracy-{voice.language}",
        title=title,
        description=voice.say("reward_accuracy_description"),
        axis=Axis((-0.1, 0.6), (-1.0, 1.0), name=voice.say("reward_accuracy_axis")),
        lines=tuple(lines),
    )
    rows = tuple((voice.say(name), voice.full(one)) for name, one, _ in named)
    table = PlainTable((voice.say("row_head"), voice.say("reward_accuracy_axis")), rows)
    return Figure(title, _accuracy_caption(found, voice), dot_chart(chart, voice), table)


def _accuracy_caption(found: RewardAccuracy, voice: Voice) -> str:
    said = voice.say(
        "reward_accuracy_caption",
        beyond=voice.full(found.beyond_longest),
        pairs=voice.full(found.pair_accuracy, as_percent=True),
        longest_pairs=voice.estimate(found.longest_pair_accuracy, as_percent=True),
        targets=voice.targets([found.tau_people]),
    )
    if found.null is None:
        return said
    null = voice.say(
        "reward_null",
        mean=voice.decimal(found.null.mean),
        highest=voice.decimal(found.null.highest),
        n=voice.whole(found.null.n_shuffles),
        observed=voice.decimal(found.null.observed),
        folds=voice.whole(found.null.n_folds),
        p=voice.decimal(found.null.p),
    )
    return f"{said} {null}"


def _verdict(beyond: Estimate) -> str:
    span = preferred(beyond)
    if span is None or span.low <= 0 <= span.high:
        return "reward_like_longest"
    return "reward_beats_longest" if span.low > 0 else "reward_below_longest"


def _strongest(reward: RewardModel) -> list[RewardFeature]:
    return sorted(reward.features, key=lambda one: -abs(one.weight))


def _weights(reward: RewardModel, voice: Voice) -> Figure:
    shown = [one for one in _strongest(reward) if one.name in FEATURE_WORDS][:_MOST_WEIGHTS]
    strongest = ", ".join(feature_name(one.name, voice) for one in shown[:_MOST_NAMED])
    title = voice.say("reward_weights_title", strongest=strongest)
    chart = DotChart(
        figure_id=f"reward-weights-{voice.language}",
        title=title,
        description=voice.say("reward_weights_description"),
        axis=Axis((-0.2, 0.2), name=voice.say("reward_weights_axis")),
        lines=tuple(DotLine(feature_name(one.name, voice), (_dot(one),)) for one in shown),
    )
    caption = voice.say("reward_weights_caption", ridge=voice.decimal(reward.ridge, 1))
    rows = tuple((feature_name(one.name, voice), _weight(one, voice)) for one in _strongest(reward))
    table = PlainTable((voice.say("reward_feature_head"), voice.say("reward_weight_head")), rows)
    return Figure(title, caption, dot_chart(chart, voice), table)


def _dot(feature: RewardFeature) -> Dot:
    span = feature.interval
    return Dot(feature.weight, span.low if span else None, span.high if span else None)


def _weight(feature: RewardFeature, voice: Voice) -> str:
    number = voice.decimal(feature.weight, signed=True)
    return number if feature.interval is None else f"{number} ({voice.interval(feature.interval)})"


def _in_words(report: RewardReport, found: RewardAccuracy, voice: Voice) -> TitledTable:
    """Counts of these very situations instead of an accuracy that would be meant for others."""
    taus = [one.tau_people for one in report.cases if one.tau_people is not None]
    longest = [one.tau_longest for one in report.cases if one.tau_longest is not None]
    title = voice.say(
        "reward_words_title",
        better=voice.whole(sum(tau > 0 for tau in taus)),
        of=voice.whole(len(taus)),
        longest=voice.whole(sum(tau > 0 for tau in longest)),
    )
    caption = voice.say("reward_words_caption")
    if found.null is not None:
        times = round(found.null.p * (found.null.n_shuffles + 1)) - 1
        n = voice.whole(found.null.n_shuffles)
        caption = f"{caption} {voice.say('reward_words_null', times=voice.whole(times), n=n)}"
    heads = (voice.say("reward_case_head"), voice.say("reward_line_own"), voice.say("reward_line_longest"))
    rows = tuple(
        (voice.local(one.title), _side(one.tau_people, voice), _side(one.tau_longest, voice))
        for one in report.cases
    )
    return TitledTable(title, caption, PlainTable(heads, rows))


def _side(tau: float | None, voice: Voice) -> str:
    if tau is None:
        return "–"
    return voice.say("reward_between" if tau == 0 else "reward_with" if tau > 0 else "reward_against")


def _pulls(reward: RewardModel, voice: Voice) -> TitledTable:
    """Which way each feature pulls, without numbers that six situations cannot bear."""
    shown = _strongest(reward)
    strongest = ", ".join(feature_name(one.name, voice) for one in shown[:_MOST_NAMED])
    heads = ("reward_feature_head", "reward_effect_head", "reward_steady_head")
    rows = tuple(
        (
            feature_name(one.name, voice),
            voice.say("reward_raises" if one.weight > 0 else "reward_lowers"),
            voice.say("reward_steady" if _steady(one) else "reward_unsteady"),
        )
        for one in shown
    )
    title = voice.say("reward_weights_title", strongest=strongest)
    caption = voice.say("reward_pulls_caption")
    return TitledTable(title, caption, PlainTable(tuple(map(voice.say, heads)), rows))


def _steady(feature: RewardFeature) -> bool:
    span = feature.interval
    return span is not None and not span.low <= 0 <= span.high


def _cases(report: RewardReport, voice: Voice) -> TitledTable:
    heads = (
        "reward_case_head",
        "reward_answer_head",
        "reward_predicted_head",
        "reward_people_head",
        "reward_why_head",
    )
    rows = [row for one in shown_cases(report.cases) for row in _case_rows(one, voice)]
    caption = voice.say("reward_cases_caption")
    table = PlainTable(tuple(map(voice.say, heads)), tuple(rows))
    return TitledTable(voice.say("reward_cases_title"), caption, table)


def _case_rows(case: PredictedCase, voice: Voice) -> list[tuple[str, ...]]:
    """The answers as predicted, best first; the case is named beside its first one."""
    ordered = sorted(case.answers, key=lambda one: -one.worth)
    rows: list[tuple[str, ...]] = []
    for place, answer in enumerate(ordered):
        better = sum(one.worth > answer.worth for one in ordered)
        rows.append(
            (
                voice.local(case.title) if place == 0 else "",
                disarm(shortened(" ".join(answer.text.split()), _MOST_CHARACTERS)),
                voice.whole(1 + better),
                "–" if answer.people is None else voice.percent(answer.people),
                _why(answer, voice),
            )
        )
    return rows


def _why(answer: PredictedAnswer, voice: Voice) -> str:
    return ", ".join(
        f"{'+' if move > 0 else '−'} {feature_name(name, voice)}" for name, move in answer.moved_by
    )
