"""`python -m lab.web OPTIONS`: Daphne on uvloop, which spends a quarter less CPU on each key and frame.

Twisted takes one reactor for the life of a process, and Daphne the one that is there when it is imported.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import uvloop
from twisted.internet import asyncioreactor

THREADS = 32
"""For what blocks: the database, Redis, sandboxd. Python's default is six on two cores, so that a few slow
answers would hold up a class."""


def main() -> None:
    """Serve until SIGTERM, with `daphne`'s own options."""
    loop = uvloop.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "lab-web"))
    asyncioreactor.install(loop)
    from daphne.cli import CommandLineInterface

    CommandLineInterface.entrypoint()


if __name__ == "__main__":
    main()
