import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { Graphics } from "./graphics.js";
import { openPlain } from "./links.js";
import { look } from "./look.js";
import { readTheme } from "./theme.js";
import { cleanTitle } from "./title.js";

const FONTS = 'ui-monospace, "SF Mono", Menlo, "Cascadia Mono", Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';
const SMALLEST = 5; // px: letters of a screen that somebody else gives its size; smaller ones nobody reads
const WAY_OUT = "F6 leaves the terminal.";

/**
 * xterm.js in an element: sizes itself, follows the page's colours and the chosen look.
 *
 * `on` has what is told: `mark(text)` gets OSC 133, `title(text)` OSC 0 and 2 made harmless, `bell()`,
 * `key(event)` every key before the program does, and says whether the program gets it, `link(address)` a link
 * that was clicked whose text may say something else than where it leads (OSC 8). What programs want from the
 * clipboard (OSC 52) goes nowhere, and what they ask about the window stays unanswered.
 */
export class View {
  #fit = new FitAddon();
  #graphics;
  #host;
  #watch;
  #followed = null;
  #look = () => this.#apply();
  search = new SearchAddon({ highlightLimit: 2000 });

  constructor(host, { label, readonly = false, on }) {
    this.#host = host;
    const terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      cursorInactiveStyle: "outline",
      disableStdin: readonly,
      fontFamily: FONTS,
      fontSize: look.size,
      lineHeight: 1.2,
      linkHandler: { activate: (_event, address) => on.link(address) },
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: false,
      screenReaderMode: look.reader,
      scrollback: 10_000,
      theme: readTheme(host),
    });
    this.terminal = terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.search);
    terminal.loadAddon(new WebLinksAddon(openPlain));
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    terminal.attachCustomKeyEventHandler((event) => on.key(event));
    terminal.parser.registerOscHandler(133, (text) => (on.mark(text), true));
    terminal.parser.registerOscHandler(52, () => true);
    terminal.onTitleChange((title) => on.title(cleanTitle(title)));
    terminal.onBell(() => on.bell());
    terminal.open(host);
    terminal.textarea?.setAttribute("aria-label", readonly ? `${label}, read only` : label);
    terminal.textarea?.setAttribute("aria-description", WAY_OUT);
    terminal.textarea?.setAttribute("autocomplete", "off");
    this.#graphics = new Graphics(terminal);
    look.addEventListener("change", this.#look);
    this.#watch = new ResizeObserver(() => this.#resized());
    this.#watch.observe(host); // which calls at once, but only when the page is drawn: for those that are seen
    this.fit();
  }

  /** Columns and rows. */
  get size() {
    return { cols: this.terminal.cols, rows: this.terminal.rows };
  }

  /** Fill the element, unless it is hidden: the last size then stays. */
  fit() {
    if (!this.#seen) return;
    if (this.#followed) this.#shrink();
    else this.#fit.fit();
  }

  /** Have the size that somebody else's screen has, {cols, rows}, in letters small enough; null: fill the element again. */
  follow(size) {
    this.#followed = size;
    if (size) this.terminal.resize(size.cols, size.rows);
    else this.terminal.options.fontSize = look.size;
    this.fit();
  }

  /** Whether keys reach the program. */
  set writable(writable) {
    this.terminal.options.disableStdin = !writable;
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
    this.#graphics.seen = false;
    look.removeEventListener("change", this.#look);
    this.#watch.disconnect();
    this.terminal.dispose();
  }

  get #seen() {
    return this.#host.clientWidth > 0 && this.#host.clientHeight > 0;
  }

  /** The largest letters, none larger than chosen, in which all of a screen of a given size is seen. */
  #shrink() {
    const { cols, rows } = this.#followed;
    for (let size = look.size; size >= SMALLEST; size--) {
      this.terminal.options.fontSize = size;
      const room = this.#fit.proposeDimensions();
      if (!room || (room.cols >= cols && room.rows >= rows)) return;
    }
  }

  #resized() {
    this.#graphics.seen = this.#seen;
    this.fit();
  }

  #apply() {
    this.terminal.options.fontSize = look.size;
    this.terminal.options.screenReaderMode = look.reader;
    this.fit();
  }
}
