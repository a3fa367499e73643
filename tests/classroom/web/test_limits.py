"""Wrong codes are counted per client and over all; who typed nothing wrong is never held up."""

from __future__ import annotations

import pytest

from harness.classroom.web.limits import CLIENTS_KEPT, Allowance, GuessLimit


class Seconds:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    """Give a clock that stands still."""
    return Seconds()


def _limit(seconds: Seconds, everybody: int = 1000) -> GuessLimit:
    return GuessLimit(seconds, one_client=Allowance(3, 10.0), everybody=Allowance(everybody, 1.0))


def test_a_client_waits_after_too_many_wrong_codes(seconds: Seconds) -> None:
    """The fourth attempt after three wrong ones waits for as long as one attempt takes to come back."""
    limit = _limit(seconds)
    for _ in range(3):
        assert limit.wait_s("192.0.2.1") == 0
        limit.failed("192.0.2.1")
    assert limit.wait_s("192.0.2.1") == pytest.approx(10)
    seconds.now += 10
    assert limit.wait_s("192.0.2.1") == 0


def test_another_client_is_not_held_up(seconds: Seconds) -> None:
    """What one address types wrongly does not count against the next."""
    limit = _limit(seconds)
    for _ in range(5):
        limit.failed("192.0.2.1")
    assert limit.wait_s("192.0.2.2") == 0


def test_guessing_from_many_addresses_is_slowed_down_together(seconds: Seconds) -> None:
    """Clients that each guess a little share an allowance; one that never guessed wrongly is let through."""
    limit = _limit(seconds, everybody=20)
    for number in range(20):
        limit.failed(f"192.0.2.{number}")
    assert limit.wait_s("192.0.2.3") > 0
    assert limit.wait_s("198.51.100.1") == 0


def test_addresses_of_one_ipv6_customer_are_one_client(seconds: Seconds) -> None:
    """A customer has 2 ** 64 IPv6 addresses, and one allowance."""
    limit = _limit(seconds)
    for number in range(3):
        limit.failed(f"2001:db8::{number}")
    assert limit.wait_s("2001:db8::ffff") > 0
    assert limit.wait_s("2001:db8:0:1::1") == 0


def test_an_ipv4_address_counts_alike_however_it_is_written(seconds: Seconds) -> None:
    """A server that listens on IPv6 sees IPv4 clients under mapped addresses."""
    limit = _limit(seconds)
    for _ in range(3):
        limit.failed("::ffff:192.0.2.9")
    assert limit.wait_s("192.0.2.9") > 0


def test_strangers_do_not_fill_the_memory(seconds: Seconds) -> None:
    """However many addresses guess, only so many are remembered."""
    limit = _limit(seconds)
    for number in range(CLIENTS_KEPT + 500):
        limit.failed(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")
    assert len(limit._clients) == CLIENTS_KEPT


def test_no_address_is_remembered_in_words(seconds: Seconds) -> None:
    """What is kept of an address is a hash under a key that ends with the process."""
    one, other = _limit(seconds), _limit(seconds)
    one.failed("192.0.2.1")
    other.failed("192.0.2.1")
    assert b"192.0.2.1" not in b"".join(one._clients)
    assert set(one._clients).isdisjoint(other._clients)
