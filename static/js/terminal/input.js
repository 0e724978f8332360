/**
 * What is typed, as bytes with absolute offsets. The server says at each attach how far it has taken
 * them, so that after a lost connection exactly the rest is sent again.
 */

const CHUNK = 16_384;
/** Bytes kept for sending again; more than this typed on one connection and the oldest are let go. */
const KEPT = 16_777_216;

const utf8 = new TextEncoder();

/** A terminal's "binary" string (mouse reports): one byte for each character. */
export function latin1(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

export class Input {
  #send;
  #start = 0;
  #chunks = [];
  #end = 0;
  #open = false;

  /** @param {(offset: number, payload: Uint8Array) => void} send sends one input frame, 1 to 16,384 bytes */
  constructor(send) {
    this.#send = send;
  }

  /** The offset of the next byte that will be typed. */
  get offset() {
    return this.#end;
  }

  /** Type text, or raw bytes; kept until a connection can carry it. */
  type(data) {
    const bytes = typeof data === "string" ? utf8.encode(data) : data;
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const payload = bytes.subarray(at, at + CHUNK);
      const chunk = { offset: this.#end, payload };
      this.#chunks.push(chunk);
      this.#end += payload.length;
      if (this.#open) this.#send(chunk.offset, chunk.payload);
    }
    this.#trim();
  }

  /**
   * A connection is open and the server wants byte `next` next: send everything from there on.
   * A position outside of what is kept (another life of the terminal) starts anew, without the rest.
   */
  attached(next) {
    this.#open = true;
    if (next < this.#start || next > this.#end) {
      this.#restart(next);
      return;
    }
    this.#drop(next);
    for (const { offset, payload } of this.#chunks) this.#send(offset, payload);
  }

  /** The connection is gone: hold back what is typed. */
  detached() {
    this.#open = false;
  }

  /** Another life of the terminal: nothing typed for the one before may reach it. */
  forget() {
    this.#restart(0);
    this.#open = false;
  }

  #restart(offset) {
    this.#chunks = [];
    this.#start = offset;
    this.#end = offset;
  }

  #drop(below) {
    this.#chunks = this.#chunks.flatMap(({ offset, payload }) => {
      if (offset + payload.length <= below) return [];
      if (offset >= below) return [{ offset, payload }];
      return [{ offset: below, payload: payload.subarray(below - offset) }];
    });
    this.#start = this.#chunks[0]?.offset ?? below;
  }

  #trim() {
    if (!this.#open) return;
    while (this.#end - this.#start > KEPT && this.#chunks.length > 1) {
      this.#start += this.#chunks.shift().payload.length;
    }
  }
}
