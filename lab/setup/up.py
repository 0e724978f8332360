"""`up`: from whatever there is to a lab that answers."""

from __future__ import annotations

import contextlib
import http.client
import os
import time

from lab.paths import USER, Paths
from lab.setup import archive, background, checks, lessons, machine, newer, upstream
from lab.setup.address import Address
from lab.setup.commands import clean_environment, run
from lab.setup.control import Supervisor, stop_leftovers, wait_until
from lab.setup.down import down
from lab.setup.errors import SetupError
from lab.setup.notice import notice
from lab.setup.plan import ARCHIVE, Plan, choice
from lab.setup.preparing import Preparing
from lab.setup.processes import configuration
from lab.setup.progress import Progress

WEB_SECONDS = 90
PREVIEW_HEALTH = "/.lab-preview/health"


def up(paths: Paths) -> None:
    """Prepare, start and wait. Raises SetupError; what it had started by then is stopped again."""
    address = Address.from_env()
    checks.before_start(paths)
    upstream.wanted()  # says what is wrong with it before anything is done
    supervisor = Supervisor(paths)
    with machine.alone(paths):
        before = supervisor.running_from()
        if not before:
            stop_leftovers(paths)
        if (before.get("host"), before.get("port")) != (address.host, address.port):
            address.check_free()
        if (before.get("host"), before.get("preview")) != (address.host, address.previews.port):
            address.previews.check_free("LAB_PREVIEW_PORT")
        newer.ensure(paths)
        progress = Progress()
        try:
            building = _up(paths, address, supervisor, progress, running=bool(before))
        except BaseException as error:
            said = error.message if isinstance(error, SetupError) else "Set-up was stopped."
            progress.fail(said)
            if not before and supervisor.pid() is not None:
                time.sleep(1.5)  # an open page asks once a second, and is told
                down(paths)
            raise
        finally:
            progress.publish(None)
            paths.progress_file.unlink(missing_ok=True)  # of an earlier run that was killed
    if building:
        background.follow(paths)


def _up(paths: Paths, address: Address, supervisor: Supervisor, progress: Progress, *, running: bool) -> bool:
    """Whether something is still being built in the background."""
    began = time.monotonic()
    machine.ensure(paths)
    upstream.hand_over(paths, upstream.wanted())
    plan = Plan(paths, progress)
    from_archive = choice() == ARCHIVE and not plan.kubernetes_ready()
    first, later = plan.first(), plan.later()
    plan.check_room([*first, *later])
    todo = [part for part in [*first, *later] if not plan.ready(part)]
    progress.expect("packages", "Packages of this machine")
    if from_archive:
        progress.expect("archive", "Archive")
    for part in [*first, *later]:
        progress.expect(part.name, part.title)
    page = None
    if todo or from_archive:
        progress.publish(paths.progress_file)
        progress.say(f"Preparing the lab in {paths.data}")
        if not running:
            page = Preparing(address, progress.snapshot)
            page.start()
            progress.say(f"Its page already answers at {address.url} and says how far this is.")
    try:
        plan.host_packages()
        if from_archive:
            _unpack(plan, progress)
            first, later = plan.first(), plan.later()
        plan.build(first)
        plan.switch(first)
        lessons.check(paths, plan.store.address(plan.app), plan.store.address(plan.venv) / "bin" / "python")
        _migrate(paths, plan)
    finally:
        if page:
            page.stop()
    if not running:
        progress.say("Starting the lab's processes")
    restarted = _processes(paths, address, supervisor, plan)
    plan.build(later)
    served = plan.store.current("images")
    if "images" in plan.switch(later) and served:  # without any, it still waits for the first
        supervisor.restart("registry")
    for part in [*first, *later]:
        plan.prune([part])
    wait_until(lambda: answers(address), WEB_SECONDS, _silent(paths))
    wait_until(lambda: answers(address.previews, PREVIEW_HEALTH), 30, _unwell(paths))
    wait_until(lambda: not _troubled(supervisor), 30, _unwell(paths))
    building = background.arrange(plan, supervisor)
    progress.publish(None)
    _tell(paths, address, restarted, running, time.monotonic() - began)
    return building


def _unpack(plan: Plan, progress: Progress) -> None:
    progress.start("archive")
    archive.unpack(plan, lambda *words: progress.report("archive", *words))
    progress.finish("archive")


def _processes(paths: Paths, address: Address, supervisor: Supervisor, plan: Plan) -> list[str]:
    """Start the supervisor, or give the running one what changed; what was started anew."""
    app, venv = plan.store.address(plan.app), plan.store.address(plan.venv)
    images = plan.store.address(plan.later()[1])
    text = configuration(paths, address, app, venv, images)
    about = {"venv": venv.name, "host": address.host, "port": address.port, "preview": address.previews.port}
    before = supervisor.running_from()
    if before and before.get("venv") == venv.name:
        return [name for name in supervisor.update(text, about=about) if name != background.PROCESS]
    if before:  # what the supervisor itself runs from has changed
        supervisor.stop()
    supervisor.start(text, app=app, venv=venv, about=about)
    return ["everything"]


def _migrate(paths: Paths, plan: Plan) -> None:
    """Bring the database up to date, as the lab's user; skipped while the same code did it last."""
    app = plan.store.address(plan.app)
    mark = paths.run / "migrated"
    with contextlib.suppress(OSError):
        if mark.read_text() == app.name and paths.database.exists():
            return
    log = machine.open_log(paths.log, "database")
    with log.open("a") as out:
        run(
            [plan.store.address(plan.venv) / "bin" / "python", "-m", "django", "migrate", "--noinput"],
            out, what="Database", where=paths.data, cwd=app, user=USER,
            env=clean_environment(
                DJANGO_SETTINGS_MODULE="lab.settings", LAB_DATA=str(paths.data), HOME="/nonexistent"
            ),
        )  # fmt: skip
    mark.write_text(app.name)


def answers(address: Address, path: str = "/healthz") -> bool:
    """Whether the lab answers there."""
    connection = http.client.HTTPConnection(address.near, address.port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{address.port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def behind_proxy() -> bool:
    """Whether a proxy with TLS brings visitors, as the settings read it."""
    return os.environ.get("LAB_TRUST_PROXY", "").strip().lower() in ("1", "true", "yes", "on")


def _troubled(supervisor: Supervisor) -> list[str]:
    return [
        name
        for name, about in supervisor.processes().items()
        if about["statename"] != "RUNNING" and name != background.PROCESS
    ]


def _silent(paths: Paths) -> str:
    return f"The page does not answer; {paths.log / 'lab.log'} says why."


def _unwell(paths: Paths) -> str:
    return f"Not every process stays up; {paths.log / 'lab.log'} says which and why."


def _tell(paths: Paths, address: Address, restarted: list[str], running: bool, seconds: float) -> None:
    if running and restarted:
        print(f"Restarted: {', '.join(restarted)}.")
    print(f"\nThe lab {'runs' if not running else 'is running'}: {address.url}   ({seconds:.1f} s)")
    if not address.loopback or behind_proxy():
        print(f"Visitors enter this code: {paths.code.read_text().strip()}")
    if not address.loopback and not behind_proxy():
        print(
            "This is plain HTTP: use it on a network you trust, or put a proxy with TLS before it;\n"
            "the browser's clipboard works only by the keyboard."
        )
    for line in notice(paths, "firewall"):
        print(line)
    print(f"Log: {paths.log / 'lab.log'}    Stop it: make down", flush=True)
