"""The fenced blocks that a step may hold: what each is called, its options, and how it is shown.

A new kind of fence is one entry in `FENCES`; the markup and the authors' guide's test need no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
LANGUAGES = (
    "sh", "console", "text", "json", "yaml", "toml", "ini", "dockerfile", "go", "c", "python", "diff",
)  # fmt: skip
"""Languages of plain blocks, which are shown and nothing else."""

Options = Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """An option of a fence: a bare word, or with `value` a pattern that `name=value` must match."""

    value: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Fence:
    """A kind of fence. `render(content, options)` gives safe HTML; `commands` says that its lines are typed
    into a terminal, so that what they name is checked."""

    render: Callable[[str, Options], str]
    options: Mapping[str, Option] = field(default_factory=dict)
    commands: bool = False


def _run(content: str, options: Options) -> str:
    attributes = f'data-terminal="{escape(options.get("terminal", "main"))}"'
    if "interrupt" in options:
        attributes += " data-interrupt"
    if "user" in options:
        attributes += f' data-user="{escape(options["user"])}"'
    code = escape(content.rstrip("\n"))
    return (
        f'<div class="run" data-run {attributes}><pre><code>{code}</code></pre>'
        '<button type="button" data-action="run">Run</button></div>\n'
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
    "run": Fence(
        _run,
        {"terminal": Option(NAME), "interrupt": Option(), "user": Option(NAME)},
        commands=True,
    ),
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
        name, equals, value = word.partition("=")
        option = fence.options.get(name)
        if option is None:
            known = ", ".join(fence.options) or "none"
            problems.append(f"unknown option {name} of fence {kind}; it has {known}")
        elif name in options:
            problems.append(f"option {name} of fence {kind} is given twice")
        elif option.value is None and equals:
            problems.append(f"option {name} of fence {kind} takes no value")
        elif option.value is not None and not option.value.fullmatch(value):
            problems.append(f"option {name} of fence {kind} needs a value such as {name}=main")
        else:
            options[name] = value
    return kind, options, problems
