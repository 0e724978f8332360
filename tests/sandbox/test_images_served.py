"""The images as they are built, stored and served to sandboxes, by the programs that do it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.paths import Paths
from lab.setup.store import Store
from sandbox import services
from sandbox.images import manifest
from sandbox.images.build import PART
from sandbox.images.push import Client
from sandbox.services import REGISTRY_PORTS, Services

PORT = REGISTRY_PORTS[0]
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="building images needs root"),
]

NOBODY = 65534
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that an unprivileged user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="lab-images-", dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def storage(folder: Path) -> Path:
    """The images of exactly this checkout: from the store where they are there, otherwise built."""
    stored = Store(Paths.from_env()).address(PART)
    if stored.exists():
        return stored
    built = folder / "storage"
    reports: list[tuple[int, int, str]] = []
    with (folder / "log").open("w") as log:
        PART.build(built, lambda *words: reports.append(words), log)
    count = len(manifest.load())
    assert [done for done, _, _ in reports] == list(range(count + 1))
    return built


@dataclass(frozen=True)
class Served:
    address: str

    def reference(self, name: str) -> str:
        return f"docker://{self.address}:{PORT}/library/{name}"

    def inspect(self, name: str, *options: str) -> Any:
        command = ["skopeo", "inspect", "--tls-verify=false", *options, self.reference(name)]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.fixture(scope="session")
def served(folder: Path, storage: Path) -> Iterator[Served]:
    """`python -m sandbox.images.registry` over the images, docker-registry itself as an unprivileged user."""
    paths = Paths(folder / "data")
    for made in (paths.run_lab, paths.current, folder / "bin"):
        made.mkdir(parents=True)
    wrapper = folder / "bin" / "docker-registry"
    real = shutil.which("docker-registry")
    as_nobody = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
    wrapper.write_text(f'#!/bin/sh\nexec {as_nobody} {real} "$@"\n')
    wrapper.chmod(0o755)
    address = f"127.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250}.7"
    environment = {
        **os.environ,
        "LAB_DATA": str(paths.data),
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
    }
    with (folder / "registry.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.images.registry"], env=environment, stdout=log, stderr=log
        )
    try:
        # What it waits for appears only now, one after the other.
        wait_for_line(folder / "registry.log", "waiting for the images")
        paths.images.symlink_to(storage)
        wait_for_line(folder / "registry.log", "waiting for the service address")
        services.write(paths, Services(address, PORT))
        wait_until_it_answers(address, process)
        yield Served(address)
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for_line(log: Path, line: str) -> None:
    deadline = time.monotonic() + 20
    while line not in log.read_text():
        assert time.monotonic() < deadline, f"no {line!r} in: {log.read_text()}"
        time.sleep(0.05)


def wait_until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            assert Client(PORT, address).request("GET", "/v2/").status == 200
        except OSError:
            assert process.poll() is None, "the registry ended"
            assert time.monotonic() < deadline, "the registry does not answer"
            time.sleep(0.05)
        else:
            return


def pull(served: Served, name: str, target: Path) -> list[Path]:
    """Pull into a folder; the files of the image's layers, the lowest first."""
    command = ["skopeo", "copy", "--quiet", "--insecure-policy", "--src-tls-verify=false"]
    subprocess.run([*command, served.reference(name), f"dir:{target}"], check=True)
    document = json.loads((target / "manifest.json").read_text())
    return [target / layer["digest"].removeprefix("sha256:") for layer in document["layers"]]


def unpack(layer: Path, target: Path) -> None:
    subprocess.run(["tar", "-xpzf", str(layer), "-C", str(target)], check=True)


@pytest.mark.parametrize("image", manifest.load(), ids=lambda image: image.name)
def test_every_image_is_there_under_all_its_tags(served: Served, image: manifest.Image) -> None:
    answer = served.inspect(f"{image.name}:{image.tags[0]}")
    fixed = {tag for tag in image.tags if manifest.VERSION not in tag}
    assert fixed <= set(answer["RepoTags"])
    assert len(answer["RepoTags"]) == len(set(image.tags)), "one tag for each of the manifest's"
    digests = {served.inspect(f"{image.name}:{tag}")["Digest"] for tag in fixed}
    assert digests == {answer["Digest"]}
    config = served.inspect(f"{image.name}:{image.tags[0]}", "--config")["config"]
    assert tuple(config.get("Cmd", ())) == image.cmd
    assert tuple(config.get("ExposedPorts", ())) == image.ports


def test_hello_world_is_one_program_that_says_hello(served: Served, tmp_path: Path) -> None:
    (layer,) = pull(served, "hello-world", tmp_path / "pulled")
    with tarfile.open(layer) as archive:
        assert archive.getnames() == ["hello"]
    unpack(layer, tmp_path)
    said = subprocess.run([tmp_path / "hello"], capture_output=True, check=True, text=True).stdout
    assert "output of a container" in said


def test_busybox_runs_by_its_links(served: Served, tmp_path: Path) -> None:
    (layer,) = pull(served, "busybox:1.37", tmp_path / "pulled")
    root = tmp_path / "root"
    root.mkdir()
    unpack(layer, root)
    assert layer.stat().st_size < 2_000_000
    command = [
        "chroot",
        str(root),
        "/bin/sh",
        "-c",
        "busybox | head -n 1; id -un; ls -d /tmp; stat -c %a /tmp",
    ]
    said = subprocess.run(
        command, capture_output=True, check=True, text=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    ).stdout.splitlines()
    assert said[0].startswith("BusyBox v1.37.")
    assert said[1:] == ["root", "/tmp", "1777"]


def test_nginx_and_redis_lie_on_debian(served: Served) -> None:
    def below(name: str) -> list[str]:
        layers: list[str] = served.inspect(name)["Layers"]
        return layers

    (base,) = below("debian:13")
    for name in ("nginx:1.26", "redis:8.0"):
        assert below(name)[0] == base
        assert len(below(name)) == 3


def test_images_hold_nothing_of_the_machine_that_built_them(served: Served, tmp_path: Path) -> None:
    for layer in pull(served, "nginx:1.26", tmp_path):
        with tarfile.open(layer) as archive:
            for member in archive:
                assert member.name not in ("etc/hostname", "etc/resolv.conf", "etc/machine-id")
                assert not member.name.startswith(("dev/", "tmp/", "var/lib/apt/lists/", "var/cache/apt/"))
                assert not member.isdev()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(served: Served, method: str) -> None:
    paths = {
        "POST": "/v2/library/nginx/blobs/uploads/",
        "PUT": "/v2/library/nginx/manifests/evil",
        "DELETE": f"/v2/library/nginx/manifests/{served.inspect('nginx:1.26')['Digest']}",
    }
    assert Client(PORT, served.address).request(method, paths[method], b"{}").status == 405


def test_a_push_is_refused(served: Served) -> None:
    command = ["skopeo", "copy", "--insecure-policy", "--src-tls-verify=false", "--dest-tls-verify=false"]
    source, target = served.reference("hello-world"), served.reference("mine:1")
    done = subprocess.run([*command, source, target], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "405" in done.stderr
    assert Client(PORT, served.address).request("GET", "/v2/library/mine/tags/list").status == 404


def test_an_unknown_image_is_unknown(served: Served) -> None:
    assert Client(PORT, served.address).request("GET", "/v2/library/ngnix/manifests/latest").status == 404


def test_the_store_is_plain_registry_storage(storage: Path) -> None:
    assert [path.name for path in storage.iterdir()] == ["docker"], "no scratch files are left"
