"""Which ports the rules of a firewall lead elsewhere, read from real rules in a network of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from sandbox.drivers.namespace.redirects import redirected

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("nft") is None,
    reason="the kernel tells a firewall's rules to root alone, and nft makes them here",
)
OWN = "192.0.2.7"
RULES = """
table ip nat {
  chain PREROUTING {
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport 7000 dnat to 10.0.0.2:80
    fib daddr type local jump published
  }
  chain output {
    type nat hook output priority -100; policy accept;
    fib daddr type local jump published
  }
  chain published {
    iifname "docker0" return
    tcp dport 8000 counter dnat to 10.0.0.2:80
    iifname != "docker0" tcp dport 8001 dnat to 10.0.0.2:80
    ip daddr 127.0.0.1 tcp dport 8002 redirect to :80
    ip daddr 192.0.2.7 tcp dport 8003 dnat to 10.0.0.2
    ip daddr 198.51.100.1 tcp dport 7001 dnat to 10.0.0.2:80
    iifname "eth0" tcp dport 7002 dnat to 10.0.0.2:80
    ip daddr & 255.0.0.0 == 127.0.0.0 tcp dport 7003 dnat to 10.0.0.2:80
    udp dport 7004 dnat to 10.0.0.2:53
    tcp dport 7005 accept
    tcp sport 7006 dnat to 10.0.0.2:80
    tcp dport 7007-7009 dnat to 10.0.0.2:80
    tcp dport != 7010 dnat to 10.0.0.2:80
    counter dnat to 10.0.0.2
  }
  chain KUBE-EXT-A {
    dnat to 10.0.0.2
  }
  chain KUBE-NODEPORTS {
    ip protocol tcp tcp dport 8005 counter jump KUBE-EXT-A
    ip protocol udp udp dport 7015 jump KUBE-EXT-A
    ip daddr 198.51.100.1 tcp dport 7016 jump KUBE-EXT-A
  }
  chain other {
    tcp dport 7017 jump KUBE-EXT-A
  }
  chain outward {
    type nat hook postrouting priority srcnat; policy accept;
    tcp dport 7011 masquerade
    tcp dport 7012 snat to 10.0.0.1
  }
}
table ip6 nat {
  chain output {
    type nat hook output priority -100; policy accept;
    tcp dport 7013 dnat to [fd00::2]:80
  }
}
table inet mine {
  chain output {
    type nat hook output priority -100; policy accept;
    meta nfproto ipv4 tcp dport 7014 dnat ip to 10.0.0.2:80
    tcp dport 8004 dnat ip to 10.0.0.2:80
  }
}
"""


@pytest.fixture
def network() -> Iterator[int]:
    """A process in a network namespace of its own."""
    argv = ["unshare", "--net", "--", "sh", "-c", "echo; exec sleep 1000"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def load(pid: int, rules: str) -> None:
    subprocess.run(["nsenter", "-t", str(pid), "-n", "nft", "-f", "-"], input=rules, text=True, check=True)


def test_only_what_leads_a_connection_from_inside_elsewhere_is_told(network: int) -> None:
    assert redirected(network, ["127.0.0.1", OWN]) == set()
    load(network, RULES)
    assert redirected(network, ["127.0.0.1", OWN]) == {8000, 8001, 8002, 8003, 8004, 8005}
    assert redirected(network, []) == {8000, 8001, 8004, 8005}


def test_rules_without_end_are_read_for_a_moment_only(network: int) -> None:
    many = "\n".join(f"tcp dport {1 + number} dnat to 10.0.0.2:80" for number in range(20_000))
    load(network, f"table ip nat {{\nchain output {{\n{many}\n}}\n}}")
    began = time.monotonic()
    assert 100 < len(redirected(network, ["127.0.0.1"])) < 20_000
    assert time.monotonic() - began < 5


def test_a_process_that_is_gone() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    with pytest.raises(OSError, match="No such file"):
        redirected(process.pid, ["127.0.0.1"])
