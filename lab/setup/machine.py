"""What a lab owns on the machine: its user, its folders, its secrets."""

from __future__ import annotations

import contextlib
import fcntl
import grp
import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lab.paths import USER, Paths
from lab.setup.errors import SetupError

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of the code that visitors type: nothing that reads like something else."""

PEOPLE = 1000
"""The first user id that is given to people."""

SOCKET_LIMIT = 107
"""Bytes that the path of a Unix socket may have."""


def check_path(paths: Paths) -> None:
    """Raises SetupError when the data folder's path cannot work."""
    if len(str(paths.termd_socket).encode()) > SOCKET_LIMIT:
        raise SetupError(
            f"LAB_DATA {paths.data} is too long a path for sockets below it; choose a shorter one."
        )
    if set(str(paths.data)) & set("\"'\n\\%,; :="):
        raise SetupError(
            f"LAB_DATA {paths.data} holds a blank or a special character; choose a path without."
        )


def ensure(paths: Paths) -> None:
    """Make what a lab owns: by root its user, folders and secrets, otherwise the folders that builds use."""
    if os.geteuid() == 0:
        ensure_user()
        ensure_folders(paths)
        ensure_secrets(paths)
    else:
        for folder in (paths.store, paths.current, paths.log):
            folder.mkdir(parents=True, exist_ok=True)


def ensure_user() -> None:
    """Make the system user and group that the unprivileged processes run as, unless they exist.

    Raises SetupError where the name is a person's: the lab would run with what that person may do.
    """
    try:
        account = pwd.getpwnam(USER)
        if account.pw_uid >= PEOPLE or Path(account.pw_shell).name not in ("nologin", "false"):
            raise SetupError(
                f"This machine has an account named {USER} that is not a system user, and the lab needs that "
                f"name for its own; rename the account with: usermod --login NEW-NAME {USER} && groupmod "
                f"--new-name NEW-NAME {USER}."
            )
        grp.getgrnam(USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", USER],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise SetupError(f"The system user {USER} cannot be made: {made.stderr.strip()}.") from None


def ensure_folders(paths: Paths) -> None:
    """Make the folders below the data folder, with their owners; root's stay closed to writing."""
    user, group = pwd.getpwnam(USER).pw_uid, grp.getgrnam(USER).gr_gid
    layout = [
        (paths.data, 0o755, 0, 0),
        (paths.store, 0o755, 0, 0),
        (paths.current, 0o755, 0, 0),
        (paths.run, 0o755, 0, 0),
        (paths.builds, 0o755, 0, 0),
        (paths.run_lab, 0o750, user, group),
        # The sticky bit keeps root's own files in there from being replaced.
        (paths.log, 0o1770, 0, group),
        (paths.database.parent, 0o750, user, group),
        (paths.data / "redis", 0o750, user, group),
        (paths.cache, 0o750, user, group),
    ]
    for folder, mode, owner, owning_group in layout:
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, owner, owning_group)
        folder.chmod(mode)
    _readable_from_root(paths.data)


def _readable_from_root(folder: Path) -> None:
    """Raises SetupError when another user cannot reach the folder at all."""
    for parent in folder.resolve().parents:
        if not parent.stat().st_mode & 0o001:
            raise SetupError(
                f"LAB_DATA {folder} lies below {parent}, which only its owner may enter; choose a folder "
                "such as one below /var/lib."
            )


def ensure_secrets(paths: Paths) -> None:
    """Make the secret key and the visitors' code at first start: root's, readable by the lab's group."""
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    for file, content in ((paths.secret, secrets.token_urlsafe(48)), (paths.code, code)):
        if file.exists():
            continue
        fresh = file.with_name(f".{file.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_text(content + "\n")
        os.chown(fresh, 0, grp.getgrnam(USER).gr_gid)
        fresh.chmod(0o640)
        fresh.rename(file)


def open_log(paths: Path, name: str) -> Path:
    """An empty log `setup-<name>.log`, safe in a folder that the lab's user may write to too."""
    file = paths / f"setup-{name}.log"
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
    os.close(descriptor)
    return file


@contextlib.contextmanager
def alone(paths: Paths) -> Iterator[None]:
    """One set-up at a time for a data folder; a second one waits and says so."""
    paths.data.mkdir(parents=True, exist_ok=True)
    with (paths.data / ".setup.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Another set-up works in {paths.data}; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
