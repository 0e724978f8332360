"""A gigabyte through a preview: how fast, and what a browser costs that stops reading."""

from __future__ import annotations

import http.client
import json
import socket
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from bench.place import BenchError
from bench.report import Row
from bench.servers import Place, Running
from sandbox.sandboxd.client import Sandboxd

PORT = 8080
SIZE = 1 << 30
STALLED = 20.0
"""Seconds for which the browser reads nothing."""
SERVER = (
    f"mkdir -p /srv/web && truncate -s {SIZE} /srv/web/big && "
    f"docker run -d -p {PORT}:80 -v /srv/web:/usr/share/nginx/html:ro nginx:1.26 && "
    f"for _ in $(seq 100); do curl -sfI localhost:{PORT}/big >/dev/null && exit 0; sleep 0.1; done; exit 1"
)


def previews(place: Place, lab: Running, times: int) -> list[Row]:
    """Both rows. Raises BenchError."""
    pid, paths = lab.processes()["preview"], lab.paths
    key = urlsplit(place.url).path.split("/")[3]
    daemon, handle = Sandboxd(paths.sandboxd_socket), {"key": key}
    done = daemon.run(handle, ["/bin/bash", "-c", SERVER], timeout=180)
    if done.exit_code != 0:
        raise BenchError(f"nginx did not start in the sandbox: {done.stderr.decode()[-300:]}")
    host, cookie = _enter(f"http://127.0.0.1:{lab.port}", place.cookie)
    speed = Row("preview", "One gigabyte through a preview", "MB/s", goal="said beside a direct connection")
    with_lab = [_read(_connect(host), host, cookie) for _ in range(times)]
    direct = [_read(daemon.dial(handle, PORT), f"localhost:{PORT}", "") for _ in range(times)]
    speed.add("lab", with_lab, note="nginx in a container in a sandbox, docker-proxy, preview process")
    speed.add("direct", direct, peer=True, note="the same nginx by a socket that sandboxd connects")
    growth = Row("preview-stalled", "Growth of the process while a browser reads nothing", "MiB", goal="≤ 4")
    growth.add(
        "lab", [_stall(host, cookie, pid) for _ in range(times)], note=f"{STALLED:g} s, 1 GB asked for"
    )
    return [speed, growth]


def _enter(site: str, learner: str) -> tuple[str, str]:
    """The preview's host with its port, and the cookie that opens it."""
    asked = urllib.request.Request(
        f"{site}/preview/{PORT}", method="POST", headers={"Origin": site, "Cookie": learner}
    )
    with urllib.request.urlopen(asked) as answer:
        url = urlsplit(json.load(answer)["url"])
    connection = http.client.HTTPConnection("127.0.0.1", url.port or 80)
    connection.request("GET", f"{url.path}?{url.query}", headers={"Host": url.netloc})
    cookie = connection.getresponse().headers["Set-Cookie"]
    connection.close()
    return url.netloc, cookie.partition(";")[0]


def _connect(host: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])))


def _ask(connection: socket.socket, host: str, cookie: str) -> None:
    connection.sendall(f"GET /big HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode())


def _read(connection: socket.socket, host: str, cookie: str) -> float:
    """Megabytes in a second."""
    with connection:
        began = time.perf_counter()
        _ask(connection, host, cookie)
        buffer, left = bytearray(1 << 20), SIZE
        while left > 0:
            count = connection.recv_into(buffer)
            if not count:
                raise BenchError("The answer broke off.")
            left -= count
        return SIZE / 1e6 / (time.perf_counter() - began)


def _stall(host: str, cookie: str, pid: int) -> float:
    """MiB that the process has grown by while nobody reads."""
    before = most = _resident(pid)
    with _connect(host) as connection:
        _ask(connection, host, cookie)
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            raise BenchError("The preview did not answer with the file.")
        until = time.monotonic() + STALLED
        while time.monotonic() < until:
            time.sleep(0.2)
            most = max(most, _resident(pid))
    return (most - before) / (1 << 20)


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise BenchError("The lab's preview process has ended.")
