"""A course with every kind of block, for the tests of blocks in Chromium and against a real lab."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.paths import Paths

LESSON = "/lessons/010-blocks/"

COURSE = {
    "010-blocks/lesson.md": """---
title: Blocks of every kind
summary: A question, a prediction, a file.
minutes: 12
profile: docker
slides: []
---
""",
    "010-blocks/10-questions/step.md": """---
title: What do you know?
---

Some questions to begin with. Nothing has to be typed for them.

```quiz
kind: choice
question: What does `docker run` do first when the image is not there?
options:
  - text: It fails and says so.
    why: Only with `--pull never`.
  - text: It pulls the image.
    right: true
    why: From the registry that the image's name begins with.
  - text: It builds the image from a Dockerfile.
    why: That is what `docker build` is for.
why: SECRET-WHY of the question. Images are looked up by name, *here* first.
hint: SECRET-HINT. The first line of its output shows it.
```

```quiz
kind: choices
question: Which of these does a container share with its host?
options:
  - text: The kernel
    right: true
    why: There is only one.
  - text: The clock
    right: true
  - text: The process numbers
    why: It has a PID namespace of its own.
hint: Two of them.
```

```quiz
kind: number
question: How many bytes are 20 MiB?
answer: 20971520
why: 20 times 1024 times 1024.
hint: A KiB is 1024 bytes.
```
""",
    "010-blocks/20-predict/step.md": """---
title: Predict first
---

The kernel knows a name for this machine.

```predict
kind: text
question: Which hostname does it report in your sandbox?
truth: |
  cat /proc/sys/kernel/hostname
why: The kernel says {{truth}} to every process in this UTS namespace.
```

```predict
kind: number
question: How many files are in `/root/made`?
truth: |
  ls /root/made | wc -l
  [ -d /root/made ] || exit 1
why: There are {{truth}}.
```

Now make one:

```run
mkdir -p /root/made && touch /root/made/one
```
""",
    "010-blocks/20-predict/check.sh": '[ -e /root/made/one ] || hint "There is no file /root/made/one yet."\n',
    "010-blocks/20-predict/solve.sh": "mkdir -p /root/made\ntouch /root/made/one\n",
    "010-blocks/30-file/step.md": """---
title: A file of your own
---

An image is built from a file of instructions. This one is nearly right: add your own line.

```file path=/root/app/greet.sh mode=0755
#!/bin/sh
echo "Hello from $(hostname)"
```

Run it as somebody else:

```run user=learner
id -un && echo "it's me"
```

And as root:

```run
/root/app/greet.sh
```
""",
    "010-blocks/30-file/check.sh": """[ -x /root/app/greet.sh ] || hint "Save the file first."
grep -q Hello /root/app/greet.sh || hint "The script does not say Hello."
""",
    "010-blocks/30-file/solve.sh": "cat /root/app/greet.sh\n",
    "010-blocks/40-last/step.md": """---
title: At the end
---

The last step looks for what the others have left.

```run
cat /root/made/one /root/app/greet.sh && touch /root/last
```
""",
    "010-blocks/40-last/setup.sh": "touch /root/prepared\n",
    "010-blocks/40-last/check.sh": '[ -e /root/last ] || hint "There is no file /root/last yet."\n',
    "010-blocks/40-last/solve.sh": "touch /root/last\n",
    "020-breaks/lesson.md": """---
title: A lesson that breaks
summary: Its second step cannot be done by itself.
minutes: 3
profile: docker
slides: []
---
""",
    "020-breaks/10-slow/step.md": """---
title: A slow one
---

```run
sleep 1
```
""",
    "020-breaks/10-slow/check.sh": '[ -e /root/slow ] || hint "Not slow yet."\n',
    "020-breaks/10-slow/solve.sh": "sleep 5\ntouch /root/slow\n",
    "020-breaks/20-breaks/step.md": """---
title: One that breaks
---

```run
false
```
""",
    "020-breaks/20-breaks/check.sh": 'hint "Never."\n',
    "020-breaks/20-breaks/solve.sh": "exit 3\n",
    "020-breaks/30-after/step.md": """---
title: The one after
---

Nothing but words.
""",
}


@contextmanager
def course() -> Iterator[Path]:
    """The course in a folder that the lab's user can read, for LAB_LESSONS."""
    folder = Paths.from_env().data / "tests" / f"lessons-{secrets.token_hex(4)}"
    for name, text in COURSE.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for path in (folder.parent, folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
