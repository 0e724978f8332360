"""Sandboxes by the lab's own driver, in this process, with the registry and the resolver that they need."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.place import ROOT, BenchError, fresh
from lab.paths import USER, Paths
from sandbox import services
from sandbox.drivers.base import Handle, Report, Spec
from sandbox.drivers.namespace import cgroups, network, sysctls
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.drivers.namespace.names import claim_names
from sandbox.sandboxd.__main__ import SUBNET, clean_up

SERVICES = ("sandbox.images.registry", "sandbox.resolver")
SERVICES_START = 20.0
SPEC = Spec()


@dataclass
class Marks:
    """When each step of a sandbox's making began: `mark` is what the driver reports to."""

    begun: list[tuple[str, float]] = field(default_factory=list)

    def mark(self, name: str, index: int, count: int) -> None:
        self.begun.append((name, time.perf_counter()))

    def steps(self, end: float) -> dict[str, float]:
        """By name, the seconds that each took, the last one until `end` (of time.perf_counter)."""
        ends = [*(at for _, at in self.begun[1:]), end]
        return {name: until - at for (name, at), until in zip(self.begun, ends, strict=True)}

    def when(self, name: str) -> float:
        """When that step began."""
        return next(at for begun, at in self.begun if begun == name)

    def add_to(self, steps: dict[str, list[float]], end: float) -> None:
        """Put those behind what earlier makings took."""
        for name, took in self.steps(end).items():
            steps.setdefault(name, []).append(took)


class Sandboxes:
    """A driver and `registry`, host:port on this machine."""

    def __init__(self, driver: NamespaceDriver, registry: str) -> None:
        self.driver = driver
        self.registry = registry

    def create(self, report: Report = lambda name, index, count: None, spec: Spec = SPEC) -> Handle:
        return self.driver.create(f"bench-{secrets.token_hex(4)}", spec, report)

    @contextmanager
    def one(self, spec: Spec = SPEC) -> Iterator[Handle]:
        handle = self.create(spec=spec)
        try:
            yield handle
        finally:
            self.driver.destroy(handle)


@contextmanager
def sandboxes(base: Paths) -> Iterator[Sandboxes]:
    """Everything that sandboxes need on this machine, until the end of the block."""
    with fresh(base) as paths:
        paths.current.mkdir()
        for part in ("rootfs", "images", "tools"):
            if (base.current / part).exists():
                (paths.current / part).symlink_to((base.current / part).resolve())
        paths.run.mkdir()
        paths.run_lab.mkdir()
        shutil.chown(paths.run_lab, USER, USER)
        names, lock = claim_names(paths, SUBNET)
        with lock:
            try:
                sysctls.hold(paths, False)
                cgroups.limit_all(names.cgroup)
                found = services.choose(names.service_address)
                network.set_up(names, False, found)
                services.write(paths, found)
                with _services(paths, found):
                    yield Sandboxes(NamespaceDriver(paths, names), f"{found.address}:{found.registry}")
            finally:
                clean_up(paths, names)


@contextmanager
def _services(paths: Paths, found: services.Services) -> Iterator[None]:
    environment = {**os.environ, "LAB_DATA": str(paths.data), "PYTHONPATH": str(ROOT)}
    with (paths.data / "services.log").open("wb") as output:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", module], env=environment, cwd=ROOT, stdout=output, stderr=output
            )
            for module in SERVICES
        ]
    try:
        for port in (found.registry, found.resolver):
            wait_for_port(found.address, port, SERVICES_START)
        yield
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def wait_for_port(address: str, port: int, seconds: float) -> None:
    """Until something listens there. Raises BenchError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise BenchError(f"Nothing listens on {address}:{port} after {seconds:g} s.") from None
            time.sleep(0.02)
        else:
            return
