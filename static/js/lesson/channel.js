import { pause } from "../pause.js";

/** Close codes after which the same question gets the same answer. */
const FINAL = { 4400: "broken", 4401: "denied", 4404: "missing", 4410: "denied" };

/**
 * The lesson's WebSocket of JSON messages, kept alive. Every message is an event named by its `type`, with
 * the message as `detail`. Further events: `open`, `lost`, and `over` {state: "broken"|"denied"|"missing"} when it cannot go on.
 */
export class Channel extends EventTarget {
  #address;
  #socket = null;
  #timer = null;
  #attempt = 0;

  /** Connect to this address, in place of the one before. */
  open(address) {
    const url = new URL(address, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#address = url.href;
    const before = this.#socket;
    this.#socket = null;
    before?.close(1000);
    this.#attempt = 0;
    this.#connect();
  }

  /** Connect now instead of after the pause. */
  hurry() {
    if (!this.#socket && this.#address) this.#connect();
  }

  /** Send a message; returns whether there was a connection to carry it. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.addEventListener("open", () => socket === this.#socket && this.#tell("open"));
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#receive(data));
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#closed(code));
  }

  #receive(data) {
    this.#attempt = 0;
    const message = JSON.parse(data);
    this.#tell(message.type, message);
  }

  #closed(code) {
    this.#socket = null;
    if (FINAL[code]) {
      this.#tell("over", { state: FINAL[code] });
      return;
    }
    this.#timer = setTimeout(() => this.#connect(), pause(this.#attempt++));
    this.#tell("lost");
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
