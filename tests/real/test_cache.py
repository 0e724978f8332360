"""A lab with an upstream registry: what its own lacks is fetched from there and kept, and no more is possible."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import secrets
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup.control import Supervisor
from sandbox import services
from sandbox.images import oci, push
from sandbox.images.layers import Layer
from sandbox.images.manifest import load
from tests.running import FACTOR, Lab, running_lab

pytestmark = [pytest.mark.real, pytest.mark.lab]

MIB = 1 << 20
BOUND = 64
"""MiB that the cache of these tests may keep."""
LARGE = 24
SILENT = 2.0
"""Seconds within which a name that is nowhere must fail."""


def layer(folder: Path, size: int) -> tuple[Layer, str]:
    """A layer with one file `/data` of random bytes, and the file's hash."""
    content = os.urandom(size)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        about = tarfile.TarInfo("data")
        about.size = size
        archive.addfile(about, io.BytesIO(content))
    packed = gzip.compress(tar.getvalue(), compresslevel=0)
    path = folder / secrets.token_hex(4)
    path.write_bytes(packed)
    named = f"sha256:{hashlib.sha256(packed).hexdigest()}"
    plain = f"sha256:{hashlib.sha256(tar.getvalue()).hexdigest()}"
    return Layer(path, named, len(packed), plain), hashlib.sha256(content).hexdigest()


class Upstream:
    """A registry on loopback that has images which no lab has; it can be stopped, and replaced by silence."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "storage").mkdir()
        self._log = (folder / "log").open("w")
        self._running = ExitStack()
        self.port = self._running.enter_context(
            push.registry(folder / "storage", folder, self._log, writable=True)
        )
        self.hashes: dict[str, str] = {}
        self.digests: dict[str, str] = {}

    def add(self, name: str, size: int) -> None:
        """An image library/`name`:1 with one layer."""
        client = push.Client(self.port)
        one, self.hashes[name] = layer(self.folder, size)
        about = next(image for image in load() if image.name == "hello-world")
        steps = [oci.Step("a test", one)]
        config = oci.configuration(about, None, steps, 1_700_000_000)
        client.push_layer(f"library/{name}", one)
        client.push_document(f"library/{name}", config)
        client.tag(f"library/{name}", "1", oci.manifest(config, [one]))
        self.digests[name] = one.digest

    def stop(self) -> None:
        self._running.close()
        self._log.close()

    def hang(self) -> socket.socket:
        """In its place, one that takes connections and never answers."""
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", self.port))
        found.listen(100)
        return found


@dataclass
class Place:
    lab: Lab
    upstream: Upstream
    key: str

    def shell(self, script: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        return self.lab.manage(
            "sandbox", "run", self.key, "--", "timeout", str(seconds), "bash", "-c", script
        )

    @property
    def kept(self) -> int:
        """Bytes in the cache's folder, on the disk."""
        files = (path.stat() for path in self.lab.paths.cache.rglob("*") if path.is_file())
        return sum(about.st_blocks * 512 for about in files)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    upstream = Upstream(tmp_path_factory.mktemp("upstream"))
    try:
        upstream.add("elsewhere", 2 * MIB)
        for number in range(4):
            upstream.add(f"large{number}", LARGE * MIB)
        with running_lab(
            LAB_REGISTRY_UPSTREAM=f"http://127.0.0.1:{upstream.port}", LAB_REGISTRY_CACHE=str(BOUND)
        ) as lab:
            made = lab.manage("sandbox", "create", "--profile", "docker")
            assert made.returncode == 0, made.stderr + lab.log()
            yield Place(lab, upstream, made.stdout.split()[-1])
            assert "Traceback" not in lab.log()
    finally:
        upstream.stop()


FETCH = (
    "docker image rm -f {0}:1 >/dev/null 2>&1; docker pull -q {0}:1 && "
    "id=$(docker create {0}:1 /data) && docker cp $id:/data - | tar -xO | sha256sum; docker rm $id >/dev/null"
)


def test_what_the_lab_lacks_comes_from_the_upstream(place: Place) -> None:
    done = place.shell(FETCH.format("elsewhere"))
    assert place.upstream.hashes["elsewhere"] in done.stdout, done.stderr + place.lab.log()[-3000:]
    own = place.shell("docker run --rm busybox:1 echo the lab\\'s own")
    assert "the lab's own" in own.stdout, own.stderr
    tags = list((place.lab.paths.cache / "tags").iterdir())
    assert len(tags) == 1, "what the lab itself has was asked for, too"


def test_nothing_can_be_pushed_or_listed(place: Place) -> None:
    script = (
        "for path in library/mine/blobs/uploads/ library/elsewhere/manifests/1; do for method in POST PUT DELETE; do "
        "curl -s -o /dev/null -w '%{http_code} ' -X $method http://registry.lab:5001/v2/$path; done; done; "
        "curl -s -o /dev/null -w '%{http_code}' http://registry.lab:5001/v2/_catalog"
    )
    assert place.shell(script).stdout.split() == ["405"] * 6 + ["404"]


def test_only_the_usual_port_leads_there(place: Place) -> None:
    found = services.read(place.lab.paths)
    assert found
    assert found.cache in services.CACHE_PORTS
    to_upstream = f"curl -s -m 5 http://{found.address}:{place.upstream.port}/v2/ || echo refused"
    assert place.shell(to_upstream).stdout.strip() == "refused"


def test_the_bound_holds(place: Place) -> None:
    for number in range(4):
        blob = f"library/large{number}/blobs/{place.upstream.digests[f'large{number}']}"
        done = place.shell(f"curl -sf http://registry.lab:5001/v2/{blob} | sha256sum")
        assert place.upstream.digests[f"large{number}"][7:] in done.stdout
        assert 0 < place.kept <= BOUND * MIB
    assert place.kept > 2 * LARGE * MIB, "it keeps less than it could"


def test_the_process_may_die(place: Place) -> None:
    place.lab.kill("cache")
    check = "for i in {1..100}; do curl -sf http://registry.lab:5001/v2/ && break; sleep 0.1; done"
    assert place.shell(check).stdout.strip() == "{}"
    assert place.kept > LARGE * MIB
    done = place.shell(FETCH.format("elsewhere"))
    assert place.upstream.hashes["elsewhere"] in done.stdout, done.stderr


def test_without_the_upstream_what_is_kept_is_served_and_names_fail_at_once(place: Place) -> None:
    missing = "s=$(date +%s%N); docker run ngnix{}; echo $(( ($(date +%s%N) - s) / 1000000 )) ms"
    for state in ("with it", "stopped", "hanging"):
        silent = None
        if state == "stopped":
            place.upstream.stop()
        elif state == "hanging":
            silent = place.upstream.hang()
        for number in range(2):
            done = place.shell(missing.format(f"-{state.replace(' ', '-')}-{number}"))
            took = int(done.stdout.split()[-2]) / 1000
            print(f"upstream {state}: {took:.2f} s: {done.stderr.strip()[-300:]}")
            assert "Error response from daemon" in done.stderr, done.stderr
            assert took < SILENT * FACTOR, state
        began = time.monotonic()
        done = place.shell(FETCH.format("elsewhere"))
        assert place.upstream.hashes["elsewhere"] in done.stdout, f"{state}: {done.stderr}"
        print(f"upstream {state}: kept image pulled in {time.monotonic() - began:.2f} s")
        if silent:
            silent.close()


def test_the_cache_runs_as_the_lab_s_user_and_only_there(place: Place) -> None:
    pid = place.lab.pids()["cache"]
    assert Path(f"/proc/{pid}").owner() == "lab"
    assert {path.owner() for path in place.lab.paths.cache.rglob("*")} == {"lab"}
    assert Supervisor(Paths(place.lab.paths.data)).pid() is not None
