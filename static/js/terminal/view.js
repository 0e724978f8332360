import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import { clipboardKey } from "./keys.js";
import { hiddenLinks, openPlain } from "./links.js";
import { readTheme } from "./theme.js";

const FONTS = 'ui-monospace, "SF Mono", Menlo, "Cascadia Mono", Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

/** Draw on the graphics card where there is a real one; otherwise, or when it goes away, in the page. */
function accelerate(terminal) {
  const probe = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!probe) return;
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  const renderer = new WebglAddon();
  renderer.onContextLoss(() => renderer.dispose());
  try {
    terminal.loadAddon(renderer);
  } catch {
    renderer.dispose();
  }
}

/**
 * xterm.js in an element: sizes itself, follows the page's colours, knows the clipboard.
 * `onMark(text)` gets OSC 133; what programs say about the clipboard (OSC 52) or titles goes nowhere.
 */
export class View {
  #fit = new FitAddon();
  #host;
  #watch;

  constructor(host, { label, onMark }) {
    this.#host = host;
    const terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      cursorInactiveStyle: "outline",
      fontFamily: FONTS,
      fontSize: matchMedia("(max-width: 50rem)").matches ? 12 : 14,
      lineHeight: 1.2,
      linkHandler: hiddenLinks,
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: false,
      scrollback: 10_000,
      theme: readTheme(host),
    });
    this.terminal = terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(new WebLinksAddon(openPlain));
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    terminal.attachCustomKeyEventHandler((event) => clipboardKey(terminal, event));
    terminal.parser.registerOscHandler(133, (text) => (onMark(text), true));
    terminal.parser.registerOscHandler(52, () => true);
    terminal.open(host);
    terminal.textarea?.setAttribute("aria-label", label);
    accelerate(terminal);
    this.#watch = new ResizeObserver(() => this.fit());
    this.#watch.observe(host);
    this.fit();
  }

  /** Columns and rows. */
  get size() {
    return { cols: this.terminal.cols, rows: this.terminal.rows };
  }

  /** Fill the element, unless it is hidden: the last size then stays. */
  fit() {
    if (this.#host.clientWidth > 0 && this.#host.clientHeight > 0) this.#fit.fit();
  }

  /** Take the page's colours anew. */
  recolour() {
    this.terminal.options.theme = readTheme(this.#host);
  }

  /** Clear screen, modes and scrollback, in order with what was written before and after. */
  reset(then) {
    this.terminal.write("\x1bc", then);
  }

  write(bytes, then) {
    this.terminal.write(bytes, then);
  }

  /** Scrollback and screen as text; a line that only the width has broken is one line. */
  get text() {
    const buffer = this.terminal.buffer.active;
    let text = "";
    for (let row = 0; row < buffer.length; row++) {
      const line = buffer.getLine(row);
      const wraps = buffer.getLine(row + 1)?.isWrapped ?? false;
      text += (row > 0 && !line.isWrapped ? "\n" : "") + line.translateToString(!wraps);
    }
    return text.trimEnd();
  }

  /** Whether a paste is bracketed now, so that a shell takes several lines as one. */
  get bracketed() {
    return this.terminal.modes.bracketedPasteMode;
  }

  /** Whether a program wants the arrow keys' other codes. */
  get application() {
    return this.terminal.modes.applicationCursorKeysMode;
  }

  focus() {
    this.terminal.focus();
  }

  dispose() {
    this.#watch.disconnect();
    this.terminal.dispose();
  }
}
