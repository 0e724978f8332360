/** A WebSocket's page side without a network, and a clock that is moved by hand. */

export class FakeSocket extends EventTarget {
  static OPEN = 1;
  sent = [];
  closedWith = null;

  constructor(url, protocol) {
    super();
    this.url = url;
    this.protocol = protocol;
  }

  send(data) {
    this.sent.push(data);
  }

  close(code) {
    this.closedWith = code;
  }

  /** The server accepts. */
  open() {
    this.dispatchEvent(new Event("open"));
  }

  /** The server sends a control message (object) or a frame (bytes). */
  receive(data) {
    const payload = data instanceof Uint8Array ? data.buffer : JSON.stringify(data);
    this.dispatchEvent(Object.assign(new Event("message"), { data: payload }));
  }

  /** The server, or the network, ends it. */
  end(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  /** The JSON messages sent so far. */
  get messages() {
    return this.sent.filter((data) => typeof data === "string").map((data) => JSON.parse(data));
  }

  /** The binary frames sent so far. */
  get frames() {
    return this.sent.filter((data) => typeof data !== "string");
  }
}

export class FakeTimers {
  time = 0;
  #next = 1;
  #waiting = new Map();

  now = () => this.time;

  setTimeout = (call, delay) => {
    this.#waiting.set(this.#next, { call, at: this.time + delay });
    return this.#next++;
  };

  clearTimeout = (id) => this.#waiting.delete(id);

  get pending() {
    return this.#waiting.size;
  }

  /** Let milliseconds pass; everything due is called in order. */
  pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const due = [...this.#waiting].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { call, at }] = due;
      this.#waiting.delete(id);
      this.time = at;
      call();
    }
    this.time = end;
  }
}
