"""`test` and `check`: what `make test` runs once everything is prepared."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.paths import Paths
from lab.setup import tools
from lab.setup.commands import clean_environment
from lab.setup.errors import SetupError
from lab.setup.machine import open_log
from lab.setup.plan import SOURCE
from lab.setup.store import Store
from lab.setup.tools import node_part

PORT = "8970"
LONG = ("tests/lab/test_taken_ports.py", "tests/vm", "tests/course")
"""Tests that run beside all others, in this order. The first takes less than a minute and wants to be the only one
with a lab, which it is while the code is checked."""
BESIDE = "the tests in a virtual machine, and the course"
LONGEST = 400
CODE = {".py", ".js", ".mjs", ".css", ".html", ".sh", ".bash"}


def python(paths: Paths) -> Path:
    """The tests' interpreter. Raises SetupError when it is not built."""
    found = paths.current / "venv-dev" / "bin" / "python"
    if not found.exists():
        raise SetupError(f"The tests' packages are not in {paths.data}; run `make test`, which builds them.")
    return found


def environment(paths: Paths) -> dict[str, str]:
    """What the tests see: their own data folder and port, and nothing of a running lab's."""
    env = {
        name: value
        for name, value in clean_environment().items()
        if not name.startswith("LAB_") or name in ("LAB_VM_TESTS", "LAB_TIME_FACTOR", "LAB_DEBIAN_MIRROR")
    }
    env.pop("HOST", None)
    caches = paths.data / "cache"  # outside the clone, which may be another user's
    env |= {"MYPY_CACHE_DIR": str(caches / "mypy"), "RUFF_CACHE_DIR": str(caches / "ruff")}
    env["PYTEST_ADDOPTS"] = f"{env.get('PYTEST_ADDOPTS', '')} -o cache_dir={caches / 'pytest'}"
    env["HYPOTHESIS_STORAGE_DIRECTORY"] = str(caches / "hypothesis")
    env |= {"LAB_DATA": str(paths.data), "PORT": PORT, "LAB_SECRET": "only-for-tests-" + "x" * 40}
    env["PATH"] = f"{paths.current / 'venv-dev' / 'bin'}:{env.get('PATH', '')}"
    return env


def run_tests(paths: Paths) -> int:
    """Run all tests: those that take longest, a virtual machine's and the whole course, in the background meanwhile.
    0 if all passed."""
    pytest: list[str | Path] = [python(paths), "-m", "pytest", "--durations=25"]
    env = environment(paths)
    began = time.monotonic()
    log = open_log(paths.log, "long-tests")
    with log.open("w") as out:
        long = subprocess.Popen(
            [*pytest, *LONG], cwd=SOURCE, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        commands: dict[str, Sequence[str | Path]] = {
            "the checks": [sys.executable, "-B", "-m", "lab.setup", "check"],
            "the browser code's tests": [node(paths), "--test", "--test-reporter=spec", *_scripts()],
            "the tests": [*pytest, *(f"--ignore={path}" for path in LONG)],
        }
        failed = [name for name, argv in commands.items() if not _passes(name, argv, env)]
        _head(BESIDE)
        status = long.wait()
    except BaseException:
        long.terminate()
        long.wait()
        raise
    print(log.read_text(errors="replace"), end="", flush=True)
    if status != 0:
        failed.append(BESIDE)
    minutes = (time.monotonic() - began) / 60
    print(f"\n{'Failed: ' + ', '.join(failed) if failed else 'All passed'} ({minutes:.1f} min).", flush=True)
    return 1 if failed else 0


def check(paths: Paths) -> int:
    """Style, types, templates, lessons and the length of files. 0 if all is well."""
    run: list[str | Path] = [python(paths), "-m"]
    env = environment(paths) | {"DJANGO_SETTINGS_MODULE": "lab.settings"}
    commands: dict[str, Sequence[str | Path]] = {
        "ruff check": [*run, "ruff", "check", "."],
        "ruff format": [*run, "ruff", "format", "--check", "."],
        "mypy": [*run, "mypy", "."],
        "djlint": [*run, "djlint", "--quiet", "--lint", "templates"],
        "lessons": [*run, "django", "checklessons"],
    }
    failed = [name for name, argv in commands.items() if not _passes(name, argv, env)]
    long = too_long(SOURCE)
    for line in long:
        print(line)
    failed += ["length of files"] if long else []
    print(f"\n{'Wanting: ' + ', '.join(failed) if failed else 'All checks passed'}.", flush=True)
    return 1 if failed else 0


def too_long(source: Path) -> list[str]:
    """A sentence for each file of code that has more lines than it may."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={source.resolve()}", "ls-files",
         "--cached", "--others", "--exclude-standard"],
        cwd=source, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = []
    for name in listed.stdout.splitlines():
        file = source / name
        if file.suffix in CODE and file.is_file():
            count = file.read_bytes().count(b"\n")
            if count > LONGEST:
                found.append(f"{name} has {count} lines; divide it so that no part has over {LONGEST}.")
    return found


def node(paths: Paths) -> Path:
    """Node.js: the machine's own, or the one that set-up built. Raises SetupError."""
    own = tools.system_node()
    if own:
        return Path(own[0])
    entry = Store(paths).address(node_part(paths.store))
    if not entry.exists():
        raise SetupError("There is no Node.js; run `make test`, which builds it.")
    return tools.wheel_node(entry)[0]


def _scripts() -> list[str]:
    return sorted(str(path.relative_to(SOURCE)) for path in (SOURCE / "tests" / "js").glob("*.test.mjs"))


def _passes(name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> bool:
    _head(name)
    return subprocess.run([str(word) for word in argv], cwd=SOURCE, env=env, check=False).returncode == 0


def _head(name: str) -> None:
    line = f"── {name} "
    print(f"\n{line:─<{min(80, int(os.environ.get('COLUMNS') or 80))}}", flush=True)
