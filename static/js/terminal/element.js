import { Session } from "./session.js";
import { describe } from "./words.js";

const ACTIONS = {
  connect: (terminal) => terminal.connect(),
  reload: () => location.reload(),
  home: () => location.assign("/"),
};

/**
 * `<lab-terminal name="main" base="/ws/terminal/">`: one terminal of the learner's sandbox. The page
 * provides `[data-part]` children: screen, state, notice, message, action, and keys, whose buttons name
 * keys in `data-key`. Set `sandbox` to a key to connect.
 *
 * Events, all with the session's detail: `terminal-state`, `prompt`, `command`, `activity`.
 */
class LabTerminal extends HTMLElement {
  #session = null;
  #sandbox = null;
  #action = "";

  connectedCallback() {
    this.#show({ state: "idle" });
    this.#part("action").addEventListener("click", () => ACTIONS[this.#action]?.(this));
    const keys = this.#part("keys");
    keys.addEventListener("click", ({ target }) => target.dataset.key && this.#session?.press(target.dataset.key));
    // A key of the row must not take the focus, and with it the screen keyboard, from the terminal.
    keys.addEventListener("pointerdown", (event) => event.preventDefault());
    addEventListener("online", this);
    document.addEventListener("visibilitychange", this);
    document.addEventListener("themechange", this);
  }

  disconnectedCallback() {
    removeEventListener("online", this);
    document.removeEventListener("visibilitychange", this);
    document.removeEventListener("themechange", this);
    this.sandbox = null;
  }

  handleEvent({ type }) {
    if (type === "themechange") this.#session?.recolour();
    else if (this.state === "lost" && !document.hidden) this.connect();
  }

  /** The key of the sandbox that this terminal belongs to, or null. */
  get sandbox() {
    return this.#sandbox;
  }

  set sandbox(key) {
    if (key === this.#sandbox) return;
    this.#sandbox = key;
    this.#session?.dispose();
    this.#session = null;
    if (key === null) {
      this.#show({ state: "idle" });
      return;
    }
    const name = this.getAttribute("name");
    const url = new URL(`${this.getAttribute("base")}${key}/${name}`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const session = new Session({ host: this.#part("screen"), url: url.href, label: `Terminal ${name}` });
    session.addEventListener("state", ({ detail }) => this.#show(detail));
    for (const event of ["prompt", "command", "activity"]) {
      session.addEventListener(event, ({ detail }) => this.dispatchEvent(new CustomEvent(event, { detail })));
    }
    this.#session = session;
    session.connect();
  }

  get state() {
    return this.#session?.state ?? "idle";
  }

  /** Whether the shell waits at its prompt; null when unknown. */
  get atPrompt() {
    return this.#session?.atPrompt ?? null;
  }

  /** What the terminal shows, with its scrollback, as text. */
  get text() {
    return this.#session?.text ?? "";
  }

  /** Connect now: after a loss, for a new shell, or to take the terminal back. */
  connect() {
    this.#session?.connect();
    this.focus();
  }

  /** Type a command into the shell as the learner would, with the return key. */
  type(text) {
    this.#session?.type(text);
  }

  /** Press Ctrl-C. */
  interrupt() {
    this.#session?.press("c-c");
  }

  focus() {
    this.#session?.focus();
  }

  #part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  #show(detail) {
    const { short, notice, action, button } = describe(detail);
    this.#action = action;
    this.dataset.state = detail.state;
    this.#part("state").textContent = short;
    this.#part("message").textContent = notice;
    this.#part("notice").hidden = notice === "";
    this.#part("action").textContent = button;
    this.#part("action").hidden = button === "";
    this.dispatchEvent(new CustomEvent("terminal-state", { detail }));
  }
}

customElements.define("lab-terminal", LabTerminal);
