"""TCP ports that rules of a sandbox's firewall lead elsewhere: how a container engine publishes them where no
program of its own stands in between. The kernel is asked, over netlink; nothing inside is asked or woken.

iptables' rules are nftables' too, with the target as an expression of that name. Source of the format: the
kernel's include/uapi/linux/netfilter/nf_tables.h.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from sandbox.drivers.namespace.enter import in_network

NETLINK_NETFILTER = 12
NFTABLES = 10 << 8
NEW_RULE, GET_RULE = NFTABLES | 6, NFTABLES | 7
ERROR, DONE = 2, 3
REQUEST_DUMP = 0x301
HEADER = struct.Struct("=IHHII")
FAMILIES = frozenset((1, 2))
"""inet and ip: sandboxes have no other address that leads anywhere."""
MOST = 1 << 20
"""Bytes of rules that are read of one sandbox, which may make as many as it likes."""
PATIENCE = 1.0

CHAIN, EXPRESSIONS, ELEMENT, NAME, DATA = 2, 4, 1, 1, 2
NETWORK, TRANSPORT = 1, 2
PROTOCOL = {(NETWORK, 9, 1), ("meta", 16)}
ADDRESS = (NETWORK, 16, 4)
PORT = (TRANSPORT, 2, 2)
EQUAL = 0
TCP = b"\x06"
NODE_PORTS = b"KUBE-NODEPORTS"
"""The chain in which kube-proxy has a jump for each port that a service opens on the node."""
DESTINATION = 1
"""The kind of network address translation that changes where a packet goes."""


def redirected(pid: int, addresses: Iterable[str]) -> set[int]:
    """TCP ports that a connection from inside, in the network namespace of process `pid`, to one of these IPv4
    addresses is led from. Rules for one port each are understood, as engines make them; ranges and maps are
    not. Raises OSError when the process is gone."""
    made = in_network(pid, lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER))
    reachable = {ipaddress.IPv4Address(address).packed for address in addresses}
    with made:
        made.settimeout(PATIENCE)
        made.send(HEADER.pack(HEADER.size + 4, GET_RULE, REQUEST_DUMP, 1, 0) + struct.pack("=BBH", 0, 0, 0))
        return {port for rule in _rules(made) if (port := _leads(rule, reachable)) is not None}


def _rules(made: socket.socket) -> Iterator[memoryview]:
    """The attributes of each rule, in order."""
    read, deadline = 0, time.monotonic() + PATIENCE
    with suppress(TimeoutError):
        while read < MOST and time.monotonic() < deadline:
            data = memoryview(made.recv(1 << 16))
            read += len(data)
            while len(data) >= HEADER.size:
                length, kind = HEADER.unpack_from(data)[:2]
                if kind in (ERROR, DONE) or length < HEADER.size:
                    return
                if kind == NEW_RULE and data[HEADER.size] in FAMILIES:
                    yield data[HEADER.size + 4 : length]
                data = data[(length + 3) & ~3 :]


def _attributes(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Netlink's way to write a dictionary: length, kind, value, each at a multiple of four bytes."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if not 4 <= length <= len(data):
            return
        yield kind & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3 :]


def _leads(rule: memoryview, reachable: set[bytes]) -> int | None:
    """The port that a rule leads elsewhere. A rule that asks for more than protocol, port and address to be
    equal to something (an interface, say) may not be for connections from inside, and counts as none."""
    about = dict(_attributes(rule))
    chain = bytes(about.get(CHAIN, b"")).rstrip(b"\0")
    if chain == b"PREROUTING":
        return None  # what comes from inside does not pass there
    loaded: dict[bytes, object] = {}
    protocol, port = None, None
    for _, element in _attributes(about.get(EXPRESSIONS, memoryview(b""))):
        expression = dict(_attributes(element))
        name = bytes(expression.get(NAME, b"")).rstrip(b"\0")
        fields = {kind: bytes(value) for kind, value in _attributes(expression.get(DATA, memoryview(b"")))}
        if name == b"payload":
            loaded[fields.get(1, b"")] = tuple(_number(fields, kind) for kind in (2, 3, 4))
        elif name == b"meta":
            loaded[fields.get(1, b"")] = ("meta", _number(fields, 2))
        elif name == b"bitwise":
            loaded.pop(fields.get(2, b""), None)
        elif name == b"cmp" and _number(fields, 2) == EQUAL:
            what, value = loaded.get(fields.get(1, b"")), _value(fields.get(3, b""))
            if what in PROTOCOL:
                protocol = value
            elif what == PORT:
                port = int.from_bytes(value)
            elif what != ADDRESS or value not in reachable:
                return None
        elif _is_redirect(name, fields) or (name == b"immediate" and chain == NODE_PORTS):
            return port if protocol == TCP else None
    return None


def _is_redirect(name: bytes, fields: dict[int, bytes]) -> bool:
    if name == b"target":
        return fields.get(1, b"").rstrip(b"\0") in (b"DNAT", b"REDIRECT")
    return name == b"redir" or (name == b"nat" and _number(fields, 1) == DESTINATION)


def _number(fields: dict[int, bytes], kind: int) -> int:
    return int.from_bytes(fields.get(kind, b"\xff\xff\xff\xff"))


def _value(data: bytes) -> bytes:
    """What a comparison compares with."""
    return bytes(dict(_attributes(memoryview(data))).get(1, b""))
