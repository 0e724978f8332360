"""The page before there is a page: answers at the lab's address while set-up prepares the rest."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lab.setup.address import Address

STYLE = """
:root{color-scheme:light dark;--ink:#1d2430;--soft:#667085;--line:#dde1e8;--ground:#fbfbfa;--fill:#2f6fde}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#98a1b2;--line:#2c3340;--ground:#14171c;--fill:#6ea2ff}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,sans-serif}
main{width:min(30rem,88vw)}h1{font-size:1.5rem;font-weight:600;margin:0 0 .25rem}
p{margin:0 0 1.75rem;color:var(--soft)}
ol{list-style:none;margin:0;padding:0}li{padding:.55rem 0;border-top:1px solid var(--line)}
li div{display:flex;justify-content:space-between;gap:1rem}li.waiting{color:var(--soft)}
small{color:var(--soft);font-variant-numeric:tabular-nums}progress{width:100%;height:4px;accent-color:var(--fill)}
"""
SCRIPT = """
setInterval(async () => {
  try {
    const answer = await fetch(location.href, {cache: "no-store"})
    if (answer.status !== 503) return location.reload()
    const next = new DOMParser().parseFromString(await answer.text(), "text/html")
    document.querySelector("main").replaceWith(next.querySelector("main"))
  } catch {}
}, 1000)
"""
WORDS = {"waiting": "waiting", "running": "now", "done": "ready", "failed": "failed"}


def page(progress: dict[str, Any]) -> str:
    """The whole page. It asks for itself anew every second, also while nobody answers for a moment;
    without script it reloads."""
    items = []
    for part in progress["parts"]:
        running = part["state"] == "running"
        note = part["note"] if running and part["note"] else WORDS[part["state"]]
        bar = ""
        if running:
            known = f' value="{part["done"]}" max="{part["total"]}"' if part["total"] else ""
            bar = f'<progress aria-label="{html.escape(part["title"])}"{known}></progress>'
        items.append(
            f'<li class="{part["state"]}"><div><span>{html.escape(part["title"])}</span>'
            f"<small>{html.escape(note)}</small></div>{bar}</li>"
        )
    said = progress["failed"] or "This happens once. The page opens by itself when it is ready."
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<noscript><meta http-equiv="refresh" content="2"></noscript>'
        '<meta name="viewport" content="width=device-width"><title>Preparing the lab</title>'
        f"<style>{STYLE}</style><script>{SCRIPT}</script></head><body><main><h1>Preparing the lab</h1>"
        f'<p role="status">{html.escape(said)}</p><ol>{"".join(items)}</ol></main></body></html>'
    )


class Preparing:
    """Serves the page, and the same as JSON at /setup.json, from `start` to `stop`."""

    def __init__(self, address: Address, snapshot: Callable[[], dict[str, Any]]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/setup.json":
                    self._answer(200, "application/json", json.dumps({"setup": snapshot()}))
                else:
                    self._answer(503, "text/html; charset=utf-8", page(snapshot()))

            def _answer(self, status: int, kind: str, body: str) -> None:
                content = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Retry-After", "2")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            address_family = address.family
            daemon_threads = True

        self._server = Server((address.host, address.port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give the port free."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
