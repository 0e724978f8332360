"""The fenced blocks that a step may hold: what each is called, its options, and how it is shown.

A new kind of fence is one entry in `FENCES`; the markup and the authors' guide's test need no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

LANGUAGES = (
    "sh", "console", "text", "json", "yaml", "toml", "ini", "dockerfile", "go", "c", "python", "diff",
)  # fmt: skip
"""Languages of plain blocks, which are shown and nothing else."""

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


@dataclass(frozen=True)
class Fence:
    """A kind of fence. `render(content, options)` gives safe HTML; `options` says which there are, and for
    those that take a value what it must be; `commands` says that its lines are typed into a terminal, so
    that what they name is checked."""

    render: Callable[[str, Options], str]
    options: Mapping[str, Value | None] = field(default_factory=dict)
    commands: bool = False


def _run(content: str, options: Options) -> str:
    attributes = "data-run data-interrupt" if "interrupt" in options else "data-run"
    where = ""
    if terminal := options.get("terminal"):
        attributes += f' data-terminal="{escape(terminal)}"'
        where = f" <span>in {escape(terminal)}</span>"
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


FENCES: Mapping[str, Fence] = {
    "run": Fence(_run, {"interrupt": None, "terminal": TERMINAL}, commands=True),
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
    return kind, options, problems
