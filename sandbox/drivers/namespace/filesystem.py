"""A sandbox's disk and its root filesystem: an overlay of what all share and what is its own."""

from __future__ import annotations

from lab.paths import Paths
from sandbox import services
from sandbox.drivers.base import Spec
from sandbox.drivers.namespace import bundle, daemon, disk, mounts, network
from sandbox.drivers.namespace.names import IDS, Names
from sandbox.drivers.namespace.state import Folder
from sandbox.errors import SandboxUnavailable


def check_built(paths: Paths, profile: str) -> None:
    """Raises SandboxUnavailable when what such a sandbox is made of is not there."""
    if not paths.rootfs.is_dir():
        raise SandboxUnavailable("The sandboxes' root filesystem is not built yet; run `make up`.")
    if profile == "kubernetes" and not paths.tools.is_dir():
        raise SandboxUnavailable(
            "The programs of Kubernetes are not built yet; `make up` builds them while the lab runs, "
            "and the status page says how far it is."
        )


def nodev(profile: str) -> bool:
    """Whether devices on what is mounted for such a sandbox are dead. In a cluster that would be in the way: pods'
    read-only volumes are mounts of these again, and Debian's runc neither keeps the option nor may drop it. None
    is there: the root filesystem is built without, and whoever is root inside can make none."""
    return profile != "kubernetes"


def make_disk(folder: Folder, spec: Spec, owner: int) -> None:
    """The disk, with the folders that programs inside find on it. `owner` is the host's id of root inside."""
    disk.make_disk(folder.image, folder.disk, spec.disk, spec.inodes, nodev=nodev(spec.profile))
    for name in bundle.on_disk(spec.profile):
        disk.owned_folder(folder.disk / name, owner, 0o711)
    disk.owned_folder(folder.disk / "work", owner)
    disk.owned_folder(folder.disk / "upper", owner)


def make_root(paths: Paths, names: Names, folder: Folder, profile: str, owner: int) -> None:
    """Write the files that differ from sandbox to sandbox, and mount the root filesystem. Raises OSError."""
    _own_files(paths, names, folder, owner)
    shared = [(paths.rootfs, folder.lower)]
    if profile == "kubernetes":
        shared.insert(0, (paths.tools, folder.tools))
    for source, point in shared:
        point.mkdir()
        mounts.mount_idmapped(source.resolve(), point, owner, IDS)
    folder.root.mkdir()
    lowers = [point for _, point in shared]
    upper, work = folder.disk / "upper", folder.disk / "work"
    mounts.mount_overlay(lowers, upper, work, folder.root, nodev=nodev(profile))


def _own_files(paths: Paths, names: Names, folder: Folder, owner: int) -> None:
    etc = disk.owned_folder(folder.disk / "upper" / "etc", owner)
    service = names.service_address
    disk.owned_file(etc / "resolv.conf", f"nameserver {service}\noptions timeout:1 attempts:1\n", owner)
    hosts = f"127.0.0.1 localhost\n127.0.1.1 lab\n::1 localhost ip6-localhost\n{service} registry.lab\n"
    disk.owned_file(etc / "hosts", hosts, owner)
    disk.owned_file(etc / "hostname", "lab\n", owner)
    found = services.read(paths)
    mirrors = network.mirrors(cache=bool(found and found.cache))
    docker = disk.owned_folder(etc / "docker", owner)
    disk.owned_file(docker / "daemon.json", daemon.settings(mirrors), owner)
    certificates = disk.owned_folder(disk.owned_folder(etc / "containerd", owner) / "certs.d", owner)
    for registry, text in daemon.hosts(mirrors).items():
        disk.owned_file(disk.owned_folder(certificates / registry, owner) / "hosts.toml", text, owner)
