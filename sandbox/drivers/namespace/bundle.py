"""The OCI bundle of a sandbox: its config.json. Source: the OCI runtime specification, version 1.0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.drivers.namespace import seccomp
from sandbox.drivers.namespace.names import IDS

ALL_CAPABILITIES = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_NICE
SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP AUDIT_READ CHECKPOINT_RESTORE
"""
"""All that a nested engine may need, within the sandbox's user namespace. Left out: SYS_MODULE, SYS_RAWIO,
SYS_TIME, SYS_BOOT, SYSLOG, WAKE_ALARM, BLOCK_SUSPEND, MAC_*, BPF, PERFMON and SYS_RESOURCE."""

ENV = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LANG=C.UTF-8",
)
_ETCD = "/etc/kubernetes/pki/etcd"
CLUSTER_ENV = (
    "ETCDCTL_ENDPOINTS=https://127.0.0.1:2379",
    f"ETCDCTL_CACERT={_ETCD}/ca.crt",
    f"ETCDCTL_CERT={_ETCD}/healthcheck-client.crt",
    f"ETCDCTL_KEY={_ETCD}/healthcheck-client.key",
)
"""For etcdctl, which finds nothing by itself."""
INIT = ("/usr/bin/tini", "-g", "--", "/usr/lib/lab/init")


def on_disk(profile: str) -> tuple[str, ...]:
    """Folders of /var/lib that lie on the sandbox's disk, not on the overlay."""
    engine = ("docker", "containerd")
    return (*engine, "kubelet", "etcd") if profile == "kubernetes" else engine


@dataclass(frozen=True)
class Bundle:
    """What decides a sandbox's config.json."""

    key: str
    root: Path
    disk: Path
    cgroup: str
    first_id: int
    profile: str
    lent: Mapping[str, Path] = field(default_factory=dict)
    """By its place inside, each file of the host that is bound there, read-only already."""


def write(bundle: Bundle, folder: Path) -> None:
    """Write `folder`/config.json."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config(bundle), indent=1))


def config(bundle: Bundle) -> dict[str, Any]:
    """The whole runtime configuration."""
    capabilities = [f"CAP_{name}" for name in ALL_CAPABILITIES.split()]
    sets = ("bounding", "effective", "permitted")
    mapping = [{"containerID": 0, "hostID": bundle.first_id, "size": IDS}]
    cluster = bundle.profile == "kubernetes"
    kinds = ("user", "pid", "mount", "network", "ipc", "uts", "cgroup")
    return {
        "ociVersion": "1.0.2",
        "hostname": "lab",
        "root": {"path": str(bundle.root), "readonly": False},
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "cwd": "/",
            "args": list(INIT),
            "env": [*ENV, f"LAB_PROFILE={bundle.profile}", *(CLUSTER_ENV if cluster else ())],
            "capabilities": dict.fromkeys(sets, capabilities),
            "noNewPrivileges": False,
        },
        "mounts": _mounts(bundle),
        "linux": {
            "uidMappings": mapping,
            "gidMappings": mapping,
            "namespaces": [{"type": kind} for kind in kinds],
            "cgroupsPath": bundle.cgroup,
            "resources": {"devices": _devices()},
            "devices": [{"path": "/dev/net/tun", "type": "c", "major": 10, "minor": 200, "fileMode": 0o666}],
            "seccomp": seccomp.profile(),
            "rootfsPropagation": "shared",
            "maskedPaths": [],
            "readonlyPaths": [],
        },
    }


def _mounts(bundle: Bundle) -> list[dict[str, Any]]:
    def mount(target: str, kind: str, *options: str, source: str = "") -> dict[str, Any]:
        return {"destination": target, "type": kind, "source": source or kind, "options": list(options)}

    own = [
        mount(f"/var/lib/{name}", "bind", "rbind", "rw", source=str(bundle.disk / name))
        for name in on_disk(bundle.profile)
    ]
    own += [mount(place, "bind", "bind", source=str(source)) for place, source in bundle.lent.items()]
    return [
        mount("/proc", "proc", "nosuid", "noexec", "nodev"),
        mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        mount("/dev/shm", "tmpfs", "nosuid", "nodev", "mode=1777", "size=256m", source="shm"),
        mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "rw"),
        mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "rw"),
        mount("/run", "tmpfs", "nosuid", "nodev", "mode=755", "size=256m"),
        mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777", "size=512m"),
        *own,
    ]


def _devices() -> list[dict[str, Any]]:
    """The usual harmless devices, by the devices cgroup; making others is the user namespace's to refuse."""
    harmless = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (10, 200)]
    rules: list[dict[str, Any]] = [{"allow": False, "access": "rwm"}]
    rules += [
        {"allow": True, "type": "c", "major": major, "minor": minor, "access": "rwm"}
        for major, minor in harmless
    ]
    rules.append({"allow": True, "type": "c", "major": 136, "access": "rwm"})
    rules += [{"allow": True, "type": kind, "access": "m"} for kind in "cb"]
    return rules
