"""sandboxd as a process of its own, with the host driver: `python -m tests.sandbox.daemon FOLDER` under the
reaper, with `--serve` by itself. FOLDER is laid out as lab.paths says; `sandboxes` must exist in it."""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

from lab.paths import Paths
from sandbox.drivers.namespace import children
from sandbox.sandboxd.operations import Operations
from sandbox.sandboxd.reaper import supervise
from sandbox.sandboxd.server import Server
from sandbox.sandboxd.terminals import Terminals
from tests.sandbox.hosts import HostDriver


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    paths = Paths(Path(sys.argv[1]))
    exits = paths.run / "exits"
    if "--serve" not in sys.argv:
        return supervise([sys.executable, "-m", "tests.sandbox.daemon", str(paths.data), "--serve"], exits)
    children.adopt()
    operations = Operations(HostDriver(paths.sandboxes), Terminals(exits))
    server = Server(paths.sandboxd_socket, operations, {os.getuid()}, os.getgid())
    signal.signal(signal.SIGTERM, lambda number, frame: server.close())
    (paths.run / "pid").write_text(str(os.getpid()))
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
