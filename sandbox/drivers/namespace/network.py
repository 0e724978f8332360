"""The sandboxes' network: a veth pair each, and one nftables table that says where it leads.

A sandbox reaches the registry and the resolver on the service address and, when the operator says so,
the public internet; never the host, another sandbox, private ranges or metadata addresses. What is
refused is rejected at once, so that a learner sees an error and not a hanging command.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sandbox.drivers.namespace.command import call
from sandbox.drivers.namespace.names import Names
from sandbox.services import Services

REGISTRY_PORT = 5000
CACHE_PORT = 5001
NAME_PORT = 53
"""Where sandboxes find the registry, the cache of another and the resolver; the firewall leads from there to
where they listen."""
CONNECTIONS = 256
"""Connections to the lab's own services that one sandbox may hold at once."""
CONNECTIONS_OUTWARD = 1024
"""The same to the internet. The host's kernel keeps one table of connections for all."""
STARTS, STARTS_AT_ONCE = 100, 500
"""New connections a second, and in a burst: those that have ended stay in that table for minutes."""

PRIVATE = (
    "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.0/24, "
    "192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3"
)


def rules(names: Names, internet: bool, services: Services) -> str:
    """The whole table, for `nft -f`; loading it again replaces it and forgets the members."""
    sandboxes = f'"{names.interface_prefix}*"'
    service = names.service_address
    rate = f"{STARTS}/second burst {STARTS_AT_ONCE} packets"
    starting = f"add @starters {{ ip saddr limit rate over {rate} }} jump refuse"
    outward = (
        f"""ct state established,related accept
    ip daddr {{ {PRIVATE} }} jump refuse
    {starting}
    add @travellers {{ ip saddr ct count over {CONNECTIONS_OUTWARD} }} jump refuse
    accept"""
        if internet
        else "jump refuse"
    )
    cache = (
        f"""
    iifname {sandboxes} ip daddr {service} tcp dport {CACHE_PORT} dnat ip to {service}:{services.cache}"""
        if services.cache
        else ""
    )
    ports = ", ".join(str(port) for port in (services.registry, services.resolver, services.cache) if port)
    masquerade = (
        f"""
  chain outward {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {names.network} oifname != {sandboxes} masquerade
  }}"""
        if internet
        else ""
    )
    return f"""
table inet {names.table} {{}}
delete table inet {names.table}
table inet {names.table} {{
  set members {{ type ifname . ipv4_addr; }}
  set talkers {{ type ipv4_addr; size 4096; flags dynamic; }}
  set travellers {{ type ipv4_addr; size 4096; flags dynamic; }}
  set starters {{ type ipv4_addr; size 4096; flags dynamic; }}

  chain guard {{
    type filter hook prerouting priority raw; policy accept;
    iifname {sandboxes} iifname . ip saddr != @members drop
    iifname {sandboxes} meta nfproto ipv6 drop
  }}
  chain services {{
    type nat hook prerouting priority dstnat; policy accept;
    iifname {sandboxes} ip daddr {service} tcp dport {REGISTRY_PORT} dnat ip to {service}:{services.registry}{cache}
    iifname {sandboxes} ip daddr {service} udp dport {NAME_PORT} dnat ip to {service}:{services.resolver}
    iifname {sandboxes} ip daddr {service} tcp dport {NAME_PORT} dnat ip to {service}:{services.resolver}
  }}
  chain refuse {{
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
  }}
  chain to_host {{
    ct state established,related accept
    {starting}
    ip daddr {service} add @talkers {{ ip saddr ct count over {CONNECTIONS} }} jump refuse
    ip daddr {service} tcp dport {{ {ports} }} accept
    ip daddr {service} udp dport {services.resolver} accept
    ip daddr {service} icmp type echo-request accept
    jump refuse
  }}
  chain input {{
    type filter hook input priority filter - 5; policy accept;
    iifname {sandboxes} goto to_host
    ip daddr {names.network} iifname != "lo" jump refuse
  }}
  chain to_world {{
    {outward}
  }}
  chain forward {{
    type filter hook forward priority filter - 5; policy accept;
    iifname {sandboxes} oifname {sandboxes} jump refuse
    iifname {sandboxes} goto to_world
    oifname {sandboxes} ct state established,related accept
    oifname {sandboxes} jump refuse
  }}{masquerade}
}}
"""


def mirrors(*, cache: bool) -> list[str]:
    """Where engines look for the images of Docker Hub, in this order: an engine asks the next for what one
    does not have."""
    ports = (REGISTRY_PORT, CACHE_PORT) if cache else (REGISTRY_PORT,)
    return [f"http://registry.lab:{port}" for port in ports]


def set_up(names: Names, internet: bool, services: Services, members: Iterable[tuple[str, str]] = ()) -> None:
    """The service address and the table; safe to repeat while sandboxes run. `members` are the interfaces
    and addresses of those. Raises SandboxError."""
    call(
        ["ip", "address", "replace", f"{names.service_address}/32", "dev", "lo"], "adding the service address"
    )
    elements = "".join(
        f'add element inet {names.table} members {{ "{interface}" . {address} }}\n'
        for interface, address in members
    )
    call(["nft", "-f", "-"], "loading the firewall rules", stdin=rules(names, internet, services) + elements)


def is_up(names: Names) -> bool:
    """Whether the table is still there; reloading a host's own rules commonly removes all others."""
    argv = ["nft", "list", "chain", "inet", names.table, "to_host"]
    return subprocess.run(argv, capture_output=True, check=False, timeout=10).returncode == 0


def tear_down(names: Names) -> None:
    """Remove what `set_up` made. Nothing there is fine."""
    for argv in (
        ["nft", "delete", "table", "inet", names.table],
        ["ip", "address", "del", f"{names.service_address}/32", "dev", "lo"],
    ):
        subprocess.run(argv, capture_output=True, check=False, timeout=10)


def connect(names: Names, index: int, pid: int) -> None:
    """Give the network namespace of process `pid` its end of a new veth pair. Raises SandboxError.

    The host's end has no address: the service address answers there, too, and browsers on the host,
    which drop what they are loading when an address appears, notice nothing.
    """
    outer, address, service = names.interface(index), names.address(index), names.service_address
    disconnect(names, index)
    call(
        ["ip", "-batch", "-"],
        "connecting the network",
        stdin=f"link add {outer} type veth peer name eth0 netns {pid}\n"
        f"link set {outer} addrgenmode none\n"
        f"link set {outer} up\nroute add {address}/32 dev {outer} src {service}\n",
    )
    _interface_setting(outer, "ipv6", "disable_ipv6", "1")
    _interface_setting(outer, "ipv4", "forwarding", "1")  # so that refused traffic is rejected, not lost
    call(
        ["nsenter", "-t", str(pid), "-n", "ip", "-batch", "-"],
        "addressing the network",
        stdin=f"link set lo up\naddress add {address}/32 dev eth0\nlink set eth0 up\n"
        f"route add default via {service} dev eth0 onlink\n",
    )
    call(
        ["nft", f'add element inet {names.table} members {{ "{outer}" . {address} }}'],
        "letting the sandbox into the network",
    )


def disconnect(names: Names, index: int) -> None:
    """Take away a sandbox's interface and address. Nothing there is fine."""
    outer = names.interface(index)
    if Path(f"/sys/class/net/{outer}").exists():
        subprocess.run(["ip", "link", "del", outer], capture_output=True, check=False, timeout=10)
    element = f'delete element inet {names.table} members {{ "{outer}" . {names.address(index)} }}'
    subprocess.run(["nft", element], capture_output=True, check=False, timeout=10)


def _interface_setting(interface: str, family: str, name: str, value: str) -> None:
    with suppress(FileNotFoundError):
        Path(f"/proc/sys/net/{family}/conf/{interface}/{name}").write_text(value)
