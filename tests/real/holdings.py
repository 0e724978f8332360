"""What this run's sandboxes hold of the host. Other labs on the machine, which come and go, are not counted."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sandbox.drivers.namespace import cgroups
from sandbox.drivers.namespace.driver import NamespaceDriver


def holdings(driver: NamespaceDriver) -> dict[str, object]:
    """By kind, how many there are, or which; equal before and after means that nothing was left."""

    def ours(argv: list[str], mark: str) -> int:
        return subprocess.check_output(argv, text=True).count(mark)

    names = driver.names
    folders = [root / names.cgroup for root in cgroups.hierarchies()]
    return {
        "sandboxes": sorted(driver.list()),
        "mounts": Path("/proc/self/mounts").read_text().count(str(driver.paths.data)),
        "loop devices": ours(["losetup", "--list", "--output", "BACK-FILE"], str(driver.paths.data)),
        "links": ours(["ip", "-o", "link"], f"{names.interface_prefix}x"),
        "members": ours(["nft", "list", "set", "inet", names.table, "members"], names.interface_prefix),
        "cgroups": sorted(str(below) for folder in folders for below in folder.iterdir() if below.is_dir()),
        "containers": sorted(path.name for path in driver.runc.root.iterdir()),
    }
