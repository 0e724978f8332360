"""Whether this machine's firewall lets sandboxes reach their registry and resolver: tried, not guessed."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from lab.setup.isolation import NESTED, program, untried
from lab.setup.probes import Point, tried

TCP, UDP = 25500, 25520
"""The ports of the registry and the resolver."""
SECONDS = 10
REACH = Path(__file__).with_name("reach.py")


def firewall() -> Point:
    """Connects to this machine from a network namespace, over an interface named as sandboxes' are."""
    if not program("ip"):
        return untried("firewall", "iproute2")
    try:
        answers = _tries()
    except OSError as error:
        return Point("firewall", "fail", f"A network as sandboxes have it cannot be made ({error}).", NESTED)
    if answers == {"tcp", "udp"}:
        return Point("firewall", "ok", "What sandboxes send to their registry and resolver arrives.")
    name, mend = _in_force()
    return Point(
        "firewall", "fail", f"{name} stops what sandboxes send to their registry and resolver.", mend
    )


def _tries() -> set[str]:
    """Which of tcp and udp came through. Raises OSError when it could not be tried."""
    number = os.getpid() % 120
    own = _own_address()
    here, there = own or f"192.0.2.{2 * number + 1}", f"192.0.2.{2 * number + 2}"
    interface = f"labdoctor{number}"
    with _namespace() as child:
        assert child.stdin and child.stdout
        _ip(
            f"link add {interface} type veth peer name eth0 netns {child.pid}\n"
            f"link set {interface} addrgenmode none\nlink set {interface} up\n"
            # Browsers drop what they are loading when an address appears, so one is added only where there is none.
            + ("" if own else f"address add {here}/32 dev {interface}\n")
            + f"route add {there}/32 dev {interface} src {here}\n"
        )
        _ip(
            f"link set lo up\naddress add {there}/32 dev eth0\nlink set eth0 up\n"
            f"route add default via {here} dev eth0 onlink\n",
            before=("nsenter", "-t", str(child.pid), "-n"),
        )
        with _bound(here, TCP, socket.SOCK_STREAM) as tcp, _bound(here, UDP, socket.SOCK_DGRAM) as udp:
            tcp.listen()
            child.stdin.write(f"{here} {tcp.getsockname()[1]} {udp.getsockname()[1]}\n".encode())
            child.stdin.flush()
            answer = child.stdout.fileno()
            while True:
                ready = select.select([answer, tcp.fileno(), udp.fileno()], [], [], SECONDS)[0]
                if tcp.fileno() in ready:
                    tcp.accept()[0].close()
                if udp.fileno() in ready:
                    data, sender = udp.recvfrom(64)
                    udp.sendto(data, sender)
                if answer in ready or not ready:
                    return set(child.stdout.readline().decode().split()) if ready else set()


@contextlib.contextmanager
def _namespace() -> Iterator[subprocess.Popen[bytes]]:
    """A process in a network namespace of its own; its end, however it comes, takes the interfaces away."""
    argv = ["unshare", "--net", "--", sys.executable, "-B", str(REACH)]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert child.stdin and child.stdout
    try:
        said = child.stdout.readline().decode().strip()
        if said != "ready":
            raise OSError(said or "no network namespace")
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def _own_address() -> str | None:
    """An address that this machine already has beside loopback's, as the service address is for sandboxes."""
    listed = _output("ip", "-json", "-4", "address", "show", "scope", "global")
    with contextlib.suppress(ValueError, KeyError):
        for link in json.loads(listed):
            for entry in link.get("addr_info", []):
                return str(entry["local"])
    return None


def _ip(commands: str, before: tuple[str, ...] = ()) -> None:
    ok, said = tried([*before, str(program("ip")), "-batch", "-"], stdin=commands)
    if not ok:
        raise OSError(said)


def _bound(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A socket on this port, or on any where another program has it on all addresses. What remains of its
    connections keeps nobody from the port."""
    found = socket.socket(socket.AF_INET, kind)
    if kind == socket.SOCK_STREAM:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address, port))
    except OSError:
        found.bind((address, 0))
    return found


def _in_force() -> tuple[str, str]:
    """The firewall's name, and how sandboxes' interfaces are let in."""
    if "Status: active" in _output("ufw", "status"):
        return "The firewall ufw", "Let them in with: ufw allow in on lab+"
    if _output("firewall-cmd", "--state").strip() == "running":
        add = "firewall-cmd --permanent --zone=trusted --add-interface=lab+"
        return "The firewall firewalld", f"Let them in with: {add} && firewall-cmd --reload"
    kept = "and where these rules are kept for the next boot"
    if "-P INPUT DROP" in _output("iptables", "-S", "INPUT"):
        return "iptables", f"Let them in with: iptables -I INPUT -i lab+ -j ACCEPT, {kept}."
    chain = _dropping()
    if chain:
        return "nftables", f"Let them in with: nft insert rule {chain} iifname 'lab*' accept, {kept}."
    return "A firewall", "In its rules for what comes in, accept what comes from interfaces named lab*."


def _dropping() -> str | None:
    """`family table chain` of an nftables chain that drops what comes in unless a rule accepts it."""
    with contextlib.suppress(ValueError):
        for entry in json.loads(_output("nft", "--json", "list", "chains"))["nftables"]:
            chain = entry.get("chain", {})
            if (chain.get("hook"), chain.get("policy")) == ("input", "drop"):
                return f"{chain['family']} {chain['table']} {chain['name']}"
    return None


def _output(name: str, *words: str) -> str:
    path = program(name)
    if not path:
        return ""
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run([path, *words], capture_output=True, text=True, check=False, timeout=20)
        return done.stdout
    return ""
