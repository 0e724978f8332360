"""What an idle cluster takes: memory and CPU, awake and frozen, by component."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from bench import processes
from bench.clusters import cluster, inside
from bench.containers import split
from bench.report import Row
from bench.sandboxes import Sandboxes
from sandbox.drivers.base import Handle
from sandbox.drivers.namespace.cgroups import Cgroup

MB = 1_000_000
COMPONENTS = {
    name: name
    for name in (
        "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "etcd", "containerd",
        "containerd-shim-runc-v2", "coredns", "metrics-server", "local-path-provisioner", "dockerd",
    )
}  # fmt: skip
OTHERS = "init, runit, logs, pause"


def memory(lab: Sandboxes, seconds: float) -> list[Row]:
    """The rows `cluster-memory` and `cluster-cpu` of one cluster, `seconds` of rest before each count of memory and
    `seconds` for each count of CPU."""
    size = Row("cluster-memory", "Anonymous memory of an idle cluster", "MB (1,000,000 bytes)", ("p50",),
               goal="≤ 230 without dockerd")  # fmt: skip
    used = Row("cluster-cpu", f"CPU of an idle cluster, over {seconds:g} s", "percent of one core", ("p50",),
               goal="≤ 4 awake, 0 frozen")  # fmt: skip
    with cluster(lab) as handle:
        cgroup = Cgroup(f"{lab.driver.names.cgroup}/{handle['key']}")
        time.sleep(seconds)
        _sizes(size, cgroup, "with dockerd")
        _use(used, lab, handle, cgroup, "awake, with dockerd", seconds)
        inside(lab, handle, ["lab-ctl", "stop", "dockerd"])
        time.sleep(seconds)
        _sizes(size, cgroup, "without dockerd")
        _use(used, lab, handle, cgroup, "awake, without dockerd", seconds)
        lab.driver.freeze(handle)
        _use(used, lab, handle, cgroup, "frozen", seconds)
        lab.driver.thaw(handle)
    size.notes.append(
        "The first line of each is the cgroup's count, the others Pss_Anon, what is shared in shares."
    )
    size.notes.append(f"After {seconds:g} s of rest; lab-ctl stop dockerd between the two.")
    return [size, used]


def _sizes(row: Row, cgroup: Cgroup, what: str) -> None:
    row.add(what, [split(cgroup)["anonymous"] / MB], note="all of the sandbox, by memory.stat")
    pids = cgroup.processes()
    resident = by_component(pids, processes.resident)
    for name, value in sorted(by_component(pids, processes.memory).items(), key=lambda one: -one[1]):
        row.add(f"· {name}", [value / MB], note=f"RssAnon {resident.get(name, 0) / MB:.1f}")


def _use(row: Row, lab: Sandboxes, handle: Handle, cgroup: Cgroup, what: str, seconds: float) -> None:
    """CPU of a sandbox while nothing is asked of it."""
    began, before = time.perf_counter(), lab.driver.stats(handle).cpu_seconds
    parts = by_component(cgroup.processes(), processes.cpu)
    time.sleep(seconds)
    after = by_component(cgroup.processes(), processes.cpu)
    total, took = lab.driver.stats(handle).cpu_seconds - before, time.perf_counter() - began
    row.add(what, [total / took * 100], note="all of the sandbox, by its cgroup")
    grown = {name: (value - parts.get(name, 0.0)) / took * 100 for name, value in after.items()}
    for name, value in sorted(grown.items(), key=lambda one: -one[1]):
        if value > 0:
            row.add(f"· {name}", [value])


def by_component(pids: Iterable[int], measure: Callable[[int], float]) -> dict[str, float]:
    """The sum of what `measure` says of each process, by component; those that have ended are left out."""
    found: dict[str, float] = {}
    for pid in pids:
        for name, value in processes.each(
            {"": pid}, lambda pid: (processes.program(pid), measure(pid))
        ).values():
            component = COMPONENTS.get(name, OTHERS)
            found[component] = found.get(component, 0.0) + value
    return found
