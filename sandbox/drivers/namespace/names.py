"""What one lab may call its own on a host: addresses, id ranges and names, apart from any other lab's.

A lab has a slot; a sandbox has an index below 1,023 in it. Slot and index decide the sandbox's
address and its 65,536 user ids. The slot is remembered in the data folder.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lab.paths import Paths
from sandbox.errors import Reason, SandboxError

SLOTS = 32
INDEXES = range(1, 1023)
IDS = 65536
FIRST_ID = 1 << 31


@dataclass(frozen=True)
class Names:
    """Names and numbers of one lab. `network` is the lab's own /20."""

    tag: str
    slot: int
    network: ipaddress.IPv4Network

    @property
    def service_address(self) -> str:
        """Where sandboxes find the registry and the resolver."""
        return str(self.network[1])

    @property
    def table(self) -> str:
        return f"lab_{self.tag}"

    @property
    def interface_prefix(self) -> str:
        return f"lab{self.tag}"

    @property
    def cgroup(self) -> str:
        """Relative to the root of every hierarchy."""
        return f"lab/{self.tag}"

    def interface(self, index: int) -> str:
        """The host's end of the veth pair: at most 15 characters."""
        return f"{self.interface_prefix}x{index:03x}"

    def address(self, index: int) -> str:
        return str(self.network[index + 1])

    def first_id(self, index: int) -> int:
        """The host's user and group id that is root inside."""
        return FIRST_ID + (self.slot * 1024 + index) * IDS


def claim_names(paths: Paths, subnet: str) -> tuple[Names, ExitStack]:
    """This lab's names, and the locks on them, to be kept for the life of the process.

    The slot used before is preferred, then the one that the tag suggests; another lab may have taken either while this
    one did not run. Raises SandboxError when another process of this lab holds the names, or all slots are taken.
    """
    whole = ipaddress.IPv4Network(subnet)
    if whole.prefixlen > 15:
        raise SandboxError(f"LAB_SUBNET {subnet} is too small; give a /15 or larger.", reason=Reason.INVALID)
    networks = list(whole.subnets(new_prefix=20))[:SLOTS]
    remembered = _remembered(paths)
    first = int(paths.tag, 16) % SLOTS if remembered is None else remembered
    with ExitStack() as locks:
        own = _lock(f"lab-{paths.tag}")
        if own is None:
            raise SandboxError("Another sandboxd of this lab is running; stop it with `make down`.")
        locks.enter_context(own)
        for slot in [(first + step) % SLOTS for step in range(SLOTS)]:
            names = Names(paths.tag, slot, networks[slot])
            lock = _lock(f"slot-{slot}")
            if lock is None:
                continue
            if slot != remembered and _address_in_use(names.network):
                lock.close()
                continue
            locks.enter_context(lock)
            _slot_file(paths).write_text(json.dumps({"slot": slot}))
            return names, locks.pop_all()
    raise SandboxError(
        f"Every part of the network {subnet} is in use on this machine; set LAB_SUBNET to another /15."
    )


def _slot_file(paths: Paths) -> Path:
    return paths.data / "slot.json"


def _remembered(paths: Paths) -> int | None:
    try:
        return int(json.loads(_slot_file(paths).read_text())["slot"]) % SLOTS
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _lock(name: str) -> socket.socket | None:
    """An abstract socket is a lock that the kernel gives back when its holder dies."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        lock.bind(f"\0docker-run-kubectl-apply-{name}")
    except OSError:
        lock.close()
        return None
    return lock


def _address_in_use(network: ipaddress.IPv4Network) -> bool:
    found = subprocess.run(
        ["ip", "-json", "-4", "address"], capture_output=True, text=True, check=True, timeout=10
    )
    return any(
        ipaddress.IPv4Address(entry["local"]) in network
        for link in json.loads(found.stdout)
        for entry in link.get("addr_info", [])
        if "local" in entry
    )
