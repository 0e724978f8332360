"""What the kernel counts for each user namespace: one sandbox must not use up what all share."""

from __future__ import annotations

from sandbox.drivers.namespace.command import call

COUNTS = {
    "max_inotify_instances": 512,
    "max_inotify_watches": 8192,
    "max_user_namespaces": 64,
    "max_mnt_namespaces": 512,
    "max_pid_namespaces": 512,
    "max_net_namespaces": 256,
    "max_ipc_namespaces": 512,
    "max_uts_namespaces": 512,
    "max_cgroup_namespaces": 512,
}
"""Files below /proc/sys/user, which show and set the counts of the namespace that opens them."""


def set_inside(pid: int) -> None:
    """Set the counts of the user namespace of process `pid`, whose root may not raise them. Raises SandboxError."""
    script = "".join(f"echo {count} >/proc/sys/user/{name}\n" for name, count in COUNTS.items())
    call(["nsenter", "-t", str(pid), "-U", "--", "sh", "-ec", script], "setting limits")
