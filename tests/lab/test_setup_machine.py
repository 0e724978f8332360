"""What set-up finds on the machine: an old Python, a busy apt, a firewall, what a lab left behind."""

from __future__ import annotations

import ast
import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup import apt, interpreter, testing
from lab.setup.down import Taken, remains
from lab.setup.errors import SetupError
from lab.setup.plan import SOURCE
from sandbox.drivers.namespace import holders
from sandbox.drivers.namespace.holders import Holder, Record
from tests.running import running, set_up

OLD = (*range(interpreter.FIRST[1], interpreter.OLDEST[1]),)
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the lab's user could reach, as one below pytest's own folders could not be."""
    folder = Path(f"/var/tmp/lab-machine-{os.getpid()}")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("minor", OLD)
def test_set_up_is_written_in_the_oldest_python_that_it_starts_on(minor: int) -> None:
    files = [*(SOURCE / "lab" / "setup").glob("*.py"), SOURCE / "lab" / "paths.py", SOURCE / "manage.py"]
    for file in files:
        ast.parse(file.read_text(), filename=str(file), feature_version=(3, minor))


def old_python() -> Path:
    """An interpreter that set-up starts on and the lab does not run on."""
    for minor in OLD:
        for pattern in (f"usr/bin/python3.{minor}", f"root/.pyenv/versions/3.{minor}.*/bin/python3.{minor}"):
            if found := list(Path("/").glob(pattern)):
                return found[0]
    pytest.skip("there is no Python 3.9 or 3.10 here, in /usr/bin or by pyenv, to start set-up on")


def with_system_python(python: Path) -> tuple[str, ...]:
    """Words before a command for which /usr/bin/python3 is that interpreter."""
    script = f'mount --bind {python} {interpreter.SYSTEM.resolve()} && exec "$@"'
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh")


@pytest.mark.real
def test_every_module_of_set_up_is_usable_on_an_old_python() -> None:
    names = [f"lab.setup.{file.stem}" for file in (SOURCE / "lab" / "setup").glob("*.py")]
    names.remove("lab.setup.__main__")
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = subprocess.run(
        [old_python(), "-B", "-c", code, *names], cwd=SOURCE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.real
def test_the_doctor_and_down_run_on_an_old_python(data: Path) -> None:
    old = with_system_python(old_python())
    done = set_up("doctor", "--json", data=data, before=old)
    points = {point["name"]: point for point in json.loads(done.stdout)["points"]}
    assert points["python"]["state"] == "warn"
    assert "make up fetches a newer one" in points["python"]["mend"]
    assert points["overlay and idmapped mounts"]["state"] == "ok"
    assert set_up("down", data=data, before=old).stdout == f"There is no lab in {data}.\n"
    assert not data.exists()


@pytest.mark.real
def test_an_old_python_and_no_newer_one_to_be_had(data: Path) -> None:
    nowhere = {"UV_PYTHON_INSTALL_MIRROR": NOWHERE, "UV_HTTP_RETRIES": "0"}
    done = set_up("up", data=data, before=with_system_python(old_python()), env=nowhere)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = done.stderr.strip().splitlines()[-1]
    assert said.startswith("Python 3.12 cannot be fetched; check this machine's network")
    assert said.endswith("or use Debian 12, Ubuntu 24.04 or newer.")
    assert running(data) == []


@pytest.mark.real
def test_an_old_python_is_exchanged_for_the_one_that_is_fetched(data: Path, tmp_path: Path) -> None:
    if not interpreter.system_python():
        pytest.skip("this machine's own Python is old: set-up has exchanged it to run this test at all")
    served = tmp_path / "python"
    for name in ("bin", "lib/python3.12"):
        (served / name).mkdir(parents=True)
    machine = os.uname().machine
    about = {
        "name": "cpython", "arch": {"family": machine, "variant": None}, "os": "linux", "libc": "gnu",
        "major": 3, "minor": 12, "patch": 1, "prerelease": "", "sha256": None, "variant": None,
        "build": "20260101", "url": (tmp_path / "python.tar.gz").as_uri(),
    }  # fmt: skip
    (tmp_path / "list.json").write_text(json.dumps({f"cpython-3.12.1-linux-{machine}-gnu": about}))
    # The system's own, which the old one hides, stands for what would be downloaded.
    shutil.copyfile(interpreter.SYSTEM.resolve(), served / "bin" / "python3.12")
    (served / "bin" / "python3.12").chmod(0o755)
    for described in Path(sysconfig.get_path("stdlib")).glob("_sysconfigdata_*.py"):
        shutil.copy(described, served / "lib" / "python3.12")
    subprocess.run(["tar", "-czf", tmp_path / "python.tar.gz", "-C", tmp_path, "python"], check=True)
    old = with_system_python(old_python())
    env = {"UV_PYTHON_DOWNLOADS_JSON_URL": str(tmp_path / "list.json")}
    done = set_up("prepare", "vendor", data=data, before=old, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (data / "current" / "vendor" / "xterm" / "LICENSE").exists()
    points = json.loads(set_up("doctor", "--json", data=data, before=old).stdout)["points"]
    found = {point["name"]: point for point in points}["python"]
    assert found["state"] == "ok"
    assert f"{data}/python/" in found["found"]
    again = set_up("prepare", "vendor", data=data, before=old)
    assert (again.returncode, again.stdout) == (0, "")


@pytest.mark.real
def test_without_node_on_the_machine_the_front_end_is_the_same(data: Path, tmp_path: Path) -> None:
    for folder in ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"):
        for program in Path(folder).iterdir():
            link = tmp_path / program.name
            if program.name not in ("node", "nodejs", "npm", "npx") and not link.is_symlink():
                link.symlink_to(program)
    done = set_up("prepare", "vendor", data=data, env={"PATH": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert (data / "current" / "node").is_dir()
    entry = (data / "current" / "vendor").resolve()
    built = Paths.from_env().store / entry.name
    assert built.is_dir(), f"nothing is built in {built}: run `make test`, which does that"
    subprocess.run(["diff", "--recursive", built, entry], check=True)


@contextmanager
def holding(lock: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process holds a lock as apt does, until its standard input is closed."""
    code = (
        "import fcntl, sys\nfile = open(sys.argv[1], 'w')\nfcntl.lockf(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\nsys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(lock)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == b"held\n"
        yield process


def test_a_free_apt_is_not_waited_for(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "lock").touch()
    apt.wait_for_locks(said.append, locks=[tmp_path / "lock", tmp_path / "absent"], seconds=0)
    assert said == []


def test_a_busy_apt_is_waited_for_and_told(tmp_path: Path) -> None:
    said: list[str] = []
    lock = tmp_path / "lock"
    with holding(lock) as process:
        assert process.stdin

        def heard(line: str) -> None:
            said.append(line)
            assert process.stdin
            process.stdin.close()

        apt.wait_for_locks(heard, locks=[tmp_path / "other", lock], seconds=30)
        assert said == [f"Another program, python (process {process.pid}), is using apt; waiting for it."]
    with lock.open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_an_apt_that_stays_busy_ends_set_up(tmp_path: Path) -> None:
    with holding(tmp_path / "lock") as process:
        began = time.monotonic()
        with pytest.raises(SetupError, match=r"has kept apt for .* wait until it ends") as caught:
            apt.wait_for_locks(lambda line: None, locks=[tmp_path / "lock"], seconds=0.6)
        assert f"(process {process.pid})" in caught.value.message
        assert 0.5 < time.monotonic() - began < 20
        assert process.stdin
        process.stdin.close()


def firewall(*rules: str) -> dict[str, str]:
    """The doctor's point, on a machine whose network is its own and has these nftables rules."""
    script = f"ip link set lo up && nft '{'; '.join(rules)}' && exec \"$@\""
    done = set_up(
        "doctor", "--json", data=Path("/var/tmp/lab-nowhere"),
        before=("unshare", "--net", "sh", "-c", script, "sh"),
    )  # fmt: skip
    points = {point["name"]: point for point in json.loads(done.stdout)["points"]}
    return dict(points["firewall"])


DROPS = (
    "add table inet filter",
    "add chain inet filter input { type filter hook input priority 0; policy drop; }",
)


@pytest.mark.real
def test_a_firewall_that_cuts_sandboxes_off_is_found_with_the_mend() -> None:
    found = firewall(*DROPS)
    assert found["state"] == "fail"
    assert found["found"] == "nftables stops what sandboxes send to their registry and resolver."
    assert "nft insert rule inet filter input iifname 'lab*' accept" in found["mend"]


@pytest.mark.real
def test_a_firewall_that_lets_sandboxes_in_is_fine() -> None:
    assert firewall(*DROPS, 'add rule inet filter input iifname "lab*" accept')["state"] == "ok"


@pytest.mark.real
def test_a_disk_without_idmapped_mounts_is_found_before_anything_is_done(tmp_path: Path) -> None:
    for name in ("lower", "disk", "merged"):
        (tmp_path / name).mkdir()
    script = (
        f"cd {tmp_path} && mount -t tmpfs t disk && mkdir disk/upper disk/work && "
        "mount -t overlay o -o lowerdir=lower,upperdir=disk/upper,workdir=disk/work merged && "
        f'cd {SOURCE} && "$@"; status=$?; ls -A {tmp_path}/merged >&2; exit $status'
    )
    private = ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh")
    done = set_up("up", data=tmp_path / "merged", before=private)
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]  # and no file after it
    assert said.startswith("An overlay on an idmapped mount does not work in")
    assert said.endswith("Put LAB_DATA on ext4, xfs or btrfs, not on an overlay or a network file system.")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path / "data")
    found.sandboxes.mkdir(parents=True)
    found.run.mkdir()
    return found


def test_nothing_remains_of_a_lab_that_took_nothing(paths: Paths) -> None:
    assert remains(paths) == []


@pytest.mark.real
@pytest.mark.parametrize(
    ("make", "take", "named"),
    [
        ("ip link add lab$TAG type veth peer name test$$", "ip link del lab$TAG", "interface lab"),
        ("nft add table inet lab_$TAG", "nft delete table inet lab_$TAG", "nftables table inet lab_"),
        ("mount --bind /run $DATA/sandboxes", "umount $DATA/sandboxes", "mount "),
        (
            "truncate -s 1M $DATA/disk && losetup -f $DATA/disk",
            "losetup --detach $(losetup --noheadings -O NAME -j $DATA/disk)",
            "loop device loop",
        ),
        (
            "mkdir -p $GROUP/lab/$TAG",
            "rmdir $GROUP/lab/$TAG && rmdir --ignore-fail-on-non-empty $GROUP/lab",
            "cgroup ",
        ),
        (
            "ip address add 192.0.2.77/32 dev lo",
            "ip address del 192.0.2.77/32 dev lo",
            "address 192.0.2.77/32",
        ),
    ],
)
def test_what_a_lab_leaves_is_named(paths: Paths, make: str, take: str, named: str) -> None:
    paths.network_file.write_text('{"address": "192.0.2.77"}')
    unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    group = "/sys/fs/cgroup" if unified else "/sys/fs/cgroup/pids"
    env = {**os.environ, "TAG": paths.tag, "DATA": str(paths.data), "GROUP": group}
    subprocess.run(["sh", "-c", make], env=env, check=True)
    try:
        left = remains(paths)
        assert len(left) == 1, left
        assert left[0].startswith(named)
    finally:
        subprocess.run(["sh", "-c", take], env=env, check=True)
    assert remains(paths) == []


@pytest.mark.real
def test_a_setting_that_is_not_as_before_is_named(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Path("/proc/sys/kernel/kptr_restrict")
    before = setting.read_text().strip()
    monkeypatch.setattr(holders, "FOLDER", tmp_path)
    note = Record({"kernel.kptr_restrict": 1})
    try:
        setting.write_text("2")
        note.write()
        taken = Taken.now(paths)
        assert remains(paths, taken) == ["sysctl kernel.kptr_restrict=2 (it was 1)"]
        needed = {"kernel.kptr_restrict": 2}
        Record(note.before, {"aabbcc": Holder("/another", 0, 0, needed)}).write()
        assert remains(paths, taken) == []  # another lab's
        Record(note.before, {paths.tag: Holder(str(paths.data), 0, 0, {})}).write()
        assert "the note of kernel settings" in remains(paths, taken)
        note.write()
        setting.write_text("0")
        assert remains(paths, taken) == []  # somebody else's choice
        Record({"kernel.kptr_restrict": 2}).write()
        setting.write_text("2")
        assert remains(paths) == []
    finally:
        setting.write_text(before)


@pytest.mark.real
def test_packages_out_of_reach_end_the_first_start_and_not_the_second(data: Path) -> None:
    built = Paths.from_env()
    assert built.rootfs.is_dir(), f"nothing is built in {built.data}: run `make test`, which does that"
    store = data.with_suffix(".store")
    store.mkdir()
    env = {"LAB_STORE": str(store)}
    try:
        for entry in built.store.iterdir():
            if entry.is_dir() and not entry.name.startswith(("rootfs-", ".")):
                (store / entry.name).symlink_to(entry)
        first = set_up("up", data=data, env={**env, "LAB_DEBIAN_MIRROR": f"{NOWHERE}/debian"})
        assert first.returncode == 1
        assert first.stderr.strip().splitlines()[-1] == (
            "Sandbox root filesystem: the package index cannot be reached; check this machine's network and "
            "its proxy settings, and run it again."
        )
        assert "127.0.0.1" in first.stderr  # the log's last lines
        assert running(data) == []
        assert remains(Paths(data)) == []
        assert not list(store.glob("rootfs-*")) and not (store / ".rootfs.building").exists()
        for entry in built.store.glob("rootfs-*"):
            (store / entry.name).symlink_to(entry)
        second = set_up("up", data=data, env=env)
        log = data / "log" / "lab.log"
        assert second.returncode == 0, second.stderr + (log.read_text() if log.exists() else "")
        assert "The lab runs: http://127.0.0.1:" in second.stdout
    finally:
        down = set_up("down", data=data, env=env)
        shutil.rmtree(store)
    assert (down.returncode, down.stdout) == (0, "The lab is stopped.\n"), down.stderr
    assert running(data) == []


def test_files_of_a_clone_of_another_user_are_counted(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "init", "-q", clone], check=True)
    (clone / "long.py").write_text("\n" * 401)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody", clone], check=True)
    assert [line.split()[0] for line in testing.too_long(clone)] == ["long.py"]
