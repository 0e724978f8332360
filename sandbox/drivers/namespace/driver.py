"""The namespace driver: a sandbox is an OCI container in user, pid, mount, network, ipc, uts and cgroup
namespaces of its own, on a disk of its own, started by runc and big enough to run a container engine."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from lab.paths import Paths
from sandbox.drivers.base import (
    PTY,
    Driver,
    DriverInfo,
    Handle,
    Port,
    Report,
    Result,
    Spec,
    Stats,
    Status,
)
from sandbox.drivers.namespace import (
    bundle,
    children,
    disk,
    engine,
    execute,
    filesystem,
    lastwords,
    lent,
    limits,
    mounts,
    network,
    probe,
    readiness,
)
from sandbox.drivers.namespace.cgroups import DESCENDANTS, Cgroup
from sandbox.drivers.namespace.dial import dial_inside
from sandbox.drivers.namespace.names import Names
from sandbox.drivers.namespace.ports import Ports
from sandbox.drivers.namespace.runc import Runc
from sandbox.drivers.namespace.state import Folder, Register, State, start_time
from sandbox.errors import Reason, SandboxError, SandboxNotFound, SandboxTimeout

log = logging.getLogger(__name__)

READY_TIMEOUT = 190.0
PING_EXTRA = 10.0
"""Seconds that it may take to ask, on a machine where thirty ask at once."""
SHELL = ["/bin/bash", "-l"]
CROWDED = (
    "The sandbox has as many processes as it may, so that nothing more can be started in it; end some, or start a "
    "fresh one."
)


class NamespaceDriver(Driver):
    """Sandboxes of one lab on this machine. Needs root; everything else is said by `info`."""

    name = "namespace"

    def __init__(self, paths: Paths, names: Names) -> None:
        self.paths = paths
        self.names = names
        self.register = Register(paths.sandboxes)
        self.runc = Runc(paths.run / "runc")
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._ports: dict[str, Ports] = {}
        children.adopt()

    def info(self) -> DriverInfo:
        return probe.info(self.name, self.paths)

    # Making one

    def create(self, key: str, spec: Spec, report: Report) -> Handle:
        folder = self.register.folder(key)
        with self._for(key):
            state = folder.read()
            try:
                if state is not None and state.alive():
                    for wait in readiness.waits(state.profile):
                        self._wait(key, wait)
                    return self._handle(state)
                self._remove(key)
                filesystem.check_built(self.paths, spec.profile)
                return self._make(key, spec, report)
            except Exception as error:
                kept = lastwords.keep(folder, key, self.paths.failed)
                where = f" (its log is kept in {kept})" if kept else ""
                log.warning("Sandbox %s: %s; removing what was made of it%s", key, error, where)
                self._remove(key)
                if isinstance(error, SandboxError):
                    raise
                raise SandboxError(
                    "The sandbox could not be made; try again, or ask for `make doctor`.", detail=repr(error)
                ) from error

    def _make(self, key: str, spec: Spec, report: Report) -> Handle:
        folder = self.register.folder(key)
        with self._lock:
            state = self.register.reserve(key, spec.profile)
        owner = self.names.first_id(state.index)
        cgroup = self._cgroup(key)

        def start() -> None:
            nonlocal state
            lent_files = lent.mount(folder, owner) if spec.profile == "kubernetes" else {}
            self._bundle(folder, state, cgroup, lent_files)
            pid = self.runc.create(key, folder.bundle)
            limits.set_inside(pid)
            network.connect(self.names, state.index, pid)
            self.runc.start(key)
            state = replace(state, pid=pid, started=start_time(pid))
            folder.write(state)  # last: what is not written is removed after a crash, not adopted

        def mount() -> None:
            filesystem.make_root(self.paths, self.names, folder, spec.profile, owner)

        steps: list[tuple[str, Callable[[], None]]] = [
            ("Making a disk", lambda: filesystem.make_disk(folder, spec, owner)),
            ("Mounting the root filesystem", mount),
            ("Setting limits", lambda: cgroup.make(spec, owner)),
            ("Starting the sandbox", start),
            *((wait.title, partial(self._wait, key, wait)) for wait in readiness.waits(spec.profile)),
        ]
        for index, (name, step) in enumerate(steps):
            report(name, index, len(steps))
            step()
        return self._handle(state)

    def _bundle(self, folder: Folder, state: State, cgroup: Cgroup, lent_files: Mapping[str, Path]) -> None:
        wanted = bundle.Bundle(
            key=state.key,
            root=folder.root,
            disk=folder.disk,
            cgroup=cgroup.box,
            first_id=self.names.first_id(state.index),
            profile=state.profile,
            lent=lent_files,
        )
        bundle.write(wanted, folder.bundle)

    def _wait(self, key: str, wait: readiness.Wait) -> None:
        argv, cgroup = readiness.argv(wait), self._cgroup(key)
        try:
            done = execute.run(self.runc, cgroup, key, argv, user="root", timeout=READY_TIMEOUT, stdin=b"")
        except SandboxTimeout as error:  # what it asked has taken the question, and never answered
            raise SandboxError(wait.failure, detail=error.message) from error
        if done.exit_code != 0:
            detail = done.stderr.decode(errors="replace")[-2000:]
            raise SandboxError(wait.failure, detail=detail)

    # Using one

    def poll(self, handle: Handle) -> Status:
        state = self._state(handle)
        if state is None or not state.alive():
            return Status.GONE
        return Status.FROZEN if self._cgroup(state.key).frozen() else Status.RUNNING

    def run(
        self,
        handle: Handle,
        argv: list[str],
        *,
        user: str = "root",
        timeout: float = 30.0,
        stdin: bytes = b"",
    ) -> Result:
        key = self._running(handle).key
        cgroup = self._cgroup(key)
        if cgroup.crowded():  # to try would take longer than anybody waits
            raise SandboxError(CROWDED)
        try:
            return execute.run(self.runc, cgroup, key, argv, user=user, timeout=timeout, stdin=stdin)
        except (SandboxNotFound, SandboxTimeout) as error:
            if not cgroup.crowded():
                raise
            raise SandboxError(CROWDED, detail=error.detail) from error

    def attach(
        self, handle: Handle, argv: list[str], streams: tuple[int, int, int], user: str = "root"
    ) -> int:
        """Run a command with the given standard streams until it ends; its exit code."""
        return execute.attach(self.runc, self._running(handle).key, argv, streams, user=user)

    def freeze(self, handle: Handle) -> None:
        key = self._running(handle).key
        with self._for(key):
            self._cgroup(key).freeze()

    def thaw(self, handle: Handle) -> None:
        self._cgroup(self._running(handle).key).thaw()

    def stats(self, handle: Handle) -> Stats:
        state = self._running(handle)
        cgroup = self._cgroup(state.key)
        usage = os.statvfs(self.register.folder(state.key).disk)
        return Stats(
            memory=cgroup.memory_used(),
            cpu_seconds=cgroup.cpu_seconds(),
            pids=cgroup.pids(),
            disk_used=(usage.f_blocks - usage.f_bfree) * usage.f_frsize,
        )

    def open_terminal(self, handle: Handle, size: tuple[int, int], user: str = "root") -> PTY:
        descriptor, pid = self.runc.open_terminal(self._running(handle).key, SHELL, size, user)
        return PTY(fd=descriptor, pid=pid)

    def dial(self, handle: Handle, port: int) -> socket.socket:
        state = self._running(handle)
        return dial_inside(state.pid, port, self.names.address(state.index))

    def engine_alive(self, handle: Handle) -> bool:
        try:
            state = self._running(handle)
            if state.profile == "kubernetes":
                return engine.cluster_listens(state.pid, self.names.address(state.index))
            return engine.listens(state.pid)
        except OSError as error:
            raise SandboxNotFound("The sandbox is not running; start a fresh one.") from error

    def answers(self, handle: Handle, seconds: float) -> bool:
        if self.poll(handle) is not Status.RUNNING:
            return False
        try:
            argv = readiness.answers(self._running(handle).profile, seconds)
            return self.run(handle, argv, timeout=seconds + PING_EXTRA).exit_code == 0
        except SandboxError:
            return False

    def ports(self, handle: Handle) -> Sequence[Port]:
        state = self._running(handle)
        seen = self._ports.setdefault(state.key, Ports())
        try:
            return seen.look(state.pid, self.names.address(state.index), self._cgroup(state.key).processes)
        except OSError as error:
            raise SandboxNotFound("The sandbox is not running; start a fresh one.") from error

    # Ending one

    def destroy(self, handle: Handle) -> None:
        key = str(handle.get("key", ""))
        self.register.folder(key)
        with self._for(key):
            self._remove(key)
        with self._lock:
            self._busy.pop(key, None)
            self._ports.pop(key, None)

    def list(self) -> set[str]:
        return set(self.register)

    def remove_leftovers(self) -> Iterable[str]:
        """Remove every sandbox that no longer runs (a crash, a reboot); the keys of those that were."""
        removed = []
        for key in sorted(self.register):
            state = self.register.folder(key).read()
            if state is None or not state.alive():
                try:
                    self.destroy({"key": key})
                    removed.append(key)
                except (OSError, SandboxError):  # one that cannot be removed must not keep the others
                    log.exception("Sandbox %s could not be removed", key)
        return removed

    def members(self) -> Iterable[tuple[str, str]]:
        """Interface and address of every sandbox that runs."""
        for key in self.register:
            state = self.register.folder(key).read()
            if state is not None and state.alive():
                yield self.names.interface(state.index), self.names.address(state.index)

    def end_greedy(self) -> Iterable[str]:
        """Remove sandboxes that have made more cgroups than one may; the keys of those that had."""
        greedy = [key for key in sorted(self.register) if self._cgroup(key).descendants() > DESCENDANTS]
        for key in greedy:
            self.destroy({"key": key})
        return greedy

    def disk_taken(self) -> dict[str, int]:
        """By key, the bytes of the host's disk that each sandbox has taken."""
        taken = {}
        for key in self.register:
            with suppress(OSError):  # one that is being made or removed
                taken[key] = disk.taken(self.register.folder(key).image)
        return taken

    def _remove(self, key: str) -> None:
        folder = self.register.folder(key)
        state = folder.read()
        if not folder.path.exists():
            return
        cgroup = self._cgroup(key)
        cgroup.kill()
        self.runc.delete(key)
        if state is not None:
            children.reap(state.pid)
            network.disconnect(self.names, state.index)
        mounts.unmount_below(folder.path)
        cgroup.remove()
        shutil.rmtree(folder.path)

    # Small things

    def _for(self, key: str) -> threading.Lock:
        """One making or ending at a time for each key."""
        with self._lock:
            return self._busy.setdefault(key, threading.Lock())

    def _cgroup(self, key: str) -> Cgroup:
        return Cgroup(f"{self.names.cgroup}/{key}")

    def _handle(self, state: State) -> Handle:
        return {"key": state.key, "index": state.index, "address": self.names.address(state.index)}

    def _state(self, handle: Handle) -> State | None:
        try:
            return self.register.folder(str(handle.get("key", ""))).read()
        except SandboxError as error:
            if error.reason is Reason.INVALID:
                return None
            raise

    def _running(self, handle: Handle) -> State:
        state = self._state(handle)
        if state is None or not state.alive():
            raise SandboxNotFound("The sandbox is not running; start a fresh one.")
        return state
