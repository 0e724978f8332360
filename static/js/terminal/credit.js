/**
 * Acknowledgement of parsed output. The server keeps 512 KiB in flight at most, so what is parsed
 * must be acknowledged every 16 KiB, and soon after nothing waits to be parsed: a moment later, so that
 * the next key's echo does not queue behind the acknowledgement of the last one's.
 */

const STEP = 16_384;
/** Milliseconds until less than a step is acknowledged. */
const MOMENT = 20;

export class Credit {
  #send;
  #received = 0;
  #parsed = 0;
  #sent = 0;
  #floor = 0;
  #timers;
  #timer = null;
  #ending = false;

  /** @param {(offset: number) => void} send sends one acknowledgement */
  constructor(send, timers = globalThis) {
    this.#send = send;
    this.#timers = timers;
  }

  /** The offset behind the last byte received: where a resumed connection continues. */
  get received() {
    return this.#received;
  }

  /** The offset behind the last byte parsed. */
  get parsed() {
    return this.#parsed;
  }

  /**
   * A connection continues at `offset`. On a fresh screen everything before it counts as parsed; on a
   * kept one, bytes below it may still wait in the parser, and are not acknowledged to this connection.
   */
  attached(offset, { fresh }) {
    this.#received = offset;
    if (fresh) this.#parsed = offset;
    this.#floor = offset;
    this.#sent = -1;
    this.#ending = false;
    this.#settle(true);
  }

  /** Output up to `end` has arrived and been handed to the parser. */
  arrived(end) {
    this.#received = end;
  }

  /** The parser is done with everything below `end`. */
  done(end) {
    this.#parsed = end;
    this.#settle(this.#ending);
  }

  /** The program has ended, and the server waits for the last acknowledgement. */
  ending() {
    this.#ending = true;
    this.#settle(true);
  }

  #settle(now) {
    if (this.#parsed === this.#sent) return;
    // Below the floor the difference is negative, and the floor itself has been received.
    const step = this.#parsed - Math.max(this.#sent, this.#floor) >= STEP;
    if (!step && this.#parsed < this.#received) return;
    if (step || now) this.#tell();
    else this.#timer ??= this.#timers.setTimeout(() => this.#tell(), MOMENT);
  }

  #tell() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#parsed <= this.#sent || this.#parsed < this.#floor) return;
    this.#sent = this.#parsed;
    this.#send(this.#sent);
  }
}
