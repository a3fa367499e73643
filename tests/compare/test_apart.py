"""Two halves of a computation, in two processes or one after the other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from harness.compare import build, compare_verdicts
from harness.compare.apart import both
from harness.errors import StoreError
from harness.schema import canonical_json

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

linux = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@linux
def test_both_halves_come_back_from_two_processes() -> None:
    """The second is computed elsewhere, the first here, and each result stands in its place."""
    here, there = both(os.getpid, os.getpid, apart=True)
    assert here == os.getpid() != there
    assert both(os.getpid, os.getpid, apart=False) == (here, here)


@linux
def test_a_half_that_fails_elsewhere_fails_here_in_its_own_words() -> None:
    """An error in the other process is raised in this one, as if there were no other."""

    def refuse() -> int:
        raise StoreError("no such case")

    with pytest.raises(StoreError, match="no such case"):
        both(lambda: 1, refuse, apart=True)


@linux
def test_a_half_that_is_killed_is_computed_here() -> None:
    """A process that the machine ends, for want of memory, costs time and no result."""
    this = os.getpid()

    def only_here() -> str:
        if os.getpid() != this:
            os._exit(9)
        return "here"

    assert both(lambda: 1, only_here, apart=True) == (1, "here")


@linux
def test_a_failure_here_ends_the_other_process() -> None:
    """Nobody waits for a half whose other half cannot be had."""

    def refuse() -> int:
        raise StoreError("nothing to compare")

    with pytest.raises(StoreError, match="nothing to compare"):
        both(refuse, lambda: os.read(os.pipe()[0], 1), apart=True)


@linux
def test_a_comparison_is_the_same_in_two_processes(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes of comparison.json do not depend on the number of processors."""
    judges = {"x": kit.always("4321"), "y": kit.by_slot("4321"), "z": kit.failing("refused")}
    bench = kit.bench(judges, rulebooks=("hhh", "none", "placebo"))
    found = []
    for least in (10**9, 0):
        monkeypatch.setattr(build, "APART_FROM", least)
        monkeypatch.setattr(build, "two_processors", lambda: True)
        found.append(canonical_json(compare_verdicts(bench.source(), n_shuffles=49)))
    assert found[0] == found[1]
