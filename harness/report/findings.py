"""Sentences generated from the numbers, by rule: each with its n, and none that says more than the data."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report import numbers
from harness.report.about import Fact, about
from harness.report.habits import say_habits
from harness.report.headline import say_basis, say_headline, share_of
from harness.report.imported import say_imported
from harness.report.limits import close, say_limits, say_possible
from harness.report.reference_words import say_hardly, say_reference
from harness.report.selection import Selection, missing_verdicts, row_label, select
from harness.report.voice import Voice, preferred
from harness.report.words import FAILURES, PROTOCOLS
from harness.schema import Comparison, Components, Estimate, FailureReason, Manifest, Row

ALPHA = 0.05
MANY_FAILURES = 0.05
_N_NAMES = 4
_LOCAL = ("local/", "gguf:")


@dataclass(frozen=True)
class Finding:
    """What was compared, the answer in one sentence, what it rests on, and what to know before reading on."""

    about: tuple[Fact, ...]
    headline: str
    basis: tuple[str, ...]
    caveats: tuple[str, ...]
    possible: tuple[str, ...]
    limits: tuple[str, ...]


def find(comparison: Comparison, manifest: Manifest | None, voice: Voice) -> Finding:
    """Choose and fill the sentences of a comparison."""
    imported = manifest is not None and manifest.imported is not None
    caveats = (
        _simulated(comparison, voice),
        say_hardly(comparison, voice),
        say_imported(manifest, voice),
        *_who_judged(comparison, manifest, voice),
        *say_reference(comparison, manifest, voice),
        *_chance(comparison, voice),
        *_longest(comparison, voice),
        *_rules(comparison, voice),
        *_slots(comparison, voice),
        *say_habits(select(comparison).judges, voice),
        *_flips(comparison, voice),
        *_failures(comparison, voice),
        *absent_verdicts(comparison, voice),
    )
    return Finding(
        about=about(comparison, manifest, voice),
        headline=say_headline(comparison, voice, imported=imported),
        basis=say_basis(comparison, voice, imported=imported),
        caveats=tuple(filter(None, caveats)),
        possible=say_possible(comparison, voice),
        limits=say_limits(comparison, voice),
    )


def excludes_zero(estimate: Estimate) -> bool | None:
    """Whether the shown interval leaves zero out; None without an interval."""
    interval = preferred(estimate)
    return None if interval is None else not interval.low <= 0 <= interval.high


def slot_pattern(row: Row) -> bool:
    """Whether the place decides: the test says so, and a slot is worth half of the possible range."""
    effect = row.slot_effect
    if effect is None or effect.test is None or not effect.effects:
        return False
    half_range = (len(effect.effects) - 1) / 4
    return effect.test.p <= ALPHA and max(abs(one) for one in effect.effects) >= half_range


def _simulated(comparison: Comparison, voice: Voice) -> str:
    return voice.say("simulated") if comparison.simulated or comparison.reference.simulated else ""


def _who_judged(comparison: Comparison, manifest: Manifest | None, voice: Voice) -> list[str]:
    names = {row.annotator_id: row.title for row in comparison.rows if row.kind == "judge"}
    models = dict.fromkeys(names, "")
    models |= {
        row.annotator_id: row.model_id for row in comparison.rows if row.kind == "judge" and row.model_id
    }
    if manifest is not None:
        models |= {
            judge.spec.judge_id: judge.spec.model_id
            for judge in manifest.judges
            if judge.spec.judge_id in names
        }
    scripted = [names[judge] for judge, model_id in models.items() if model_id.startswith("scripted/")]
    local = [names[judge] for judge, model_id in models.items() if model_id.startswith(_LOCAL)]
    sentences = [voice.say("scripted_judges", names=_names(scripted))] if scripted else []
    if local and len(local) + len(scripted) == len(models):
        sentences.append(voice.say("small_judges", names=_names(local)))
    return sentences


def _names(names: list[str]) -> str:
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct[:_N_NAMES]) + (", …" if len(distinct) > _N_NAMES else "")


def _chance(comparison: Comparison, voice: Voice) -> list[str]:
    shown = [
        (preferred(row.tau_people), row.floor.value)
        for row in select(comparison).judges
        if row.tau_people.value is not None and row.floor.value is not None
    ]
    known = [(interval, floor) for interval, floor in shown if interval is not None and floor is not None]
    if not known:
        return []
    few = sum(interval.low <= floor <= interval.high for interval, floor in known)
    texts = {"all": voice.whole(len(known)), "reference": voice.reference(comparison.reference)}
    if few:
        return [voice.say("near_chance", few=voice.whole(few), **texts)]
    below = sum(interval.high < floor for interval, floor in known)
    n_cases = voice.counted(len(comparison.cases), "cases")
    return [] if below else [voice.say("above_chance", n_cases=n_cases, **texts)]


def _longest(comparison: Comparison, voice: Voice) -> list[str]:
    selection = select(comparison)
    longest = [row.tau_people for row in selection.baselines if row.annotator_id == "longest-answer"]
    # A row that was read in one or two cases has no interval, and leads by luck.
    judged = [row for row in selection.judges if preferred(row.tau_people) is not None]
    if not longest or longest[0].value is None or not judged:
        return []
    best = max(judged, key=lambda row: row.tau_people.value or 0.0)
    ahead = (best.tau_people.value or 0.0) - longest[0].value
    if ahead >= close(comparison):
        return []
    return [
        voice.say(
            "longest_as_well" if ahead <= 0 else "longest_close",
            close=voice.decimal(close(comparison)),
            longest=_brief(longest[0], voice),
            best=_brief(best.tau_people, voice),
            who=row_label(best, voice, selection),
        )
    ]


def _brief(estimate: Estimate, voice: Voice) -> str:
    interval = preferred(estimate)
    return f"τₓ{numbers.NO_BREAK}={numbers.NO_BREAK}{voice.estimate(estimate)}" + (
        f" {voice.interval(interval)}" if interval is not None else ""
    )


def _rules(comparison: Comparison, voice: Voice) -> list[str]:
    placebo = any(one.role == "placebo" for one in comparison.rulebooks) or not comparison.rulebooks
    return [_rule(part, voice, placebo) for part in comparison.components if part.rulebook_test is not None]


def _rule(components: Components, voice: Voice, placebo: bool) -> str:
    test = components.rulebook_test
    if test is None:
        return ""
    found = "rules_something" if placebo else "rules_something_bare"
    return voice.say(
        found if test.p <= ALPHA else "rules_nothing",
        protocol=voice.word(PROTOCOLS[components.protocol]),
        p=numbers.p_value(test.p, voice.language),
        n_shuffles=voice.whole(test.n_shuffles),
        n_cases=voice.counted(len(components.case_ids), "cases"),
        share=_part_of_rules(components, voice),
    )


def _part_of_rules(components: Components, voice: Voice) -> str:
    """Say how large the rules' part is, or that nobody can say."""
    share = share_of(components, "rulebook")
    if share.value is None:
        return voice.say("rules_part_unknown", reason=voice.why(share.undefined_because))
    return voice.say("rules_part", share=voice.percent(share.value))


def _slots(comparison: Comparison, voice: Voice) -> list[str]:
    selection: Selection = select(comparison)
    measured = [row for row in selection.judges if row.slot_effect is not None]
    patterns = [row for row in measured if slot_pattern(row)]
    if not patterns:
        return []
    names = _names([row.title for row in patterns])
    return [
        voice.say("slot_pattern", few=voice.whole(len(patterns)), all=voice.whole(len(measured)), names=names)
    ]


def _flips(comparison: Comparison, voice: Voice) -> list[str]:
    flips = [row.order_flips for row in select(comparison).judges if row.order_flips.value is not None]
    if not flips:
        return []
    low, high = (edge(one.value or 0.0 for one in flips) for edge in (min, max))
    n_pairs = voice.counted(min(one.n for one in flips), flips[0].unit)
    return [voice.say("order_flips", low=voice.percent(low), high=voice.percent(high), n=f"n ≥ {n_pairs}")]


def _failures(comparison: Comparison, voice: Voice) -> list[str]:
    if comparison.n_failed == 0:
        return (
            [voice.say("no_failures", all=voice.whole(comparison.n_verdicts))]
            if comparison.n_verdicts
            else []
        )
    kinds: dict[FailureReason, int] = {}
    for row in comparison.rows:
        for kind, count in row.failures.items() if row.kind == "judge" else ():
            kinds[kind] = kinds.get(kind, 0) + count
    sentence = voice.say(
        "failures",
        failed=voice.whole(comparison.n_failed),
        all=voice.whole(comparison.n_verdicts),
        kinds=voice.list_of(FAILURES, kinds) or "–",
    )
    many = comparison.n_failed > MANY_FAILURES * comparison.n_verdicts
    return [sentence, voice.say("failures_many")] if many else [sentence]


def absent_verdicts(comparison: Comparison, voice: Voice) -> list[str]:
    """What a run that was interrupted, or whose recordings were damaged, does not hold: never silent."""
    n_missing, n_planned = missing_verdicts(comparison)
    if n_missing <= 0:
        return []
    return [voice.say("verdicts_absent", n=voice.whole(n_missing), all=voice.whole(n_planned))]
