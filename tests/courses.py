"""A course with a lesson that needs a cluster, for tests of clusters."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.setup.plan import SOURCE

CLUSTER_LESSON = "900-a-cluster"
CLUSTER_STEP = "10-look"
CLUSTER_PAGE = f"/lessons/{CLUSTER_LESSON}/{CLUSTER_STEP}/"
FILES = {
    "lesson.md": """---
title: A cluster
summary: What a cluster holds.
minutes: 5
profile: kubernetes
slides: []
---
""",
    f"{CLUSTER_STEP}/step.md": """---
title: Look
---

Make a ConfigMap.

```run
kubectl create configmap mine
```
""",
    f"{CLUSTER_STEP}/check.sh": 'kubectl get configmap mine >/dev/null 2>&1 || hint "There is no ConfigMap mine."\n',
    f"{CLUSTER_STEP}/solve.sh": "kubectl create configmap mine\n",
}


@contextmanager
def with_a_cluster() -> Iterator[Path]:
    """The project's own course and that lesson, in a folder that the lab's user can read; gone afterwards."""
    folder = Path("/var/tmp") / f"lab-course-{secrets.token_hex(4)}"
    shutil.copytree(SOURCE / "lessons" / "content", folder)
    try:
        for name, text in FILES.items():
            file = folder / CLUSTER_LESSON / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        yield folder
    finally:
        shutil.rmtree(folder)
