"""Those whose terminals are compared: the lab by either server, the bare PTY and the peers, all up at once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench import peers, servers
from bench.lab_terminal import Lab
from bench.terminals import QUEUE, Address, Raw, Terminado, Terminal, Ttyd
from bench.wetty import Wetty
from lab.paths import Paths

SHELL = ("/bin/bash", "--norc")
PER_SANDBOX = 7
"""Terminals that neighbours open in one sandbox, of the eight that it may have."""


async def connect(address: Address, queue: int = QUEUE, *, reads: bool = True) -> Terminal:
    """Open the terminal at `address`, with a shell in it. With `reads` false, nobody will read and nobody will
    acknowledge. Raises BenchError."""
    match address.kind:
        case "lab":
            opened = await Lab.open(address, queue)
            opened.acknowledges = reads
            return opened
        case "terminado":
            return await Terminado.open(address, queue)
        case "ttyd":
            return await Ttyd.open(address, queue)
        case "wetty":
            return await Wetty.open(address, queue, reads=reads)
        case _:
            return Raw(list(SHELL))


@dataclass
class Contender:
    """One of them. `address` gives where to open the next terminal, for the lab in that one of its sandboxes; it is
    None for one that could not be had, and `note` then says why."""

    name: str
    note: str
    address: Callable[[int], Address] | None = None
    processes: Callable[[], Mapping[str, int]] = dict
    peer: bool = True
    sandboxes: Sandboxes | None = None
    """The lab's."""

    async def open(self, script: str = "", *, sandbox: int = 0) -> Terminal:
        """A new terminal, that runs `script` if one is given (see Terminal.run). Raises BenchError."""
        assert self.address is not None
        terminal = await connect(self.address(sandbox))
        if script:
            try:
                await terminal.run(script)
            except BaseException:
                await terminal.close()
                raise
        return terminal

    async def ready(self, sandboxes: int) -> None:
        """Have so many sandboxes, where there are any."""
        if self.sandboxes is not None:
            await self.sandboxes.ensure(sandboxes)


@dataclass
class Sandboxes:
    """The learners of one lab, each with a sandbox."""

    running: servers.Running
    places: list[servers.Place] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def ensure(self, count: int) -> None:
        missing = range(count - len(self.places))
        self.places += await asyncio.gather(*(servers.claim(self.running.port) for _ in missing))

    def address(self, sandbox: int) -> Address:
        place = self.places[sandbox]
        url = f"{place.url}/bench-{next(self.numbers)}"
        return Address("lab", url, place.cookie, str(self.running.paths.sandboxd_socket))


LABS = {
    "lab": ("daphne", "Daphne, termd, PTY in a sandbox; acknowledged, resumable"),
    "lab, uvicorn": ("uvicorn", "the same, served by uvicorn"),
}


@contextmanager
def contenders(base: Paths) -> Iterator[list[Contender]]:
    """All of them, until the end of the block. Raises BenchError when a lab does not start."""
    with ExitStack() as stack:
        found = []
        for name, (server, note) in LABS.items():
            running = stack.enter_context(servers.lab(base, LAB_ASGI_SERVER=server))
            sandboxes = Sandboxes(running)
            found.append(
                Contender(name, note, sandboxes.address, running.processes, peer=False, sandboxes=sandboxes)
            )
        found.append(
            Contender("raw PTY", "read and write on a PTY master; no server", lambda _: Address("pty"))
        )
        terminado = stack.enter_context(servers.terminado(SHELL))
        found.append(_peer("terminado", "Tornado, PTY on the host; JSON text, no flow control", terminado))
        ttyd, wetty = peers.ttyd(base), peers.wetty(base)
        if ttyd.argv:
            note = "C, libwebsockets and libuv, PTY on the host; pause and resume"
            found.append(_peer("ttyd", note, stack.enter_context(servers.ttyd(ttyd, SHELL))))
        else:
            found.append(Contender("ttyd", ttyd.why))
        if wetty.argv:
            note = "Node.js, socket.io, PTY on the host; waits 2 ms for more"
            found.append(_peer("wetty", note, stack.enter_context(servers.wetty(wetty, SHELL))))
        else:
            found.append(Contender("wetty", wetty.why))
        yield found


def _peer(name: str, note: str, server: servers.Peer) -> Contender:
    return Contender(name, note, lambda _: Address(name, server.url), lambda: {name: server.pid})
