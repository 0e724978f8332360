import { attract } from "./attention.js";
import { Company } from "./company.js";
import { Controls } from "./controls.js";
import { Session } from "./session.js";
import { Status } from "./status.js";

const ACTIONS = {
  connect: (terminal) => terminal.connect(),
  take: (terminal) => terminal.take(),
  wake: (terminal) => terminal.wake(),
  reload: () => location.reload(),
  home: () => location.assign("/"),
};
const PASSED_ON = ["prompt", "command", "activity", "ask", "refused", "away"];
const MODIFIER_KEYS = ["Shift", "Control", "Alt", "Meta", "CapsLock", "F6"];

/**
 * `<lab-terminal name="main" base="/ws/terminal/">`: one terminal of the learner's sandbox. Its content is
 * templates/partials/terminal.html, found by `data-part`. Set `sandbox` to a key to connect. `readonly`: nothing
 * that is typed is sent, unless the learner grants it; `viewer` is what they are told who watches. `asleep` says that
 * the sandbox is frozen; a key or a click then asks for it by the event `wake`.
 *
 * Events: `terminal-state` (see Connection; also asleep), `prompt`, `command`, `activity` (see Session), `wake`, `take`,
 * `role` (the keyboard came or went), `ask` {viewer, name}, `refused`, `away` (see docs/protocol.md),
 * `bell` (the program wants attention), `terminal-title` {title} (what it calls itself, plain and short).
 */
class LabTerminal extends HTMLElement {
  #session = null;
  #sandbox = null;
  #status = null;
  #controls = null;
  #detail = { state: "idle" };
  #asleep = false;
  #life = null;
  #company = null;

  /** What a viewer is called. */
  viewer = "";

  connectedCallback() {
    if (this.#life) return; // moved within the page
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#status = new Status((name) => this.#part(name));
    this.#controls = new Controls(this, (name) => this.#part(name), signal);
    this.#company = new Company((name) => this.#part(name));
    this.#part("take").addEventListener("click", () => (this.say("take"), this.focus()), { signal });
    this.#part("keys").toggleAttribute("inert", this.readonly);
    this.#show({ state: "idle" });
    this.#part("action").addEventListener("click", () => ACTIONS[this.#status.action]?.(this), { signal });
    for (const name of ["keydown", "pointerdown"]) this.addEventListener(name, () => this.#noticed(), { capture: true, signal });
    this.#part("screen").addEventListener("pointerdown", () => this.state === "asleep" && this.wake(), { signal });
    addEventListener("online", this, { signal });
    document.addEventListener("visibilitychange", this, { signal });
    document.addEventListener("themechange", this, { signal });
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected || !this.#life) return;
      this.sandbox = null;
      this.#life.abort();
      this.#life = null;
    });
  }

  handleEvent({ type }) {
    if (type === "themechange") {
      this.#session?.recolour();
      this.#controls.recolour();
    } else if (this.#session?.state === "lost" && !document.hidden) this.connect({ focus: false });
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
    this.#controls.session = null;
    this.#asleep = false;
    this.#noticed();
    if (key === null) {
      this.#show({ state: "idle" });
      return;
    }
    const name = this.getAttribute("name");
    const url = new URL(`${this.getAttribute("base")}${key}/${name}`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const session = new Session({ host: this.#part("screen"), url: url.href, label: `Terminal ${name}`, readonly: this.readonly, name: () => this.viewer });
    session.addEventListener("state", ({ detail }) => this.#show(detail));
    session.addEventListener("key", (event) => this.#key(event.detail) && event.preventDefault());
    session.addEventListener("title", ({ detail }) => this.#tell("terminal-title", detail));
    session.addEventListener("bell", () => this.#bell());
    session.addEventListener("output", attract);
    session.addEventListener("role", () => this.#role());
    session.addEventListener("ask", attract);
    session.addEventListener("viewers", ({ detail }) => this.#company.show(detail.viewers));
    for (const event of PASSED_ON) session.addEventListener(event, ({ detail }) => this.#tell(event, detail));
    this.#session = session;
    this.#controls.session = session;
    session.connect();
  }

  get state() {
    return this.#asleep && this.#session?.state === "connected" ? "asleep" : (this.#session?.state ?? "idle");
  }

  /** Whether this page belongs to somebody who was let in to watch. */
  get readonly() {
    return this.hasAttribute("readonly");
  }

  /** Whether what is typed here reaches the program. */
  get writes() {
    return this.#session?.writes ?? !this.readonly;
  }

  /** Ask for the keyboard, answer a viewer who asks, take it back: `ask`, `grant`, `refuse`, `take`. */
  say(type, viewer) {
    this.#session?.say(type, viewer);
  }

  /** Whether the sandbox is frozen. */
  get asleep() {
    return this.#asleep;
  }

  set asleep(asleep) {
    if (asleep === this.#asleep) return;
    this.#asleep = asleep;
    this.#show(this.#detail);
  }

  /** Whether the shell waits at its prompt; null when unknown. */
  get atPrompt() {
    return this.#session?.atPrompt ?? null;
  }

  /** What the terminal shows, with its scrollback, as text. */
  get text() {
    return this.#session?.text ?? "";
  }

  /** Rows on the screen. */
  get rows() {
    return this.#session?.view.size.rows ?? 0;
  }

  /** How many lines above the newest one the screen has been scrolled. */
  get scrolled() {
    const buffer = this.#session?.view.terminal.buffer.active;
    return buffer ? buffer.baseY - buffer.viewportY : 0;
  }

  /** Connect now: after a loss, or for a new shell. */
  connect({ focus = true } = {}) {
    this.#session?.connect();
    if (focus) this.focus();
  }

  /** Use the terminal here, and no longer in the page of the learner that has it; the event `take` tells of it. */
  take({ focus = true } = {}) {
    this.#session?.connect({ take: true });
    if (focus) this.focus();
    this.#tell("take");
  }

  /** Ask for a frozen sandbox to go on. */
  wake() {
    this.#tell("wake");
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

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** A key before the program has it; whether it is not the program's. */
  #key(event) {
    const key = event.type === "keydown" && !MODIFIER_KEYS.includes(event.key);
    if (key && this.state === "asleep") this.wake();
    if (this.#controls.key(event)) return true;
    if (key && this.state === "ended" && event.key === "Enter" && !this.readonly) {
      event.preventDefault();
      this.connect();
      return true;
    }
    return false;
  }

  #role() {
    this.#part("keys").toggleAttribute("inert", !this.writes);
    this.#company.show([]);
    this.#show(this.#detail);
    this.#tell("role");
  }

  #bell() {
    this.dataset.bell = this.dataset.bell === "a" ? "b" : "a"; // the other name starts the flash again
    this.#part("bell").hidden = false;
    attract();
    this.#tell("bell");
  }

  /** Somebody is here: the bell was seen. */
  #noticed() {
    this.#part("bell").hidden = true;
    delete this.dataset.bell;
  }

  #show(detail) {
    this.#detail = detail;
    const shown = this.#asleep && detail.state === "connected" ? { state: "asleep" } : detail;
    this.dataset.state = shown.state;
    this.#status.show({ ...shown, readonly: this.readonly && !this.writes, guest: this.readonly });
    this.#tell("terminal-state", shown);
  }
}

customElements.define("lab-terminal", LabTerminal);
