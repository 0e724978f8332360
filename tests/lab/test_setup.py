"""Set-up without root: progress, addresses, configuration, the log, what is installed."""

from __future__ import annotations

import configparser
import io
import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.paths import Paths
from lab.setup import testing
from lab.setup.address import Address
from lab.setup.app import App, project_files
from lab.setup.errors import SetupError, explain
from lab.setup.logs import Lines, Log, handle, listen
from lab.setup.machine import check_path
from lab.setup.plan import SOURCE
from lab.setup.preparing import Preparing, page
from lab.setup.processes import configuration
from lab.setup.progress import Progress


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_progress_file_says_how_far_each_part_is(tmp_path: Path) -> None:
    progress = Progress(io.StringIO())
    progress.expect("rootfs", "Root filesystem")
    progress.publish(tmp_path / "progress.json")
    progress.start("rootfs")
    progress.finish("rootfs")
    progress.expect("images", "Images")
    progress.start("images")
    progress.fail("Images: no.")
    assert json.loads((tmp_path / "progress.json").read_text()) == {
        "parts": [
            {
                "name": "rootfs",
                "title": "Root filesystem",
                "state": "done",
                "done": 0,
                "total": 0,
                "note": "",
            },
            {"name": "images", "title": "Images", "state": "failed", "done": 0, "total": 0, "note": ""},
        ],
        "failed": "Images: no.",
    }
    progress.publish(None)
    assert list(tmp_path.iterdir()) == []


def test_what_is_done_now_is_told_at_once(tmp_path: Path) -> None:
    """It may be the last word for minutes, as while sources are fetched."""
    progress = Progress(io.StringIO())
    progress.expect("tools", "Kubernetes")
    progress.publish(tmp_path / "progress.json")
    progress.start("tools")
    progress.report("tools", 0, 0, "fetching")
    assert json.loads((tmp_path / "progress.json").read_text())["parts"][0]["note"] == "fetching"


def test_a_terminal_gets_one_line_for_a_part_with_its_count() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    progress = Progress(out)
    progress.expect("venv", "Python packages")
    progress.start("venv")
    progress._printed = 0.0
    progress.report("venv", 5, 10, "half")
    progress.finish("venv")
    assert "5/10" in out.getvalue()
    assert out.getvalue().count("\n") == 1


def test_a_pipe_gets_plain_lines() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.expect("venv", "Python packages")
    progress.start("venv")
    progress.finish("venv")
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert "begins" in lines[0]
    assert "\r" not in out.getvalue()


def test_a_taken_port_is_told_with_its_owner_and_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError) as caught:
            Address("127.0.0.1", port).check_free()
    assert f"Port {port} on 127.0.0.1 is taken by" in caught.value.message
    assert f"make up PORT={port + 1}" in caught.value.message
    Address("127.0.0.1", port).check_free()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SetupError, match="number from 1 to 65535"):
        Address.from_env()


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(SetupError, match="no address of this machine"):
        Address("192.0.2.1", 8000).check_free()


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)]
)
def test_loopback(host: str, loopback: bool) -> None:
    assert Address(host, 1).loopback is loopback


@pytest.mark.parametrize("folder", ["/var/lib/my lab", '/var/lib/a"b', "/var/lib/" + "x" * 100])
def test_a_data_folder_that_cannot_work_is_refused(folder: str) -> None:
    with pytest.raises(SetupError, match="choose a"):
        check_path(Paths(Path(folder)))


def test_the_page_before_the_page(tmp_path: Path) -> None:
    progress = Progress(io.StringIO())
    progress.expect("venv", "Python <packages>")
    progress.start("venv")
    address = Address("127.0.0.1", free_port())
    server = Preparing(address, progress.snapshot)
    server.start()
    try:
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(address.url)
        with answer.value as page_now:
            assert page_now.code == 503
            assert "Python &lt;packages&gt;" in page_now.read().decode()
        with urllib.request.urlopen(address.url + "setup.json") as told:
            assert json.load(told)["setup"]["parts"][0]["state"] == "running"
    finally:
        server.stop()
    address.check_free()


def test_a_failure_stands_on_the_page() -> None:
    progress = Progress(io.StringIO())
    progress.fail("The disk is full.")
    assert "The disk is full." in page(progress.snapshot())


def written(tmp_path: Path, images: str = "images-1", app: str = "app-1") -> configparser.RawConfigParser:
    paths = Paths(tmp_path)
    paths.run.mkdir(exist_ok=True)
    store = tmp_path / "store"
    text = configuration(paths, Address("127.0.0.1", 8000), store / app, store / "venv-1", store / images)
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(text)
    return parser


def test_only_sandboxd_is_root_and_no_group_is_killed(tmp_path: Path) -> None:
    parser = written(tmp_path)
    programs = {name.partition(":")[2]: parser[name] for name in parser if name.startswith("program:")}
    builder = programs.pop("builder")
    assert set(programs) == {
        "redis", "sandboxd", "registry", "resolver", "termd", "preview", "web", "worker", "checker", "beat",
    }  # fmt: skip
    assert [name for name, about in programs.items() if about["user"] != "lab"] == ["sandboxd"]
    assert {about["killasgroup"] + about["stopasgroup"] for about in programs.values()} == {"falsefalse"}
    assert {about["autorestart"] for about in programs.values()} == {"true"}
    assert parser["eventlistener:log"]["user"] == "lab"
    # It builds once, when set-up says so, and what it has started ends with it. Killed, it goes on.
    assert (builder["user"], builder["autostart"], builder["autorestart"]) == ("root", "false", "unexpected")
    assert builder["exitcodes"] == "0,1"
    assert builder["killasgroup"] == builder["stopasgroup"] == "true"


def test_the_builder_fetches_from_where_set_up_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOPROXY", "https://proxy.example.org")
    parser = written(tmp_path)
    assert 'GOPROXY="https://proxy.example.org"' in parser["program:builder"]["environment"]
    assert "GOPROXY" not in parser["program:web"]["environment"]


def test_a_process_changes_exactly_when_what_it_runs_from_does(tmp_path: Path) -> None:
    def changed(**other: str) -> set[str]:
        before, after = written(tmp_path), written(tmp_path, **other)
        return {name for name in after if dict(before[name]) != dict(after[name])}

    assert changed(images="images-2") == {"program:registry"}
    assert "program:redis" not in changed(app="app-2")
    assert "program:web" in changed(app="app-2")


def test_a_value_that_the_configuration_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_HOSTS", 'a"b')
    with pytest.raises(SetupError, match="LAB_HOSTS holds a quotation mark"):
        written(tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    found = Log(tmp_path / "lab.log", limit=200, kept=2)
    yield found
    found.close()


def test_each_line_of_the_log_names_its_process(tmp_path: Path, log: Log) -> None:
    log.limit = 1000
    lines = Lines(log)
    head = b"processname:web groupname:web pid:1 channel:"
    handle(lines, "PROCESS_LOG_STDOUT", head + b"stdout\none\ntw")
    handle(lines, "PROCESS_LOG_STDERR", head + b"stderr\nerror\n")
    handle(lines, "PROCESS_LOG_STDOUT", head + b"stdout\no\nrest")
    handle(
        lines, "PROCESS_STATE_EXITED", b"processname:web groupname:web from_state:RUNNING expected:0 pid:1"
    )
    written = [line.split(" ", 2)[2].split() for line in (tmp_path / "lab.log").read_text().splitlines()]
    assert written == [
        ["web", "one"], ["web", "error"], ["web", "two"], ["web", "rest"], ["lab", "web", "ended", "unexpectedly"],
    ]  # fmt: skip


def test_the_log_is_rotated_by_size(tmp_path: Path, log: Log) -> None:
    for number in range(40):
        log.write("web", f"line {number}".encode())
        log.flush()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["lab.log", "lab.log.1", "lab.log.2"]
    assert all(file.stat().st_size < 300 for file in tmp_path.iterdir())
    assert "line 39" in "".join(file.read_text() for file in tmp_path.iterdir())


def test_the_log_speaks_the_supervisor_s_protocol(tmp_path: Path, log: Log) -> None:
    payload = b"processname:web groupname:web pid:1 channel:stdout\nhello\n"
    header = (
        f"ver:3.0 server:lab serial:1 pool:log poolserial:1 eventname:PROCESS_LOG_STDOUT len:{len(payload)}\n"
    )
    answers = io.BytesIO()
    listen(Lines(log), io.BytesIO(header.encode() + payload), answers)
    assert answers.getvalue() == b"READY\nRESULT 2\nOKREADY\n"
    assert (tmp_path / "lab.log").read_text().endswith("web       hello\n")


def test_the_installed_project_is_the_code_and_nothing_else() -> None:
    names = {str(file.relative_to(SOURCE)) for file in project_files(SOURCE)}
    assert {"manage.py", "lab/settings.py", "sandbox/sandboxd/__main__.py", "templates/base.html"} <= names
    assert not [
        name for name in names if "__pycache__" in name or "/vendor/" in name or name.startswith("tests")
    ]


def test_the_installed_project_changes_with_a_file_a_mode_and_its_packages(tmp_path: Path) -> None:
    for folder in ("lab", "lessons", "sandbox", "static", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "manage.py").write_text("1")

    def inputs(vendor: str = "v", venv: str = "e") -> list[bytes]:
        return list(App(tmp_path, Paths(tmp_path), lambda: Path(vendor), lambda: Path(venv)).inputs())

    seen = [inputs(), inputs(vendor="w"), inputs(venv="f")]
    (tmp_path / "lab" / "a.py").write_text("1")
    seen.append(inputs())
    (tmp_path / "lab" / "a.py").chmod(0o755)
    seen.append(inputs())
    assert len({tuple(one) for one in seen}) == len(seen)
    (tmp_path / "lab" / "__pycache__").mkdir()
    (tmp_path / "lab" / "__pycache__" / "a.pyc").write_text("1")
    assert inputs() == seen[-1]


def test_what_is_installed_is_what_was_hashed(tmp_path: Path) -> None:
    for folder in ("lab", "lessons", "sandbox", "static", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "manage.py").write_text("1")
    app = App(tmp_path, Paths(tmp_path), lambda: Path("v"), lambda: Path("e"))
    before = list(app.inputs())
    (tmp_path / "manage.py").write_text("2")  # somebody works in the clone
    (tmp_path / "lab" / "new.py").touch()
    assert list(app.inputs()) == before


def test_static_files_are_built_alike_for_authors_and_learners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("lab", "lessons", "sandbox", "static", "templates", "vendor"):
        (tmp_path / folder).mkdir()
    (tmp_path / "manage.py").touch()
    (tmp_path / "built").mkdir()
    asked: dict[str, Mapping[str, str]] = {}

    def note(argv: Sequence[str | Path], *_: Any, env: Mapping[str, str] | None = None, **__: Any) -> None:
        asked[str(argv[3])] = env or {}

    monkeypatch.setenv("LAB_DEBUG", "1")
    monkeypatch.setattr("lab.setup.app.run", note)
    app = App(tmp_path, Paths(tmp_path), lambda: tmp_path / "vendor", lambda: Path("e"))
    app.build(tmp_path / "built", lambda *_: None, io.StringIO())
    assert "LAB_DEBUG" not in asked["collectstatic"]
    assert asked["check"]["LAB_DEBUG"] == "1"


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("tcp connect error: Connection refused (os error 111)", "the package index cannot be reached"),
        ("npm error code ENOTFOUND", "the package index cannot be reached"),
        ("E: Failed to fetch x  Temporary failure resolving 'y'", "the package index cannot be reached"),
        ("cp: error writing: No space left on device", "is full"),
        ("SyntaxError", "the last lines of its log say why"),
    ],
)
def test_a_failure_is_explained_by_what_was_printed(output: str, sentence: str) -> None:
    assert sentence in explain("Packages", output, Path("/data"))


def test_a_disk_that_is_full_is_said_to_be_although_nothing_could_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "full" not in explain("Database", "", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda where: SimpleNamespace(free=0))
    assert f"{tmp_path} is full" in explain("Database", "", tmp_path)


def test_a_long_file_is_found(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "long.py").write_text("\n" * 401)
    (tmp_path / "fine.py").write_text("\n" * 400)
    (tmp_path / "long.lock").write_text("\n" * 401)
    assert [line.split()[0] for line in testing.too_long(tmp_path)] == ["long.py"]
