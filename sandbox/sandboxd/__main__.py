"""`python -m sandbox.sandboxd`: serve; `--cleanup`: remove every sandbox and all that the lab made on this host."""

from __future__ import annotations

import argparse
import grp
import logging
import os
import pwd
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.paths import USER, Paths
from sandbox import services
from sandbox.drivers.namespace import cgroups, network, sysctls
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.drivers.namespace.names import Names, claim_names
from sandbox.errors import SandboxError
from sandbox.sandboxd.guard import Guard, disk_reserve
from sandbox.sandboxd.operations import Operations
from sandbox.sandboxd.reaper import supervise
from sandbox.sandboxd.server import Server
from sandbox.sandboxd.terminals import Terminals

log = logging.getLogger("sandboxd")

SUBNET = "198.18.0.0/15"
ENDING = 8
"""Sandboxes that are removed at the same time."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="sandboxd", description=__doc__)
    parser.add_argument("--cleanup", action="store_true", help="remove everything and end")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    if os.geteuid() != 0:
        print("sandboxd needs root; run `make up` as root.", file=sys.stderr)
        return 1
    paths = Paths.from_env()
    exits = paths.run / "exits"
    if not (arguments.cleanup or arguments.serve):
        paths.run.mkdir(parents=True, exist_ok=True)
        return supervise([sys.executable, "-m", "sandbox.sandboxd", "--serve"], exits)
    try:
        names, lock = claim_names(paths, os.environ.get("LAB_SUBNET") or SUBNET)
        with lock:
            if arguments.cleanup:
                clean_up(paths, names)
            else:
                serve(paths, names, exits)
    except SandboxError as error:
        print(f"{error.message} {error.detail}".strip(), file=sys.stderr)
        return 1
    return 0


def serve(paths: Paths, names: Names, exits: Path) -> None:
    """Adopt what runs, remove what does not, answer until SIGTERM. Sandboxes go on running after that."""
    internet = os.environ.get("LAB_INTERNET", "0") == "1"
    sysctls.hold(paths, internet)
    driver = NamespaceDriver(paths, names)
    cgroups.limit_all(names.cgroup)
    cache = bool(os.environ.get("LAB_REGISTRY_UPSTREAM", "").strip())
    found = services.choose(names.service_address, services.read(paths), cache=cache)
    network.set_up(names, internet, found, driver.members())
    for key in driver.remove_leftovers():
        log.info("Removed what was left of sandbox %s", key)
    for key in sorted(driver.list()):
        log.info("Sandbox %s runs on", key)
    user, group = pwd.getpwnam(USER).pw_uid, grp.getgrnam(USER).gr_gid
    guard = Guard(driver, found, internet=internet, reserve=disk_reserve())
    operations = Operations(driver, Terminals(exits), guard.ending)
    server = Server(paths.sandboxd_socket, operations, {0, user}, group)
    guard.start()
    signal.signal(signal.SIGTERM, lambda number, frame: server.close())
    services.write(paths, found)
    server.serve()


def clean_up(paths: Paths, names: Names) -> None:
    """Leave no sandbox, mount, interface, rule, cgroup or changed setting of this lab."""
    driver = NamespaceDriver(paths, names)
    with ThreadPoolExecutor(ENDING) as several:  # most of the time is the kernel's
        list(several.map(lambda key: driver.destroy({"key": key}), sorted(driver.list())))
    network.tear_down(names)
    cgroups.remove_parent(names.cgroup)
    sysctls.release(paths)
    for path in (paths.network_file, paths.sandboxd_socket):
        path.unlink(missing_ok=True)
    for folder in (paths.run / "runc", paths.run / "exits"):
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
