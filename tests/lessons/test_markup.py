from __future__ import annotations

import re

import pytest

from lessons.markup import Rendered, render
from lessons.problems import Report


def shown(body: str) -> Rendered:
    report = Report()
    found = render(body, "step.md", 1, report)
    assert not report.problems
    return found


def test_run_fences() -> None:
    found = shown("```run\ndocker run <x> && ls\nexit\n```")
    assert found.html == (
        '<div class="run" data-run><pre><code>docker run &lt;x&gt; &amp;&amp; ls\nexit'
        '</code></pre><button type="button" data-action="run">Run</button></div>\n'
    )
    assert found.commands == ((2, "docker run <x> && ls\nexit\n"),)


def test_options_of_run_fences() -> None:
    html = shown("```run interrupt\nls\n```").html
    assert '<div class="run" data-run data-interrupt>' in html


def test_run_fences_for_another_terminal() -> None:
    assert shown("```run terminal=web-server interrupt\nls\n```").html == (
        '<div class="run" data-run data-interrupt data-terminal="web-server"><pre><code>ls</code></pre>'
        '<button type="button" data-action="run">Run <span>in web-server</span></button></div>\n'
    )


def test_output_and_plain_blocks() -> None:
    assert shown('```output\n"a" -- b...\n```').html == (
        '<figure class="output"><figcaption>You should see something like</figcaption>'
        "<pre>&quot;a&quot; -- b...</pre></figure>\n"
    )
    assert (
        shown("```yaml\na: <b>\n```").html
        == '<pre class="code" data-lang="yaml"><code>a: &lt;b&gt;\n</code></pre>\n'
    )


@pytest.mark.parametrize("kind", ["note", "tip", "warning"])
def test_callouts(kind: str) -> None:
    expected = f'<aside class="callout {kind}">\n<p>Look <em>here</em>.</p>\n</aside>\n'
    assert shown(f"> [!{kind.upper()}]\n> Look *here*.").html == expected
    assert shown(f"> [!{kind.upper()}] Look *here*.").html == expected


def test_a_quotation_stays_one_also_inside_a_callout() -> None:
    assert shown("> Said.").html == "<blockquote>\n<p>Said.</p>\n</blockquote>\n"
    html = shown("> [!NOTE]\n> A\n>\n> > B\n\n> C").html
    assert re.findall(r"</?(?:aside|blockquote)", html) == [
        "<aside", "<blockquote", "</blockquote", "</aside", "<blockquote", "</blockquote",
    ]  # fmt: skip


def test_headings_get_ids_that_differ() -> None:
    html = shown("## The `ps` tool\n\n## The ps tool\n\n[up](#the-ps-tool-2)").html
    assert '<h2 id="the-ps-tool">' in html
    assert '<h2 id="the-ps-tool-2">' in html


def test_links() -> None:
    found = shown("[in](/lessons/010-a/10-b/) [out](https://example.org/?a=1&b=2)")
    assert '<a href="/lessons/010-a/10-b/">in</a>' in found.html
    assert 'href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer" target="_blank"' in found.html
    assert [(link.line, link.href) for link in found.links] == [(1, "/lessons/010-a/10-b/")]


def test_typography_in_text_and_not_in_code() -> None:
    html = shown('"Well..." it -- `"said" -- ...`').html
    assert "“Well…” it – <code>&quot;said&quot; -- ...</code>" in html


def test_tables() -> None:
    assert "<table>" in shown("| a | b |\n|---|---|\n| 1 | 2 |").html


ATTACKS = [
    "<script>alert(1)</script>",
    "a <img src=x onerror=alert(1)> b",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '```run terminal="><script>\nls\n```',
    '```run user=a"onclick=alert(1)\nls\n```',
    '```"><script>alert(1)</script>\nls\n```',
    '[x](https://e.org/"onmouseover="alert(1))',
    '[x](https://e.org "\\"><script>alert(1)</script>")',
    "## <script>alert(1)</script>",
    "```run\n</code></pre><script>alert(1)</script>\n```",
    "> [!NOTE]\n> <script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
TAG = re.compile(r"<(/?[a-z0-9]+)((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)*)\s*/?>")
TAGS = {"p", "a", "div", "pre", "code", "button", "aside", "h2", "img"}
ATTRIBUTES = {"href", "rel", "target", "title", "id", "class", "type", "src", "alt"}


@pytest.mark.parametrize("body", ATTACKS)
def test_no_foreign_tag_attribute_or_scheme_gets_through(body: str) -> None:
    html = render(body, "step.md", 1, Report()).html
    assert "<" not in TAG.sub("", html)
    for tag, attributes in TAG.findall(html):
        assert tag.lstrip("/") in TAGS
        for name, value in re.findall(
            r"([a-z-]+)(?:=\"([^\"]*)\")?", re.sub(r"=\"[^\"]*\"", '=""', attributes)
        ):
            assert not value
            assert name in ATTRIBUTES or name.startswith("data-")
        for value in re.findall(r"(?:href|src)=\"([^\"]*)\"", attributes):
            assert value.startswith(("https://", "/lessons/", "#"))
