"""The OCI runtime that starts sandboxes and enters them. Its state lies under the lab's run folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox.drivers.namespace.command import call
from sandbox.errors import SandboxError, SandboxNotFound, SandboxTimeout, SandboxUnavailable

TERMINAL_TIMEOUT = 15.0
START_TIMEOUT = 30.0
CREATE_TIMEOUT = 60.0
SHELL_ENV = ("TERM=xterm-256color", "COLORTERM=truecolor")


class Runc:
    """runc with one state folder, `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _argv(self, *rest: str) -> list[str]:
        return ["runc", "--root", str(self.root), *rest]

    def create(self, key: str, bundle: Path) -> int:
        """Make the container, not yet running its command; the host's pid of its first process.

        That process gets no file of the host: whatever it holds open, the sandbox can write to.
        """
        pid_file, log = bundle / "pid", bundle / "runc.log"
        done = _finish(
            self._argv(
                "--log", str(log), "create", "--bundle", str(bundle), "--pid-file", str(pid_file), key
            ),
            timeout=CREATE_TIMEOUT,
        )
        if done != 0:
            raise SandboxError(
                "The sandbox could not be started; try again, or ask for `make doctor`.",
                detail=log.read_text(errors="replace")[-2000:] if log.exists() else f"runc: exit {done}",
            )
        return int(pid_file.read_text())

    def start(self, key: str) -> None:
        call(self._argv("start", key), "starting the sandbox")

    def delete(self, key: str) -> None:
        """Forget the container. Nothing there is fine."""
        _finish(self._argv("delete", "--force", key), timeout=CREATE_TIMEOUT)

    def exec_argv(
        self,
        key: str,
        argv: list[str],
        *,
        user: str,
        env: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
    ) -> list[str]:
        """The host command that runs `argv` inside, with this process's standard streams."""
        variables = [part for item in env for part in ("--env", item)]
        return self._argv("exec", *options, "--cwd", home(user), *_user(user), *variables, key, *argv)

    def start_inside(
        self, key: str, argv: list[str], *, user: str, env: tuple[str, ...], streams: tuple[int, int, int]
    ) -> int:
        """Start `argv` inside with these standard streams; its host pid, a child of this process.

        In the foreground runc would wait for everyone who holds the streams, not for the command.
        Raises SandboxNotFound when the container is not running or the command does not exist.
        """
        with tempfile.TemporaryDirectory(prefix="lab-exec-") as folder:
            pid_file = Path(folder) / "pid"
            stdin, stdout, stderr = streams
            options = ("--detach", "--pid-file", str(pid_file))
            code = _finish(
                self.exec_argv(key, argv, user=user, env=env, options=options),
                timeout=START_TIMEOUT,
                streams=(stdin, stdout, stderr),
                pid_file=pid_file,
            )
            if code != 0 or not pid_file.exists():
                raise SandboxNotFound(
                    "The command could not be started in the sandbox; if the sandbox has stopped, start a fresh one.",
                    detail=f"runc exec: exit {code}",
                )
            return int(pid_file.read_text())

    def open_terminal(self, key: str, argv: list[str], size: tuple[int, int], user: str) -> tuple[int, int]:
        """Run `argv` on a new terminal inside; the PTY master's descriptor and the process's host pid.

        Raises SandboxNotFound when the container is not running, SandboxError otherwise.
        """
        with tempfile.TemporaryDirectory(prefix="lab-tty-") as folder:
            pid_file = Path(folder) / "pid"
            with _console(Path(folder) / "console") as console:
                options = ["--tty", "--detach", "--console-socket", str(Path(folder) / "console")]
                variables = [part for item in (*SHELL_ENV, *_names(user)) for part in ("--env", item)]
                where = ["--cwd", home(user), *_user(user), "--pid-file", str(pid_file)]
                code = _finish(
                    self._argv("exec", *options, *where, *variables, key, *argv),
                    timeout=TERMINAL_TIMEOUT,
                    pid_file=pid_file,
                )
                if code != 0:
                    raise SandboxNotFound(
                        "A terminal could not be opened because the sandbox is not running; start a fresh one.",
                        detail=f"runc exec: exit {code}",
                    )
                return _receive_master(console, size), int(pid_file.read_text())


def _finish(
    argv: list[str],
    *,
    timeout: float,
    streams: tuple[int, int, int] = (subprocess.DEVNULL,) * 3,
    pid_file: Path | None = None,
) -> int:
    """runc's exit code. Raises SandboxTimeout, with runc and what it had started ended."""
    stdin, stdout, stderr = streams
    try:
        return subprocess.run(
            argv, stdin=stdin, stdout=stdout, stderr=stderr, check=False, timeout=timeout
        ).returncode
    except subprocess.TimeoutExpired as error:
        if pid_file is not None and pid_file.exists():
            with suppress(ValueError, ProcessLookupError, ChildProcessError):
                pid = int(pid_file.read_text())
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
        raise SandboxTimeout(
            "The sandbox did not answer in time; try again, or start a fresh one.", detail=" ".join(argv[:4])
        ) from error
    except FileNotFoundError as error:
        raise SandboxUnavailable("runc is not installed; run `make up`, which installs it.") from error


def _user(user: str) -> list[str]:
    """runc takes numbers only; the root filesystem has root and one learner."""
    return ["--user", "0:0"] if user == "root" else ["--user", "1000:1000"]


def home(user: str) -> str:
    """A user's folder inside."""
    return "/root" if user == "root" else f"/home/{user}"


def _names(user: str) -> tuple[str, ...]:
    return (f"HOME={home(user)}", f"USER={user}", f"LOGNAME={user}", "SHELL=/bin/bash")


@contextmanager
def _console(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(TERMINAL_TIMEOUT)
        yield listener


def _receive_master(listener: socket.socket, size: tuple[int, int]) -> int:
    import fcntl
    import struct
    import termios

    connection, _ = listener.accept()
    with connection:
        connection.settimeout(TERMINAL_TIMEOUT)
        _, descriptors, _, _ = socket.recv_fds(connection, 4096, 1)
    if not descriptors:
        raise SandboxError("A terminal could not be opened; try again.", detail="runc sent no descriptor")
    columns, rows = size
    fcntl.ioctl(descriptors[0], termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.set_inheritable(descriptors[0], False)
    return descriptors[0]
