"""A token bucket: so much at once, so much per second after that."""

from __future__ import annotations

import time


class Bucket:
    """`rate` tokens a second, at most `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._then = time.monotonic()

    def take(self, amount: float = 1) -> bool:
        """Take `amount` tokens if they are there."""
        now = time.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._then) * self.rate)
        self._then = now
        if amount > self._tokens:
            return False
        self._tokens -= amount
        return True

    @property
    def full(self) -> bool:
        """Whether nobody has taken anything for a while."""
        return self._tokens + (time.monotonic() - self._then) * self.rate >= self.burst
