"""One paragraph of Markdown, as questions and explanations hold it, to HTML that is safe to show."""

from __future__ import annotations

from collections.abc import Callable

from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False, "typographer": True})
_parser.enable(["strikethrough", "replacements", "smartquotes"])
_parser.disable(["image"])


def render(text: str, complain: Callable[[str], None] = lambda message: None) -> str:
    """The paragraph's HTML without `<p>`. Line ends are spaces; what is no plain paragraph is complained of."""
    paragraphs = [part for part in text.strip().split("\n\n") if part.strip()]
    if len(paragraphs) > 1:
        complain("may have one paragraph only")
    for token in _parser.parseInline(" ".join(text.split()))[0].children or ():
        href = str(token.attrs.get("href", ""))
        if token.type == "link_open" and not href.startswith("https://"):
            complain(f"holds the link {href}, which must lead to https://…")
    html: str = _parser.renderInline(" ".join(text.split()))
    return html.replace("<a href=", '<a target="_blank" rel="noopener noreferrer" href=')
