"""Cold create, `docker run`, thaw and memory: the driver's figures beside the host engine's."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from bench.engine import BUSYBOX, ROOT_IMAGE, Engine
from bench.place import BenchError
from bench.report import Row
from bench.sandboxes import Marks, Sandboxes
from bench.shells import PROMPT, end, open_on_terminal, read_until, shell
from sandbox.drivers.base import Handle
from sandbox.drivers.namespace.cgroups import Cgroup, is_v2

RUN = ["docker", "run", "--rm", BUSYBOX, "true"]
MIB = 2**20
AWAY = 0.3
"""Seconds that a sandbox stays frozen before it is thawed."""


def create(lab: Sandboxes, engine: Engine, runs: int) -> Row:
    """From nothing to the end of the first `docker run`."""
    row = Row("create", "Cold create to a working `docker run`", "seconds", goal="≤ 2.5 s p50")
    whole, made, first, peer, again = [], [], [], [], []
    steps: dict[str, list[float]] = {}
    for _ in range(runs):
        marks = Marks()
        began = time.perf_counter()
        handle = lab.create(marks.mark)
        ready = time.perf_counter()
        try:
            done = lab.driver.run(handle, RUN)
            ended = time.perf_counter()
            if done.exit_code != 0:
                raise BenchError(f"`docker run` in a sandbox: {done.stderr.decode()}")
            second = time.perf_counter()
            lab.driver.run(handle, RUN)
            again.append(time.perf_counter() - second)
        finally:
            lab.driver.destroy(handle)
        whole.append(ended - began)
        made.append(ready - began)
        first.append(ended - ready)
        marks.add_to(steps, ready)
        began = time.perf_counter()
        engine.call("run", "--rm", ROOT_IMAGE, "true")
        peer.append(time.perf_counter() - began)
    row.add(
        "sandbox, then docker run busybox:1",
        whole,
        note="driver.create until the engine answers, then the run",
    )
    row.add("· of it: driver.create", made, note="disk, root, limits, runc, dockerd answering")
    for name, values in steps.items():
        row.add(f"·· {name}", values)
    row.add("· of it: first docker run", first, note="pulls busybox:1 from the lab's registry")
    row.add("second docker run", again, note="the image is there")
    row.add("host engine: docker run, same root", peer, peer=True, note="engine and image are already there")
    return row


def run(lab: Sandboxes, engine: Engine, runs: int) -> Row:
    """`docker run --rm busybox:1 true` inside and outside, by shells that are already there."""
    row = Row("run", "`docker run --rm busybox:1 true`", "seconds", goal="not slower than the host engine")
    networks = {"": "own bridge network", "--network=none ": "no network"}
    values: dict[tuple[str, str], list[float]] = {}
    with lab.one() as handle:
        inside = lab.driver.runc.exec_argv(handle["key"], ["/bin/bash"], user="root", env=("HOME=/root",))
        outside = " ".join(engine.argv())
        with shell(inside) as sandbox, shell(["/bin/bash"]) as host:
            sandbox.time(f"docker pull --quiet {BUSYBOX}")
            for _ in range(runs):
                for option in networks:
                    words = f"run --rm {option}{BUSYBOX} true"
                    values.setdefault(("sandbox", option), []).append(sandbox.time(f"docker {words}"))
                    values.setdefault(("host engine", option), []).append(host.time(f"{outside} {words}"))
    for (where, option), found in values.items():
        row.add(where, found, peer=where != "sandbox", note=networks[option])
    return row


def thaw(lab: Sandboxes, engine: Engine, runs: int) -> Row:
    """From frozen to a prompt, in a new terminal and in one that was open."""
    row = Row("thaw", "Thaw to prompt", "milliseconds", ("p50", "p95", "max"), goal="≤ 150 ms p95")
    container = engine.call("run", "--detach", ROOT_IMAGE, "sleep", "infinity")
    into = engine.argv("exec", "--interactive", "--tty", container, "bash", "-l")
    with lab.one() as handle:
        driver = lab.driver
        pair = driver.open_terminal(handle, (80, 24))
        ours, theirs = (pair.fd, pair.pid), open_on_terminal(into)
        for descriptor, _ in (ours, theirs):
            read_until(descriptor, PROMPT)

        def fresh(opened: tuple[int, int]) -> tuple[int, int]:
            read_until(opened[0], PROMPT)
            return opened

        def in_new(wake: Callable[[], object], start: Callable[[], tuple[int, int]]) -> float:
            began = time.perf_counter()
            wake()
            opened = fresh(start())
            took = time.perf_counter() - began
            end(*opened)
            return took * 1000

        def in_open(wake: Callable[[], object], descriptor: int) -> float:
            began = time.perf_counter()
            wake()
            os.write(descriptor, b"\r")
            read_until(descriptor, PROMPT)
            return (time.perf_counter() - began) * 1000

        def terminal(handle: Handle = handle) -> tuple[int, int]:
            made = driver.open_terminal(handle, (80, 24))
            return made.fd, made.pid

        measures: list[tuple[str, bool, str, Callable[[], float]]] = [
            ("sandbox, new terminal", False, "thaw, runc exec, bash -l, prompt",
             lambda: in_new(lambda: driver.thaw(handle), terminal)),
            ("host engine, new terminal", True, "docker unpause, docker exec -it, bash -l, prompt",
             lambda: in_new(lambda: engine.call("unpause", container), lambda: open_on_terminal(into))),
            ("sandbox, open terminal", False, "thaw, Enter, prompt",
             lambda: in_open(lambda: driver.thaw(handle), ours[0])),
            ("host engine, open terminal", True, "docker unpause, Enter, prompt",
             lambda: in_open(lambda: engine.call("unpause", container), theirs[0])),
        ]  # fmt: skip
        values: dict[str, list[float]] = {}
        for _ in range(runs):
            for what, peer, _, measure in measures:
                engine.call("pause", container) if peer else driver.freeze(handle)
                time.sleep(AWAY)
                values.setdefault(what, []).append(measure())
        for what, peer, note, _ in measures:
            row.add(what, values[what], peer=peer, note=note)
        for opened in (ours, theirs):
            end(*opened)
    engine.call("rm", "--force", container)
    return row


def memory(lab: Sandboxes, engine: Engine, seconds: float) -> Row:
    """What an idle sandbox holds while it is frozen, and that it takes no CPU."""
    row = Row("memory", "An idle frozen docker sandbox", "MiB", ("p50",))
    with lab.one() as handle:
        made = lab.driver.open_terminal(handle, (80, 24))
        read_until(made.fd, PROMPT)
        lab.driver.freeze(handle)
        before = lab.driver.stats(handle).cpu_seconds
        time.sleep(seconds)
        after = lab.driver.stats(handle)
        parts = split(Cgroup(f"{lab.driver.names.cgroup}/{handle['key']}"))
        row.add("sandbox, all", [after.memory / MIB], note="the cgroup's own count, after the first prompt")
        for name, value in parts.items():
            row.add(f"· {name}", [value / MIB])
        row.add("its disk, taken of the host", [after.disk_used / MIB])
        row.notes.append(
            f"CPU used in {seconds:g} s while frozen: {(after.cpu_seconds - before) * 1000:.3f} ms; "
            f"{after.pids} processes and threads."
        )
        lab.driver.thaw(handle)
        end(made.fd, made.pid)
    for name, value in engine.memory().items():
        row.add(
            f"host engine, {name}", [value / MIB], peer=True, note="dockerd and containerd, idle, resident"
        )
    return row


def split(cgroup: Cgroup) -> dict[str, int]:
    """Bytes of a cgroup's memory by kind."""
    folder = cgroup.folder("memory")
    lines = (line.split() for line in (folder / "memory.stat").read_text().splitlines())
    stat = {name: int(value) for name, value in lines}
    if is_v2():
        return {"anonymous": stat["anon"], "file": stat["file"], "kernel": stat.get("kernel", 0)}
    kernel = folder / "memory.kmem.usage_in_bytes"
    anonymous, file = stat["total_rss"], stat["total_cache"]
    rest = cgroup.memory_used() - anonymous - file
    return {
        "anonymous": anonymous,
        "file": file,
        "kernel": int(kernel.read_text()) if kernel.exists() else rest,
    }
