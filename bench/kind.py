"""kind, a peer: how long `kind create cluster` takes by this machine's own Docker engine, or why it cannot run here."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HUB = "https://registry-1.docker.io/v2/"
"""Where kind's node image is fetched from."""
IMAGE = "kindest/node"
LOOK = 10.0
LONGEST = 900.0
"""Seconds for the first cluster, with which the image is fetched."""
WAIT = "300s"


def create(runs: int, hub: str = HUB) -> tuple[list[float], str]:
    """Seconds of each of `runs` clusters from nothing to Ready, after a first one that fetches the image, and what it
    is; no seconds, and the reason, where it cannot run."""
    if why := missing(hub):
        return [], f"cannot run here: {why}"
    values = []
    for turn in range(runs + 1):
        took, why = _cluster()
        if why:
            return [], f"cannot run here: kind says: {why}"
        if turn:
            values.append(took)
    return values, "one node in a container of this machine's engine, Ready; its image is there"


def missing(hub: str = HUB) -> str:
    """What it lacks here, in half a sentence; empty when nothing is known to be missing."""
    found = [] if shutil.which("kind") else ["there is no program kind"]
    engine = _engine()
    if engine:
        found.append(engine)
    if (engine or not _said("docker", "image", "ls", "--quiet", IMAGE)[1]) and (why := _unreachable(hub)):
        found.append(f"its image {IMAGE} cannot be fetched ({why})")
    return ", and ".join(found)


def _engine() -> str:
    """Why this machine's Docker engine cannot be used; empty if it can."""
    if not shutil.which("docker"):
        return "there is no program docker"
    failed, said = _said("docker", "version", "--format", "{{.Server.Version}}")
    return f"no Docker engine answers ({said})" if failed else ""


def _unreachable(hub: str) -> str:
    """Why a registry does not answer; empty if it does, which it does to a stranger by 401."""
    try:
        urllib.request.urlopen(hub, timeout=LOOK).close()
    except urllib.error.HTTPError as error:
        return "" if error.code == 401 else f"{hub} answers {error.code}"
    except OSError as error:
        return f"{hub}: {getattr(error, 'reason', error)}"
    return ""


def _cluster() -> tuple[float, str]:
    """Seconds of one cluster, and why there was none."""
    name = f"lab-bench-{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="bench-kind-") as folder:
        where = ["--name", name, "--kubeconfig", str(Path(folder) / "config")]
        began = time.perf_counter()
        try:
            failed, said = _said("kind", "create", "cluster", *where, "--wait", WAIT)
            return time.perf_counter() - began, said if failed else ""
        finally:
            _said("kind", "delete", "cluster", *where)


def _said(*argv: str) -> tuple[bool, str]:
    """Whether a command failed, and the last line that it said: of its errors, if it failed."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return True, f"nothing after {LONGEST:g} s"
    failed = done.returncode != 0
    words = ((done.stderr if failed else "") or done.stdout).strip().splitlines()
    return failed, words[-1].strip() if words else ""
