"""Floods in Chromium: through the lab to the last write callback, beside xterm.js fed from the page's memory; and
how soon Ctrl-C ends one."""

from __future__ import annotations

import base64
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.chrome import Page, chrome
from bench.floods import FLOODS
from bench.report import Row

BLOCK = 64 << 10
YES = 5_000
"""Milliseconds that `yes` runs before Ctrl-C."""

NO_CARD = """
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === "webgl2" ? null : getContext.call(this, kind, ...rest);
};
"""
"""Software that plays a graphics card is slower than the page's own drawing, and no learner has it."""
COUNT = """
globalThis.arrived = 0;
const { dispatchEvent } = EventTarget.prototype;
EventTarget.prototype.dispatchEvent = function (event) {
  if (event.type === "output") arrived += event.detail?.payload?.length ?? 0;
  return dispatchEvent.call(this, event);
};
"""
"""Counts the output that the page's connections bring."""
LAB = """
(size) => new Promise((done) => {
  const terminal = document.querySelector("lab-terminal");
  const began = performance.now();
  let started = false;
  terminal.addEventListener("command", () => { started = true; }, { once: true });
  const prompt = () => {
    if (!started) return;
    terminal.removeEventListener("prompt", prompt);
    done(size / (performance.now() - began) / 1000);
  };
  terminal.addEventListener("prompt", prompt);
  terminal.type("stty -opost; cat /tmp/bench-flood; stty opost");
})
"""
"""MB/s of a file printed in the sandbox; the prompt after it is told of while the last bytes are parsed."""
MEMORY = """
async ([text, size]) => {
  const name = performance.getEntriesByType("resource").map((entry) => entry.name)
    .find((name) => /\\/terminal\\/view\\.[^/]*js$/.test(name));
  const { View } = await import(name);
  const screen = document.querySelector('lab-terminal [data-part="screen"]');
  const { left, top, width, height } = screen.getBoundingClientRect();
  const host = document.createElement("div");
  host.className = "term-screen";
  Object.assign(host.style, {
    position: "fixed", margin: 0, left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`,
  });
  screen.parentElement.append(host);
  screen.style.visibility = "hidden";
  const nothing = () => {};
  const on = { mark: nothing, title: nothing, bell: nothing, key: () => true, link: nothing };
  const view = new View(host, { label: "memory", on });
  const pattern = new TextEncoder().encode(text);
  const block = new Uint8Array(32768);
  let at = 0;
  const next = () => {
    for (let filled = 0; filled < block.length; ) {
      const part = pattern.subarray(at, at + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      at = (at + part.length) % pattern.length;
    }
    return block.slice();
  };
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 100)));
  const rate = await new Promise((done) => {
    const began = performance.now();
    let written = 0, parsed = 0;
    const feed = () => {
      while (written < size && written - parsed < 524288) {
        const data = next();
        written += data.length;
        view.write(data, () => {
          parsed += data.length;
          if (parsed >= size) done(parsed / (performance.now() - began) / 1000);
          else if (written - parsed <= 131072) feed();
        });
      }
    };
    feed();
  });
  view.dispose();
  host.remove();
  screen.style.visibility = "";
  return rate;
}
"""
"""MB/s of the same text from memory, in blocks as large as the lab's frames and with its window."""
INTERRUPT = """
(wait) => new Promise((done) => {
  const terminal = document.querySelector("lab-terminal");
  const flood = () => setTimeout(() => {
    const began = performance.now(), before = arrived;
    terminal.addEventListener("prompt", () => done([performance.now() - began, arrived - before]), { once: true });
    terminal.interrupt();
  }, wait);
  terminal.addEventListener("command", flood, { once: true });
  terminal.type("yes");
})
"""
"""Milliseconds from Ctrl-C to the prompt's being parsed, and the bytes that came meanwhile."""


@contextmanager
def page(port: int) -> Iterator[Page]:
    """A learner's page whose terminal waits at its prompt. Raises BenchError."""
    with chrome([COUNT, NO_CARD]) as found:
        lesson = "document.querySelector(\"main a[href*='/lessons/']\")"
        found.go(f"http://127.0.0.1:{port}/", lesson)
        found.go(found.evaluate(f"() => {lesson}.href"), "document.querySelector('lab-terminal')?.atPrompt")
        yield found


def floods(opened: Page, size: int, turns: int) -> Row:
    """`size` bytes of each kind, `turns` times through the lab and from memory, turn by turn."""
    row = Row(
        "browser", f"{size / 1e6:.0f} MB in Chromium, to the last write callback", "MB/s",
        ("p50", "min", "max"), goal="≥ 95 % of xterm.js fed from memory",
    )  # fmt: skip
    for kind, line in FLOODS.items():
        text = line * (BLOCK // len(line.encode()))
        _prepare(opened, text, size)
        lab: list[float] = []
        memory: list[float] = []
        for turn in range(turns + 1):
            found = (opened.evaluate(LAB, size), opened.evaluate(MEMORY, [text, size]))
            if turn:  # the first one warms up
                lab.append(found[0])
                memory.append(found[1])
        share = statistics.median(lab) / statistics.median(memory) * 100
        row.add(f"lab, {kind}", lab, note=f"page, web, termd, PTY in a sandbox: {share:.0f} % of from memory")
        row.add(f"from memory, {kind}", memory, peer=True, note="the same screen, without a connection")
    return row


def interrupt(opened: Page, turns: int) -> Row:
    """Ctrl-C five seconds into `yes`."""
    row = Row(
        "ctrl-c", "Ctrl-C in a flood, to the prompt parsed in Chromium", "milliseconds", goal="≤ 150 ms"
    )
    found: list[Any] = [opened.evaluate(INTERRUPT, YES) for _ in range(turns)]
    row.add("lab", [float(took) for took, _ in found], note=f"{YES // 1000} s into `yes`")
    most = max(came for _, came in found) / 1024
    row.notes.append(f"Bytes that still came: at most {most:.0f} KiB.")
    return row


def _prepare(opened: Page, text: str, size: int) -> None:
    """Put the flood into the sandbox as a file."""
    line = text[: text.index("\n") + 1]
    packed = base64.b64encode(line.encode()).decode()
    script = (
        f"import base64;t=base64.b64decode('{packed}')*{BLOCK // len(line.encode())};n={size}//len(t)+1;"
        f"f=open('/tmp/bench-flood','wb');[f.write(t) for _ in range(n)];f.truncate({size})"
    )
    opened.evaluate(
        """(command) => new Promise((done) => {
          const terminal = document.querySelector("lab-terminal");
          terminal.addEventListener("command", () => {
            terminal.addEventListener("prompt", done, { once: true });
          }, { once: true });
          terminal.type(command);
        }).then(() => null)""",
        f'python3 -c "{script}"',
    )
