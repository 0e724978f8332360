"""What /proc says of processes of this test's own."""

from __future__ import annotations

import os
import subprocess
import time

from bench import processes


def test_memory_and_descriptors_grow_by_what_is_taken() -> None:
    pid = os.getpid()
    size, files = processes.memory(pid), processes.descriptors(pid)
    held = bytearray(os.urandom(32 << 20))
    pipe = os.pipe()
    try:
        assert (30 << 20) < processes.memory(pid) - size < (40 << 20)
        assert processes.descriptors(pid) == files + 2
    finally:
        for descriptor in pipe:
            os.close(descriptor)
        del held


def test_cpu_counts_work_and_not_waiting() -> None:
    pid = os.getpid()
    before, used = processes.cpu(pid), time.process_time()
    while time.process_time() - used < 0.2:
        pass
    worked = processes.cpu(pid)
    assert worked - before >= 0.18
    time.sleep(0.3)
    assert processes.cpu(pid) - worked < 0.1


def test_a_zombie_is_counted_until_it_is_waited_for() -> None:
    process = subprocess.Popen(["true"])
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert processes.zombies([os.getpid()]) == 1
        assert processes.zombies([1 << 30]) == 0
    finally:
        process.wait()
    assert processes.zombies([os.getpid()]) == 0
