"""Where the registry and the resolver of sandboxes listen: sandboxd chooses and writes it, they read it.

Sandboxes see the usual ports, 5000 and 53; the firewall leads them to uncommon ones, so that the lab and other
programs of the host are not in each other's way. Standard library only: set-up uses it too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.paths import Paths

REGISTRY_PORTS = range(25500, 25520)
RESOLVER_PORTS = range(25520, 25540)
CACHE_PORTS = range(25540, 25560)
"""Below what kernels give to outgoing connections."""
TCP, UDP = ("tcp", "tcp6"), ("udp", "udp6")
LISTENING = "0A"
EVERYWHERE = {"0" * 8, "0" * 32}


@dataclass(frozen=True)
class Services:
    """An IPv4 address of the host's own, and ports on it."""

    address: str
    registry: int = REGISTRY_PORTS[0]
    resolver: int = RESOLVER_PORTS[0]
    cache: int = 0
    """0 where the operator wants no cache of another registry."""


def read(paths: Paths) -> Services | None:
    """What sandboxd has written; None while there is nothing."""
    try:
        found = json.loads(paths.network_file.read_text(encoding="utf-8"))
        services = Services(
            found["address"], int(found["registry"]), int(found["resolver"]), int(found.get("cache", 0))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return services if isinstance(services.address, str) and services.address else None


def write(paths: Paths, services: Services) -> None:
    """In one step, and for everybody to read."""
    fresh = paths.network_file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(services)))
    fresh.chmod(0o644)
    fresh.rename(paths.network_file)


def wait(paths: Paths, missing: Callable[[], str] = lambda: "", pause: float = 0.2) -> Services:
    """What is written, once it is and `missing` names nothing else; says on standard output what it waits for."""
    said = ""
    while True:
        found = read(paths)
        wanted = missing() or ("" if found else "the service address")
        if found and not wanted:
            return found
        if wanted != said:
            print(f"waiting for {wanted}", flush=True)
            said = wanted
        time.sleep(pause)


def choose(address: str, before: Services | None = None, *, cache: bool = False) -> Services:
    """Ports on this address that no other program has on all addresses; those of `before` while that is so."""
    kept = before if before and before.address == address else Services(address)
    return Services(
        address,
        _free((kept.registry, *REGISTRY_PORTS), _taken(TCP)),
        _free((kept.resolver, *RESOLVER_PORTS), _taken(TCP) | _taken(UDP)),
        _free((kept.cache or CACHE_PORTS[0], *CACHE_PORTS), _taken(TCP)) if cache else 0,
    )


def _free(ports: Iterable[int], taken: set[int]) -> int:
    """The first that is not taken; the very first, when all are: who listens there will say so."""
    ports = list(ports)
    return next((port for port in ports if port not in taken), ports[0])


def _taken(tables: tuple[str, ...]) -> set[int]:
    """Ports that a program listens on at every address. What listens on the service address is the lab's own."""
    found = set()
    for table in tables:
        with suppress(OSError):
            for line in (Path("/proc/net") / table).read_text().splitlines()[1:]:
                fields = line.split()
                address, _, port = fields[1].partition(":")
                if address in EVERYWHERE and (fields[3] == LISTENING or table in UDP):
                    found.add(int(port, 16))
    return found
