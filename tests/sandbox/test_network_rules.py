"""The firewall's rules as nft understands them. What they do to packets, tests/real shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from ipaddress import IPv4Network

import pytest

from sandbox.drivers.namespace.names import Names
from sandbox.drivers.namespace.network import CACHE_PORT, PRIVATE, mirrors, rules
from sandbox.services import Services

PRIVATE_TO_SOMEBODY = """
10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 127.0.0.0/8 100.64.0.0/10 198.18.0.0/15 224.0.0.0/4
240.0.0.0/4 0.0.0.0/8
"""
NAMES = Names("fade01", 31, IPv4Network("198.19.240.0/20"))
SERVICES = Services(NAMES.service_address)
root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("nft") is None,
    reason="nft checks rules only for root, where it is installed",
)


def nft(*argv: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["nft", *argv], input=text, capture_output=True, text=True, check=False)


@root
@pytest.mark.parametrize("internet", [False, True])
def test_nft_takes_them(internet: bool) -> None:
    member = f'add element inet {NAMES.table} members {{ "{NAMES.interface(1)}" . {NAMES.address(1)} }}\n'
    done = nft("-c", "-f", "-", text=rules(NAMES, internet, SERVICES) + member)
    assert (done.returncode, done.stderr) == (0, "")
    assert nft("list", "table", "inet", NAMES.table).returncode != 0, "a check must not load anything"


@root
def test_nft_would_complain() -> None:
    assert (
        nft("-c", "-f", "-", text=rules(NAMES, True, SERVICES).replace("reject", "rejekt", 1)).returncode != 0
    )


def chain(name: str, internet: bool) -> list[str]:
    """The lines of one chain."""
    found = re.search(rf"chain {name} {{\n(.*?)\n  }}", rules(NAMES, internet, SERVICES), re.DOTALL)
    assert found, f"there is no chain {name}"
    return [line.strip() for line in found[1].splitlines()]


def test_without_the_internet_everything_beyond_the_lab_is_refused() -> None:
    assert chain("to_world", internet=False) == ["jump refuse"]
    assert "masquerade" not in rules(NAMES, False, SERVICES)


def test_with_the_internet_private_networks_are_still_refused() -> None:
    lines = chain("to_world", internet=True)
    assert lines[:2] == ["ct state established,related accept", f"ip daddr {{ {PRIVATE} }} jump refuse"]
    assert lines[-1] == "accept"


@pytest.mark.parametrize(
    "network",
    PRIVATE_TO_SOMEBODY.split(),
)
def test_what_counts_as_private(network: str) -> None:
    """Metadata services lie in 169.254.0.0/16 and 100.64.0.0/10; 198.18.0.0/15 is where labs live."""
    private = [IPv4Network(text.strip()) for text in PRIVATE.split(",")]
    assert any(IPv4Network(network).subnet_of(one) for one in private)


@pytest.mark.parametrize("internet", [False, True])
def test_every_way_ends_in_a_decision(internet: bool) -> None:
    """The host, other sandboxes: refused unless said otherwise, and spoofed or IPv6 packets never start."""
    assert chain("to_host", internet)[-1] == "jump refuse"
    sandboxes = f'"{NAMES.interface_prefix}*"'
    assert f"iifname {sandboxes} oifname {sandboxes} jump refuse" in chain("forward", internet)
    assert f"iifname {sandboxes} iifname . ip saddr != @members drop" in chain("guard", internet)
    assert f"iifname {sandboxes} meta nfproto ipv6 drop" in chain("guard", internet)
    assert f"iifname {sandboxes} goto to_host" in chain("input", internet)


def test_the_cache_is_reached_only_where_there_is_one() -> None:
    with_one = Services(NAMES.service_address, cache=25541)
    assert f"dport {CACHE_PORT} " not in rules(NAMES, False, SERVICES)
    text = rules(NAMES, False, with_one)
    assert f"dport {CACHE_PORT} dnat ip to {NAMES.service_address}:25541\n" in text
    assert "tcp dport { 25500, 25520, 25541 } accept" in text
    assert mirrors(cache=False) == ["http://registry.lab:5000"]
    assert mirrors(cache=True) == ["http://registry.lab:5000", "http://registry.lab:5001"]
    if os.geteuid() == 0 and shutil.which("nft"):
        assert nft("-c", "-f", "-", text=text).returncode == 0


def test_other_labs_are_not_touched() -> None:
    text = rules(NAMES, True, SERVICES)
    assert set(re.findall(r"table inet (\S+)", text)) == {NAMES.table}
    assert set(re.findall(r'"(lab[0-9a-f]+)\*"', text)) == {NAMES.interface_prefix}
