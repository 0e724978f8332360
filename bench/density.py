"""How many clusters, each with dockerd, this machine holds frozen: made and counted, one after the other."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.cluster_costs import MB
from bench.clusters import destroy, resting, until_ready
from bench.containers import split
from bench.place import BenchError
from bench.report import Row
from bench.sandboxes import Sandboxes
from sandbox.drivers.base import Handle, Status
from sandbox.drivers.namespace.cgroups import Cgroup
from sandbox.errors import SandboxError

GIB = 1 << 30
RESERVE = GIB
"""Bytes of the machine's available memory that are left alone."""
DISK_RESERVE = 5 * GIB
STILL = 10.0
"""Seconds for which the CPU of all of them is counted."""


def available() -> int:
    """Bytes that programs can still have, by the kernel's count."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    raise BenchError("This kernel does not say how much memory is available.")


def full(began: int, now: int, count: int, budget: int) -> str:
    """Why no further cluster fits beside `count` that have taken the available memory from `began` to `now`; empty if
    one does. All but the count in bytes."""
    taken = began - now
    each = taken // count if count else 0
    if now - each < RESERVE:
        return f"one more would leave the machine less than {RESERVE / GIB:g} GiB"
    if taken + each > budget:
        return f"one more would be beyond {budget / GIB:.1f} GiB"
    return ""


def frozen(lab: Sandboxes, budget: int, few: int) -> list[Row]:
    """The rows `cluster-frozen`, `cluster-frozen-memory` and `cluster-frozen-thaw`: as many as fit into so many bytes,
    then `few` of them thawed. Raises BenchError, SandboxError."""
    made: list[Handle] = []
    sizes: list[float] = []
    began = before = available()
    with ExitStack() as stack:
        stack.callback(destroy, lab, made)
        while not (why := full(began, before, len(made), budget) or _disk(lab.driver.paths.data)):
            try:
                handle = resting(lab)
            except (BenchError, SandboxError) as error:
                why = f"one more could not be made: {error}"
                break
            made.append(handle)
            lab.driver.freeze(handle)
            now = available()
            if began - now > budget:
                lab.driver.destroy(made.pop())
                why = f"one more, made and taken back, was beyond {budget / GIB:.1f} GiB"
                break
            sizes.append((before - now) / MB)
            before = now
        still = [lab.driver.stats(handle).cpu_seconds for handle in made]
        time.sleep(STILL)
        used = sum(lab.driver.stats(handle).cpu_seconds for handle in made) - sum(still)
        count = sum(lab.driver.poll(handle) is Status.FROZEN for handle in made)
        anonymous = [split(_cgroup(lab, handle))["anonymous"] / MB for handle in made]
        whole = [lab.driver.stats(handle).memory / MB for handle in made]
        thawed = [_thaw(lab, handle) for handle in _spread(made, few)]
    number = Row("cluster-frozen", f"Clusters with dockerd, frozen, in {budget / GIB:.1f} GiB", "clusters", ("p50",),
                 goal="≥ 75 in 20 GiB")  # fmt: skip
    number.add(
        "started, frozen and counted",
        [count],
        note="one after the other; each was Ready, with DNS and Docker",
    )
    number.notes += [
        f"{(began - before) / GIB:.1f} GiB of {began / GIB:.1f} GiB available were taken; {why}.",
        f"CPU used by all of them in {STILL:g} s: {used * 1000:.3f} ms.",
    ]
    memory = Row("cluster-frozen-memory", "Memory of a frozen cluster with dockerd", "MB (1,000,000 bytes)")
    taken = (began - before) / MB / count if count else 0
    memory.add(
        "by the machine's count", sizes, note=f"MemAvailable before and after; {taken:.1f} each in the mean"
    )
    memory.add("anonymous", anonymous, note="by memory.stat")
    memory.add("by the cgroup's count", whole, note="with pages of files, which the machine can have back")
    thaw = Row("cluster-frozen-thaw", "Thaw of one of them to Ready", "milliseconds", ("p50", "max"))
    thaw.add("thaw to Ready", thawed, note="thaw, then kubectl get nodes, by runc exec, until it says Ready")
    return [number, memory, thaw]


def _disk(folder: Path) -> str:
    left = os.statvfs(folder)
    return "its disk is full" if left.f_bavail * left.f_frsize < DISK_RESERVE else ""


def _cgroup(lab: Sandboxes, handle: Handle) -> Cgroup:
    return Cgroup(f"{lab.driver.names.cgroup}/{handle['key']}")


def _spread(made: list[Handle], few: int) -> list[Handle]:
    """`few` of them, the first and the last among them."""
    last, few = len(made) - 1, min(few, len(made))
    return [made[round(last * number / max(1, few - 1))] for number in range(few)]


def _thaw(lab: Sandboxes, handle: Handle) -> float:
    """Milliseconds until the node is said to be Ready; frozen again afterwards."""
    began = time.perf_counter()
    lab.driver.thaw(handle)
    until_ready(partial(lab.driver.run, handle))
    took = (time.perf_counter() - began) * 1000
    lab.driver.freeze(handle)
    return took
