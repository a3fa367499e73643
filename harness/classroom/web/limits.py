"""How often codes may be guessed wrongly, without knowing who guesses.

Only failures are counted: a whole class behind one address joins at once, and its typing errors fit the
allowance of one address. Addresses are kept in memory alone, as keyed hashes whose key ends with the process.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

CLIENTS_KEPT = 4096


@dataclass(frozen=True)
class Allowance:
    """So many failures at once, and one more every `every_s` seconds."""

    burst: int
    every_s: float


ONE_CLIENT = Allowance(burst=40, every_s=3.0)
"""31 ** 4 codes at 20 a minute: 32 days for half a chance... of one lesson that lasts an hour."""
EVERYBODY = Allowance(burst=400, every_s=0.5)


class _Bucket:
    def __init__(self, allowance: Allowance, now: float) -> None:
        self.allowance = allowance
        self.left = float(allowance.burst)
        self.at = now

    def refill(self, now: float) -> None:
        self.left = min(self.allowance.burst, self.left + max(0.0, now - self.at) / self.allowance.every_s)
        self.at = now

    def wait_s(self, now: float) -> float:
        self.refill(now)
        return 0.0 if self.left >= 1 else (1 - self.left) * self.allowance.every_s

    def take(self, now: float) -> None:
        self.refill(now)
        self.left = max(0.0, self.left - 1)

    @property
    def full(self) -> bool:
        return self.left >= self.allowance.burst


class GuessLimit:
    """Counts wrong codes per client and over all clients.

    The common allowance only stops clients that already guessed wrongly: strangers who use it up cannot keep
    a class out that types its code correctly.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        one_client: Allowance = ONE_CLIENT,
        everybody: Allowance = EVERYBODY,
    ) -> None:
        self._clock = clock
        self._one_client = one_client
        self._everybody = _Bucket(everybody, clock())
        self._clients: OrderedDict[bytes, _Bucket] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def wait_s(self, address: str) -> float:
        """Seconds until this client may try again; 0 = now."""
        now = self._clock()
        bucket = self._clients.get(self._name(address))
        if bucket is None:
            return 0.0
        own = bucket.wait_s(now)
        return own if own or bucket.full else self._everybody.wait_s(now)

    def failed(self, address: str) -> None:
        """Count one wrong code."""
        now, name = self._clock(), self._name(address)
        bucket = self._clients.setdefault(name, _Bucket(self._one_client, now))
        self._clients.move_to_end(name)
        bucket.take(now)
        self._everybody.take(now)
        while len(self._clients) > CLIENTS_KEPT:
            self._clients.popitem(last=False)

    def _name(self, address: str) -> bytes:
        return hashlib.blake2b(_network(address).encode(), key=self._key, digest_size=16).digest()


def _network(address: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 customer has whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
