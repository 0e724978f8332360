"""The list of system calls: what must not be on it, and what an engine cannot do without."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.drivers.namespace.seccomp import allowed, profile

DENIED = """
bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register kexec_load kexec_file_load
init_module finit_module delete_module create_module swapon swapoff quotactl quotactl_fd open_by_handle_at reboot
settimeofday clock_settime stime acct iopl ioperm lookup_dcookie nfsservctl uselib vm86 vm86old _sysctl
add_key keyctl request_key socket socketcall
"""
ENGINE = """
mount umount2 pivot_root setns unshare clone clone3 fsopen fsconfig fsmount move_mount open_tree mount_setattr
execve openat2 seccomp prctl mknod chroot sethostname ptrace
"""


def rules(name: str) -> list[dict[str, Any]]:
    return [rule for rule in profile()["syscalls"] if name in rule["names"]]


@pytest.mark.parametrize("name", DENIED.split())
def test_denied_calls_are_not_allowed_as_they_are(name: str) -> None:
    assert name not in allowed()
    for rule in rules(name):
        assert rule["action"] != "SCMP_ACT_ALLOW" or rule["args"], f"{name} is allowed without condition"


@pytest.mark.parametrize("family", ["io_uring", "kexec", "_module"])
def test_denied_families(family: str) -> None:
    assert [name for name in allowed() if family in name] == []


@pytest.mark.parametrize("name", ENGINE.split())
def test_what_makes_containers_is_allowed(name: str) -> None:
    assert [rule["action"] for rule in rules(name)] == ["SCMP_ACT_ALLOW"]
    assert "args" not in rules(name)[0]


def test_what_is_not_listed_is_refused() -> None:
    assert (profile()["defaultAction"], profile()["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    actions = {(rule["action"], rule.get("errnoRet")) for rule in profile()["syscalls"]}
    assert actions == {("SCMP_ACT_ALLOW", None), ("SCMP_ACT_ERRNO", 38)}


def test_key_rings_are_as_on_a_kernel_without_them() -> None:
    for name in ("add_key", "keyctl", "request_key"):
        assert rules(name) == [
            {"names": ["add_key", "keyctl", "request_key"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
        ]


def socket_allowed(family: int) -> bool:
    """As the kernel decides: one matching rule is enough, all conditions of a rule must hold."""
    compare = {
        "SCMP_CMP_LT": lambda value, limit: value < limit,
        "SCMP_CMP_EQ": lambda value, limit: value == limit,
        "SCMP_CMP_GT": lambda value, limit: value > limit,
    }
    found = rules("socket")
    assert all(rule["args"] for rule in found)
    return any(
        all(
            condition["index"] == 0 and compare[condition["op"]](family, condition["value"])
            for condition in rule["args"]
        )
        for rule in found
    )


@pytest.mark.parametrize(("name", "family"), [("AF_ALG", 38), ("AF_VSOCK", 40)])
def test_families_that_network_namespaces_do_not_keep_apart(name: str, family: int) -> None:
    assert not socket_allowed(family), name


def test_all_other_families_are_allowed() -> None:
    refused = [family for family in range(64) if not socket_allowed(family)]
    assert refused == [38, 40]
    assert socket_allowed(1) and socket_allowed(2) and socket_allowed(10) and socket_allowed(16)


def test_no_32_bit_calls_whose_arguments_no_filter_sees() -> None:
    assert not [name for name in profile()["architectures"] if re.search(r"X86$|X32|ARM$", name)]
    assert len(profile()["architectures"]) == 1


def test_names_are_written_once_and_right() -> None:
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in allowed())
