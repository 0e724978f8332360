"""Keeps one sandbox from taking what the others and the host need: cgroups, firewall, disk, process numbers."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from lab import env
from sandbox import services
from sandbox.drivers.namespace import network
from sandbox.drivers.namespace.children import Strays
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.services import Services

log = logging.getLogger("sandboxd")

SECONDS = 2.0
"""Between two looks at cgroups and the firewall."""
DISK_SECONDS = 0.25
"""Between two looks at the free disk: half the usual reserve outlasts that on most disks."""
SHARE = 512 << 20
"""Bytes of the host's disk that every sandbox may count on: none is ended that has taken less."""
KEPT = 1000
"""How many endings are remembered."""

CGROUPS = "It made more cgroups than one sandbox may have, and has been removed; start a fresh one."
DISK = "It used most of the disk that was left, and has been removed; start a fresh one."


def disk_reserve() -> int:
    """LAB_DISK_RESERVE in bytes. Raises ImproperlyConfigured."""
    return env.integer("LAB_DISK_RESERVE", 2048, low=0, high=1 << 30) << 20


class Guard:
    """`reserve` in bytes: with less than half of it free, the sandbox that has taken most disk is ended."""

    def __init__(self, driver: NamespaceDriver, found: Services, *, internet: bool, reserve: int) -> None:
        self.driver = driver
        self.services = found
        self.internet = internet
        self.reserve = reserve
        self._endings: dict[str, str] = {}
        self._warned = False
        self._strays = Strays()

    def start(self) -> None:
        """Look after the sandboxes for the life of this process."""
        for look, seconds in ((self.look, SECONDS), (self.look_at_disk, DISK_SECONDS)):
            threading.Thread(target=_repeat, args=(look, seconds), daemon=True).start()

    def ending(self, key: str) -> str:
        """Why this guard ended that sandbox, for its owner; empty when it did not."""
        return self._endings.get(key, "")

    def look(self) -> None:
        """Put back the firewall if somebody removed it, lead around a port that another program has taken, end
        sandboxes that take more than cgroups of version 1 can refuse, and wait for what nobody else waits for."""
        self._strays.collect()
        free = services.choose(self.services.address, self.services, cache=bool(self.services.cache))
        if free != self.services:
            log.warning("Another program has taken a port of the lab's services; they move to %s", free)
            self._lead_to(free)
        elif not network.is_up(self.driver.names):
            log.warning("The firewall's table was gone; it is loaded again")
            self._lead_to(free)
        for key in self.driver.end_greedy():
            log.warning("Sandbox %s made too many cgroups and has been removed", key)
            self._remember(key, CGROUPS)

    def look_at_disk(self) -> None:
        """End the sandbox that has taken most of the host's disk when little is left for all others."""
        found = os.statvfs(self.driver.paths.data)
        free = found.f_bavail * found.f_frsize
        if free >= self.reserve // 2:
            self._warned = False
            return
        taken = self.driver.disk_taken()
        most = max(taken, key=lambda key: taken[key], default="")
        if not most or taken[most] < SHARE:
            if not self._warned:
                log.error("Only %d MiB of disk are left, and no sandbox has taken much of it", free >> 20)
            self._warned = True
            return
        said = "Only %d MiB of disk were left: sandbox %s, which had taken %d MiB, is removed"
        log.warning(said, free >> 20, most, taken[most] >> 20)
        self._remember(most, DISK)
        self.driver.destroy({"key": most})

    def _lead_to(self, found: Services) -> None:
        network.set_up(self.driver.names, self.internet, found, self.driver.members())
        services.write(self.driver.paths, found)
        self.services = found

    def _remember(self, key: str, why: str) -> None:
        while len(self._endings) >= KEPT:
            del self._endings[next(iter(self._endings))]
        self._endings[key] = why


def _repeat(look: Callable[[], None], seconds: float) -> None:
    while True:
        time.sleep(seconds)
        try:
            look()
        except Exception:  # this thread must outlive whatever a sandbox can think of
            log.exception("Looking after the sandboxes failed")
