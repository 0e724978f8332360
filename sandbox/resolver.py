"""`python -m sandbox.resolver`: the sandboxes' small resolver, dnsmasq, on the service address.

Without the internet it knows the registry's name and says at once that it knows no other.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time

from lab.paths import Paths
from sandbox.drivers.namespace.network import RESOLVER_PORT


def service_address(paths: Paths) -> str:
    """Where sandboxd has put the service address; waits until it has."""
    while True:
        try:
            return str(json.loads(paths.network_file.read_text())["address"])
        except (OSError, ValueError, KeyError):
            time.sleep(0.1)


def command(address: str, internet: bool) -> list[str]:
    """dnsmasq's command line. Upstream servers are the host's own, and only with the internet."""
    program = shutil.which("dnsmasq", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    upstream = [] if internet else ["--no-resolv", "--address=/#/"]
    return [
        program or "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-",
        "--bind-interfaces", f"--listen-address={address}", f"--port={RESOLVER_PORT}", "--no-hosts",
        "--pid-file=", "--user=", "--group=", "--cache-size=1000",
        f"--host-record=registry.lab,{address}", *upstream,
    ]  # fmt: skip


def main() -> None:
    argv = command(service_address(Paths.from_env()), os.environ.get("LAB_INTERNET", "0") == "1")
    try:
        os.execv(argv[0], argv)
    except FileNotFoundError:
        sys.exit("dnsmasq is not installed; run `make up`, which installs it.")


if __name__ == "__main__":
    main()
