"""The first sentence of a comparison, and what it rests on."""

from __future__ import annotations

from harness.report.panels.ladder import say_ladder, two_answers
from harness.report.voice import Voice, preferred
from harness.report.words import LANGUAGE_NAMES, PARTS, PROTOCOLS
from harness.schema import Comparison, Components, Estimate, Share

_SEEN = 0.005
"""Half a per cent: a share nearer to zero is printed as 0 %."""
HEADLINE_PARTS = ("model", "rulebook", "reaction", "noise")


def say_headline(comparison: Comparison, voice: Voice, *, imported: bool = False) -> str:
    """Answer in one sentence: by what changes a verdict between two answers, else by the four shares."""
    main = headline_components(comparison)
    return (
        say_ladder(comparison, voice) if _by_ladder(comparison, voice) else _headline(main, voice, imported)
    )


def say_basis(comparison: Comparison, voice: Voice, *, imported: bool = False) -> tuple[str, ...]:
    """Say what the first sentence rests on, and the sentence of the ladder where it is not the first."""
    ladder = say_ladder(comparison, voice)
    main = headline_components(comparison)
    if _by_ladder(comparison, voice):
        n_cases = voice.counted(len(comparison.cases), "cases")
        shares = (_headline(main, voice, imported), *_basis(main, voice)) if _is_whole(main) else ()
        return (voice.say("ladder_basis", n_cases=n_cases), *shares)
    return (*_basis(main, voice), ladder) if ladder else _basis(main, voice)


def _by_ladder(comparison: Comparison, voice: Voice) -> bool:
    """Between two answers a changed pair is a changed verdict, which everybody understands at once."""
    if not say_ladder(comparison, voice):
        return False
    return two_answers(comparison) or not _is_whole(headline_components(comparison))


def _is_whole(main: Components | None) -> bool:
    return main is not None and all(share_of(main, part).value is not None for part in HEADLINE_PARTS)


def headline_components(comparison: Comparison) -> Components | None:
    """Pick what the headline is about: the protocol with most of its parts known, else listwise."""
    return min(comparison.components, key=_unknown_parts, default=None)


def _unknown_parts(components: Components) -> tuple[int, bool]:
    unknown = sum(share_of(components, part).value is None for part in HEADLINE_PARTS)
    return unknown, components.protocol == "pairwise"


def share_of(components: Components, part: str) -> Estimate:
    """Give the share of one part, or why it is missing."""
    found = [share.share for share in components.shares if share.part == part]
    return found[0] if found else Estimate(value=None, n=0, unit="cases", undefined_because="not_measured")


def mostly_order(components: Components) -> bool:
    """Whether at least half of the noise is the order of the answers, as far as that was told apart."""
    order, noise = (share_of(components, part).value for part in ("order", "noise"))
    return order is not None and noise is not None and order >= noise / 2 > 0


def drawn_shares(components: Components) -> tuple[Share, ...]:
    """Give the parts in drawing order: noise in its two parts where order was separated."""
    by_part = {share.part: share for share in components.shares}
    split = all(part in by_part and by_part[part].variance is not None for part in ("order", "residual"))
    names = (*HEADLINE_PARTS[:3], *(("order", "residual") if split else ("noise",)))
    return tuple(by_part[name] for name in names if name in by_part)


def _headline(main: Components | None, voice: Voice, imported: bool) -> str:
    if main is None:
        return voice.say("headline_none", reason=voice.why("no_readable_verdict"))
    shares = {part: share_of(main, part) for part in HEADLINE_PARTS}
    missing = [share for share in shares.values() if share.value is None]
    texts = {part: voice.estimate(share, as_percent=True) for part, share in shares.items()}
    # The rulebooks of an imported run are whatever its authors wrote, and no company's.
    rule = voice.say("any_rule" if imported else "company_rule")
    if not missing:
        order = share_of(main, "order")
        if mostly_order(main) and order.value is not None:
            return voice.say("headline_order", order=voice.percent(order.value), rule=rule, **texts)
        return voice.say("headline", rule=rule, **texts)
    if (
        len(main.judge_ids) == 1
        and shares["rulebook"].value is not None
        and shares["noise"].value is not None
    ):
        return voice.say("headline_one_judge", rulebook=texts["rulebook"], noise=texts["noise"])
    return voice.say("headline_none", reason=voice.why(missing[0].undefined_because))


def _basis(main: Components | None, voice: Voice) -> tuple[str, ...]:
    if main is None:
        return ()
    judges, rulebooks = (count_of(name, len(ids), voice) for name, ids in _grid(main))
    basis = voice.say(
        "basis",
        n_cases=voice.counted(len(main.case_ids), "cases"),
        n_judges=judges,
        n_rulebooks=rulebooks,
        n_runs=voice.counted(main.n_runs, "verdicts"),
        protocol=voice.word(PROTOCOLS[main.protocol]),
        language=voice.word(LANGUAGE_NAMES[main.language]),
        intervals=_intervals(main, voice),
    )
    negative = any((share_of(main, part).value or 0) < -_SEEN for part in HEADLINE_PARTS)
    human = main.human_disagreement
    lines = [
        basis,
        voice.say("negative_share") if negative else "",
        voice.say("human", human=voice.plain(human)) if human.value is not None else "",
    ]
    return tuple(filter(None, lines))


def _grid(main: Components) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("n_judges", main.judge_ids), ("n_rulebooks", main.rulebook_ids))


def count_of(name: str, count: int, voice: Voice) -> str:
    """Give a count of judges or rulebooks, in singular or plural."""
    return voice.say(name if count > 1 else f"{name}_one", n=voice.whole(count))


def _intervals(main: Components, voice: Voice) -> str:
    shown = {part: preferred(share_of(main, part)) for part in HEADLINE_PARTS}
    found = {part: interval for part, interval in shown.items() if interval is not None}
    if not found:
        return voice.say("no_interval")
    first = next(iter(found.values()))
    each = ", ".join(
        f"{voice.word(PARTS[part])} {voice.interval(interval, as_percent=True)}"
        for part, interval in found.items()
        if interval.target == first.target
    )
    target = voice.target(first.target)
    return voice.say("interval_target", level=voice.percent(first.level), target=target, each=each)
