/**
 * Acknowledgement of parsed output. The server keeps 512 KiB in flight at most, so what is parsed
 * must be acknowledged every 16 KiB and whenever nothing waits to be parsed.
 */

const STEP = 16_384;

export class Credit {
  #send;
  #received = 0;
  #parsed = 0;
  #sent = 0;
  #floor = 0;

  /** @param {(offset: number) => void} send sends one acknowledgement */
  constructor(send) {
    this.#send = send;
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
    this.#settle();
  }

  /** Output up to `end` has arrived and been handed to the parser. */
  arrived(end) {
    this.#received = end;
  }

  /** The parser is done with everything below `end`. */
  done(end) {
    this.#parsed = end;
    this.#settle();
  }

  #settle() {
    if (this.#parsed === this.#sent) return;
    // Below the floor the difference is negative, and the floor itself has been received.
    if (this.#parsed - Math.max(this.#sent, this.#floor) < STEP && this.#parsed < this.#received) return;
    this.#sent = this.#parsed;
    this.#send(this.#parsed);
  }
}
