"""The noise ladder: how alike are two verdicts on a case that differ in exactly one thing.

Two verdicts are set beside each other only where everything but that one thing is known to be the same:
judge, rulebook, wording, language, the order of the answers and the names of their slots. A verdict whose
presentation is unknown therefore stands on no rung, and a failed one is no verdict. A pairwise verdict shows
every pair in both orders, so its order rung lies inside it: the same pairs, read in either order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple, get_args

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.people_rungs import people_rungs
from harness.compare.said import Said, said_by, together
from harness.compare.source import Layout, Line
from harness.compare.verdict_pairs import (
    Gathered,
    Row,
    Rows,
    as_rows,
    compared,
    compared_in_cases,
    signs_of,
)
from harness.schema import PROTOCOLS, JudgeSpec, PairReading, Protocol, Rung
from harness.schema.ablation import ablated_rule
from harness.schema.panels import DiffersIn
from harness.stats.arrays import FloatArray, IntArray

_RUNGS: tuple[DiffersIn, ...] = get_args(DiffersIn)


class _Asked(NamedTuple):
    """Under which circumstances a verdict was given."""

    judge: str
    rulebook: str
    wording: str
    language: str
    order: tuple[str, ...]
    slots: tuple[str, ...]


_FIELD_OF: dict[DiffersIn, int] = {
    "labels": _Asked._fields.index("slots"),
    "order": _Asked._fields.index("order"),
    "paraphrase": _Asked._fields.index("wording"),
    "language": _Asked._fields.index("language"),
    "rulebook": _Asked._fields.index("rulebook"),
    "judge": _Asked._fields.index("judge"),
}
"""Rungs of verdicts that differ in one of the fields."""


class _Spoken(NamedTuple):
    """One verdict of a case: its circumstances, and what it says about each pair of answers."""

    asked: _Asked
    signs: FloatArray
    pairs: tuple[PairReading, ...]
    """Of a pairwise verdict without a presentation, which has every pair in both orders."""
    answer_ids: tuple[str, ...]


def noise_ladder(layout: Layout, crowd: Crowd) -> tuple[Rung, ...]:
    """Every rung that has two verdicts to compare: per protocol, over all judges and for each judge; people.

    The rung between the two protocols stands in none of them; its `judge_id` is the listwise judge.
    """
    found = Gathered(len(layout.cases))
    for protocol in PROTOCOLS:
        lines = [line for line in layout.lines if line.protocol == protocol]
        judge_ids = [*dict.fromkeys(line.key.judge_id for line in lines)]
        for said in said_by(lines, own_run=layout.source.manifest.imported is None):
            _add_fields(found, (protocol, judge_ids), said)
        _add_single(found, layout, protocol, lines)
    twins = _twins(layout)
    for place, case in enumerate(layout.cases if twins else ()):
        rows = _between_protocols(layout, twins, case.case_id)
        for differs_in, judge, pairs in compared("protocol", as_rows(rows)):
            found.add((differs_in, None, judge), place, pairs)
    judges = sorted(found.rungs(), key=lambda rung: _place(rung, layout))
    return (*judges, *people_rungs(layout, crowd))


def _add_fields(found: Gathered, who: tuple[Protocol, Sequence[str]], said: Said) -> None:
    """Verdicts that differ in one field of their circumstances, or in none."""
    protocol, judge_ids = who
    fields = said.fields
    # The very same circumstances: every verdict is a level of its own.
    levels: list[tuple[DiffersIn, IntArray, IntArray]] = [
        ("nothing", together(fields), np.arange(len(said.cases)))
    ]
    for differs_in, field in _FIELD_OF.items():
        if np.ptp(fields[field]):
            levels.append((differs_in, together([*fields[:field], *fields[field + 1 :]]), fields[field]))
    for differs_in, strata, level in levels:
        rows = Rows(said.judges, together([said.cases, strata]), level, said.signs)
        for part in compared_in_cases(differs_in, rows, said.cases):
            judge_id = None if part.judge is None else judge_ids[part.judge]
            cases = slice(part.first_case, part.first_case + len(part.sums))
            found.add((differs_in, protocol, judge_id), cases, part.sums)


def _add_single(found: Gathered, layout: Layout, protocol: Protocol, lines: Sequence[Line]) -> None:
    """Rungs that only some verdicts stand on, case by case: both orders of a pair, and rules left out."""
    ablated = [line for line in layout.ablated if line.protocol == protocol]
    pairs = bool(layout.source.table.whole) and protocol == "pairwise"
    for place, case in enumerate(layout.cases if pairs or ablated else ()):
        spoken, without = (_spoken(layout, some, case.case_id) for some in (lines, ablated))
        for differs_in, judge, pairs_of in (
            *compared("order", as_rows([*_both_orders(spoken)])),
            *compared("rule", as_rows([*_rules(spoken, without)])),
        ):
            found.add((differs_in, protocol, judge), place, pairs_of)


def _place(rung: Rung, layout: Layout) -> tuple[int, int, int]:
    judges = [judge.spec.judge_id for judge in layout.source.manifest.judges]
    return (
        PROTOCOLS.index(rung.protocol) if rung.protocol is not None else len(PROTOCOLS),
        _RUNGS.index(rung.differs_in),
        -1 if rung.judge_id is None else judges.index(rung.judge_id),
    )


# --- verdicts and their circumstances ------------------------------------------------------------


def _spoken(layout: Layout, lines: Sequence[Line], case_id: str) -> list[_Spoken]:
    own_run = layout.source.manifest.imported is None
    asked = [(line, runs) for line in lines if (runs := line.of_case(case_id)) is not None and runs.n_ranked]
    if not asked or len(asked[0][1].answer_ids) < 2:
        return []
    all_signs = iter(signs_of(np.concatenate([runs.grades for _, runs in asked])))
    found = []
    for line, runs in asked:
        key = line.key
        for presentation, repeat, record in zip(runs.shown, runs.repeats, runs.records, strict=True):
            signs, pairs = next(all_signs), () if record is None else record.pairs
            shown = None
            if presentation is not None:
                shown = presentation.order, presentation.slots
            elif line.protocol == "pointwise" or (line.protocol == "pairwise" and pairs):
                shown = (), (f"alone {repeat}",) if own_run else ()
            if shown is not None:
                under = _Asked(key.judge_id, key.rulebook_id, key.wording, key.language, *shown)
                alone = () if presentation is not None else pairs
                found.append(_Spoken(under, signs, alone, runs.answer_ids))
    return found


def _both_orders(spoken: Sequence[_Spoken]) -> Iterator[Row]:
    """A pairwise verdict as two readings of its pairs: the first answer shown first, and shown second."""
    for place, one in enumerate(spoken):
        if not one.pairs:
            continue
        told = {(pair.first, pair.second): pair for pair in one.pairs}
        found = [told.get(names) for names in combinations(one.answer_ids, 2)]
        for order in ("p_first_shown_first", "p_first_shown_second"):
            shares = np.array([np.nan if pair is None else getattr(pair, order) for pair in found])
            yield Row(one.asked.judge, place, order, np.sign(np.round(shares - 0.5, 12)))


def _rules(spoken: Sequence[_Spoken], without: Sequence[_Spoken]) -> Iterator[Row]:
    """Each rulebook without one rule beside the whole one, never beside another that lacks a rule."""
    left_out: dict[str, set[int]] = {}
    for one in without:
        found = ablated_rule(one.asked.rulebook)
        assert found is not None  # `Layout.ablated` holds nothing else
        whole, rule = found
        left_out.setdefault(whole, set()).add(rule)
        yield Row(one.asked.judge, (one.asked._replace(rulebook=whole), rule), "without", one.signs)
    for one in spoken:
        for rule in sorted(left_out.get(one.asked.rulebook, ())):
            yield Row(one.asked.judge, (one.asked, rule), "whole", one.signs)


# --- between protocols ---------------------------------------------------------------------------


def _between_protocols(layout: Layout, twins: Sequence[tuple[str, ...]], case_id: str) -> list[Row]:
    """Verdicts of judges that share LLM and settings, and were asked in different protocols.

    Order and slot names belong to the protocol here; everything else is the same.
    """
    pair_of = {judge: pair for pair in twins for judge in pair}
    rows = []
    for line in layout.lines if twins else ():
        key = line.key
        pair = pair_of.get(key.judge_id)
        runs = line.of_case(case_id)
        if pair is not None and runs is not None and runs.n_ranked and len(runs.answer_ids) > 1:
            stratum = (pair, key.rulebook_id, key.wording, key.language)
            rows += [Row(pair[0], stratum, line.protocol, signs) for signs in signs_of(runs.grades)]
    return rows


def _twins(layout: Layout) -> list[tuple[str, ...]]:
    """Judges that differ in protocol only, in the order of the protocols; each LLM and settings once."""
    alike: dict[tuple[object, ...], list[JudgeSpec]] = {}
    for judge in layout.source.manifest.judges:
        spec = judge.spec
        if spec.template_id is None:
            settings = (spec.sampling.temperature, spec.sampling.top_p, str(spec.extra_parameters))
            alike.setdefault((spec.model_id, spec.service, spec.api_base, *settings), []).append(spec)
    found = []
    for specs in alike.values():
        protocols = {spec.protocol for spec in specs}
        if 1 < len(specs) == len(protocols):
            ordered = sorted(specs, key=lambda spec: PROTOCOLS.index(spec.protocol))
            found.append(tuple(spec.judge_id for spec in ordered))
    return found
