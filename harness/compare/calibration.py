"""Which judge or panel to take: chosen by people's rankings, and tested on cases that had no say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from harness.compare.baselines import baseline_rows
from harness.compare.crowd import Crowd, build_crowd
from harness.compare.estimates import (
    JACKKNIFE,
    TAU,
    generator,
    mean_over_cases,
    optional_interval,
    record_test,
    tidy,
)
from harness.compare.judges import TIED_WITHIN, member_mean_ranks
from harness.compare.reference import reference_of
from harness.compare.source import ComparisonSource, Layout, Line, build_layout
from harness.errors import HarnessError
from harness.schema import Case, Estimate
from harness.schema.calibration import Calibration, Candidate, Choosing, LeftOut, Setting
from harness.schema.related import related_groups
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.intervals import jackknife_t
from harness.stats.nested_choice import MAX_BLOCKS, MIN_BLOCKS, NestedChoice, luck_of_choosing, nested_choice

MAX_SETTINGS = 20_000
"""More are refused: their figures would need gigabytes, and no set of cases could tell them apart."""
N_SHUFFLES = 1_999
SHOWN = 15
_LARGEST_STACK = 2_000_000
"""Numbers in one stack of (settings, people, answers)."""


@dataclass(frozen=True)
class CalibrationAsked:
    """What may be chosen, and from how much."""

    most_judges: int = 3
    """Members of the largest panel; 1 = no panels."""
    rulebook_id: str | None = None
    """None = the rulebooks that people had, or every rulebook where no judge had theirs."""
    language: str | None = None
    least_coverage: float = 0.9
    """Share of the cases of which a setting must have an order."""


@dataclass(frozen=True)
class _Single:
    """One judge as it was asked, in one run."""

    setting: Setting
    line: Line


@dataclass(frozen=True)
class SettingTable:
    """Every setting in every case; a panel's members are rows of `singles`."""

    crowd: Crowd
    singles: tuple[_Single, ...]
    panels: tuple[tuple[int, ...], ...]
    cases: tuple[Case, ...]
    figures: FloatArray
    """(n_singles + n_panels, n_cases): mean tau_x with people; NaN = no order."""
    left_out: tuple[LeftOut, ...]


def calibrate(sources: Sequence[ComparisonSource], asked: CalibrationAsked) -> Calibration:
    """Choose among all settings of some runs by people's rankings, nested by case.

    A setting's order of a case is the mean of the mid-ranks of its verdicts; a panel's, the mean of its
    members'. The people (or the author's key) are those of the first run. Settings and cases do not mix
    rulebooks, wordings or languages within a panel.

    Raises
    ------
    HarnessError
        The runs are about different texts, nobody ranked the cases, nothing is left to choose from, or too
        few cases or too many settings are.
    StoreError
        Verdicts disagree with their manifest.
    """
    layouts = [build_layout(source) for source in sources]
    table = tabulate(layouts, asked)
    blocks, n_groups = _blocks(table.cases, layouts[0].seed)
    return _Writer(table, blocks, asked, layouts).write(n_groups)


def tabulate(layouts: Sequence[Layout], asked: CalibrationAsked) -> SettingTable:
    """Hold every setting against people in every case; raises as `calibrate`."""
    cases = _shared_cases(layouts)
    source = layouts[0].source
    crowd = build_crowd(source.people, cases, people_known=source.people_known)
    if crowd.kind == "none":
        raise HarnessError("nobody ranked these cases: name a table of people's grades with --people FILE")
    ranked = tuple(case for case in cases if len(crowd.view(case.case_id).others))
    if len(ranked) < MIN_BLOCKS:
        raise HarnessError(
            f"people ranked {len(ranked)} of these cases; choosing needs {MIN_BLOCKS} at least"
        )
    singles, left_out = _readable(_singles(layouts, crowd, asked), ranked, asked.least_coverage)
    panels = _panels(singles, asked.most_judges)
    columns = [_column(singles, panels, case, crowd.view(case.case_id).others) for case in ranked]
    return SettingTable(crowd, singles, panels, ranked, np.stack(columns, axis=1), left_out)


def _shared_cases(layouts: Sequence[Layout]) -> tuple[Case, ...]:
    """The cases that all runs have; a case whose words differ between runs is refused, a canary left out."""
    first = {case.case_id: case for case in layouts[0].cases if case.canary is None}
    for layout in layouts[1:]:
        here = {case.case_id: case for case in layout.cases}
        for case_id in [name for name in first if name in here]:
            mine, theirs = first[case_id], here[case_id]
            if (mine.message, mine.answers) != (theirs.message, theirs.answers):
                raise HarnessError(
                    f"case {case_id} has other words in {layouts[0].source.manifest.run_id} than in "
                    f"{layout.source.manifest.run_id}: only runs on the same texts can be chosen among"
                )
        first = {name: case for name, case in first.items() if name in here}
    if len(first) < MIN_BLOCKS:
        raise HarnessError(f"these runs share {len(first)} cases; choosing needs {MIN_BLOCKS} at least")
    return tuple(first.values())


# --- what there is to choose from ------------------------------------------------------------------


def _singles(layouts: Sequence[Layout], crowd: Crowd, asked: CalibrationAsked) -> tuple[_Single, ...]:
    several = len(layouts) > 1
    lines = [(layout, line) for layout in layouts for line in layout.lines]
    rulebooks = {asked.rulebook_id} if asked.rulebook_id else _rulebooks(lines, crowd)
    found = [
        _Single(_setting(layout, line, named=several), line)
        for layout, line in lines
        if line.key.rulebook_id in rulebooks and asked.language in (None, line.key.language)
    ]
    if not found:
        there = sorted({f"{line.key.rulebook_id} ({line.key.language})" for _, line in lines})
        raise HarnessError(f"no judge was asked so; rulebooks (languages) there are: {', '.join(there)}")
    return tuple(sorted(found, key=lambda single: single.setting.verdicts_per_case))


def _rulebooks(lines: Sequence[tuple[Layout, Line]], crowd: Crowd) -> set[str]:
    """Those that people had, as far as judges had them; else all."""
    of_people = {name for member in crowd.members for name in member.rulebook_ids}
    of_judges = {line.key.rulebook_id for _, line in lines}
    return of_people & of_judges or of_judges


def _setting(layout: Layout, line: Line, *, named: bool) -> Setting:
    key, spec, run_id = line.key, line.spec, layout.source.manifest.run_id
    n_verdicts = len(line.positions)
    imported = layout.source.manifest.imported is not None
    parts = (*((run_id,) if named else ()), *key)
    return Setting(
        setting_id=":".join(parts),
        run_ids=(run_id,),
        judge_ids=(key.judge_id,),
        titles=(spec.title or spec.judge_id,),
        rulebook_id=key.rulebook_id,
        wording=key.wording,
        language=key.language,
        protocols=(spec.protocol,),
        template_ids=() if imported else (spec.template_id or spec.protocol,),
        shots=(spec.shots,),
        verdicts_per_case=tidy(n_verdicts / max(1, len(line.cases))),
        simulated=line.simulated or spec.model_id.startswith("scripted/"),
    )


def _together(members: Sequence[Setting]) -> Setting:
    """The panel of some settings, described."""
    first = members[0]
    return first.model_copy(
        update={
            "setting_id": " + ".join(one.setting_id for one in members),
            "run_ids": tuple(dict.fromkeys(name for one in members for name in one.run_ids)),
            "judge_ids": tuple(name for one in members for name in one.judge_ids),
            "titles": tuple(title for one in members for title in one.titles),
            "protocols": tuple(name for one in members for name in one.protocols),
            "template_ids": tuple(name for one in members for name in one.template_ids),
            "shots": tuple(count for one in members for count in one.shots),
            "verdicts_per_case": tidy(sum(one.verdicts_per_case for one in members)),
            "simulated": any(one.simulated for one in members),
        }
    )


def _panels(singles: Sequence[_Single], most_judges: int) -> tuple[tuple[int, ...], ...]:
    """Members of every panel, smaller panels first; all of one rulebook, wording and language."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for place, single in enumerate(singles):
        alike.setdefault(single.line.key[1:], []).append(place)
    sizes = range(2, most_judges + 1)
    n_settings = len(singles) + sum(math.comb(len(of), size) for of in alike.values() for size in sizes)
    if n_settings > MAX_SETTINGS:
        raise HarnessError(
            f"{n_settings} settings are more than {MAX_SETTINGS}: take smaller panels with --max-panel, or "
            "one rulebook or language"
        )
    return tuple(panel for size in sizes for of in alike.values() for panel in combinations(of, size))


# --- how each did in each case ---------------------------------------------------------------------


def _readable(
    singles: Sequence[_Single], cases: Sequence[Case], least_coverage: float
) -> tuple[tuple[_Single, ...], tuple[LeftOut, ...]]:
    """The judges with an order of enough cases, and the others with their number."""
    kept, left_out = [], []
    for single in singles:
        n_ranked = sum(_ranks(single, case) is not None for case in cases)
        if n_ranked >= least_coverage * len(cases) - 1e-9:
            kept.append(single)
        else:
            left_out.append(LeftOut(setting=single.setting, n_ranked=n_ranked))
    if not kept:
        raise HarnessError(
            f"no judge has a readable order of {least_coverage:.0%} of the cases; lower --min-coverage"
        )
    return tuple(kept), tuple(left_out)


def _ranks(single: _Single, case: Case) -> FloatArray | None:
    return member_mean_ranks(single.line.of_case(case.case_id))


def _column(
    singles: Sequence[_Single], panels: Sequence[tuple[int, ...]], case: Case, others: FloatArray
) -> FloatArray:
    """One case: the agreement with people of every judge, then of every panel."""
    nothing = np.full(len(case.answers), np.nan)
    ranks = np.stack([nothing if (found := _ranks(one, case)) is None else found for one in singles])
    orders = [ranks.round(TIED_WITHIN), *_panel_orders(ranks, panels)]
    return np.concatenate([_tau_people(order, others) for order in orders])


def _panel_orders(ranks: FloatArray, panels: Sequence[tuple[int, ...]]) -> Iterator[FloatArray]:
    """Orders of the panels, size after size; members without an order are left out, as everywhere."""
    for size in sorted({len(panel) for panel in panels}):
        members = ranks[np.array([panel for panel in panels if len(panel) == size])]
        there = ~np.isnan(members[..., 0])
        total = np.where(there[..., None], members, 0.0).sum(axis=1)
        count = there.sum(axis=1)[:, None]
        mean = np.full_like(total, np.nan)
        np.divide(total, count, out=mean, where=count > 0)
        yield mean.round(TIED_WITHIN)


def _tau_people(orders: FloatArray, others: FloatArray) -> FloatArray:
    """Mean agreement of each order with the people of a case; NaN without an order."""
    known = np.flatnonzero(~np.isnan(orders[:, 0]))
    means = np.full(len(orders), np.nan)
    step = max(1, _LARGEST_STACK // others.size)
    for start in range(0, len(known), step):
        rows = known[start : start + step]
        taus = np.asarray(tau_x(orders[rows][:, None], others[None])).reshape(len(rows), -1)
        there = ~np.isnan(taus)
        count = there.sum(axis=1)
        np.divide(np.where(there, taus, 0.0).sum(axis=1), count, out=taus[:, 0], where=count > 0)
        means[rows] = np.where(count > 0, taus[:, 0], np.nan)
    return means


def _blocks(cases: Sequence[Case], seed: int) -> tuple[IntArray, int]:
    """The block of each case, and how many groups of cases without a common text there are."""
    group_of = related_groups(cases)
    groups = list(dict.fromkeys(group_of.values()))
    if len(groups) < MIN_BLOCKS:
        raise HarnessError(f"these cases are about {len(groups)} texts; choosing needs {MIN_BLOCKS} at least")
    order = generator(seed, "calibration", "blocks").permutation(len(groups))
    n_blocks = min(MAX_BLOCKS, len(groups))
    block_of = {groups[group]: place % n_blocks for place, group in enumerate(order)}
    return np.array([block_of[group_of[case.case_id]] for case in cases]), len(groups)


# --- the record ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Writer:
    """Turns figures into the record."""

    table: SettingTable
    blocks: IntArray
    asked: CalibrationAsked
    layouts: Sequence[Layout]

    def write(self, n_groups: int) -> Calibration:
        """Choose among judges, then among ever larger panels too."""
        table, first = self.table, self.layouts[0]
        widest, choosing = self._choosings()
        singles = table.figures[: len(table.singles)]
        luck = None
        if len(singles) > 1:
            rng = generator(first.seed, "calibration", "luck")
            luck = luck_of_choosing(singles, self.blocks, rng, N_SHUFFLES)
        rows = baseline_rows(replace(first, cases=table.cases), table.crowd)
        longest = next(row for row in rows if row.annotator_id == "longest-answer")
        candidates = self._candidates(widest)
        return Calibration(
            run_ids=tuple(layout.source.manifest.run_id for layout in self.layouts),
            case_set_id=first.source.manifest.case_set.set_id,
            seed=first.seed,
            rulebook_titles={
                rulebook.rulebook_id: rulebook.title
                for layout in self.layouts
                for rulebook in layout.source.rulebooks
            },
            reference=reference_of(table.crowd, first.source),
            n_cases=len(table.cases),
            n_groups=n_groups,
            n_blocks=int(self.blocks.max()) + 1,
            least_coverage=self.asked.least_coverage,
            choosing=choosing,
            candidates=candidates,
            without_choosing=_mean(np.nanmean(singles, axis=0)),
            longest_answer=longest.tau_people,
            lead=None if luck is None else tidy(luck.lead),
            lucky_lead=None if luck is None else tidy(luck.lucky_lead),
            lead_test=None if luck is None else record_test(luck.test, "case"),
            left_out=table.left_out,
            simulated=any(one.setting.simulated for one in table.singles)
            or any(member.simulated for member in table.crowd.members),
        )

    def _choosings(self) -> tuple[NestedChoice, tuple[Choosing, ...]]:
        done = []
        n_settings = len(self.table.singles)
        found = nested_choice(self.table.figures[:n_settings], self.blocks)
        done.append(self._choosing(1, n_settings, found))
        for size in sorted({len(panel) for panel in self.table.panels}):
            n_settings += sum(len(panel) == size for panel in self.table.panels)
            found = nested_choice(self.table.figures[:n_settings], self.blocks)
            done.append(self._choosing(size, n_settings, found))
        return found, tuple(done)

    def _choosing(self, most_judges: int, n_settings: int, found: NestedChoice) -> Choosing:
        n_cases = int((~np.isnan(found.aside)).sum())
        without = found.left_out
        return Choosing(
            most_judges=most_judges,
            n_settings=n_settings,
            chosen=self._setting(found.chosen).setting_id,
            naive=_mean(self.table.figures[found.chosen]),
            honest=_jackknifed(found.honest, without[:, 1], n_cases),
            optimism=_jackknifed(found.naive - found.honest, without[:, 0] - without[:, 1], n_cases),
        )

    def _candidates(self, found: NestedChoice) -> tuple[Candidate, ...]:
        """The best settings, and whatever else was chosen without some block."""
        figures = self.table.figures
        means = np.nanmean(figures, axis=1)
        best = np.argsort(-means.round(9), kind="stable")[:SHOWN]
        shown = dict.fromkeys([*best.tolist(), *found.chosen_without.tolist()])
        return tuple(
            Candidate(
                setting=self._setting(row),
                tau_people=_mean(figures[row]),
                n_chosen=int((found.chosen_without == row).sum()),
            )
            for row in sorted(shown, key=lambda row: (-means[row].round(9), row))
        )

    def _setting(self, row: int) -> Setting:
        singles = self.table.singles
        if row < len(singles):
            return singles[row].setting
        return _together([singles[place].setting for place in self.table.panels[row - len(singles)]])


def _mean(values: FloatArray) -> Estimate:
    return mean_over_cases(values.tolist(), "no_readable_verdict", TAU)


def _jackknifed(value: float, without: FloatArray, n_cases: int) -> Estimate:
    """An estimate of the whole procedure, its interval from leaving out one block of cases after another."""
    found = optional_interval(lambda: jackknife_t(without, value), "T3", JACKKNIFE)
    return Estimate(value=tidy(value), n=n_cases, unit="cases", intervals=found)
