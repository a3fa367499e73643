"""Two comparisons side by side: what changed between two runs, row by row, on the cases that both have."""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.estimates import mean_over_cases
from harness.schema import Comparison, Contrast, ContrastWarning, Row, RowContrast


def contrast_comparisons(first: Comparison, second: Comparison) -> Contrast:
    """Pair the rows of two comparisons by `row_id`, and their agreement with people case by case.

    A difference is second minus first, averaged over the cases in which both rows have a figure, with the
    interval for other cases (T3). What makes the two runs hard to compare is said in `warnings`.
    """
    in_first = {row.row_id: row for row in first.rows}
    in_second = {row.row_id: row for row in second.rows}
    shared = {case.case_id for case in first.cases} & {case.case_id for case in second.cases}
    return Contrast(
        first_run_id=first.run_id,
        second_run_id=second.run_id,
        n_shared_cases=len(shared),
        rows=tuple(
            _row(row, in_second[row.row_id], shared)
            for row in first.rows
            if row.row_id in in_second and row.kind in ("judge", "panel")
        ),
        only_first=tuple(row.row_id for row in first.rows if row.row_id not in in_second),
        only_second=tuple(row.row_id for row in second.rows if row.row_id not in in_first),
        warnings=tuple(_warnings(first, second, len(shared))),
    )


def _row(first: Row, second: Row, shared: set[str]) -> RowContrast:
    before, after = _by_case(first), _by_case(second)
    differences = [
        after[case_id] - before[case_id] for case_id in before if case_id in after and case_id in shared
    ]
    return RowContrast(
        row_id=first.row_id,
        title=second.title,
        first=first.tau_people,
        second=second.tau_people,
        difference=mean_over_cases(differences, "not_measured"),
    )


def _by_case(row: Row) -> dict[str, float]:
    return {case.case_id: case.tau_people for case in row.cases if case.tau_people is not None}


def _warnings(first: Comparison, second: Comparison, n_shared: int) -> Iterator[ContrastWarning]:
    """Say in words what differs beside the judges."""
    if n_shared < max(len(first.cases), len(second.cases)):
        yield "cases"
    if first.reference.kind != second.reference.kind:
        yield "reference_kind"
    elif first.reference.n_annotators != second.reference.n_annotators:
        yield "people"
    if first.parser_version != second.parser_version:
        yield "parser"
    if first.simulated != second.simulated:
        yield "simulated"
    before, after = _texts(first), _texts(second)
    if any(before[case_id] != after[case_id] for case_id in before if case_id in after):
        yield "texts"


def _texts(comparison: Comparison) -> dict[str, object]:
    """Message and answers of each case, to see that two runs asked about the same words."""
    return {case.case_id: (case.message, case.answers) for case in comparison.cases}
