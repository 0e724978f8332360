const AGAIN = 3000; // ms: by then a sandbox is awake, or has not heard

/**
 * Whether the learner's sandbox is frozen, and their asking for it to go on: once, and again only when nothing has come
 * of it.
 */
export class Sleep {
  #send;
  #now;
  #asked = -Infinity;

  asleep = false;

  /** @param {(message: object) => boolean} send to the lesson's channel; whether there was a connection to carry it */
  constructor(send, now = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  /** What the channel's `sandbox` message says; whether that is news. */
  hear(state) {
    const before = this.asleep;
    this.asleep = state === "asleep";
    if (!this.asleep) this.#asked = -Infinity;
    return this.asleep !== before;
  }

  /** The learner presses a key or clicks. */
  wake() {
    if (!this.asleep || this.#now() - this.#asked < AGAIN) return;
    if (this.#send({ type: "wake" })) this.#asked = this.#now();
  }
}
