"""The fenced blocks that a step may hold: what each is called, its options, and how it is shown.

A new kind of fence is one entry in `FENCES`; the markup and the authors' guide's test need no change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from html import escape

LANGUAGES = (
    "sh", "console", "text", "json", "yaml", "toml", "ini", "dockerfile", "go", "c", "python", "diff",
)  # fmt: skip
"""Languages of plain blocks, which are shown and nothing else."""

Options = Collection[str]
"""Bare words after the kind."""


@dataclass(frozen=True)
class Fence:
    """A kind of fence. `render(content, options)` gives safe HTML; `commands` says that its lines are typed
    into a terminal, so that what they name is checked."""

    render: Callable[[str, Options], str]
    options: Options = ()
    commands: bool = False


def _run(content: str, options: Options) -> str:
    attributes = "data-run data-interrupt" if "interrupt" in options else "data-run"
    code = escape(content.rstrip("\n"))
    return (
        f'<div class="run" {attributes}><pre><code>{code}</code></pre>'
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
    "run": Fence(_run, ("interrupt",), commands=True),
    "output": Fence(_output),
    **{language: _plain(language) for language in LANGUAGES},
}


def parse_info(info: str) -> tuple[str, list[str], list[str]]:
    """Take a fence's first line apart: its kind, its options, and what is wrong with it.

    With anything wrong the kind may be one that FENCES does not have.
    """
    words = info.split()
    if not words:
        return "", [], ["a fenced block must say what it is: run, output, or a language such as text"]
    kind, problems, options = words[0], list[str](), list[str]()
    fence = FENCES.get(kind)
    if fence is None:
        return kind, [], [f"unknown fence {kind}; there is {', '.join(FENCES)}"]
    for word in words[1:]:
        name, equals, _ = word.partition("=")
        if name not in fence.options:
            known = ", ".join(fence.options) or "none"
            problems.append(f"unknown option {name} of fence {kind}; it has {known}")
        elif name in options:
            problems.append(f"option {name} of fence {kind} is given twice")
        elif equals:
            problems.append(f"option {name} of fence {kind} takes no value")
        else:
            options.append(name)
    return kind, options, problems
