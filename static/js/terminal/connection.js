import { OUTPUT, ACK, INPUT, FrameError, decode, encode } from "../codec.js";
import { pause } from "../pause.js";
import { meaning } from "./closes.js";
import { openSocket } from "./socket.js";

/** Messages that are passed on as they are, as events of the same name. */
const TOLD = ["taken", "role", "size", "viewers", "ask", "refused", "away", "gap"];
const SUBPROTOCOL = "lab.terminal.1";

/**
 * One terminal's WebSocket, kept alive. Opens, attaches, connects again after a loss with growing pauses.
 *
 * Events (CustomEvent; what is in brackets is `detail`):
 * - `state` {state, message?, code?, wait?, again?}: idle, connecting (`again`: after a loss), connected, lost
 *   (`wait` ms until the next attempt), ended (`code`: exit status or null), taken, gone, denied, broken
 * - `attached` {epoch, offset, replay, input, fresh}: `fresh`: reset the screen before the output that follows
 * - `detached`: frames can no longer be sent
 * - `output` {offset, payload}
 * - `taken`, `role`, `size`, `viewers`, `ask`, `refused`, `away`, `gap`: the messages of docs/protocol.md
 *
 * `resume()` gives {epoch, received} of the screen to continue, or null; `size()` gives {cols, rows},
 * `name()` what a viewer is called; `tab` names the browser's tab (see here.js).
 */
export class Connection extends EventTarget {
  #url;
  #open;
  #size;
  #resume;
  #name;
  #tab;
  #timer = null;
  #timers;
  #socket = null;
  #attempt = 0;
  #epoch = 0;
  #exit = undefined;
  #refused = null;
  #anew = false;
  #take = false;
  #writer = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  state = "idle";

  constructor({ url, size, resume, name = () => "", tab = "", open = openSocket, timers = globalThis }) {
    super();
    this.#url = url;
    this.#size = size;
    this.#resume = resume;
    this.#name = name;
    this.#tab = tab;
    this.#open = open;
    this.#timers = timers;
  }

  /**
   * Connect now; also cuts a pause short, and opens a new shell after the end. `take`: also when another page of the
   * learner has the terminal, which then loses it; that is theirs to say.
   */
  connect({ take = false } = {}) {
    if (this.#socket) return;
    this.#timers.clearTimeout(this.#timer);
    this.#take = take;
    if (this.state === "ended") this.#anew = true;
    this.#exit = undefined;
    this.#refused = null;
    this.#enter("connecting", { again: this.#attempt > 0 });
    const socket = this.#open(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    const live = (handler) => (event) => socket === this.#socket && handler.call(this, event);
    socket.addEventListener("open", live(this.#attach));
    socket.addEventListener("message", live(this.#receive));
    socket.addEventListener("close", live(this.#closed));
  }

  /** Leave for good. */
  close() {
    this.#timers.clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    if (socket) this.dispatchEvent(new CustomEvent("detached"));
    this.#enter("idle");
  }

  sendInput(offset, payload) {
    this.#send(encode(INPUT, this.#epoch, offset, payload));
  }

  sendAck(offset) {
    this.#send(encode(ACK, this.#epoch, offset));
  }

  /** Say something that docs/protocol.md has a text message for. */
  say(message) {
    this.#send(JSON.stringify(message));
  }

  resize({ cols, rows }) {
    this.#send(JSON.stringify({ type: "resize", cols, rows }));
  }

  #send(data) {
    if (this.state === "connected") this.#socket.send(data);
  }

  #attach() {
    const { cols, rows } = this.#size();
    const known = (!this.#anew && this.#resume()) || {}; // naming the life that ended would bring it back
    const about = { name: this.#name() || undefined, tab: this.#tab || undefined, take: this.#take || undefined };
    this.#socket.send(JSON.stringify({ type: "attach", version: 1, cols, rows, writer: this.#writer, ...about, ...known }));
  }

  #receive({ data }) {
    try {
      if (typeof data === "string") this.#control(JSON.parse(data));
      else this.#output(decode(data));
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof SyntaxError)) throw error;
      this.#fail(error);
    }
  }

  #output({ type, epoch, offset, payload }) {
    if (type !== OUTPUT || epoch !== this.#epoch || this.state !== "connected") {
      throw new FrameError("type", "a frame that does not belong here");
    }
    this.dispatchEvent(new CustomEvent("output", { detail: { offset, payload } }));
  }

  #control(message) {
    if (message.type === "attached") {
      const known = this.#resume();
      const fresh = known?.epoch !== message.epoch || known.received !== message.offset;
      this.#epoch = message.epoch;
      this.#anew = false;
      this.#take = false;
      this.#attempt = 0;
      this.#enter("connected");
      this.dispatchEvent(new CustomEvent("attached", { detail: { ...message, fresh } }));
    } else if (TOLD.includes(message.type)) {
      this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    } else if (message.type === "exit") {
      this.#exit = message.code;
      this.dispatchEvent(new CustomEvent("ending"));
    } else if (message.type === "error") {
      // The close that follows may get lost, and a page that waits for it would look alive and be dead.
      this.#refused = message.message;
      this.#end(message.code);
    }
  }

  #fail(error) {
    console.error("terminal:", error);
    this.#end(4400);
  }

  /** Close from here, for the reason that a close code stands for. */
  #end(code) {
    const socket = this.#socket;
    this.#closed({ code });
    socket.close(code === 4400 ? code : 1000);
  }

  #closed({ code }) {
    this.#socket = null;
    this.dispatchEvent(new CustomEvent("detached"));
    const { state, message, least = 0 } = this.#exit === undefined ? meaning(code) : { state: "ended" };
    if (state !== "lost") {
      this.#enter(state, { message: this.#refused ?? message, code: this.#exit ?? null });
      return;
    }
    const wait = Math.max(least, pause(this.#attempt++));
    this.#timer = this.#timers.setTimeout(() => this.connect({ take: this.#take }), wait);
    this.#enter("lost", { message: (least && this.#refused) || message, wait });
  }

  #enter(state, detail = {}) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, ...detail } }));
  }
}
