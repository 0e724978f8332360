"""Where a lab keeps its things. Standard library only: set-up uses it before anything is installed.

Everything of one lab lies under one data folder, and every name it takes on the host (cgroups,
interfaces, nftables tables) carries that folder's tag, so that two labs on a machine never meet.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_DATA = "/var/lib/docker-run-kubectl-apply"
USER = "lab"
"""The unprivileged system user and group that every process but sandboxd runs as."""


@dataclass(frozen=True)
class Paths:
    """The layout below a data folder. Nothing is created by looking at it."""

    data: Path

    @classmethod
    def from_env(cls) -> Paths:
        """The folder that LAB_DATA names, or the default, made absolute."""
        return cls(Path(os.environ.get("LAB_DATA") or DEFAULT_DATA).absolute())

    @property
    def tag(self) -> str:
        """Six hexadecimal digits that stand for this data folder in names on the host."""
        return hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:6]

    @property
    def store(self) -> Path:
        """Content-addressed results of set-up: `<part>-<hash>/`, complete once they exist."""
        override = os.environ.get("LAB_STORE")
        return Path(override).absolute() if override else self.data / "store"

    @property
    def current(self) -> Path:
        """Symbolic links from a part's name to its folder in the store."""
        return self.data / "current"

    @property
    def app(self) -> Path:
        """The installed copy of the project that processes run from."""
        return self.current / "app"

    @property
    def python(self) -> Path:
        return self.current / "venv" / "bin" / "python"

    @property
    def rootfs(self) -> Path:
        """The sandboxes' root filesystem, owned by root, read-only by habit."""
        return self.current / "rootfs"

    @property
    def tools(self) -> Path:
        """Kubernetes' programs, laid out to lie over the root filesystem; absent until they are built."""
        return self.current / "tools"

    @property
    def images(self) -> Path:
        """docker-registry's storage (its `rootdirectory`) with the seeded images."""
        return self.current / "images"

    @property
    def run(self) -> Path:
        """Sockets and state of running processes; root's."""
        return self.data / "run"

    @property
    def run_lab(self) -> Path:
        """The part of `run` that the unprivileged processes may write."""
        return self.run / "lab"

    @property
    def redis_socket(self) -> Path:
        return self.run_lab / "redis.sock"

    @property
    def sandboxd_socket(self) -> Path:
        return self.run / "sandboxd.sock"

    @property
    def termd_socket(self) -> Path:
        return self.run_lab / "termd.sock"

    @property
    def network_file(self) -> Path:
        """Written by sandboxd once the service address exists: JSON with `address`."""
        return self.run / "network.json"

    @property
    def progress_file(self) -> Path:
        """How far set-up is, as JSON; absent once everything is prepared."""
        return self.run / "progress.json"

    @property
    def tools_progress(self) -> Path:
        """The same of what is built for Kubernetes while the lab runs; it stays when that fails."""
        return self.run / "tools.json"

    @property
    def builds(self) -> Path:
        """What unfinished builds go on from; root's."""
        return self.data / "build"

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def database(self) -> Path:
        return self.data / "db" / "lab.sqlite3"

    @property
    def proofs(self) -> Path:
        """When each step of the lessons was last proven, as JSON; `manage.py checklessons --run` writes it."""
        return self.database.with_name("proofs.json")

    @property
    def secret(self) -> Path:
        """Django's secret key: made at first start, mode 0640, root's and the lab group's."""
        return self.data / "secret"

    @property
    def code(self) -> Path:
        """What visitors must enter when HOST is beyond loopback; same mode as the secret."""
        return self.data / "code"

    @property
    def cache(self) -> Path:
        """Images fetched from the upstream registry, where the operator named one; the lab user's."""
        return self.data / "cache"

    @property
    def upstream_login(self) -> Path:
        """A copy, for the lab's group, of the file that LAB_REGISTRY_CREDENTIALS names; while the lab runs."""
        return self.run / "upstream-login"

    @property
    def failed(self) -> Path:
        """Logs out of sandboxes that could not be made, one file for each; root's alone."""
        return self.data / "failed"

    @property
    def sandboxes(self) -> Path:
        """One folder for each sandbox, root's alone."""
        return self.data / "sandboxes"
