"""A step's Markdown to HTML that is safe to show, with every problem in it named by line.

CommonMark with tables, raw HTML off, plus fences (lessons/fences.py) and callouts
(`> [!NOTE]`, `> [!TIP]`, `> [!WARNING]` as the first words of a quotation).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from lessons.blocks import Block
from lessons.fences import FENCES, parse_info
from lessons.problems import Report

CALLOUTS = ("note", "tip", "warning")
CALLOUT = re.compile(r"\[!([A-Za-z]+)\][ \t]*")
ANCHOR = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Link:
    """A link to another page of the course."""

    line: int
    href: str


@dataclass(frozen=True)
class Rendered:
    """`commands` are the typed blocks with the line each starts on; `links` go to other lessons and steps;
    `blocks` are what a learner answers or edits, in order."""

    html: str
    commands: tuple[tuple[int, str], ...] = ()
    links: tuple[Link, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass
class _Walk:
    """What is gathered on the way through one page."""

    path: str
    offset: int
    report: Report
    anchors: set[str] = field(default_factory=set)
    commands: list[tuple[int, str]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    local: list[Link] = field(default_factory=list)
    blocks: dict[int, Block] = field(default_factory=dict)
    """By the index of their tokens."""

    def problem(self, line: int, message: str) -> None:
        self.report.add(self.path, line + self.offset, message)


def render(body: str, path: str, first_line: int, report: Report) -> Rendered:
    """Turn a page's text, which starts on `first_line` of `path`, into HTML. Problems go to `report`."""
    walk = _Walk(path, first_line, report)
    _find_forbidden(body, walk)
    parser = _parser()
    tokens = parser.parse(body)
    for index, token in enumerate(tokens):
        _block(tokens, index, token, walk)
    for link in walk.local:
        if link.href[1:] not in walk.anchors:
            report.add(path, link.line, f"no heading of this step has the id {link.href[1:]}")
    html = parser.renderer.render(tokens, parser.options, {"blocks": walk.blocks})
    return Rendered(html, tuple(walk.commands), tuple(walk.links), tuple(walk.blocks.values()))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True})
    parser.enable(["table", "strikethrough", "replacements", "smartquotes"])
    parser.add_render_rule("fence", _render_fence)
    return parser


def _render_fence(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    kind, given, problems = parse_info(tokens[index].info)
    if problems:
        return ""
    fence = FENCES[kind]
    if fence.render is not None:
        return fence.render(tokens[index].content, given)
    block = env["blocks"].get(index)
    return fence.show(block) if fence.show and block else ""


class _Finder(MarkdownIt):
    """Lets every link through, so that the unsafe ones can be named."""

    def validateLink(self, url: str) -> bool:
        return True


def _find_forbidden(body: str, walk: _Walk) -> None:
    """Name raw HTML and unsafe links. A parser that lets them through finds them; it renders nothing."""
    finder = _Finder("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in finder.parse(body):
        start = token.map[0] if token.map else 0
        if token.type == "html_block":
            walk.problem(start, "HTML is not allowed; write Markdown")
        for line, child in _children(token):
            if child.type == "html_inline":
                walk.problem(line, f"HTML is not allowed; put {child.content} between backticks")
            elif child.type == "link_open":
                href = str(child.attrs.get("href", ""))
                if not href.startswith(("#", "/lessons/", "https://", "http://")):
                    walk.problem(line, f"the link {href} must lead to https://…, /lessons/… or #heading")
            elif child.type == "image":
                walk.problem(line, "pictures are not supported; use words, a table or a text block")


def _children(token: Token) -> Iterator[tuple[int, Token]]:
    """The parts of an inline token, each with its line."""
    line = token.map[0] if token.map else 0
    for child in token.children or ():
        yield line, child
        if child.type in ("softbreak", "hardbreak"):
            line += 1
        elif child.type in ("code_inline", "html_inline"):
            line += child.content.count("\n")


def _block(tokens: list[Token], index: int, token: Token, walk: _Walk) -> None:
    line = token.map[0] if token.map else 0
    if token.type == "fence":
        _fence(token, index, line, walk)
    elif token.type == "code_block":
        walk.problem(line, "text indented by four spaces is shown as code; use a fenced block instead")
    elif token.type == "heading_open":
        _heading(token, tokens[index + 1], line, walk)
    elif token.type == "blockquote_open":
        _callout(tokens, index, line, walk)
    elif token.type == "inline":
        for link_line, child in _children(token):
            if child.type == "link_open":
                _link(child, link_line, walk)


def _fence(token: Token, index: int, line: int, walk: _Walk) -> None:
    kind, given, problems = parse_info(token.info)
    for message in problems:
        walk.problem(line, message)
    if not token.content.strip():
        walk.problem(line, "the fenced block is empty")
        return
    if kind in FENCES and FENCES[kind].commands:
        walk.commands.append((line + walk.offset + 1, token.content))
    parse = FENCES[kind].parse if kind in FENCES and not problems else None
    block = (
        parse(token.content, given, lambda at, words: walk.problem(line + 1 + at, words)) if parse else None
    )
    if block and block.id in {other.id for other in walk.blocks.values()}:
        walk.problem(line, f"another {kind} of this step is the same")
    elif block:
        walk.blocks[index] = block


def _heading(token: Token, inline: Token, line: int, walk: _Walk) -> None:
    if token.tag == "h1":
        walk.problem(line, "a heading of the first level is the step's title; begin with ##")
    text = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
    anchor = base = ANCHOR.sub("-", text.lower()).strip("-") or "section"
    number = 1
    while anchor in walk.anchors:
        number += 1
        anchor = f"{base}-{number}"
    walk.anchors.add(anchor)
    token.attrSet("id", anchor)


def _link(token: Token, line: int, walk: _Walk) -> None:
    href = str(token.attrs.get("href", ""))
    if href.startswith("/lessons/"):
        walk.links.append(Link(line + walk.offset, href))
    elif href.startswith("#"):
        walk.local.append(Link(line + walk.offset, href))
    else:
        token.attrSet("rel", "noopener noreferrer")
        token.attrSet("target", "_blank")


def _callout(tokens: list[Token], index: int, line: int, walk: _Walk) -> None:
    """Turn a quotation that begins with [!KIND] into an aside."""
    if index + 2 >= len(tokens) or tokens[index + 2].type != "inline":
        return
    children: list[Any] = tokens[index + 2].children or []
    found = CALLOUT.match(children[0].content) if children and children[0].type == "text" else None
    if found is None:
        return
    kind = found[1].lower()
    if kind not in CALLOUTS:
        walk.problem(line, f"unknown callout [!{found[1]}]; there is {', '.join(CALLOUTS).upper()}")
        return
    children[0].content = children[0].content[found.end() :]
    if not children[0].content and len(children) > 1 and children[1].type == "softbreak":
        del children[:2]
    depth = 0
    for token in tokens[index:]:
        depth += token.nesting if token.type.startswith("blockquote_") else 0
        if depth == 0:
            token.tag = "aside"
            break
    tokens[index].tag = "aside"
    tokens[index].attrSet("class", f"callout {kind}")
