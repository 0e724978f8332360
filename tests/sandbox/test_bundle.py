"""The runtime configuration that sandboxes are started with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.drivers.namespace import seccomp
from sandbox.drivers.namespace.bundle import Bundle, config, write

BUNDLE = Bundle(
    key="key-1",
    root=Path("/data/sandboxes/key-1/root"),
    disk=Path("/data/sandboxes/key-1/disk"),
    cgroup="lab/0a1b2c/key-1/box",
    first_id=2**31 + 65536,
    profile="docker",
)
NEVER = """
SYS_MODULE SYS_RAWIO SYS_TIME SYS_BOOT SYSLOG WAKE_ALARM BLOCK_SUSPEND MAC_OVERRIDE MAC_ADMIN BPF PERFMON
SYS_RESOURCE
"""
ENGINE = """
SYS_ADMIN NET_ADMIN NET_RAW SYS_CHROOT MKNOD SETUID SETGID CHOWN DAC_OVERRIDE KILL SYS_PTRACE NET_BIND_SERVICE
"""


@pytest.fixture
def made() -> dict[str, Any]:
    return config(BUNDLE)


def test_every_namespace_is_its_own(made: dict[str, Any]) -> None:
    kinds = {"user", "pid", "mount", "network", "ipc", "uts", "cgroup"}
    assert {entry["type"] for entry in made["linux"]["namespaces"]} == kinds
    assert all("path" not in entry for entry in made["linux"]["namespaces"]), "one of the host's"


def test_root_inside_is_nobody_outside(made: dict[str, Any]) -> None:
    mapping = [{"containerID": 0, "hostID": 2**31 + 65536, "size": 65536}]
    assert made["linux"]["uidMappings"] == made["linux"]["gidMappings"] == mapping
    assert made["process"]["user"] == {"uid": 0, "gid": 0}


@pytest.mark.parametrize("kind", ["bounding", "effective", "permitted"])
def test_capabilities(made: dict[str, Any], kind: str) -> None:
    given = set(made["process"]["capabilities"][kind])
    assert not given & {f"CAP_{name}" for name in NEVER.split()}
    assert given >= {f"CAP_{name}" for name in ENGINE.split()}


def test_no_capability_is_inherited_by_what_learners_start(made: dict[str, Any]) -> None:
    assert set(made["process"]["capabilities"]) == {"bounding", "effective", "permitted"}


def test_nothing_is_masked_so_that_an_engine_can_mount_proc_again(made: dict[str, Any]) -> None:
    """A fresh procfs is allowed only where the existing one is not partly hidden; ids keep the host safe."""
    assert made["linux"]["maskedPaths"] == []
    assert made["linux"]["readonlyPaths"] == []


def test_the_seccomp_profile_is_in_force(made: dict[str, Any]) -> None:
    assert made["linux"]["seccomp"] == seccomp.profile()


def test_limits_are_those_of_its_cgroup(made: dict[str, Any]) -> None:
    assert made["linux"]["cgroupsPath"] == "lab/0a1b2c/key-1/box"
    assert "rlimits" not in made["process"], "above the machine's own, runc could not start it"


def test_devices_are_the_harmless_ones(made: dict[str, Any]) -> None:
    rules = made["linux"]["resources"]["devices"]
    assert rules[0] == {"allow": False, "access": "rwm"}, "everything is refused first"
    used = {(rule["type"], rule["major"], rule.get("minor")) for rule in rules[1:] if "r" in rule["access"]}
    assert all(kind == "c" for kind, _, _ in used), "a disk of the host could be read"
    assert {(major, minor) for _, major, minor in used} == {
        (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (10, 200), (136, None),
    }  # fmt: skip


def test_only_its_own_disk_is_bound_in(made: dict[str, Any]) -> None:
    bound = {mount["destination"]: mount["source"] for mount in made["mounts"] if mount["type"] == "bind"}
    assert set(bound) == {"/var/lib/docker", "/var/lib/containerd"}
    assert all(source.startswith("/data/sandboxes/key-1/disk/") for source in bound.values())
    assert made["root"]["path"] == "/data/sandboxes/key-1/root"


def test_a_cluster_has_its_data_on_the_disk_too_and_etcdctl_finds_etcd() -> None:
    made = config(replace(BUNDLE, profile="kubernetes"))
    bound = {mount["destination"] for mount in made["mounts"] if mount["type"] == "bind"}
    assert bound == {"/var/lib/docker", "/var/lib/containerd", "/var/lib/kubelet", "/var/lib/etcd"}
    assert "LAB_PROFILE=kubernetes" in made["process"]["env"]
    assert "ETCDCTL_ENDPOINTS=https://127.0.0.1:2379" in made["process"]["env"]
    assert not [entry for entry in config(BUNDLE)["process"]["env"] if entry.startswith("ETCDCTL")]


def test_memory_in_filesystems_is_bounded(made: dict[str, Any]) -> None:
    for mount in made["mounts"]:
        if mount["type"] == "tmpfs":
            assert any(option.startswith("size=") for option in mount["options"]), mount["destination"]


def test_what_is_written_is_what_was_made(tmp_path: Path, made: dict[str, Any]) -> None:
    write(BUNDLE, tmp_path / "bundle")
    assert json.loads((tmp_path / "bundle" / "config.json").read_text()) == made
