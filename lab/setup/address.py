"""The address that the page answers at."""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from lab.hosts import everywhere, loopback_of, loopback_only
from lab.setup.errors import SetupError


@dataclass(frozen=True)
class Address:
    """HOST and PORT as the operator set them."""

    host: str
    port: int
    preview: int = 0
    """The preview process's port; 0: the one beside the page's."""

    @classmethod
    def from_env(cls) -> Address:
        """HOST and PORT of the environment; raises SetupError for what is no port."""
        port = _port("PORT", "8000")
        preview = _port("LAB_PREVIEW_PORT", str(beside(port)))
        if preview == port:
            raise SetupError(f"PORT and LAB_PREVIEW_PORT are both {port}; choose two.")
        return cls(os.environ.get("HOST") or "127.0.0.1", port, preview)

    @property
    def previews(self) -> Address:
        """Where the preview process answers; on this machine, where `*.localhost` leads."""
        host = loopback_of(self.host) if self.loopback else self.host
        return Address(host, self.preview or beside(self.port))

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return loopback_only(self.host)

    @property
    def near(self) -> str:
        """The host by which this machine itself reaches it."""
        return loopback_of(self.host) if everywhere(self.host) else self.host

    @property
    def url(self) -> str:
        """What to open in a browser; an address for others when it listens on all of them."""
        host = (_outward() or self.near) if everywhere(self.host) else self.host
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def check_free(self, name: str = "PORT") -> None:
        """Raises SetupError when nobody can listen there now. `name`: the setting that chooses another."""
        with socket.socket(self.family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
                probe.listen(1)
            except OSError as error:
                if isinstance(error, socket.gaierror) or error.errno == 99:
                    raise SetupError(
                        f"HOST {self.host} is no address of this machine; choose another."
                    ) from error
                if isinstance(error, PermissionError):
                    raise SetupError(
                        f"{name} {self.port} is only for root; choose one above 1023."
                    ) from error
                owner = _owner(self.port) or "another program"
                raise SetupError(
                    f"Port {self.port} on {self.host} is taken by {owner}; stop that, or choose another "
                    f"port: make up {name}={self.port + 1}."
                ) from error


def beside(port: int) -> int:
    """The port next to one, for previews."""
    return port + 1 if port < 65535 else port - 1


def _port(name: str, default: str) -> int:
    raw = os.environ.get(name) or default
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise SetupError(f"{name} is {raw!r}; set it to a number from 1 to 65535.")
    return int(raw)


def _outward() -> str | None:
    """This machine's own address on the network that leads outward; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _owner(port: int) -> str | None:
    """`program (process N)` for who listens on a TCP port, as far as /proc tells."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                field = line.split()
                if field[3] == "0A" and int(field[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{field[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(descriptor.readlink()) in inodes:
                        return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return None
