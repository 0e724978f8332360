"""A cluster that does not start in time, in a whole lab: another takes its place, and its log is kept."""

from __future__ import annotations

import re
import threading

import pytest

from tests.courses import CLUSTER_PAGE, with_a_cluster
from tests.real.clusters import SAID, break_kubelet, point
from tests.real.learner import Learner, is_ready
from tests.running import FACTOR, running_lab, wait

pytestmark = pytest.mark.timeout(900)
WAITS = "usr/lib/lab/wait-ready"


def test_past_its_deadline_another_is_made_in_its_place() -> None:
    """The first lesson with a cluster, in a lab whose kubelet is broken for one attempt, then for good."""
    with with_a_cluster() as course, running_lab(LAB_LESSONS=str(course)) as lab:
        good = lab.paths.tools.resolve()
        bad = break_kubelet(good, lab.paths.data / "broken")
        script = (
            (lab.paths.rootfs / WAITS).read_text().replace("SECONDS + 180", f"SECONDS + {20 * FACTOR:.0f}")
        )
        (bad / WAITS).parent.mkdir(parents=True)
        (bad / WAITS).write_text(script)
        (bad / WAITS).chmod(0o755)
        point(lab.paths.tools, bad)
        learner = Learner(lab, CLUSTER_PAGE)

        def mend() -> None:
            wait(lambda: list(lab.paths.failed.glob("*.log")), "the end of the first attempt", 90)
            point(lab.paths.tools, good)

        mending = threading.Thread(target=mend)
        mending.start()
        key = learner.claim(180)
        mending.join()
        assert [path.stem for path in lab.paths.failed.iterdir()] == [key], "one row, two attempts"
        assert SAID in (lab.paths.failed / f"{key}.log").read_text()
        assert f"Sandbox {key} is made once more: The cluster's " in lab.log()
        assert " Ready " in lab.manage("sandbox", "run", key, "--", "kubectl", "get", "nodes").stdout

        point(lab.paths.tools, bad)
        said = learner.ask({"type": "reset"}, lambda said: said.get("state") == "failed", 180)
        assert re.fullmatch(r"The cluster's (node|API server) did not .*; try again\.", said["message"])
        point(lab.paths.tools, good)
        learner.ask({"type": "claim"}, is_ready, 90)
