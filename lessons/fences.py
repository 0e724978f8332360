"""The fenced blocks that a step may hold: what each is called, its options, and how it is shown.

A new kind of fence is one entry in `FENCES`; the markup and the authors' guide's test need no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from lessons import questions
from lessons.blocks import Block, File, block_id
from lessons.bodies import Complain

LANGUAGES = (
    "sh", "console", "text", "json", "yaml", "toml", "ini", "dockerfile", "go", "c", "python", "diff",
)  # fmt: skip
"""Languages of plain blocks, which are shown and nothing else."""

FILE_LIMIT = 32_768
"""Bytes in a file that is edited in the page."""

Options = Mapping[str, str]
"""What follows the kind: names and their values, an empty one for a bare word."""


@dataclass(frozen=True)
class Value:
    """What an option's value must look like; `words` say it."""

    pattern: re.Pattern[str]
    words: str


TERMINAL = Value(
    re.compile(r"(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*"),
    "a name of at most 20 small letters, digits and hyphens that begins with a letter, such as server",
)
USER = Value(re.compile("learner"), "learner; without it, root runs the command")
PATH = Value(
    re.compile(r"(?=.{1,200}$)(?!/(proc|sys|dev|run)/)(/(?!\.{1,2}(/|$))[A-Za-z0-9._@+-]+)+"),
    "the absolute path of a file in the sandbox, such as path=/root/app/Dockerfile, without . and ..",
)
MODE = Value(re.compile(r"0[0-7]{3}"), "four octal digits that begin with 0, such as 0755")


@dataclass(frozen=True)
class Fence:
    """A kind of fence. `render(content, options)` gives safe HTML; `options` says which there are, and for
    those that take a value what it must be; `required` which must be there; `commands` says that its lines
    are typed into a terminal, so that what they name is checked.

    One with `parse` is a block of the course: `parse(content, options, complain)` gives it, or None with
    every mistake complained of by its line, and `show` its HTML, in place of `render`.
    """

    render: Callable[[str, Options], str] | None = None
    options: Mapping[str, Value | None] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    commands: bool = False
    parse: Callable[[str, Options, Complain], Block | None] | None = None
    show: Callable[[Any], str] | None = None


def _run(content: str, options: Options) -> str:
    attributes = "data-run data-interrupt" if "interrupt" in options else "data-run"
    where = ""
    if terminal := options.get("terminal"):
        attributes += f' data-terminal="{escape(terminal)}"'
        where = f" <span>in {escape(terminal)}</span>"
    if user := options.get("user"):
        attributes += f' data-user="{escape(user)}"'
        where += f" <span>as {escape(user)}</span>"
    code = escape(content.rstrip("\n"))
    return (
        f'<div class="run" {attributes}><pre><code>{code}</code></pre>'
        f'<button type="button" data-action="run">Run{where}</button></div>\n'
    )


def _output(content: str, options: Options) -> str:
    code = escape(content.rstrip("\n"))
    caption = "You should see something like"
    return f'<figure class="output"><figcaption>{caption}</figcaption><pre>{code}</pre></figure>\n'


def _plain(language: str) -> Fence:
    def render(content: str, options: Options) -> str:
        return f'<pre class="code" data-lang="{language}"><code>{escape(content)}</code></pre>\n'

    return Fence(render)


def _file(content: str, options: Options, complain: Complain) -> Block | None:
    if len(content.encode()) > FILE_LIMIT:
        complain(0, f"a file block may have {FILE_LIMIT} bytes")
        return None
    path, mode = options["path"], options.get("mode", "0644")
    return File(block_id("file", path, content), path, content, mode)


def _show_file(block: File) -> str:
    """An editor. The line end that HTML drops at the start of a text area is given to it."""
    lines = block.text.count("\n") + 1
    numbers = "\n".join(str(number) for number in range(1, lines + 1))
    path = escape(block.path)
    return (
        f'<form class="file" data-block="{block.id}" data-role="file" data-path="{path}">'
        f'<p class="file-head"><code>{path}</code><span class="file-says" data-part="says" role="status"></span></p>'
        f'<div class="file-body"><pre class="file-lines" data-part="lines" aria-hidden="true">{numbers}</pre>'
        f'<textarea name="text" rows="{lines}" spellcheck="false" autocapitalize="off" autocomplete="off" '
        f'wrap="off" aria-label="{path}">\n{escape(block.text)}</textarea></div>'
        '<p class="file-row"><span class="file-keys">Tab indents; Esc, then Tab leaves. Ctrl-S saves.</span>'
        '<button type="button" class="button quiet small" data-part="back" hidden>Put back</button>'
        '<button type="submit" class="button small" data-part="save" hidden>Save</button></p></form>\n'
    )


FENCES: Mapping[str, Fence] = {
    "run": Fence(_run, {"interrupt": None, "terminal": TERMINAL, "user": USER}, commands=True),
    "file": Fence(options={"path": PATH, "mode": MODE}, required=("path",), parse=_file, show=_show_file),
    "quiz": Fence(parse=questions.quiz, show=questions.show_quiz),
    "predict": Fence(parse=questions.predict, show=questions.show_predict),
    "output": Fence(_output),
    **{language: _plain(language) for language in LANGUAGES},
}


def parse_info(info: str) -> tuple[str, dict[str, str], list[str]]:
    """Take a fence's first line apart: its kind, its options, and what is wrong with it.

    With anything wrong the kind may be one that FENCES does not have.
    """
    words = info.split()
    if not words:
        return "", {}, ["a fenced block must say what it is: run, output, or a language such as text"]
    kind, problems, options = words[0], list[str](), dict[str, str]()
    fence = FENCES.get(kind)
    if fence is None:
        return kind, {}, [f"unknown fence {kind}; there is {', '.join(FENCES)}"]
    for word in words[1:]:
        name, equals, given = word.partition("=")
        value = fence.options.get(name)
        if name not in fence.options:
            known = ", ".join(fence.options) or "none"
            problems.append(f"unknown option {name} of fence {kind}; it has {known}")
        elif name in options:
            problems.append(f"option {name} of fence {kind} is given twice")
        elif equals and value is None:
            problems.append(f"option {name} of fence {kind} takes no value")
        elif value is not None and not value.pattern.fullmatch(given):
            problems.append(f"option {name} of fence {kind} needs {value.words}")
        else:
            options[name] = given
    problems += [
        f"fence {kind} needs {name}=…"
        for name in fence.required
        if name not in {word.partition("=")[0] for word in words[1:]}
    ]
    return kind, options, problems
