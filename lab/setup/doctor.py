"""`doctor`: what this machine can do, point by point, and how to mend the rest."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict

from lab.paths import Paths
from lab.setup import background, firewall, isolation, probes, resources, upstream
from lab.setup.probes import Point

SIGNS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}
COLOURS = {"ok": "32", "warn": "33", "fail": "31"}


def probes_of(paths: Paths) -> list[tuple[str, bool, Callable[[], Point]]]:
    """Every probe in the order of the report: its point's name, whether only root can try it, itself."""
    return [
        ("root", False, probes.root),
        ("kernel", False, probes.kernel),
        ("user namespaces", False, probes.user_namespaces),
        ("overlay and idmapped mounts", True, lambda: isolation.overlay(paths.store)),
        ("loop devices", True, lambda: isolation.loop_devices(paths.data)),
        ("cgroups", True, isolation.cgroups),
        ("nftables", True, isolation.nftables),
        ("seccomp", False, isolation.seccomp),
        ("/dev/net/tun", True, isolation.tun),
        ("AppArmor", False, isolation.apparmor),
        ("memory", False, resources.memory),
        ("disk", False, lambda: resources.disk(paths.data)),
        ("disk reserve", False, lambda: resources.disk_reserve(paths.data)),
        ("port", False, lambda: resources.port(paths)),
        ("preview port", False, lambda: resources.preview_port(paths)),
        ("packages", False, resources.packages),
        ("python", False, lambda: resources.python(paths)),
        ("package index", False, lambda: resources.package_index(paths)),
        ("upstream registry", False, upstream.upstream),
        ("Kubernetes", False, lambda: background.kubernetes(paths)),
        ("inotify", False, resources.inotify),
        ("firewall", True, firewall.firewall),
    ]


def examine(paths: Paths) -> list[Point]:
    """The answers. A probe that itself goes wrong is a point that says so."""
    found = []
    for name, for_root, probe in probes_of(paths):
        if for_root and os.geteuid() != 0:
            found.append(Point(name, "warn", "Only root can try this.", "Run it as root: sudo make doctor."))
            continue
        try:
            found.append(probe())
        except Exception as error:
            mend = "Report this, with the whole list, if it stays."
            found.append(Point(name, "warn", f"Could not be examined: {error}.", mend))
    return found


def doctor(paths: Paths, *, as_json: bool) -> int:
    """Print the report; 1 if a point fails, otherwise 0.

    As JSON: `{"ok": bool, "data": str, "points": [{"name", "state", "found", "mend"}]}`.
    """
    found = examine(paths)
    fine = all(point.state != "fail" for point in found)
    if as_json:
        answer = {"ok": fine, "data": str(paths.data), "points": [asdict(point) for point in found]}
        print(json.dumps(answer, indent=2))
    else:
        for point in found:
            sign = SIGNS[point.state]
            if sys.stdout.isatty():
                sign = f"\x1b[{COLOURS[point.state]}m{sign}\x1b[0m"
            print(f"{sign}  {point.name + ':':<30} {point.found}")
            if point.mend:
                print(f"{'':<36} → {point.mend}")
        print("\nThis machine can run the lab." if fine else "\nMend what says FAIL, then run make up.")
    return 0 if fine else 1
