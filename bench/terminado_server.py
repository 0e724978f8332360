"""`python -m bench.terminado_server COMMAND...`: terminado on a port of its own, which it prints."""

from __future__ import annotations

import asyncio
import sys

from terminado.management import NamedTermManager, UniqueTermManager
from terminado.websocket import TermSocket
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application


async def serve(command: list[str]) -> None:
    """Until it is ended from outside. Each connection to /ws gets a terminal of its own; those to /ws/NAME share
    one, which outlives them."""
    own = {"term_manager": UniqueTermManager(shell_command=command)}
    named = {"term_manager": NamedTermManager(shell_command=command)}
    server = HTTPServer(Application([(r"/ws", TermSocket, own), (r"/ws/(\w+)", TermSocket, named)]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
