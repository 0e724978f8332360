"""`python -m sandbox.resolver`: the sandboxes' small resolver, dnsmasq, on the service address.

Without the internet it knows the registry's name and says at once that it knows no other.
"""

from __future__ import annotations

import os
import shutil
import sys

from lab.paths import Paths
from sandbox import services
from sandbox.services import Services


def command(where: Services, internet: bool) -> list[str]:
    """dnsmasq's command line. Upstream servers are the host's own, and only with the internet."""
    program = shutil.which("dnsmasq", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    upstream = [] if internet else ["--no-resolv", "--address=/#/"]
    return [
        program or "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-",
        "--bind-interfaces", f"--listen-address={where.address}", f"--port={where.resolver}", "--no-hosts",
        "--pid-file=", "--user=", "--group=", "--cache-size=1000",
        f"--host-record=registry.lab,{where.address}", *upstream,
    ]  # fmt: skip


def main() -> None:
    argv = command(services.wait(Paths.from_env()), os.environ.get("LAB_INTERNET", "0") == "1")
    try:
        os.execv(argv[0], argv)
    except FileNotFoundError:
        sys.exit("dnsmasq is not installed; run `make up`, which installs it.")


if __name__ == "__main__":
    main()
