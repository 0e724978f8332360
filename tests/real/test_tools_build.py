"""The building of Go modules, with a small one from a proxy of the test's own: interrupted, refused, falsified."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup.commands import clean_environment
from lab.setup.errors import SetupError
from lab.setup.store import Store
from lab.setup.tools import go_part, go_release, system_go, wheel_go
from sandbox.tools import build as building
from sandbox.tools import modules
from sandbox.tools.build import Tools
from sandbox.tools.modules import Module

pytestmark = pytest.mark.real

PATHS = ("example.org/first", "example.org/second")
VERSION = "v1.2.3"
CODE = 'package main\n\nvar told = "nothing"\n\nfunc main() { println(told) }\n'


@pytest.fixture(scope="module")
def go() -> Path:
    found = system_go()
    if found is None:
        store = Store(Paths.from_env())
        entry = store.address(go_part(store.root))
        assert entry.is_dir(), "no Go is new enough: run `make test`, which fetches one"
        found = wheel_go(entry)
    return found


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder laid out as the Go module proxy protocol has it, and served where GOPROXY says."""
    root = tmp_path / "proxy"
    for path in PATHS:
        folder = root / path / "@v"
        folder.mkdir(parents=True)
        (folder / "list").write_text(f"{VERSION}\n")
        (folder / f"{VERSION}.info").write_text(json.dumps({"Version": VERSION}))
        (folder / f"{VERSION}.mod").write_text(f"module {path}\n\ngo 1.26\n")
        publish(root, path, CODE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    monkeypatch.setenv("GOPROXY", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield root
    server.shutdown()
    server.server_close()
    thread.join()


def publish(root: Path, path: str, code: str) -> None:
    with zipfile.ZipFile(root / path / "@v" / f"{VERSION}.zip", "w") as archive:
        archive.writestr(f"{path}@{VERSION}/go.mod", f"module {path}\n\ngo 1.26\n")
        archive.writestr(f"{path}@{VERSION}/cmd/{path.rpartition('/')[2]}/main.go", code)


class Build:
    """One set-up's part, and what it reported."""

    def __init__(self, go: Path, folder: Path) -> None:
        self.part = Tools(lambda: go, folder / "work")
        self.folder = folder
        self.reports: list[tuple[int, int, str]] = []
        self.log = folder / "log"

    def run(self, name: str = "built") -> Path:
        dest = self.folder / name
        shutil.rmtree(dest, ignore_errors=True)
        dest.mkdir()
        with self.log.open("a") as log:
            self.part.build(dest, lambda *words: self.reports.append(words), log)
        return dest


@pytest.fixture
def build(go: Path, proxy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    monkeypatch.setenv("GONOSUMDB", "*")
    monkeypatch.setattr(modules, "HERE", tmp_path)
    made = []
    for path in PATHS:
        name = path.rpartition("/")[2]
        made.append(Module(name, name, path, name.title(), {"main.told": "{version}"}))
        folder = tmp_path / name
        folder.mkdir()
        (folder / "go.mod").write_text(
            f"module x\n\ngo 1.26\n\ntool {path}/cmd/{name}\n\nrequire {path} {VERSION}\n"
        )
        env = clean_environment(
            GOFLAGS="-mod=mod -modcacherw", GOPATH=str(tmp_path / "go"), GOTOOLCHAIN="local"
        )
        subprocess.run([go, "mod", "tidy"], cwd=folder, env=env, check=True, capture_output=True)
    monkeypatch.setattr(building, "MODULES", tuple(made))
    monkeypatch.setattr(modules, "MODULES", tuple(made))
    return Build(go, tmp_path)


def test_programs_are_built_and_tell_their_version(build: Build) -> None:
    dest = build.run()
    for name in ("first", "second"):
        program = dest / "usr/local/bin" / name
        said = subprocess.run([program], capture_output=True, text=True, check=True).stderr
        assert said == f"{VERSION}\n"
    assert modules.read((dest / modules.VERSIONS).read_text())["first"] == VERSION
    counted = [(done, total) for done, total, _ in build.reports if total]
    assert counted == sorted(counted) and counted[-1][0] == counted[-1][1] > 2
    assert {path.name for path in build.part.work.iterdir()} == {"finished"}


def test_what_was_finished_before_an_interruption_is_not_built_again(build: Build, go: Path) -> None:
    """The second project is out of reach: the first stays, and is not even asked for again."""
    proxy = build.folder / "proxy"
    gone = proxy / PATHS[1]
    build.run()
    finished = {path.name: path.stat().st_ino for path in (build.part.work / "finished").glob("first-*")}
    shutil.rmtree(build.part.work / "finished" / next(
        path.name for path in (build.part.work / "finished").glob("second-*")
    ))  # fmt: skip
    gone.rename(build.folder / "gone")
    shutil.rmtree(proxy / PATHS[0])
    with pytest.raises(SetupError) as caught:
        build.run()
    assert caught.value.message.startswith(
        f"The tools of Kubernetes are incomplete: Second {VERSION} is missing"
    )
    assert f"the Go module {PATHS[1]} {VERSION} cannot be fetched" in caught.value.message
    gone.parent.mkdir(exist_ok=True)
    (build.folder / "gone").rename(gone)
    dest = build.run()
    assert (dest / "usr/local/bin/first").exists() and (dest / "usr/local/bin/second").exists()
    assert {
        path.name: path.stat().st_ino for path in (build.part.work / "finished").glob("first-*")
    } == finished


def test_a_stopped_build_goes_on(build: Build) -> None:
    """Whatever raises in the middle of a build leaves nothing behind that hinders the next."""
    stopped = threading.Event()

    def stop(done: int, total: int, note: str) -> None:
        if total and not stopped.is_set():
            stopped.set()
            raise KeyboardInterrupt

    dest = build.folder / "built"
    dest.mkdir()
    with build.log.open("a") as log, pytest.raises(KeyboardInterrupt):
        build.part.build(dest, stop, log)
    assert stopped.is_set()
    assert (build.run() / "usr/local/bin/second").exists()


def test_a_proxy_that_refuses_is_named_by_the_module(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")
    with pytest.raises(SetupError, match=rf"the Go module {PATHS[0]} {VERSION} cannot be fetched; check"):
        build.run()


def test_another_content_than_go_sum_lists_is_refused(build: Build) -> None:
    publish(build.folder / "proxy", PATHS[0], CODE.replace("nothing", "evil"))
    with pytest.raises(SetupError, match=rf"{PATHS[0]} {VERSION} is not the one that go.sum lists"):
        build.run()


def test_a_program_that_does_not_compile_is_said_to(build: Build, go: Path) -> None:
    proxy = build.folder / "proxy"
    publish(proxy, PATHS[1], "package main\n\nfunc main() { undefined() }\n")
    folder = build.folder / "second"
    (folder / "go.sum").unlink()
    env = clean_environment(GOFLAGS="-mod=mod -modcacherw", GOPATH=str(build.folder / "other"))
    subprocess.run([go, "mod", "tidy"], cwd=folder, env=env, check=True, capture_output=True)
    with pytest.raises(SetupError, match=rf"Second {VERSION} does not compile; the last lines of the log"):
        build.run()


def test_the_go_that_is_used_is_new_enough(go: Path) -> None:
    found = tuple(int(part) for part in go_release(go).removeprefix("go").split("."))
    assert found >= modules.oldest_go()
