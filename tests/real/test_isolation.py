"""What one sandbox does to itself stays with it: its neighbour works on, and the host is not reached."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from sandbox.drivers.base import Handle, Status
from sandbox.drivers.namespace import cgroups, network
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.drivers.namespace.names import Names
from sandbox.errors import SandboxError
from tests.real.conftest import FACTOR, SMALL, Make, Shell, where, works_on


@pytest.fixture(scope="module")
def hostile(make: Make, serving: str) -> Handle:
    """Small limits, soon reached."""
    return make(replace(SMALL, memory=400 << 20, disk=512 << 20, inodes=20_000, pids=200))


@pytest.fixture(scope="module")
def neighbour(make: Make) -> Handle:
    return make()


@pytest.fixture(autouse=True)
def neighbour_works_on(neighbour: Handle, shell: Shell) -> Iterator[None]:
    """Every moment during each attack, and after it."""
    with works_on(neighbour, shell, 0.3):
        yield


@pytest.mark.core
def test_memory_is_bounded(hostile: Handle, shell: Shell, driver: NamespaceDriver) -> None:
    done = shell(hostile, "python3 -c 'x = bytearray(800 << 20)'; echo code $?")
    assert b"code 137" in done.stdout, done
    assert driver.stats(hostile).memory <= 400 << 20


@pytest.mark.core
def test_a_fork_bomb_is_bounded(make: Make, shell: Shell, driver: NamespaceDriver) -> None:
    handle = make(replace(SMALL, pids=200))
    bomb = """
import os, time
for number in range(5000):
    try:
        if os.fork() == 0:
            time.sleep(3000)
    except OSError as error:
        print(number, error)
        break
"""
    done = shell(handle, f"python3 -c '{bomb}'")
    assert b"Resource temporarily unavailable" in done.stdout, done
    assert int(done.stdout.split()[0]) < 200
    assert driver.stats(handle).pids <= 200
    driver.destroy(handle)
    assert driver.poll(handle) is Status.GONE


@pytest.mark.core
def test_a_full_disk_is_the_sandboxs_own(hostile: Handle, shell: Shell) -> None:
    done = shell(
        hostile,
        "dd if=/dev/zero of=/root/fill bs=1M; df --output=pcent / | tail -1; rm /root/fill",
        timeout=120,
    )
    assert b"No space left on device" in done.stderr
    assert b"100%" in done.stdout


def test_inodes_are_bounded(hostile: Handle, shell: Shell) -> None:
    script = "mkdir /root/many && cd /root/many && seq 100000 | xargs touch; ls | wc -l; rm -rf /root/many"
    done = shell(hostile, script, timeout=120)
    assert b"No space left on device" in done.stderr
    assert 1000 < int(done.stdout) < 20_000


@pytest.fixture(scope="module")
def host_port() -> Iterator[int]:
    """Something on the host that listens on every address."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.core
def test_the_hosts_ports_are_out_of_reach(
    hostile: Handle, shell: Shell, host_port: int, names: Names
) -> None:
    for address in (names.service_address, *_host_addresses()):
        done = shell(hostile, f"timeout 5 nc -vz -w 3 {address} {host_port}; echo code $?")
        assert b"code 1" in done.stdout, (address, done)
        assert b"refused" in done.stderr or b"unreachable" in done.stderr.lower(), (address, done.stderr)


def _host_addresses() -> list[str]:
    import json

    shown = json.loads(subprocess.check_output(["ip", "-json", "-4", "address", "show", "scope", "global"]))
    return [entry["local"] for link in shown for entry in link.get("addr_info", []) if "local" in entry]


@pytest.mark.core
def test_another_sandbox_is_out_of_reach(
    hostile: Handle, neighbour: Handle, shell: Shell, driver: NamespaceDriver
) -> None:
    shell(neighbour, "echo hi >/tmp/page; cd /tmp; setsid busybox httpd -p 8999 >/dev/null 2>&1 </dev/null")
    driver.dial(neighbour, 8999).close()
    began = time.monotonic()
    done = shell(hostile, f"curl -sS -m 20 http://{neighbour['address']}:8999/page; echo code $?")
    assert b"code 7" in done.stdout, done
    assert time.monotonic() - began < 5 * FACTOR, "refused traffic must be rejected, not dropped"


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "169.254.0.1", "10.0.0.1", "192.168.0.1", "192.0.2.1"]
)
def test_metadata_and_private_addresses_are_refused_at_once(
    hostile: Handle, shell: Shell, address: str
) -> None:
    began = time.monotonic()
    done = shell(hostile, f"curl -sS -m 20 http://{address}/; echo code $?")
    assert b"code 7" in done.stdout, done
    assert time.monotonic() - began < 5 * FACTOR, "refused traffic must be rejected, not dropped"


def test_ipv6_leads_nowhere(hostile: Handle, shell: Shell, host_port: int) -> None:
    tries = "; ".join(f"timeout 5 nc -vz -w 2 {to}%eth0 {host_port}" for to in ("fe80::1", "ff02::1"))
    done = shell(hostile, f"{tries}; ip -6 route show default | wc -l")
    assert b"succeeded" not in done.stderr
    assert done.stdout.strip() == b"0"


def test_a_false_sender_address_is_dropped(hostile: Handle, shell: Shell, names: Names) -> None:
    script = f"ip address add 203.0.113.7/32 dev lo; ping -c 1 -W 2 -I 203.0.113.7 {names.service_address}"
    assert shell(hostile, f"ping -c 1 -W 2 {names.service_address}").exit_code == 0
    assert shell(hostile, script).exit_code != 0


CALL = """import ctypes, os
if ctypes.CDLL(None, use_errno=True).syscall({}) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))"""
REFUSED = b"PermissionError"


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        ("import socket; socket.socket(38, socket.SOCK_SEQPACKET)", REFUSED),  # AF_ALG
        ("import socket; socket.socket(40, socket.SOCK_STREAM)", REFUSED),  # AF_VSOCK
        (CALL.format("321, 0, 0, 0"), REFUSED),  # bpf
        (CALL.format("425, 1, 0"), REFUSED),  # io_uring_setup
        (CALL.format("298, 0, 0, -1, -1, 0"), REFUSED),  # perf_event_open
        (CALL.format("250, 0, 0, 0, 0"), b"Function not implemented"),  # keyctl
        ("open('/proc/sys/kernel/kptr_restrict', 'w').write('0')", REFUSED),
        ("import os; os.mknod('/root/disk', 0o60666, os.makedev(8, 0))", REFUSED),
        ("import time; time.clock_settime(time.CLOCK_REALTIME, 0)", REFUSED),
    ],
)
def test_the_kernel_refuses(hostile: Handle, shell: Shell, attempt: str, error: bytes) -> None:
    done = shell(hostile, f'python3 -c "{attempt}"')
    assert done.exit_code == 1, done
    assert error in done.stderr.splitlines()[-1], done


def test_there_is_no_way_around_by_32_bit_calls(hostile: Handle, shell: Shell) -> None:
    """int 0x80 with number 20, getpid: a filter for 64-bit calls alone would not see it."""
    code = "b8 14 00 00 00 cd 80 c3"
    script = f"""
import ctypes, mmap
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(bytes.fromhex("{code}"))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()
print("went through")
"""
    done = shell(hostile, f"python3 <<'E'\n{script}\nE\n")
    assert done.stdout == b"", done
    assert done.exit_code in (128 + 31, 128 + 11), done  # SIGSYS


@pytest.mark.core
def test_too_many_cgroups_end_only_their_sandbox(
    make: Make, neighbour: Handle, shell: Shell, driver: NamespaceDriver
) -> None:
    handle = make()
    where = "/sys/fs/cgroup/memory" if (cgroups.ROOT / "memory").is_dir() else "/sys/fs/cgroup"
    done = shell(handle, f"cd {where} && seq -f many%g 2500 | xargs mkdir", timeout=120)
    if cgroups.is_v2():
        assert b"Resource temporarily unavailable" in done.stderr, done
        assert not list(driver.end_greedy())
    else:
        assert list(driver.end_greedy()) == [handle["key"]]
        assert driver.poll(handle) is Status.GONE
    assert driver.poll(neighbour) is Status.RUNNING


def test_endlessly_deep_cgroups_do_not_stop_the_removal(
    make: Make, shell: Shell, driver: NamespaceDriver
) -> None:
    handle = make()
    where = "/sys/fs/cgroup/freezer" if (cgroups.ROOT / "freezer").is_dir() else "/sys/fs/cgroup"
    deep = "import os\nfor _ in range(1900):\n  os.mkdir('a'); os.chdir('a')\nprint('there')"
    done = shell(handle, f'cd {where} && python3 -c "{deep}"')
    assert (done.stdout == b"there\n") is not cgroups.is_v2(), done
    assert not list(driver.end_greedy())
    driver.destroy(handle)
    assert driver.poll(handle) is Status.GONE


def test_what_is_paused_inside_can_be_removed(make: Make, shell: Shell, driver: NamespaceDriver) -> None:
    handle = make()
    done = shell(handle, "docker run -d --name pp busybox:1 sleep 1000 && docker pause pp", timeout=120)
    assert done.exit_code == 0, done
    driver.destroy(handle)
    assert driver.poll(handle) is Status.GONE


def test_the_first_process_holds_nothing_of_the_host(hostile: Handle, shell: Shell) -> None:
    held = shell(hostile, "readlink /proc/1/fd/*").stdout.decode().split()
    assert set(held) <= {"/dev/null"}, held


def test_inotify_instances_are_counted_for_each_sandbox(hostile: Handle, shell: Shell) -> None:
    many = "import ctypes\nl=ctypes.CDLL(None)\nprint(sum(l.inotify_init() >= 0 for _ in range(1000)))"
    for before in ("", "unshare -U -r "):
        assert int(shell(hostile, f'ulimit -n 4096; {before}python3 -c "{many}"').stdout) <= 512
    assert shell(hostile, "echo 9999 >/proc/sys/user/max_inotify_instances").exit_code != 0


def test_a_removed_firewall_is_put_back_for_those_who_run(
    hostile: Handle, shell: Shell, driver: NamespaceDriver
) -> None:
    assert network.is_up(driver.names)
    subprocess.run(["nft", "delete", "table", "inet", driver.names.table], check=True)
    assert not network.is_up(driver.names)
    network.set_up(driver.names, False, where(driver.paths), driver.members())
    assert shell(hostile, "curl -sf -m 5 http://registry.lab:5000/v2/").exit_code == 0


def test_nothing_of_the_host_is_seen(hostile: Handle, shell: Shell) -> None:
    assert shell(hostile, "cat /proc/self/uid_map").stdout.split()[1] != b"0"
    mounts = shell(hostile, "cut -d' ' -f5 /proc/self/mountinfo").stdout.decode().split()
    assert not [point for point in mounts if "sandboxes" in point]
    assert int(shell(hostile, "ls -d /proc/[0-9]* | wc -l").stdout) < 60
    shell(hostile, "mount -o remount,rw / ; echo changed >/usr/lib/lab/marker")


def test_the_shared_root_filesystem_is_not_changed(
    hostile: Handle, neighbour: Handle, shell: Shell, driver: NamespaceDriver
) -> None:
    shell(hostile, "echo changed >/usr/bin/marker; rm -f /usr/bin/tree")
    assert shell(neighbour, "ls /usr/bin/marker /usr/bin/tree").stdout == b"/usr/bin/tree\n"
    assert not (driver.paths.rootfs / "usr/bin/marker").exists()


def test_a_sandbox_that_kills_all_it_can_ends_alone(
    make: Make, neighbour: Handle, shell: Shell, driver: NamespaceDriver
) -> None:
    handle = make()
    with suppress(SandboxError):
        shell(handle, "kill -9 -1")
    assert driver.poll(neighbour) is Status.RUNNING
    driver.destroy(handle)
