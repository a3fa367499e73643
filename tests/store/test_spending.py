"""An account that many change: requests never exceed their ceiling, and no change is lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from harness.schema import Stops
from harness.store.part_account import AccountFiles
from harness.store.spending import Account, Spending


def test_requests_are_counted_before_they_are_made() -> None:
    """Of what is asked for, as much is granted as the ceiling leaves; the rest hears which ceiling it was."""
    account, first = Account(stops=Stops(max_calls=10)).after(Spending(7), 0.0)
    assert (first.n_calls, first.reached, account.n_calls) == (7, "", 7)
    account, second = account.after(Spending(7), 1.0)
    assert (second.n_calls, second.reached) == (3, "10 requests (max_calls)")
    assert account.after(Spending(1), 2.0)[1].n_calls == 0


@pytest.mark.parametrize(
    ("stops", "took", "reached"),
    [
        (Stops(max_tokens=1000), Spending(2, n_tokens=1000), "1,000 tokens (max_tokens)"),
        (Stops(max_usd=0.5), Spending(2, usd=0.6), "0.5 dollars (max_usd)"),
    ],
)
def test_what_answers_took_is_charged_first(stops: Stops, took: Spending, reached: str) -> None:
    """A request that comes with the answer that used up the tokens or the money is not allowed any more."""
    _, before = Account(stops=stops).after(Spending(2), 0.0)
    assert before.n_calls == 2
    after, grant = Account(stops=stops).after(took, 0.0)
    assert (grant.n_calls, grant.reached, after.n_calls) == (0, reached, 0)


def test_time_runs_from_the_first_request() -> None:
    """A plan may lie in the store for days; the minutes begin when somebody asks."""
    account, grant = Account(stops=Stops(max_minutes=1)).after(Spending(1), 1e9)
    assert grant.n_calls == 1
    assert account.after(Spending(1), 1e9 + 59)[1].n_calls == 1
    assert account.after(Spending(1), 1e9 + 60)[1].reached == "60 seconds (max_minutes)"


def test_without_ceilings_everything_is_allowed() -> None:
    """An account that nobody limited refuses nothing."""
    assert Account().after(Spending(1_000, 1e9, 1e9), 1e9)[1].n_calls == 1_000


def test_no_change_of_an_account_in_files_is_lost(tmp_path: Path) -> None:
    """Eight workers that add one at a time, all at once, leave the sum; a new one reads it too."""

    def add(_: int) -> None:
        files = AccountFiles(tmp_path)
        for _ in range(40):
            files.change(lambda account: account.model_copy(update={"n_calls": account.n_calls + 1}))

    workers = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert AccountFiles(tmp_path).read().n_calls == 320
    assert not list(tmp_path.rglob("*.tmp"))
