"""Shell text as lessons hold it: a script's commands one by one, and the images they name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

SEPARATORS = re.compile(r"[;&|()\n]+")
OWN_REGISTRY = ("localhost:", "127.0.0.1:")
VERBS = ("run", "pull", "create")
FLAGS = frozenset(
    (
        "--all-tags", "--detach", "--disable-content-trust", "--help", "--init", "--interactive",
        "--no-healthcheck", "--oom-kill-disable", "--privileged", "--publish-all", "--quiet", "--read-only",
        "--rm", "--sig-proxy", "--tty",
    )
)  # fmt: skip
"""Long options of `docker run`, `create` and `pull` that take no value."""
SHORT_FLAGS = frozenset("ditPqa")


def split_script(script: str) -> tuple[tuple[int, str], ...]:
    """The commands of a script, each with its line from 0.

    Every line is one; a backslash at its end joins the next; comments and empty lines go.
    """
    found: list[tuple[int, str]] = []
    pending: list[str] = []
    for number, raw in enumerate(script.splitlines()):
        if not pending and (not raw.strip() or raw.lstrip().startswith("#")):
            continue
        pending.append(raw if pending else raw.strip())
        if not raw.endswith("\\"):
            found.append((number - len(pending) + 1, "\n".join(pending)))
            pending = []
    if pending:
        found.append((len(script.splitlines()) - len(pending), "\n".join(pending).rstrip("\\")))
    return tuple(found)


def images(script: str) -> Iterator[tuple[int, str]]:
    """The images that `docker run`, `pull` and `create` commands name, each with its line from 0.

    What a shell variable names cannot be known and is left out, as is what lies in a registry of the sandbox's own.
    """
    joined = re.sub(r"\\\n", "  ", script)  # keeps columns only; a continued command counts as its first line
    starts = _line_starts(script)
    for number, line in enumerate(joined.split("\n")):
        for command in SEPARATORS.split(line):
            image = _image(command)
            if image and "$" not in image and not image.startswith(OWN_REGISTRY):
                yield starts[number], image


def built(script: str) -> Iterator[str]:
    """The names that `docker build` commands give to what they build."""
    for command in SEPARATORS.split(re.sub(r"\\\n", "  ", script)):
        words = _words(command)
        if "docker" not in words or "build" not in words[words.index("docker") :]:
            continue
        for word, following in zip(words, [*words[1:], ""], strict=True):
            option, equals, value = word.partition("=")
            if option in ("-t", "--tag") and (equals or following):
                yield value if equals else following


def full_reference(image: str) -> str:
    """An image as the manifest writes it: without Docker Hub's own prefix, with its tag."""
    short = image.removeprefix("docker.io/").removeprefix("library/")
    return short if ":" in short.rpartition("/")[2] else f"{short}:latest"


def _line_starts(script: str) -> list[int]:
    """For each line of the script with continuations joined, the line it began on."""
    starts, continued = [], False
    for number, line in enumerate(script.split("\n")):
        if not continued:
            starts.append(number)
        continued = line.endswith("\\")
    return starts


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command, comments=True)
    except ValueError:  # a quotation that goes over several commands: not one that we can read
        return command.split()


def _image(command: str) -> str | None:
    words = _words(command)
    if "docker" not in words:
        return None
    words = words[words.index("docker") + 1 :]
    if words[:1] in (["container"], ["image"]):
        words = words[1:]
    if not words or words[0] not in VERBS:
        return None
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-"):
            return word
        if word.startswith("--"):
            if "=" not in word and word not in FLAGS:
                next(rest, None)
        elif _takes_value(word):
            next(rest, None)
    return None


def _takes_value(word: str) -> bool:
    """Whether a group of short options, such as -itp, takes the next word as its value."""
    for index, letter in enumerate(word[1:], 1):
        if letter not in SHORT_FLAGS:
            return index == len(word) - 1
    return False
