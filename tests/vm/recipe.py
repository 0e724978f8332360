"""What the test machine is: Debian trixie as most users have it, with what the lab needs of a host.

systemd, cgroup v2 and AppArmor with Debian's own profiles; no network device. NVMe and ext4 are
built into the cloud kernel, so that it finds its root without an initial RAM disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from lab.paths import USER
from lab.setup import host
from lab.setup.commands import run
from lab.setup.parts import Report
from tests.vm.disks import make_ext4

SUITE = "trixie"
PYTHON = "3.13"
"""The suite's Python, which the tests inside run on."""

SYSTEM = (
    "apparmor",
    "dbus",
    "initramfs-tools",  # the kernel's package wants one; its image is not used
    "linux-image-cloud-amd64",
    "python3",
    "systemd",
    "systemd-sysv",
    "udev",
)
BUILD_ONLY = ("debian-archive-keyring", "mmdebstrap", "skopeo")
"""Of the lab's host packages, those that only build what the machine gets ready-made."""

UNWANTED = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "serial-getty@ttyS0.service",  # the console carries the kernel's and systemd's words only
    "systemd-pstore.service",
    *(unit for units in host.SERVICES.values() for unit in units),
)
"""Units that only cost time in a machine that lives for minutes, or that set-up would disable."""

SIZE = 24 << 30
"""The root disk as the guest sees it: room for the sandboxes' data disks. Its file is sparse."""

GUEST = Path(__file__).parent / "guest"


class Machine:
    """A set-up part: `vmlinuz` and `disk.raw`. LAB_DEBIAN_MIRROR names another mirror than Debian's own."""

    name = "vm-machine"
    title = "Test machine"

    def inputs(self) -> Iterable[bytes]:
        yield " ".join(self.packages()).encode()
        yield Path(__file__).read_bytes()
        yield (GUEST / "lab-job.service").read_bytes()
        yield (GUEST / "prepare.sh").read_bytes()

    def packages(self) -> list[str]:
        return sorted({*SYSTEM, *host.RUNTIME} - set(BUILD_ONLY))

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        """Fill `dest`, in about a minute. Raises SetupError."""
        mirror = os.environ.get("LAB_DEBIAN_MIRROR")
        with tempfile.TemporaryDirectory(prefix="scratch-", dir=dest) as scratch:
            tree = Path(scratch, "tree")
            report(0, 2, "installing Debian")
            run(
                ["mmdebstrap", "--variant=minbase", "--mode=root", "--format=directory",
                 f"--include={','.join(self.packages())}",
                 "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
                 "--dpkgopt=path-exclude=/usr/share/doc/*",
                 f"--customize-hook=copy-in {GUEST / 'lab-job.service'} /etc/systemd/system",
                 f'--customize-hook={GUEST / "prepare.sh"} "$1" {USER} {" ".join(UNWANTED)}',
                 SUITE, tree, *([mirror] if mirror else [])],
                log, what=self.title, where=dest,
            )  # fmt: skip
            (kernel,) = (tree / "boot").glob("vmlinuz-*")
            shutil.copyfile(kernel, dest / "vmlinuz")
            shutil.rmtree(tree / "boot")
            report(1, 2, "writing its disk")
            make_ext4(tree, dest / "disk.raw", "lab-machine", log, size=SIZE)
