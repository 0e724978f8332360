"""The host's Docker engine, started privately as a peer.

It runs in network and mount namespaces of its own, so that its bridge, its firewall rules and its mounts
are a default installation's and still never meet the machine's.
"""

from __future__ import annotations

import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.place import BenchError, fresh
from lab.paths import Paths
from sandbox.drivers.namespace.cgroups import hierarchies

DOCKER = "/usr/bin/docker"
DOCKERD = "/usr/sbin/dockerd"
START = 60.0
STOP = 30.0
ROOT_IMAGE = "lab-root:1"
"""The sandboxes' root filesystem as an image."""
BUSYBOX = "busybox:1"


class Engine:
    """A running dockerd, reached by Debian's client on its socket."""

    def __init__(self, socket: Path, pid: int) -> None:
        self.socket = socket
        self.pid = pid

    def argv(self, *words: str) -> list[str]:
        """The command line of the Debian client, talking to this engine."""
        return [DOCKER, "--host", f"unix://{self.socket}", *words]

    def call(self, *words: str) -> str:
        """Standard output. Raises BenchError."""
        done = subprocess.run(self.argv(*words), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"The host's engine: {done.stderr.strip()}")
        return done.stdout.strip()

    def memory(self) -> dict[str, int]:
        """Bytes of anonymous and of file memory that dockerd and its containerd have resident."""
        pids = [self.pid, *children(self.pid)]
        return {kind: sum(_status(pid, field) for pid in pids) for kind, field in
                (("anon", "RssAnon"), ("file", "RssFile"))}  # fmt: skip

    def load_root(self, rootfs: Path) -> None:
        """`docker import` the sandboxes' root filesystem as ROOT_IMAGE. Raises BenchError."""
        with subprocess.Popen(["tar", "-C", str(rootfs), "-cf", "-", "."], stdout=subprocess.PIPE) as tar:
            done = subprocess.run(
                self.argv("import", "-", ROOT_IMAGE),
                stdin=tar.stdout,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode or tar.returncode:
            raise BenchError(f"The root filesystem could not be imported: {done.stderr.strip()}")

    def load_busybox(self, registry: str, folder: Path) -> None:
        """Load the very busybox that sandboxes pull. Raises BenchError."""
        archive = folder / "busybox.tar"
        source = f"docker://{registry}/library/{BUSYBOX}"
        done = subprocess.run(
            ["skopeo", "copy", "--quiet", "--src-tls-verify=false", source, f"docker-archive:{archive}:{BUSYBOX}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise BenchError(f"busybox could not be copied from the lab's registry: {done.stderr.strip()}")
        self.call("load", "--quiet", "--input", str(archive))
        archive.unlink()


@contextmanager
def host_engine(base: Paths, registry: str) -> Iterator[Engine]:
    """Debian's dockerd with the two images, until the end of the block. Raises BenchError."""
    if not Path(DOCKERD).exists():
        raise BenchError("The host's engine, the peer, is missing: apt-get install docker.io")
    group = f"lab-bench-{secrets.token_hex(4)}"
    with fresh(base) as place:
        folder = place.data
        (folder / "daemon.json").write_text("{}")  # not the machine's own
        socket, log = folder / "docker.sock", folder / "dockerd.log"
        dockerd = [
            DOCKERD, "--host", f"unix://{socket}", "--data-root", str(folder / "data"), "--pidfile",
            str(folder / "pid"), "--exec-root", str(folder / "exec"), "--cgroup-parent", f"/{group}",
            "--exec-opt", "native.cgroupdriver=cgroupfs", "--config-file", str(folder / "daemon.json"),
        ]  # fmt: skip
        started = 'ip link set lo up && mount --make-rprivate / && exec "$@"'
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["unshare", "--net", "--mount", "sh", "-c", started, "sh", *dockerd],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        try:
            engine = Engine(socket, process.pid)
            _wait(engine, process, log)
            engine.load_root(base.rootfs)
            engine.load_busybox(registry, folder)
            yield engine
        finally:
            with suppress(BenchError, FileNotFoundError):
                for container in engine.call("ps", "--all", "--quiet").split():
                    engine.call("rm", "--force", container)
            process.send_signal(signal.SIGTERM)
            process.wait(STOP)
            for hierarchy in hierarchies():
                with suppress(OSError):
                    (hierarchy / group).rmdir()


def children(pid: int) -> list[int]:
    """The processes that `pid` started itself."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (task / "children").read_text().split()]
    return found


def _wait(engine: Engine, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START
    while process.poll() is None and time.monotonic() < deadline:
        if engine.socket.exists():
            with suppress(BenchError):
                engine.call("version")
                return
        time.sleep(0.05)
    lines = log.read_text(errors="replace").splitlines()
    raise BenchError(f"The host's engine did not start: {lines[-1] if lines else 'it said nothing'}")


def _status(pid: int, field: str) -> int:
    with suppress(FileNotFoundError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return 0
