"""Bad days, for real: each ends with one sentence and status 1, and nothing is started or left half done."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.setup.plan import SOURCE
from tests.running import running
from tests.running import set_up as lab

NOWHERE = "http://127.0.0.1:9"
"""Refuses connections: the discard service, which runs nowhere any more."""


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The sentence that set-up ended with; fails if it ended well or said something else last."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    sentence = done.stderr.strip().splitlines()[-1]
    assert sentence.endswith(".")
    return sentence


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the lab's user could reach, as one below pytest's own folders could not be."""
    folder = Path(f"/var/tmp/lab-days-{os.getpid()}")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.real
def test_not_root(data: Path) -> None:
    source = data.with_suffix(".clone")  # the clone itself may lie where only root can read
    for package in ("lab", "sandbox"):
        shutil.copytree(SOURCE / package, source / package)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    try:
        done = lab("up", data=data, before=nobody, source=source)
    finally:
        shutil.rmtree(source)
    assert (
        one_sentence(done) == "The lab is set up by root, who alone can make sandboxes: run `sudo make up`."
    )
    assert not data.exists()


@pytest.mark.real
def test_an_old_kernel(data: Path) -> None:
    done = lab("up", data=data, before=("setarch", "--uname-2.6"))
    assert "sandboxes need 5.19 or newer" in one_sentence(done)
    assert not data.exists()


@pytest.mark.real
def test_no_user_namespaces(data: Path) -> None:
    off = ("unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"', "sh")
    done = lab("up", data=data, before=off)
    assert one_sentence(done).startswith("User namespaces are switched off. Allow them with:")
    assert not data.exists()


@pytest.mark.real
def test_a_taken_port(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = lab("up", data=data, env={"PORT": str(port)})
    assert f"Port {port} on 127.0.0.1 is taken by" in one_sentence(done)
    assert not (data / "store").exists()


@pytest.mark.real
def test_a_disk_that_is_too_small(data: Path, tmp_path: Path) -> None:
    data.mkdir()
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", disk], check=True)
    subprocess.run(["mount", "-o", "loop", disk, data], check=True)
    try:
        done = lab("up", data=data)
        assert "GiB of free disk" in one_sentence(done)
        assert list((data / "store").iterdir()) == []
    finally:
        subprocess.run(["umount", data], check=True)
    assert running(data) == []


@pytest.mark.real
def test_a_package_index_that_is_unreachable(data: Path, tmp_path: Path) -> None:
    env = {
        "PIP_INDEX_URL": NOWHERE, "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": "/dev/null",
        "UV_CACHE_DIR": str(tmp_path), "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE,
        "http_proxy": NOWHERE, "https_proxy": NOWHERE,
    }  # fmt: skip
    done = lab("up", data=data, env=env)
    assert "the package index cannot be reached" in one_sentence(done)
    assert [entry.name for entry in (data / "store").iterdir() if not entry.name.startswith(".")] == []
    assert not (data / "run" / "progress.json").exists()
    assert running(data) == []


@pytest.mark.real
def test_down_where_nothing_is_up(data: Path) -> None:
    done = lab("down", data=data)
    assert (done.returncode, done.stdout) == (0, f"There is no lab in {data}.\n")
    assert not data.exists()


@pytest.mark.real
def test_down_says_what_it_cannot_remove(data: Path) -> None:
    disk = data / "sandboxes" / "left" / "disk"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "left", disk], check=True)
    try:
        assert "run `make up`" in one_sentence(lab("down", data=data))
    finally:
        subprocess.run(["umount", disk], check=True)
    assert lab("down", data=data).stdout == "The lab was not running.\n"


@pytest.mark.real
def test_the_doctor_as_json(data: Path) -> None:
    done = lab("doctor", "--json", data=data)
    report = json.loads(done.stdout)
    assert report["data"] == str(data)
    assert report["ok"] is (done.returncode == 0)
    for point in report["points"]:
        assert set(point) == {"name", "state", "found", "mend"}
        assert point["state"] in ("ok", "warn", "fail")
        assert bool(point["mend"]) is (point["state"] != "ok"), point
    states = {point["name"]: point["state"] for point in report["points"]}
    for name in (
        "root",
        "kernel",
        "user namespaces",
        "overlay and idmapped mounts",
        "loop devices",
        "nftables",
    ):
        assert states[name] == "ok", report
    assert not data.exists()


@pytest.mark.real
def test_the_doctor_names_what_is_wrong(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = {"PORT": str(taken.getsockname()[1])}
        done = lab("doctor", "--json", data=data, before=("setarch", "--uname-2.6"), env=env)
    assert done.returncode == 1
    points = {point["name"]: point for point in json.loads(done.stdout)["points"]}
    assert points["kernel"]["state"] == points["port"]["state"] == "fail"
    assert "5.19" in points["kernel"]["found"]


@pytest.mark.real
def test_manage_py_without_set_up_says_so(data: Path) -> None:
    done = subprocess.run(
        ["/usr/bin/python3", "-B", SOURCE / "manage.py", "check"],
        env={"PATH": os.environ["PATH"], "LAB_DATA": str(data)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "run `make up`" in one_sentence(done) or done.stderr.strip().endswith("(LAB_DATA says where).")
    assert not data.exists()
