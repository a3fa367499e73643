"""Other words, another language: how far they move the same judge, and the shares with them varied."""

from __future__ import annotations

from harness.report.headline import count_of
from harness.report.move_figures import factor_figure
from harness.report.panels.panel import Missing, Panel, TitledTable
from harness.report.prose_words import FACTOR_NAMES, VARIED
from harness.report.tables import PlainTable
from harness.report.voice import Voice
from harness.report.words import PARTS, PROTOCOLS
from harness.schema import Comparison, FactorComponents, FactorShare


def factors_panel(comparison: Comparison, voice: Voice) -> Panel | Missing:
    """Show the gaps that rewording and translating make, and every part with them as factors."""
    heading = voice.say("factors_section")
    gaps = factor_figure(comparison, voice)
    tables = [TitledTable(gaps.title, gaps.caption, gaps.table)] if gaps else []
    tables += [_parts(found, voice) for found in comparison.factor_components if found.shares]
    return Panel(heading, tables=tuple(tables)) if tables else Missing(heading, voice.why("not_measured"))


def _name(share: FactorShare, voice: Voice) -> str:
    return " × ".join(voice.word(FACTOR_NAMES.get(one) or PARTS[one]) for one in share.factors)


def _parts(found: FactorComponents, voice: Voice) -> TitledTable:
    heads = tuple(voice.say(head) for head in ("part_head", "share_head", "variance_head"))
    rows = tuple(
        (_name(one, voice), voice.full(one.share, as_percent=True), voice.maybe(one.variance))
        for one in found.shares
    )
    known = [one for one in found.shares if one.share.value is not None and one.factors != ("order",)]
    varied = voice.word(VARIED[found.varied])
    if not known:
        reason = voice.why(found.shares[0].share.undefined_because)
        return TitledTable(
            voice.say("factor_parts_none", varied=varied, reason=reason), "", PlainTable(heads, rows)
        )
    most = max(known, key=lambda one: one.share.value or 0.0)
    title = voice.say(
        "factor_parts",
        varied=varied,
        part=_name(most, voice),
        share=voice.estimate(most.share, as_percent=True),
    )
    return TitledTable(title, _caption(found, voice), PlainTable(heads, rows))


def _caption(found: FactorComponents, voice: Voice) -> str:
    few, most = voice.whole(found.fewest_runs), voice.counted(found.most_runs, "verdicts")
    tests = [
        voice.say(name, test=voice.test(test))
        for name, test in (("factor_test", found.factor_test), ("factor_rule_test", found.rulebook_test))
        if test is not None
    ]
    basis = voice.say(
        "factor_basis",
        protocol=voice.word(PROTOCOLS[found.protocol]),
        n_cases=voice.counted(len(found.case_ids), "cases"),
        n_judges=count_of("n_judges", len(found.judge_ids), voice),
        n_rulebooks=count_of("n_rulebooks", len(found.rulebook_ids), voice),
        runs=most if found.fewest_runs == found.most_runs else f"{few}–{most}",
    )
    return " ".join([basis, *tests, voice.targets(one.share for one in found.shares)]).rstrip()
