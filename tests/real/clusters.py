"""A sandbox with a cluster, and short ways to work in it, for the tests of real clusters."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.drivers.base import Handle, Result, Spec
from tests.real.conftest import FACTOR, wait_for

CLUSTER = Spec(profile="kubernetes", memory=3 << 30, disk=4 << 30, inodes=300_000, pids=1_500)
SAID = "this kubelet is broken"


@dataclass(frozen=True)
class Cluster:
    """`shell` is the fixture of that name."""

    handle: Handle
    shell: Callable[..., Result]

    def sh(self, script: str, *, timeout: float = 60, user: str = "root") -> str:
        """Standard output of a script that must succeed."""
        done = self.shell(self.handle, script, timeout=timeout, user=user)
        assert done.exit_code == 0, f"{script}\n{done.stdout.decode()}{done.stderr.decode()}"
        return done.stdout.decode()

    def fails(self, script: str) -> str:
        """What a script that must fail says, on both streams."""
        done = self.shell(self.handle, script)
        assert done.exit_code != 0, f"{script} did not fail: {done.stdout.decode()}"
        return (done.stdout + done.stderr).decode()

    def apply(self, *manifests: str) -> None:
        """Create what the YAML documents describe."""
        text = "\n---\n".join(manifests)
        self.sh(f"kubectl apply -f - <<'YAML'\n{text}\nYAML")

    def get(self, what: str) -> Any:
        """`kubectl get WHAT -o json`, read."""
        return json.loads(self.sh(f"kubectl get {what} -o json"))

    def wait(self, what: str, condition: str = "condition=Ready", seconds: float = 60) -> None:
        """`kubectl wait`, with what the cluster knows about it when it fails."""
        seconds *= FACTOR
        script = f"kubectl wait --for={condition} {what} --timeout={seconds:g}s"
        self.sh(f"{script} || {{ kubectl describe {what}; exit 1; }} >&2", timeout=seconds + 30)

    def becomes(self, script: str, wanted: str, seconds: float = 60) -> None:
        """Wait until the script's output, stripped, is `wanted`."""
        wait_for(
            lambda: self.shell(self.handle, script).stdout.decode().strip() == wanted,
            f"{script!r} giving {wanted!r}",
            seconds,
        )


def pod(name: str, command: str, *, more: str = "", container: str = "") -> str:
    """The manifest of a pod with one BusyBox container that runs `command` by its shell and ends at once when told
    to; `more` are lines of its spec, `container` of its container."""
    lines = [
        "apiVersion: v1",
        "kind: Pod",
        f"metadata: {{name: {name}, labels: {{app: {name}}}}}",
        "spec:",
        "  terminationGracePeriodSeconds: 0",
        *(f"  {line}" for line in more.splitlines()),
        "  containers:",
        "  - name: main",
        "    image: busybox:1",
        f"    command: [sh, -c, {json.dumps(command)}]",
        *(f"    {line}" for line in container.splitlines()),
    ]
    return "\n".join(lines)


def break_kubelet(good: Path, made: Path) -> Path:
    """A copy, by second names, of the part `tools` with a kubelet that only says so."""
    shutil.copytree(good, made, copy_function=lambda source, target: Path(target).hardlink_to(source))
    kubelet = made / "usr/local/bin/kubelet"
    kubelet.unlink()
    kubelet.write_text(f"#!/bin/sh\necho {SAID}\nexit 1\n")
    kubelet.chmod(0o755)
    return made


def point(link: Path, target: Path) -> None:
    """Have a link of `current` lead elsewhere, in one step."""
    fresh = link.with_name(f".{link.name}.new")
    fresh.symlink_to(target)
    fresh.replace(link)
