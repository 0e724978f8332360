"""The far end of the doctor's question to the firewall: run in a network namespace, as a sandbox is.

Says `ready`, reads `ADDRESS TCP-PORT UDP-PORT`, and answers with those of `tcp` and `udp` that get through.
"""

from __future__ import annotations

import contextlib
import socket
import sys

SECONDS = 2


def main() -> None:
    print("ready", flush=True)
    words = sys.stdin.readline().split()
    if len(words) != 3:
        return
    address, tcp, udp = words[0], int(words[1]), int(words[2])
    found = []
    with contextlib.suppress(OSError), socket.create_connection((address, tcp), timeout=SECONDS):
        found.append("tcp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker, contextlib.suppress(OSError):
        asker.settimeout(SECONDS)
        asker.sendto(b"?", (address, udp))
        asker.recv(64)
        found.append("udp")
    print(*found, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
