"""The lab's processes: what each runs, as whom, and the supervisor's configuration for them."""

from __future__ import annotations

import hashlib
import os
import resource
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.paths import USER, Paths
from lab.setup import upstream
from lab.setup.address import Address
from lab.setup.errors import SetupError

PASSED = ("PATH", "LANG", "TZ", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY")
"""Variables of the environment that reach the processes, beside every LAB_ one."""
FETCHING = (
    "GOPROXY", "GONOPROXY", "GOPRIVATE", "GONOSUMDB", "GOSUMDB", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST", "PIP_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
"""Variables that reach the builder, too: from where it fetches."""
ONCE = ("autostart=false", "autorestart=unexpected", "exitcodes=0,1", "startsecs=0")
"""It has its end, also when that is a failure, which it then has told. One that is killed, as the kernel does when
memory runs out, tells nothing: it goes on."""


@dataclass(frozen=True)
class Process:
    """One supervised program. `wait` is how many seconds it may take to stop."""

    name: str
    command: tuple[str, ...]
    user: str = USER
    priority: int = 50
    folder: Path | None = None
    """Where it stands; None: in the installed project, so that it is restarted with that."""
    wait: int = 10
    once: bool = False
    """Started only when set-up wants it, and not again when it ends; what it starts ends with it."""
    extra: Mapping[str, str] = field(default_factory=dict)


def processes(paths: Paths, address: Address, app: Path, venv: Path, images: Path) -> list[Process]:
    """All processes, by order of start. `app`, `venv` and `images` are entries of the store.

    Their real names stand in the commands, so that a process is restarted exactly when what it
    runs from has changed.
    """
    python = str(venv / "bin" / "python")
    celery = (python, "-m", "celery", "--app=lab.celery", "--workdir=" + str(app), "--quiet")

    def worker(name: str, queue: str, threads: int) -> Process:
        return Process(name, (
            *celery, "worker", f"--hostname={name}@%h", f"--queues={queue}",
            "--pool=threads", f"--concurrency={threads}",
            "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING",
        ), priority=40, wait=30)  # fmt: skip

    cache = [Process("cache", (python, "-m", "sandbox.cache"), priority=30)] if upstream.wanted() else []
    return [
        Process("redis", (
            "/usr/bin/redis-server", "--port", "0", "--unixsocket", str(paths.redis_socket),
            "--unixsocketperm", "700", "--dir", str(paths.data / "redis"),
            "--save", '""', "--appendonly", "no", "--daemonize", "no",
            "--set-proc-title", "no",  # its environment stays readable, by which it is known as the lab's
        ), priority=10, folder=paths.data / "redis"),
        Process("sandboxd", (python, "-m", "sandbox.sandboxd"), user="root", priority=20, wait=20),
        Process("registry", (python, "-m", "sandbox.images.registry"), priority=30,
                extra={"LAB_IMAGES_ENTRY": images.name}),
        Process("resolver", (python, "-m", "sandbox.resolver"), priority=30),
        *cache,
        Process("termd", (python, "-m", "sandbox.termd"), priority=30),
        # Two, so that checks that hang hold up other checks at most, and never a sandbox.
        worker("worker", "lifecycle", 8),
        worker("checker", "checks", 16),
        Process("beat", (
            *celery, "beat", "--schedule=" + str(paths.run_lab / "beat"), "--pidfile=", "--loglevel=WARNING",
        ), priority=40),
        Process("preview", (python, "-m", "sandbox.preview"), priority=50),
        Process("web", (
            python, "-m", "lab.web", "--bind", address.host, "--port", str(address.port),
        ), priority=60),
        Process("builder", (python, "-m", "lab.setup.background"), user="root", priority=90, once=True,
                extra={"HOME": str(Path.home()), **_given(FETCHING)}),
    ]  # fmt: skip


def configuration(paths: Paths, address: Address, app: Path, venv: Path, images: Path) -> str:
    """supervisord's configuration. Raises SetupError for a value it cannot hold."""
    common = _environment(paths, address)
    run = paths.run
    listener = _listener(run)
    sections = [
        "; Written by the lab's set-up at each start.",
        "[supervisord]",
        f"logfile={run / 'supervisord.log'}",
        "logfile_maxbytes=1MB",
        "logfile_backups=1",
        f"pidfile={run / 'supervisord.pid'}",
        f"childlogdir={run}",
        f"identifier=lab-{paths.tag}",
        f"minfds={_descriptors()}",
        "umask=022",
        "",
        "[unix_http_server]",
        f"file={run / 'supervisor.sock'}",
        "chmod=0700",
        "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        "",
        "[eventlistener:log]",
        f"command={venv / 'bin' / 'python'} {listener} {paths.log / 'lab.log'}",
        "events=PROCESS_LOG,PROCESS_STATE",
        "buffer_size=20000",
        f"user={USER}",
        "directory=/",
        "priority=1",
        *_restarts(),
        "stdout_logfile=NONE",
        f"stderr_logfile={run / 'log.err'}",
        "stderr_logfile_maxbytes=1MB",
        "stderr_logfile_backups=0",
        f"environment={_quoted({**_bare(common), 'LAB_PROCESS': 'log'})}",
    ]
    for process in processes(paths, address, app, venv, images):
        variables = _bare(common) if process.folder else common
        sections += [
            "",
            f"[program:{process.name}]",
            f"command={' '.join(process.command).replace('%', '%%')}",
            f"directory={process.folder or app}",
            f"user={process.user}",
            f"umask={'022' if process.user == 'root' else '027'}",
            f"priority={process.priority}",
            f"stopwaitsecs={process.wait}",
            *(ONCE if process.once else _restarts()),
            # A sandbox outlives the process that made it, so no group is ever killed but the builder's.
            f"killasgroup={str(process.once).lower()}",
            f"stopasgroup={str(process.once).lower()}",
            "stdout_logfile=NONE",
            "stderr_logfile=NONE",
            "stdout_events_enabled=true",
            "stderr_events_enabled=true",
            f"environment={_quoted({**variables, **process.extra, 'LAB_PROCESS': process.name})}",
        ]
    return "\n".join(sections) + "\n"


def _bare(environment: Mapping[str, str]) -> dict[str, str]:
    """What a program that is not the project's gets: no setting, so that none restarts it."""
    return {
        name: environment[name] for name in ("LAB_DATA", "HOME", "PATH", "LANG", "TZ") if name in environment
    }


def _listener(folder: Path) -> Path:
    """A copy of the log's program, named by its content: it goes on while the project is replaced."""
    code = (Path(__file__).parent / "logs.py").read_bytes()
    file = folder / f"logs-{hashlib.sha256(code).hexdigest()[:12]}.py"
    if not file.exists():
        for old in folder.glob("logs-*.py"):
            old.unlink()
        file.write_bytes(code)
        file.chmod(0o644)
    return file


def _restarts() -> list[str]:
    return ["autostart=true", "autorestart=true", "startsecs=1", "startretries=1000000"]


def _environment(paths: Paths, address: Address) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name.startswith("LAB_") and value}
    return (
        given
        | _given(PASSED)
        | {
            "LAB_DATA": str(paths.data),
            "HOST": address.host,
            "PORT": str(address.port),
            "LAB_PREVIEW_PORT": str(address.previews.port),
            "HOME": "/nonexistent",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "lab.settings",
        }
    )


def _given(names: Iterable[str]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def _quoted(environment: Mapping[str, str]) -> str:
    words = []
    for name, value in sorted(environment.items()):
        if set(value) & set('"\n\r'):
            raise SetupError(f"{name} holds a quotation mark or a line break; set it without.")
        words.append(f'{name}="{value.replace("%", "%%")}"')
    return ",".join(words)


def _descriptors() -> int:
    """As many open files as the machine allows a process, up to 65,536."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
