import { keep, recall } from "../store.js";

const ASK_EVERY = 2000;
const SILENT = 5000;
const FIRST_ANSWER = 1500;
const SIZE = "popup,width=840,height=560";

/**
 * Terminals that are shown in windows of their own. Pages and windows of one sandbox talk over a BroadcastChannel, so
 * that a page that is loaded again finds the windows that are open.
 *
 * Events (CustomEvent): `away` {name}, `back` {name}, `wake`, `told` {name, event, detail} for what the terminal in a window
 * says of itself (`prompt`, `command`, `activity`, `state`).
 */
export class Windows extends EventTarget {
  #key;
  #channel;
  #timer;
  #heard = new Map(); // name to the time of its last word
  #asleep = false;

  constructor(key) {
    super();
    this.#key = key;
    this.#channel = new BroadcastChannel(`terminals-${key}`);
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data));
    for (const name of JSON.parse(recall(this.#kept) ?? "[]")) this.#heard.set(name, Date.now() - SILENT + FIRST_ANSWER);
    this.#timer = setInterval(() => this.#ask(), ASK_EVERY);
    this.#channel.postMessage({ to: null, type: "ask" });
  }

  get names() {
    return [...this.#heard.keys()];
  }

  has(name) {
    return this.#heard.has(name);
  }

  /** Open a window for a terminal; false when the browser does not allow it. */
  open(name, address) {
    const opened = window.open(address, `terminal-${this.#key}-${name}`, SIZE);
    if (!opened) return false;
    this.#away(name);
    return true;
  }

  /** Close a terminal's window. */
  close(name) {
    this.#channel.postMessage({ to: name, type: "close" });
    this.#back(name);
  }

  /** Type into a terminal that is in a window, as `LabTerminal.type` does. */
  type(name, text, interrupt) {
    this.#channel.postMessage({ to: name, type: "type", text, interrupt });
  }

  rename(name, title) {
    this.#channel.postMessage({ to: name, type: "rename", title });
  }

  /** Tell the windows, those to come too, whether the sandbox is frozen. */
  sleep(asleep) {
    this.#asleep = asleep;
    this.#channel.postMessage({ to: null, type: "sleep", asleep });
  }

  dispose() {
    clearInterval(this.#timer);
    this.#channel.close();
  }

  get #kept() {
    return `windows-${this.#key}`;
  }

  #hear({ from, type, event, detail }) {
    if (!from) return;
    if (type === "gone") this.#back(from);
    else this.#away(from);
    if (type === "here") this.sleep(this.#asleep);
    if (type === "wake") this.dispatchEvent(new CustomEvent("wake"));
    if (type === "event") this.dispatchEvent(new CustomEvent("told", { detail: { name: from, event, detail } }));
  }

  /** Windows that say nothing are gone: their browser ended them without a word. */
  #ask() {
    for (const [name, time] of this.#heard) if (Date.now() - time > SILENT) this.#back(name);
    if (this.#heard.size > 0) this.#channel.postMessage({ to: null, type: "ask" });
  }

  #away(name) {
    const known = this.#heard.has(name);
    this.#heard.set(name, Date.now());
    if (!known) this.#tell("away", name);
  }

  #back(name) {
    if (this.#heard.delete(name)) this.#tell("back", name);
  }

  #tell(event, name) {
    keep(this.#kept, this.#heard.size > 0 ? JSON.stringify(this.names) : null);
    this.dispatchEvent(new CustomEvent(event, { detail: { name } }));
  }
}
