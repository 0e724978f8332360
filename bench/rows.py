"""Which rows there are, and what each needs to be measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import uvloop

from bench import (
    browser,
    checks,
    cluster_claims,
    cluster_costs,
    clusters,
    containers,
    costs,
    density,
    exits,
    growth,
    joining,
    latency,
    previews,
    resume,
    servers,
    throughput,
)
from bench.contenders import contenders
from bench.engine import host_engine
from bench.place import BenchError
from bench.report import Row
from bench.sandboxes import sandboxes
from lab.paths import Paths

CONTAINERS = {
    "create": "from nothing to the end of the first docker run",
    "thaw": "from a frozen sandbox to a prompt",
    "run": "docker run of a small image, inside and outside",
    "memory": "what an idle frozen sandbox takes",
}
LATENCY = {
    "echo": "a typed byte and back",
    "echo-flood": "the same while another terminal is flooded",
    "echo-50": "the same with 50 sessions",
}
THROUGHPUT = {
    "throughput": "100 MB of ASCII, UTF-8 and colours to a client without a screen",
    "cpu": "the CPU that those cost",
}
OTHERS = {
    "stalled": "growth while a client neither reads nor acknowledges",
    "cuts": "connections cut during output, directly and through a delay",
    "exits": "200 short commands, their outputs and exit codes",
    "idle": "memory and CPU of an idle terminal",
    "cycles": "open files and zombies after 500 terminals",
}
TERMINALS = {**LATENCY, **THROUGHPUT, **OTHERS}
PREVIEWS = {"preview": "a gigabyte through a preview, and to a browser that stops reading"}
BROWSER = {"browser": "floods in Chromium", "ctrl-c": "Ctrl-C in a flood, in Chromium"}
LESSONS = {
    "check": "from a command to its step's being done",
    "class": "thirty learners join within ten seconds, with as many sandboxes ready",
    "class-half": "the same with half as many ready",
}
CLUSTERS = {
    "cluster": "from nothing to a Ready node and its DNS",
    "cluster-apply": "kubectl apply of two replicas to Available",
    "cluster-burst": "eight clusters at once, from nothing to Ready",
    "cluster-memory": "memory and CPU of an idle cluster, by component",
    "cluster-frozen": "how many clusters are frozen in 20 GiB, made and counted",
}
CLAIMS = {
    "cluster-claim": "a cluster of the pool, claimed or thawed, to a Ready node; also after ten minutes",
    "cluster-class": "thirty learners join within ten seconds, with as many clusters ready",
}
ROWS = {**CONTAINERS, **TERMINALS, **PREVIEWS, **BROWSER, **LESSONS, **CLUSTERS, **CLAIMS}
"""By name, what each measures."""
SIZE = 100_000_000
"""Bytes of a flood."""
FROZEN = 20 << 30
"""Bytes of memory that are filled with frozen clusters."""
ASLEEP = 600.0
"""Seconds of a long sleep."""
MINUTE = 60.0


def measure(base: Paths, rows: list[str], scale: float) -> Iterator[Row]:
    """The rows that are asked for, each when it is done. Raises BenchError."""

    def count(usual: int) -> int:
        return max(2, round(usual * scale))

    wanted = set(rows)
    if wanted & set(CONTAINERS):
        yield from _containers(base, rows, count)
    if wanted & set(TERMINALS):
        yield from _terminals(base, rows, count, scale)
    if wanted & set(PREVIEWS):
        with servers.lab(base) as lab, asyncio.Runner() as runner:
            yield from previews.previews(runner.run(servers.claim(lab.port)), lab, count(3))
    if wanted & set(BROWSER):
        with servers.lab(base) as lab, browser.page(lab.port) as opened:
            if "browser" in rows:
                yield browser.floods(opened, _size(scale), count(3))
            if "ctrl-c" in rows:
                yield browser.interrupt(opened, count(5))
    if "check" in rows:
        with checks.course(base), servers.lab(base) as lab, asyncio.Runner() as runner:
            yield runner.run(checks.checks(lab, count(40)))
    for name, ready in (("class", 1.0), ("class-half", 0.5)):
        if name in rows:
            learners = count(30)
            pool = round(learners * ready)
            with (
                servers.lab(base, LAB_POOL_SIZE=f"docker={pool},kubernetes=0") as lab,
                asyncio.Runner() as runner,
            ):
                yield runner.run(joining.joining(lab, learners, pool, name))
    if wanted & {*CLUSTERS, *CLAIMS} and not base.tools.is_dir():
        raise BenchError(f"Kubernetes is not built below {base.data}: run `make bench`, which builds it.")
    if wanted & set(CLUSTERS):
        yield from _clusters(base, rows, count, scale)
    if "cluster-claim" in rows:
        with (
            sandboxes(base) as apart,
            _with_clusters(base, cluster_claims.APART) as lab,
            asyncio.Runner() as runner,
        ):
            yield from runner.run(cluster_claims.claims(lab, apart, count(10), ASLEEP * scale))
    if "cluster-class" in rows:
        learners = count(30)
        with _with_clusters(base, learners) as lab, asyncio.Runner() as runner:
            yield runner.run(cluster_claims.joining(lab, learners))


def _size(scale: float) -> int:
    return round(SIZE * min(1.0, scale))


def _containers(base: Paths, rows: list[str], count: Callable[[int], int]) -> Iterator[Row]:
    with sandboxes(base) as lab, host_engine(base, lab.registry) as engine:
        measures: dict[str, Callable[[], Row]] = {
            "create": lambda: containers.create(lab, engine, count(12)),
            "thaw": lambda: containers.thaw(lab, engine, count(40)),
            "run": lambda: containers.run(lab, engine, count(25)),
            "memory": lambda: containers.memory(lab, engine, 5.0),
        }
        yield from (measure() for name, measure in measures.items() if name in rows)


def _clusters(base: Paths, rows: list[str], count: Callable[[int], int], scale: float) -> Iterator[Row]:
    with sandboxes(base) as lab:
        measures: dict[str, Callable[[], list[Row]]] = {
            "cluster": lambda: [clusters.cold(lab, count(12))],
            "cluster-apply": lambda: [clusters.apply(lab, count(20))],
            "cluster-burst": lambda: [clusters.burst(lab, min(8, count(8)), count(3))],
            "cluster-memory": lambda: cluster_costs.memory(lab, max(5.0, MINUTE * scale)),
            "cluster-frozen": lambda: density.frozen(lab, round(FROZEN * scale), count(5)),
        }
        for name, measure in measures.items():
            if name in rows:
                yield from measure()


@contextmanager
def _with_clusters(base: Paths, pool: int) -> Iterator[servers.Running]:
    """A lab whose lessons take clusters, with room for all that its pool of clusters holds and as many
    again; it keeps no other sandboxes."""
    room = {"LAB_POOL_SIZE": f"docker=0,kubernetes={pool}", "LAB_SANDBOX_LIMIT": str(4 * pool + 10)}
    with checks.course(base, "kubernetes"), servers.lab(base, **room) as lab:
        yield lab


def _terminals(base: Paths, rows: list[str], count: Callable[[int], int], scale: float) -> Iterator[Row]:
    wanted = set(rows)
    with contenders(base) as all_of_them, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for contender in all_of_them:
            runner.run(contender.ready(1))
        if wanted & set(LATENCY):
            yield from _each(runner, latency.echo(all_of_them, count(4000), wanted))
        if wanted & set(THROUGHPUT):
            for row in _each(runner, throughput.floods(all_of_them, _size(scale), count(2))):
                if row.name in rows:
                    yield row
        if "stalled" in rows:
            yield runner.run(growth.stalled(all_of_them, max(5.0, 60 * scale)))
        if "cuts" in rows:
            yield from _each(runner, resume.cuts(all_of_them, count(2), scale))
        if "exits" in rows:
            yield runner.run(exits.exits(all_of_them, count(200)))
        if "idle" in rows:
            yield from _each(runner, costs.idle(all_of_them))
        if "cycles" in rows:
            yield runner.run(costs.cycles(all_of_them, count(500)))


def _each(runner: asyncio.Runner, rows: AsyncIterator[Row]) -> Iterator[Row]:
    """The rows of an asynchronous iterator, each as soon as it is there."""

    async def following() -> Row | None:
        return await anext(rows, None)

    while (row := runner.run(following())) is not None:
        yield row
