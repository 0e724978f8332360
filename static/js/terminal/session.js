import { Connection } from "./connection.js";
import { Credit } from "./credit.js";
import { here } from "./here.js";
import { Input, latin1 } from "./input.js";
import { Marks } from "./marks.js";
import { Modifiers } from "./modifiers.js";
import { Replay } from "./replay.js";
import { key, keystrokes } from "./keystrokes.js";
import { prepare } from "./paste.js";
import { View } from "./view.js";

/**
 * One terminal: the screen, and the connection that fills it.
 *
 * Events: `state` (see Connection), `key` (a KeyboardEvent before the program has it; cancelled, the program
 * does not get it), `link` {address}, `title` {title}, and for live output only: `prompt` {status}, `command`,
 * `role` {writes}, `viewers` {viewers}, `ask` {viewer, name}, `refused`, `away` (see docs/protocol.md),
 * `activity` (something was printed while a command runs), `bell`, `output` (something was printed).
 */
export class Session extends EventTarget {
  #view;
  #connection;
  #credit = new Credit((offset) => this.#connection.sendAck(offset));
  #input = new Input((offset, payload) => this.#connection.sendInput(offset, payload));
  #replay = new Replay();
  #marks = new Marks((name, detail) => this.#tell(name, detail));
  #epoch = 0;
  #screen = 0; // counts fresh screens: what an earlier one still has to parse is no longer counted
  #writes = true; // whether this page has the keyboard, or only watches

  /** What the key row's Ctrl and Alt do to the next key. */
  modifiers = new Modifiers();

  constructor({ host, url, label, readonly = false, name = () => "" }) {
    super();
    this.#writes = !readonly;
    this.#view = new View(host, {
      label,
      readonly,
      on: {
        mark: (text) => this.#marks.mark(text, !this.#replay.active),
        title: (title) => this.#tell("title", { title }),
        bell: () => this.#replay.active || this.#tell("bell"),
        key: (event) => this.dispatchEvent(new CustomEvent("key", { detail: event, cancelable: true })),
        link: (address) => this.#tell("link", { address }),
      },
    });
    this.#connection = new Connection({
      url,
      name,
      tab: here(),
      size: () => this.#view.size,
      resume: () => (this.#epoch ? { epoch: this.#epoch, received: this.#credit.received } : null),
    });
    this.#connection.addEventListener("attached", ({ detail }) => this.#attached(detail));
    this.#connection.addEventListener("detached", () => this.#input.detached());
    this.#connection.addEventListener("taken", ({ detail }) => this.#input.taken(detail.offset));
    this.#connection.addEventListener("role", ({ detail }) => this.#role(detail));
    this.#connection.addEventListener("size", ({ detail }) => this.#writes || this.#view.follow(detail));
    this.#connection.addEventListener("ending", () => this.#credit.ending());
    this.#connection.addEventListener("gap", ({ detail }) => this.#gap(detail));
    for (const name of ["viewers", "ask", "refused", "away"]) {
      this.#connection.addEventListener(name, ({ detail }) => this.#tell(name, detail));
    }
    this.#connection.addEventListener("output", ({ detail }) => this.#output(detail));
    this.#connection.addEventListener("state", ({ detail }) => this.#tell("state", detail));
    const { terminal } = this.#view;
    terminal.onData((text) => this.#typed(this.modifiers.apply(text)));
    terminal.onBinary((text) => this.#typed(latin1(text)));
    terminal.onResize((size) => this.#writes && this.#connection.resize(size));
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

  /** The screen, for what works on it: selecting, finding, scrolling. */
  get view() {
    return this.#view;
  }

  /** Connect now; `take`: also when another page of the learner has the terminal. */
  connect(how) {
    this.#connection.connect(how);
  }

  /** Type a command as a learner would, with the return key at its end. */
  type(text) {
    if (this.#writes) this.#input.type(keystrokes(text, { atPrompt: this.atPrompt, bracketed: this.#view.bracketed }));
  }

  /** Press a key by name (see keystrokes.js); `c-c` is Ctrl-C. */
  press(name) {
    this.#view.terminal.input(key(name, { application: this.#view.application }));
  }

  /** Paste a text as the program takes it now; the Paste on its way (see Input) and how many characters it left out. */
  paste(text) {
    const { head, text: body, tail, dropped } = prepare(text, { bracketed: this.#view.bracketed });
    this.#view.terminal.scrollToBottom();
    return { paste: this.#input.paste(body, { head, tail }), dropped };
  }

  /** Send no more of a paste. */
  cancel(paste) {
    this.#input.cancel(paste);
  }

  /** Whether what is typed has somewhere to go, now or after a while. */
  get writable() {
    return this.#writes && ["connected", "connecting", "lost"].includes(this.state);
  }

  /** Whether this page has the keyboard. */
  get writes() {
    return this.#writes;
  }

  /** Ask the learner for the keyboard, answer who asks, or take it back: `ask`, `grant`, `refuse`, `take`. */
  say(type, viewer) {
    this.#connection.say(viewer === undefined ? { type } : { type, viewer });
  }

  focus() {
    this.#view.focus();
  }

  recolour() {
    this.#view.recolour();
  }

  dispose() {
    this.#connection.close();
    this.#input.forget();
    this.#view.dispose();
  }

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #typed(data) {
    if (!this.#replay.active && this.writable) this.#input.type(data);
  }

  /** The keyboard comes or goes. */
  #role({ role, input, taken }) {
    this.#writes = role === "writer";
    this.#view.writable = this.#writes;
    if (this.#writes) {
      this.#view.follow(null);
      this.#input.attached(input, taken);
      this.#connection.resize(this.#view.size);
    } else this.#input.detached();
    this.#tell("role", { writes: this.#writes });
  }

  /** This page was too slow to be shown everything; what it has is of no use to what comes. */
  #gap({ from, to }) {
    const screen = ++this.#screen;
    this.#replay.begin(to, -1);
    this.#view.reset(() => screen === this.#screen && this.#replay.done(to));
    this.#view.write(`\x1b[2m[${to - from} bytes were left out here]\x1b[0m\r\n`);
    this.#credit.attached(to, { fresh: true });
  }

  #attached({ epoch, offset, replay, input, taken, fresh, role = "writer", cols, rows }) {
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
    this.#role({ role, input, taken });
    if (!this.#writes) this.#view.follow({ cols, rows });
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
        if (!live) return;
        this.#tell("output");
        if (this.atPrompt === false) this.#tell("activity");
      });
    }
  }
}
