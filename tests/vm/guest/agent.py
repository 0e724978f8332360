"""Runs inside the test machine: does the job that the host describes, hands back what came of it, powers off.

Standard library only. The job (JSON): `mounts` (pairs of disk label and folder), `links` (pairs of
link and target), `argv`, `cwd`, `env`, `timeout` (seconds). Lines of progress go to one virtio port
as they come; a tar archive with `facts.json`, `output.log`, `journal.log` and everything the job
wrote to the folder that RESULTS names goes to the other.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from typing import IO, Any

PORTS = Path("/dev/virtio-ports")
RESULTS = Path("/run/results")


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    RESULTS.mkdir()
    with (PORTS / "lab.progress").open("w", buffering=1) as progress:
        try:
            arrange(job)
            status = execute(job, progress)
        except Exception as problem:  # whatever it is, the host must hear of it
            status = -1
            progress.write(f"the job could not be started: {problem}\n")
        facts = {**machine_facts(), "status": status}
    (RESULTS / "facts.json").write_text(json.dumps(facts))
    with (RESULTS / "journal.log").open("wb") as journal:
        subprocess.run(["journalctl", "--boot", "--no-pager", "-o", "short-monotonic"], stdout=journal)
    with (PORTS / "lab.results").open("wb") as port, tarfile.open(fileobj=port, mode="w|") as archive:
        archive.add(RESULTS, arcname=".")
    subprocess.run(["systemctl", "poweroff", "--force", "--force"])


def arrange(job: dict[str, Any]) -> None:
    for label, folder in job["mounts"]:
        Path(folder).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", f"LABEL={label}", folder], check=True)
    for link, target in job["links"]:
        Path(link).parent.mkdir(parents=True, exist_ok=True)
        Path(link).symlink_to(target)


def execute(job: dict[str, Any], progress: IO[str]) -> int:
    """The command's exit status; it is killed, with all it started, when its time is over."""
    command = subprocess.Popen(
        job["argv"],
        cwd=job["cwd"],
        env={**os.environ, **job["env"], "RESULTS": str(RESULTS)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    late = threading.Timer(job["timeout"], os.killpg, (command.pid, signal.SIGKILL))
    late.start()
    assert command.stdout is not None
    with (RESULTS / "output.log").open("w", buffering=1) as output:
        for line in command.stdout:
            output.write(line)
            progress.write(line)
    status = command.wait()
    late.cancel()
    return status


def machine_facts() -> dict[str, Any]:
    """What kind of machine this is, read from the kernel itself."""
    filesystem = subprocess.run(["stat", "-f", "-c", "%T", "/sys/fs/cgroup"], capture_output=True, text=True)
    profiles = Path("/sys/kernel/security/apparmor/profiles")
    return {
        "cgroup": filesystem.stdout.strip(),
        "init": Path("/proc/1/comm").read_text().strip(),
        "apparmor": Path("/sys/module/apparmor/parameters/enabled").read_text().strip(),
        "profiles": len(profiles.read_text().splitlines()) if profiles.exists() else 0,
        "kernel": os.uname().release,
        "uptime": float(Path("/proc/uptime").read_text().split()[0]),
    }


if __name__ == "__main__":
    main()
