"""Which cases belong together, so that one of them may not teach anything about another."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from harness.schema.content import Case


def related_groups(cases: Iterable[Case]) -> dict[str, str]:
    """Case -> its group: what shares a text or is a twin, directly or by way of others, is in one group."""
    group: dict[str, str] = {}
    texts: dict[str, str] = {}

    def root(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    listed = list(cases)
    for case in listed:
        if case.canary is not None:
            group[root(case.canary.twin_case_id)] = root(case.case_id)
        for text in _texts(case):
            group[root(texts.setdefault(text, case.case_id))] = root(case.case_id)
    return {case.case_id: root(case.case_id) for case in listed}


def _texts(case: Case) -> Iterator[str]:
    for texts in (case.message, *(answer.text for answer in case.answers)):
        for text in texts.values():
            yield " ".join(unicodedata.normalize("NFKC", text).casefold().split())
