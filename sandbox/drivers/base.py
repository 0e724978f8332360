"""The contract between the lab and what a sandbox is made of.

Every driver has the same few methods and passes the same suite, `tests/real/test_contract.py`.
Methods block; callers that must not block use a thread. All of them raise `SandboxError` or one
of its children, and nothing else, for what can go wrong outside the program.
"""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

Handle = dict[str, Any]
"""Opaque, plain JSON; what a driver needs to find its sandbox again after a restart."""

Report = Callable[[str, int, int], None]
"""Called as report(name, index, count) when step `index` (from 0) of `count` begins."""

PROFILES = ("docker", "kubernetes")


class Status(StrEnum):
    """What `poll` answers."""

    RUNNING = "running"
    FROZEN = "frozen"
    GONE = "gone"  # never made, destroyed, or its first process ended


@dataclass(frozen=True)
class Spec:
    """What to make. Sizes in bytes; `cpus` in cores, as a weight where the host enforces no quota."""

    profile: str = "docker"
    memory: int = 2 << 30
    disk: int = 8 << 30
    inodes: int = 500_000
    pids: int = 2_000
    cpus: float = 2.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Spec:
        """Raises TypeError for unknown fields."""
        return cls(**data)


@dataclass(frozen=True)
class DriverInfo:
    """What a driver can do on this machine. `problem` is one sentence with its mend, or empty."""

    name: str
    available: bool
    problem: str = ""
    enforces: tuple[str, ...] = ()  # of: memory, pids, cpu, disk, inodes, network
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The outcome of `run`. Output is cut at `RUN_OUTPUT_LIMIT` bytes each; `truncated` says so."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    truncated: bool = False


@dataclass(frozen=True)
class Stats:
    """Use by the whole sandbox. Bytes, seconds of CPU since its start, and counts."""

    memory: int
    cpu_seconds: float
    pids: int
    disk_used: int


@dataclass(frozen=True)
class PTY:
    """An open terminal: the master's file descriptor (the caller's to close) and the shell's host pid
    (a child of the caller's process, the caller's to wait for)."""

    fd: int
    pid: int


@dataclass(frozen=True)
class Port:
    """A TCP port that is open inside; `published`: by the container engine, for a container."""

    number: int
    published: bool = False


RUN_OUTPUT_LIMIT = 1 << 20


class Driver(ABC):
    """One kind of sandbox. `key` is 4 to 40 characters of a-z, 0-9 and -, unique per sandbox."""

    name: str

    @abstractmethod
    def info(self) -> DriverInfo:
        """Whether this machine can make such sandboxes; never raises, takes under a second."""

    @abstractmethod
    def create(self, key: str, spec: Spec, report: Report) -> Handle:
        """Make and start a sandbox and wait until its engine answers; with a cluster, until its API answers and
        its node is ready.

        Idempotent: an existing running sandbox of that key is returned as it is. On failure
        everything made so far is removed before the error is raised.
        """

    @abstractmethod
    def poll(self, handle: Handle) -> Status:
        """The sandbox's state now; one that is missing is GONE, never an exception."""

    @abstractmethod
    def run(
        self,
        handle: Handle,
        argv: list[str],
        *,
        user: str = "root",
        timeout: float = 30.0,
        stdin: bytes = b"",
    ) -> Result:
        """Run a command inside, without a terminal. Raises SandboxNotFound when it is GONE and
        SandboxTimeout after `timeout` seconds, with everything the command started ended, SandboxError when it
        cannot be started."""

    @abstractmethod
    def attach(
        self, handle: Handle, argv: list[str], streams: tuple[int, int, int], user: str = "root"
    ) -> int:
        """Run a command inside on these file descriptors (input, output, errors) until it ends; its exit
        code. Raises SandboxNotFound when the sandbox is GONE."""

    @abstractmethod
    def freeze(self, handle: Handle) -> None:
        """Stop every process inside without ending it. Idempotent."""

    @abstractmethod
    def thaw(self, handle: Handle) -> None:
        """Let frozen processes go on. Idempotent."""

    @abstractmethod
    def stats(self, handle: Handle) -> Stats:
        """Current use; also while frozen."""

    @abstractmethod
    def destroy(self, handle: Handle) -> None:
        """Remove the sandbox and everything that was made for it on the host. Idempotent."""

    @abstractmethod
    def list(self) -> set[str]:
        """Keys of all sandboxes that have anything left on this machine, known to a database or not."""

    @abstractmethod
    def open_terminal(self, handle: Handle, size: tuple[int, int], user: str = "root") -> PTY:
        """Start a login shell on a new PTY inside. `size` is (columns, rows)."""

    @abstractmethod
    def dial(self, handle: Handle, port: int) -> socket.socket:
        """A connected TCP socket to `port` inside. Raises SandboxError when nothing listens there."""

    @abstractmethod
    def engine_alive(self, handle: Handle) -> bool:
        """Whether the container engine inside runs, or with a cluster the API server and etcd, which is not to say that
        they answer; also while frozen, and without waking it. Raises SandboxNotFound when the sandbox is GONE."""

    @abstractmethod
    def answers(self, handle: Handle, seconds: float) -> bool:
        """Whether the container engine inside answers a question within `seconds`, not counting the way to it; with
        a cluster, whether its API says within that time that the node is ready. False when the sandbox is GONE or
        frozen."""

    @abstractmethod
    def ports(self, handle: Handle) -> Sequence[Port]:
        """TCP ports that can be dialled, by number, without those of the engine's own programs; also while
        frozen, and without waking it. Raises SandboxNotFound when the sandbox is GONE."""
