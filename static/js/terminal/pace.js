/** How fast input may go to the lab: it closes a connection that sends more (docs/protocol.md, close code 4429). */

/** A little less than the 512 KiB a second and the first 4 MiB that the lab accepts; acknowledgements count too. */
const RATE = 440 * 1024;
const BURST = 3 * 1024 * 1024;

export class Pace {
  #now;
  #left = BURST;
  #then = 0;

  /** @param {() => number} now milliseconds on a clock that never goes back */
  constructor(now = () => performance.now()) {
    this.#now = now;
    this.reset();
  }

  /** A new connection begins with the whole burst. */
  reset() {
    this.#left = BURST;
    this.#then = this.#now();
  }

  /** Take the allowance for `bytes`: 0 when it was there, otherwise the milliseconds until it will be. */
  take(bytes) {
    const now = this.#now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#then) * RATE) / 1000);
    this.#then = now;
    if (bytes > this.#left) return Math.ceil(((bytes - this.#left) * 1000) / RATE);
    this.#left -= bytes;
    return 0;
  }
}
