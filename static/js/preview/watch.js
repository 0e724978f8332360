/**
 * When to ask which ports are open: soon after a command begins or a prompt returns, with growing pauses because
 * programs take a while to listen, and every few seconds while something prints. Never for a page that nobody sees.
 */
const PAUSES = [300, 1000, 2000, 4000, 8000];
const ACTIVITY = 4000;

export class Watch {
  #ask;
  #timers;
  #seen;
  #timer = null;
  #next = PAUSES.length;

  /** @param {() => void} ask asks once @param {{timers?, seen?: () => boolean}} options */
  constructor(ask, { timers = globalThis, seen = () => !document.hidden } = {}) {
    this.#ask = ask;
    this.#timers = timers;
    this.#seen = seen;
  }

  /** A command begins or ends, or the page is seen again. */
  changed() {
    this.#next = 0;
    this.#wait();
  }

  /** A program prints. */
  activity() {
    if (this.#timer !== null) return;
    this.#timer = this.#timers.setTimeout(() => this.#fire(), ACTIVITY);
  }

  /** Ask no more until something happens. */
  stop() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    this.#next = PAUSES.length;
  }

  #wait() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.#fire(), PAUSES[this.#next++]);
  }

  #fire() {
    this.#timer = null;
    if (!this.#seen()) return;
    this.#ask();
    if (this.#next < PAUSES.length) this.#wait();
  }
}
