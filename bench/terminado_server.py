"""`python -m bench.terminado_server COMMAND...`: terminado on a port of its own, which it prints."""

from __future__ import annotations

import asyncio
import sys

from terminado.management import UniqueTermManager
from terminado.websocket import TermSocket
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application


async def serve(command: list[str]) -> None:
    """Until it is ended from outside; each connection gets a terminal of its own."""
    manager = UniqueTermManager(shell_command=command)
    server = HTTPServer(Application([(r"/ws", TermSocket, {"term_manager": manager})]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
