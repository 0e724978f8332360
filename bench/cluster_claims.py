"""Clusters out of the pool, claimed as browsers do: by one learner after the other, and by a class at once."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from functools import partial

from bench import servers
from bench.checks import LESSON, slug
from bench.clusters import destroy, is_ready, resting, until_ready
from bench.joining import STARTED, WITHIN, come, new_browser, open_terminal
from bench.lab_terminal import Lab
from bench.place import BenchError
from bench.report import Row
from bench.sandboxes import Sandboxes
from bench.shells import PROMPT
from bench.terminals import PATIENCE
from sandbox.drivers.base import Handle, Status
from sandbox.drivers.namespace.state import Register
from sandbox.sandboxd.client import Sandboxd

PATH = f"/lessons/{LESSON}/{slug(0)}/"
MADE = 30.0
"""Seconds that one member of the pool may take."""
AWAY = 2.0
"""Seconds that a cluster stays frozen before it is thawed."""
SETTLED = 2.0
APART = 3
"""Clusters that sleep long, of the driver's own and in the pool."""
COMMAND = b"kubectl get nodes --no-headers\r"
LIMIT = 3000.0


@dataclass
class Times:
    """Milliseconds from a claim: to the sandbox's being ready, and to a Ready node; or to the prompt."""

    ready: list[float] = field(default_factory=list)
    node: list[float] = field(default_factory=list)
    prompt: list[float] = field(default_factory=list)


async def claims(lab: servers.Running, apart: Sandboxes, turns: int, asleep: float) -> list[Row]:
    """The rows `cluster-claim` and `cluster-thaw`: claims, then claims and thaws after `asleep` seconds. The lab shows
    a course with clusters and has `APART` in its pool; `apart` makes those that are thawed apart. Raises BenchError."""
    slept = f"after {asleep:g} s frozen"
    row = Row("cluster-claim", "A frozen cluster of the pool, claimed, to `kubectl get nodes` Ready", "milliseconds",
              ("p50", "p95", "max"), goal="≤ 300 p50")  # fmt: skip
    thaw = Row(
        "cluster-thaw",
        "Thaw of a cluster to `kubectl get nodes` Ready",
        "milliseconds",
        ("p50", "p95", "max"),
    )
    own: list[Handle] = []
    try:
        for _ in range(APART):
            own.append(await asyncio.to_thread(resting, apart))
        short = [await asyncio.to_thread(_thaw, apart, own[0], AWAY) for _ in range(turns)]
        for handle in own:
            await asyncio.to_thread(apart.driver.freeze, handle)
        began = time.monotonic()
        ran, typed, late, late_typed = Times(), Times(), Times(), Times()
        for _ in range(turns):
            for times, types in ((ran, False), (typed, True)):
                await _filled(lab, APART)
                await _claim(lab, times, types=types)
        await _filled(lab, APART)
        await asyncio.sleep(asleep)
        overslept = time.monotonic() - began
        for number in range(APART):  # the oldest is claimed first
            types = number == APART - 1
            await _claim(lab, late_typed if types else late, types=types)
            await _filled(lab, APART)
        long = [await asyncio.to_thread(_thaw, apart, handle, 0.0) for handle in own]
    finally:
        await asyncio.to_thread(destroy, apart, own)
    run = "the claim's message, the pool, thaw, the node's being asked, then kubectl get nodes by sandboxd's run"
    row.add("claim to Ready, by run", ran.node, note=run)
    row.add("· of it: to the sandbox's being ready", ran.ready, note="as the page hears it")
    row.add(
        "claim to Ready, in a terminal",
        typed.node,
        note="to the answer of kubectl get nodes, typed at the prompt",
    )
    row.add("· of it: to the sandbox's being ready", typed.ready, note="as the page hears it")
    row.add("· of it: to the prompt", typed.prompt, note="a new terminal: runc exec, bash -l")
    row.add(f"claim to Ready, by run, {slept}", late.node, note="likewise")
    row.add(f"claim to Ready, in a terminal, {slept}", late_typed.node, note="likewise")
    row.notes.append("With each claim the lab begins to make the pool's next member, on the same cores.")
    thaw.add(
        f"thaw to Ready, after {AWAY:g} s frozen",
        short,
        note="kubectl get nodes by runc exec, until it says so",
    )
    thaw.add(f"thaw to Ready, after {overslept:.0f} s frozen", long, note=f"likewise, of {APART} clusters")
    return [row, thaw]


async def joining(lab: servers.Running, learners: int) -> Row:
    """So many learners in `WITHIN` seconds, before them one alone. The lab shows a course with clusters and has as
    many in its pool. Raises BenchError."""
    row = Row("cluster-class", f"{learners} learners join within ten seconds, {learners} clusters in the pool",
              "milliseconds", ("p50", "p95", "max"), goal="each prompt ≤ 3 s")  # fmt: skip
    alone, together = Times(), Times()
    async with AsyncExitStack() as stack:
        await _filled(lab, learners)
        await _learn(lab, 0.0, alone, stack)
        await _filled(lab, learners, awake=1)
        await asyncio.gather(
            *(_learn(lab, WITHIN * number / learners, together, stack) for number in range(1, learners + 1))
        )
    page = "the lesson with all its files, a cluster, a terminal"
    row.add("click to prompt", together.prompt, note=page)
    row.add("click to prompt, alone", alone.prompt, peer=True, note="the same by one learner, before")
    row.add("click to Ready", together.node, note="with kubectl get nodes, typed at the prompt")
    row.add("click to Ready, alone", alone.node, peer=True, note="likewise")
    within = sum(value <= LIMIT for value in together.prompt)
    row.notes.append(f"{within} of {len(together.prompt)} prompts within {LIMIT / 1000:g} s of the click.")
    return row


async def _filled(lab: servers.Running, clusters: int, awake: int = 0) -> None:
    """Until so many clusters are frozen and, but for `awake` sandboxes, everything is. Raises BenchError."""
    daemon, register = Sandboxd(lab.paths.sandboxd_socket), Register(lab.paths.sandboxes)
    deadline = time.monotonic() + PATIENCE + MADE * clusters

    def look() -> bool:
        states = {key: daemon.poll({"key": key}) for key in daemon.list()}
        frozen = [key for key, status in states.items() if status is Status.FROZEN]
        found = [register.folder(key).read() for key in frozen]
        return (
            len(states) - len(frozen) == awake
            and sum(state is not None and state.profile == "kubernetes" for state in found) >= clusters
        )

    while not await asyncio.to_thread(look):
        if time.monotonic() > deadline:
            raise BenchError(f"The pool has not got {clusters} clusters in time.")
        await asyncio.sleep(0.5)
    await asyncio.sleep(SETTLED)


async def _claim(lab: servers.Running, times: Times, *, types: bool) -> None:
    """One learner's claim, to a node that is Ready: as they type, or as the lab runs commands. Their sandbox is
    removed afterwards. Raises BenchError, TimeoutError."""
    daemon = Sandboxd(lab.paths.sandboxd_socket)
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(new_browser())
        _, channel, cookie = await come(lab, browser, PATH)
        await stack.enter_async_context(aclosing(channel))
        began = time.perf_counter()
        handle = {"key": await channel.claim()}
        times.ready.append((time.perf_counter() - began) * 1000)
        if types:
            terminal = await open_terminal(lab, handle["key"], cookie)
            stack.push_async_callback(terminal.socket.close)
            times.prompt.append((time.perf_counter() - began) * 1000)
            await _typed(terminal)
        else:
            await asyncio.to_thread(until_ready, partial(daemon.run, handle))
        times.node.append((time.perf_counter() - began) * 1000)
    await asyncio.to_thread(daemon.destroy, handle)


async def _learn(lab: servers.Running, after: float, times: Times, stack: AsyncExitStack) -> None:
    """One learner from the click to `kubectl get nodes`, whose page stays open as long as `stack` does."""
    await asyncio.sleep(after)
    began = time.perf_counter()
    browser = await stack.enter_async_context(new_browser())
    _, channel, cookie = await come(lab, browser, PATH)
    await stack.enter_async_context(aclosing(channel))
    terminal = await open_terminal(lab, await channel.claim(), cookie)
    stack.push_async_callback(terminal.socket.close)
    times.prompt.append((time.perf_counter() - began) * 1000)
    await _typed(terminal)
    times.node.append((time.perf_counter() - began) * 1000)


async def _typed(terminal: Lab) -> None:
    """Type `kubectl get nodes` until its answer says Ready. Raises BenchError, TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await terminal.type(COMMAND)
            said = await terminal.read_past(STARTED, PROMPT)
            if is_ready(answer(said)):
                return


def answer(said: bytes) -> bytes:
    """What a command printed, of what a terminal received since it was typed (OSC 133)."""
    return said.partition(STARTED)[2].partition(b"\a")[2].partition(b"\x1b]133;")[0]


def _thaw(lab: Sandboxes, handle: Handle, away: float) -> float:
    """Milliseconds from a thaw to Ready; before it the cluster is frozen, and stays so for `away` seconds."""
    lab.driver.freeze(handle)
    time.sleep(away)
    began = time.perf_counter()
    lab.driver.thaw(handle)
    until_ready(partial(lab.driver.run, handle))
    return (time.perf_counter() - began) * 1000
