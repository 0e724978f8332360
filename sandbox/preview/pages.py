"""What a preview shows while there is nothing to preview: one calm page that says why, and what to do."""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Sequence

from aiohttp import web

from sandbox.preview.origins import Target

RESERVED = "/.lab-preview/"
"""Paths of a preview's origin that belong to the lab."""
STYLE = """
:root{color-scheme:light dark;--ink:light-dark(#1a2421,#e3e9e6);--soft:light-dark(#52605b,#98a6a0);
--paper:light-dark(#f7f8f6,#111514);--line:light-dark(#b7c2bc,#45524d);--fill:light-dark(#10786d,#46b9a7)}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,sans-serif}
main{width:min(27rem,86vw);padding:2rem 0}h1{font-size:1.3125rem;line-height:1.3;margin:0 0 .5rem;
text-wrap:balance}p{margin:0;color:var(--soft);text-wrap:pretty}code{font:.92em ui-monospace,monospace}
a{display:inline-block;margin-top:1.4rem;color:var(--fill);font-weight:550}
i{display:block;width:.6rem;height:.6rem;border-radius:50%;background:var(--fill);margin-bottom:1.2rem}
i.wait{animation:b 1.2s ease-in-out infinite alternate}i.over{background:var(--line)}
@keyframes b{to{opacity:.25}}@media(prefers-reduced-motion:reduce){i.wait{animation:none}}
"""
SCRIPT = """
if (parent !== window) {
  for (const lab of LABS) parent.postMessage({preview: STATE}, lab);
  document.querySelector("a")?.remove();
}
if (RETRY) (async function again() {
  await new Promise((over) => setTimeout(over, 1000));
  try {
    const {status} = await fetch(READY, {cache: "no-store"});
    if (status !== 503) return location.reload();
  } catch {}
  again();
})();
"""


class Page(web.Response):
    """`plain`: what it says, for programs."""

    plain = ""

    def for_programs(self) -> web.Response:
        return web.Response(status=self.status, text=f"{self.plain}\n", headers={"Cache-Control": "no-store"})


def page(
    status: int,
    state: str,
    title: str,
    text: str,
    *,
    labs: Sequence[str],
    link: tuple[str, str] | None = None,
) -> Page:
    """`state` is waiting, ended, signed-out or refused, told to the lab's page around it; a waiting page asks
    each second whether it may open. `text` is HTML; `link`: an address and its words."""
    nonce = secrets.token_urlsafe(12)
    retry = state == "waiting"
    values = {"LABS": list(labs), "STATE": state, "RETRY": retry, "READY": f"{RESERVED}ready"}
    known = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    known = known.replace("<", "\\u003c")
    anchor = f'<a href="{html.escape(link[0])}" target="_top">{html.escape(link[1])}</a>' if link else ""
    reload = '<noscript><meta http-equiv="refresh" content="2"></noscript>' if retry else ""
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{reload}'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f'<title>{html.escape(title)}</title><style nonce="{nonce}">{STYLE}</style></head><body><main>'
        f'<i class="{"wait" if retry else "over"}"></i><h1>{html.escape(title)}</h1>'
        f'<p role="status">{text}</p>{anchor}</main><script nonce="{nonce}">{known}{SCRIPT}</script></body></html>'
    )
    policy = (
        f"default-src 'none'; img-src data:; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {' '.join(['self_', *labs])}"
    ).replace("self_", "'self'")
    made = Page(
        status=status, text=body, content_type="text/html",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-store",
                 "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
                 **({"Retry-After": "1"} if retry else {})},
    )  # fmt: skip
    made.plain = f"{title}."
    return made


def waiting(target: Target, labs: Sequence[str]) -> web.Response:
    text = (
        f"Start something in the sandbox that does, such as <code>docker run -d -p {target.port}:80 "
        "nginx:1.26</code>. This page opens by itself as soon as it answers."
    )
    return page(502, "waiting", f"Nothing listens on port {target.port} yet", text, labs=labs)


def broken(target: Target, labs: Sequence[str]) -> web.Response:
    text = "It took the connection, but closed it, or said something that is not HTTP. Its log may tell why."
    return page(502, "refused", f"Port {target.port} does not speak HTTP", text, labs=labs)


def interrupted(labs: Sequence[str]) -> web.Response:
    text = "A part of the lab is being started again. This page opens by itself."
    return page(503, "waiting", "The lab was interrupted", text, labs=labs)


def busy(labs: Sequence[str]) -> web.Response:
    text = "Close some of the pages that show this sandbox, then load this one again."
    return page(503, "refused", "Too many connections at once", text, labs=labs)


def ended(labs: Sequence[str]) -> web.Response:
    link = (f"{labs[0]}/", "Back to the lab") if labs else None
    text = "With it, what ran in there has gone. Start a fresh one in the lesson."
    return page(410, "ended", "The sandbox has ended", text, labs=labs, link=link)


def signed_out(target: Target, labs: Sequence[str]) -> web.Response:
    link = (f"{labs[0]}/preview/{target.port}", "Open it again") if labs else None
    text = (
        "Either the visit has expired, or it is somebody else’s. If it is yours, open it from the lab again."
    )
    return page(401, "signed-out", "This preview opens for its owner only", text, labs=labs, link=link)


def nowhere() -> web.Response:
    text = "Previews have addresses of their own; open one from the lesson."
    return page(404, "refused", "Nothing is previewed at this address", text, labs=[])


def refused(sentence: str) -> web.Response:
    return web.Response(status=403, text=f"{sentence}\n", headers={"Cache-Control": "no-store"})
