"""One run of the test machine: QEMU from power-on to power-off, under a deadline."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

QEMU = "qemu-system-x86_64"
INSTALL = "QEMU is not installed: run `apt-get install qemu-system-x86`"
MEMORY = "4096M"
CPUS = 2
EXIT_PORT = 0xF4
PROBE = bytes([0xB0, 0x10, 0xE6, EXIT_PORT, 0xF4])  # mov al, 16; out EXIT_PORT, al; hlt
PROBE_STATUS = (0x10 << 1) | 1  # what QEMU's isa-debug-exit makes of the 16
KERNEL_ARGUMENTS = (
    "root=/dev/nvme0n1 rw console=ttyS0 security=apparmor apparmor=1 mitigations=off no5lvl nokaslr "
    "nowatchdog rcupdate.rcu_cpu_stall_timeout=300 panic=-1 quiet loglevel=4 systemd.show_status=1"
)


class MachineError(Exception):
    """The test machine did not do its job; the message says why, with the end of its console."""


@dataclass(frozen=True)
class Boot:
    """What to start. `disks` come after the root disk; all are used through snapshots and never changed."""

    kernel: Path
    root: Path
    disks: Sequence[Path]
    results: Path  # the guest's archive is written here
    console: Path  # what kernel and systemd print is written here


@functools.cache
def accelerator() -> str:
    """`kvm` where it can run a processor, else `tcg`.

    A device that opens proves little (nested machines), so a boot sector of three instructions is run.
    Raises MachineError when QEMU is missing.
    """
    with tempfile.TemporaryDirectory(prefix="lab-vm-probe-") as folder:
        disk = Path(folder, "disk")
        disk.write_bytes(PROBE.ljust(510, b"\0") + b"\x55\xaa")
        argv = [QEMU, "-accel", "kvm", "-cpu", "max", "-m", "64", "-display", "none", "-nodefaults",
                "-drive", f"file={disk},format=raw,if=ide",
                "-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=4"]  # fmt: skip
        try:
            works = subprocess.run(argv, capture_output=True, timeout=20).returncode == PROBE_STATUS
        except FileNotFoundError:
            raise MachineError(INSTALL) from None
        except subprocess.TimeoutExpired:
            works = False
    return "kvm" if works else "tcg"


def run_machine(boot: Boot, *, deadline: float, on_line: Callable[[str], None]) -> None:
    """Start the machine and wait until it powers itself off; `on_line` gets each line of its progress.

    Raises MachineError with the console's end when it is not off after `deadline` seconds (it is
    killed then) or QEMU fails.
    """
    problems = boot.results.with_name("qemu.log")
    try:
        with problems.open("wb") as stderr:
            process = subprocess.Popen(
                _command(boot),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                errors="replace",
                env={**os.environ, "TMPDIR": str(boot.results.parent)},  # where the snapshots grow
            )
    except FileNotFoundError:
        raise MachineError(INSTALL) from None
    over = threading.Event()

    def end() -> None:
        over.set()
        process.kill()

    timer = threading.Timer(deadline, end)
    timer.start()
    with process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                on_line(line.rstrip())
            status = process.wait()
        finally:
            timer.cancel()
            process.kill()
    if over.is_set():
        raise MachineError(f"The machine was not done after {deadline:.0f} s.\n{end_of(boot.console)}")
    if status:
        raise MachineError(f"{QEMU} ended with status {status}.\n{end_of(problems)}\n{end_of(boot.console)}")


def _command(boot: Boot) -> list[str]:
    accel = accelerator()
    drives = []
    for number, image in enumerate([boot.root, *boot.disks]):
        # The root is the only NVMe disk: several are numbered in the order in which they answer.
        kind = "virtio-blk-pci" if number else "nvme"
        drives += [
            "-drive", f"file={image},format=raw,if=none,id=disk{number},snapshot=on,cache=unsafe",
            "-device", f"{kind},drive=disk{number},serial=disk{number}",
        ]  # fmt: skip
    return [
        # The kernel ends QEMU with whoever started it, even when that is killed.
        "setpriv", "--pdeathsig", "KILL",
        QEMU, "-machine", "q35", "-accel", "tcg,thread=multi" if accel == "tcg" else accel,
        "-cpu", "max", "-smp", str(CPUS), "-m", MEMORY, "-nodefaults", "-no-reboot", "-display", "none",
        "-nic", "none", "-kernel", str(boot.kernel), "-append", KERNEL_ARGUMENTS,
        "-serial", f"file:{boot.console}", "-device", "virtio-rng-pci", "-device", "virtio-serial-pci",
        "-chardev", "file,id=progress,path=/dev/stdout", "-device", "virtserialport,chardev=progress,name=lab.progress",
        "-chardev", f"file,id=results,path={boot.results}",
        "-device", "virtserialport,chardev=results,name=lab.results",
        *drives,
    ]  # fmt: skip


def end_of(log: Path, lines: int = 30) -> str:
    """The last lines of a log; empty when there is none."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])
