/**
 * Old output that a page gets again. A terminal answers queries in it ("where is the cursor?") a
 * second time; those answers must not be typed into today's shell, and its marks mean nothing new.
 */
export class Replay {
  #until = 0;
  #parsed = 0;

  /** Output below `until` was printed before this page was there to see it; `parsed` is what it has seen. */
  begin(until, parsed) {
    this.#until = until;
    this.#parsed = parsed;
  }

  /** Whether old output is still being parsed. */
  get active() {
    return this.#parsed < this.#until;
  }

  /** Everything below `end` is parsed. */
  done(end) {
    this.#parsed = end;
  }

  /**
   * Split a payload that begins at `offset` where old output ends, so that each part is parsed with
   * `active` being true for all of it or for none of it.
   *
   * @returns {Uint8Array[]} one or two non-empty parts
   */
  split(offset, payload) {
    const old = this.#until - offset;
    if (old <= 0 || old >= payload.length) return [payload];
    return [payload.subarray(0, old), payload.subarray(old)];
  }
}
