import { copy, mayRead, read } from "../clipboard.js";
import { watchKeyboard } from "./keyboard.js";
import { Find } from "./find.js";
import { KeyRow } from "./keyrow.js";
import { shortcut } from "./keys.js";
import { openHidden } from "./links.js";
import { look } from "./look.js";
import { Menu } from "./menu.js";
import { PasteBox } from "./pastebox.js";
import { Touch } from "./touch.js";

const SAID = 4000; // ms that a passing word stays

const NOT_COPIED = "The browser did not let the page copy. Select the text, then press Ctrl-C or use Shift and right-click.";
const NOT_READ = "Over plain HTTP the browser lets nothing but its own key paste: press Ctrl-V (or Cmd-V).";
const NOT_ALLOWED = "The browser did not let the page read the clipboard: press Ctrl-V (or Cmd-V), or allow it.";

/** Everything around a terminal's screen that people use on it: menu, clipboard, find, key row, touch. */
export class Controls {
  #element;
  #part;
  #session = null;
  #menu;
  #find;
  #keys;
  #paste;
  #timer = null;

  /**
   * @param {HTMLElement} element the lab-terminal
   * @param {(name: string) => HTMLElement} part
   * @param {AbortSignal} signal ends it all
   */
  constructor(element, part, signal) {
    this.#element = element;
    this.#part = part;
    const screen = part("screen");
    this.#menu = new Menu(part("menu"), { act: (what) => this.do(what), state: () => this.#choices() }, signal);
    this.#find = new Find(part("find"), signal);
    this.#keys = new KeyRow(part("keys"), (name) => this.#session?.press(name), signal);
    this.#paste = new PasteBox(part("paste"), part("progress"), (words) => this.say(words), signal);
    new Touch(screen, { view: () => this.#session?.view, selected: (x, y) => this.#menu.open(x, y) }, signal);
    watchKeyboard(element, signal);
    screen.addEventListener("contextmenu", (event) => this.#context(event), { signal });
    screen.addEventListener("paste", (event) => this.#pasted(event), { capture: true, signal });
    part("more").addEventListener("click", () => this.#openBelow(part("more")), { signal });
  }

  /** The session that the controls are for, or null. */
  set session(session) {
    this.#menu.close({ focus: false });
    this.#session = session;
    this.#find.view = session?.view ?? null;
    this.#keys.modifiers = session?.modifiers ?? null;
    this.#paste.session = session;
    session?.addEventListener("link", ({ detail }) => openHidden(this.#part("link"), detail.address));
  }

  /** A key before the program has it; whether it was one of the page's. */
  key(event) {
    const { terminal } = this.#session.view;
    const what = shortcut(event, { selected: terminal.hasSelection() });
    if (event.type === "keydown" && event.ctrlKey && event.key.toLowerCase() === "c" && what === null) this.#paste.cancel();
    if (what === null) return false;
    if (what === "paste") return true; // the browser's paste event follows
    event.preventDefault();
    this.do(what);
    return true;
  }

  /** What the menu and the shortcuts offer, by name. */
  do(what) {
    const { terminal } = this.#session?.view ?? {};
    if (!terminal) return;
    const deeds = {
      copy: () => this.#copy(terminal),
      paste: () => this.#pasteFromMenu(),
      select: () => terminal.selectAll(),
      find: () => this.#find.open(),
      clear: () => terminal.clear(),
      restart: () => this.#element.connect(),
      larger: () => this.#resize(1),
      smaller: () => this.#resize(-1),
      usual: () => this.#resize(0),
      reader: () => this.#read(),
    };
    deeds[what]();
  }

  recolour() {
    this.#find.recolour();
  }

  /** A word in passing, at the screen's foot. */
  say(words) {
    const said = this.#part("said");
    said.textContent = words;
    said.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (said.hidden = true), SAID);
  }

  #choices() {
    const session = this.#session;
    const nothing = !session?.view.terminal.hasSelection();
    return {
      copy: { off: nothing },
      paste: { off: !session?.writable },
      select: { off: !session },
      find: { off: !session },
      clear: { off: !session },
      restart: { hidden: this.#element.state !== "ended" || this.#element.hasAttribute("readonly") },
      reader: { on: look.reader },
    };
  }

  #context(event) {
    if (event.shiftKey || !this.#session) return;
    event.preventDefault();
    if (event.pointerType !== "touch") this.#menu.open(event.clientX, event.clientY);
  }

  #openBelow(button) {
    if (this.#menu.shown) return;
    const { right, bottom } = button.getBoundingClientRect();
    this.#menu.open(right, bottom + 4);
  }

  #pasted(event) {
    event.preventDefault();
    event.stopPropagation();
    this.#paste.paste(event.clipboardData?.getData("text/plain") ?? "");
  }

  async #pasteFromMenu() {
    const text = await read();
    this.#session?.focus();
    if (text === null) this.say(mayRead() ? NOT_ALLOWED : NOT_READ);
    else this.#paste.paste(text);
  }

  async #copy(terminal) {
    if (!terminal.hasSelection()) return;
    const text = terminal.getSelection();
    if (await copy(text)) terminal.clearSelection();
    else this.say(NOT_COPIED);
    if (matchMedia("(pointer: fine)").matches) this.#session?.focus();
  }

  #resize(direction) {
    look.resize(direction);
    this.say(`Letters of ${look.size} pixels`);
  }

  #read() {
    look.reader = !look.reader;
    this.say(look.reader ? "Screen reader mode is on: what is printed is read out." : "Screen reader mode is off.");
  }
}
