import { Connection } from "./connection.js";
import { Credit } from "./credit.js";
import { Input, latin1 } from "./input.js";
import { Marks } from "./marks.js";
import { Replay } from "./replay.js";
import { key, keystrokes } from "./keystrokes.js";
import { View } from "./view.js";

/**
 * One terminal: the screen, and the connection that fills it.
 *
 * Events: `state` (see Connection), and for live output only: `prompt` {status}, `command`, `activity`
 * (something was printed while a command runs).
 */
export class Session extends EventTarget {
  #view;
  #connection;
  #credit = new Credit((offset) => this.#connection.sendAck(offset));
  #input = new Input((offset, payload) => this.#connection.sendInput(offset, payload));
  #replay = new Replay();
  #marks = new Marks((name, detail) => this.dispatchEvent(new CustomEvent(name, { detail })));
  #epoch = 0;
  #screen = 0; // counts fresh screens: what an earlier one still has to parse is no longer counted

  constructor({ host, url, label }) {
    super();
    this.#view = new View(host, { label, onMark: (text) => this.#marks.mark(text, !this.#replay.active) });
    this.#connection = new Connection({
      url,
      size: () => this.#view.size,
      resume: () => (this.#epoch ? { epoch: this.#epoch, received: this.#credit.received } : null),
    });
    this.#connection.addEventListener("attached", ({ detail }) => this.#attached(detail));
    this.#connection.addEventListener("detached", () => this.#input.detached());
    this.#connection.addEventListener("output", ({ detail }) => this.#output(detail));
    this.#connection.addEventListener("state", ({ detail }) => {
      this.dispatchEvent(new CustomEvent("state", { detail }));
    });
    const { terminal } = this.#view;
    terminal.onData((text) => this.#typed(text));
    terminal.onBinary((text) => this.#typed(latin1(text)));
    terminal.onResize((size) => this.#connection.resize(size));
  }

  get state() {
    return this.#connection.state;
  }

  /** Whether the shell waits at its prompt; null when it never said so. */
  get atPrompt() {
    return this.#marks.atPrompt;
  }

  /** What the terminal shows, with its scrollback. */
  get text() {
    return this.#view.text;
  }

  connect() {
    this.#connection.connect();
  }

  /** Type a command as a learner would, with the return key at its end. */
  type(text) {
    this.#input.type(keystrokes(text, { atPrompt: this.atPrompt, bracketed: this.#view.bracketed }));
  }

  /** Press a key by name (see keystrokes.js); `c-c` is Ctrl-C. */
  press(name) {
    this.#typed(key(name, { application: this.#view.application }));
  }

  focus() {
    this.#view.focus();
  }

  recolour() {
    this.#view.recolour();
  }

  dispose() {
    this.#connection.close();
    this.#view.dispose();
  }

  #typed(data) {
    if (!this.#replay.active && ["connected", "connecting", "lost"].includes(this.state)) this.#input.type(data);
  }

  #attached({ epoch, offset, replay, input, fresh }) {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#input.forget();
      this.#marks.forget();
    }
    if (fresh) {
      const screen = ++this.#screen;
      this.#replay.begin(replay, -1);
      this.#view.reset(() => screen === this.#screen && this.#replay.done(offset));
    } else {
      this.#replay.begin(replay, this.#credit.parsed);
    }
    this.#credit.attached(offset, { fresh });
    this.#input.attached(input);
    this.#connection.resize(this.#view.size);
  }

  #output({ offset, payload }) {
    const screen = this.#screen;
    let at = offset;
    this.#credit.arrived(offset + payload.length);
    for (const part of this.#replay.split(offset, payload)) {
      const end = (at += part.length);
      this.#view.write(part, () => {
        if (screen !== this.#screen) return;
        const live = !this.#replay.active;
        this.#replay.done(end);
        this.#credit.done(end);
        if (live && this.atPrompt === false) this.dispatchEvent(new CustomEvent("activity"));
      });
    }
  }
}
