import { Pace } from "./pace.js";

/**
 * What is typed, as bytes with absolute offsets. The server says at each attach how far it has taken
 * them, so that after a lost connection exactly the rest is sent again. What a program does not read
 * waits here, where it can still be cancelled.
 */

const CHUNK = 16_384;
/** Bytes that may be on their way without the program's side having taken them. */
const WINDOW = 65_536;

const utf8 = new TextEncoder();

/** A terminal's "binary" string (mouse reports): one byte for each character. */
export function latin1(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** Where a chunk that begins at `start` ends: after 16 KiB at most, and not within a character. */
function chunkEnd(bytes, start) {
  let end = Math.min(start + CHUNK, bytes.length);
  if (end === bytes.length) return end;
  while (end > start + CHUNK - 4 && (bytes[end] & 0xc0) === 0x80) end -= 1;
  return end;
}

/**
 * A paste on its way. Events: `progress`, and `end` once it has been sent, cancelled (`cancelled`) or lost
 * together with the terminal it was for (`lost`).
 */
class Paste extends EventTarget {
  sent = 0;
  cancelled = false;
  lost = false;
  ended = false;

  constructor(total) {
    super();
    this.total = total;
  }

  advance(bytes) {
    this.sent += bytes;
    this.dispatchEvent(new Event("progress"));
    if (this.sent === this.total) this.end();
  }

  end() {
    if (this.ended) return;
    this.ended = true;
    this.dispatchEvent(new Event("end"));
  }
}

export class Input {
  #send;
  #timers;
  #pace;
  #timer = null;
  #sent = []; // {offset, payload}: sent, and perhaps to be sent again
  #waiting = []; // {payload, paste, closing}: never sent
  #start = 0;
  #end = 0;
  #taken = 0;
  #open = false;

  /** @param {(offset: number, payload: Uint8Array) => void} send sends one input frame, 1 to 16,384 bytes */
  constructor(send, { timers = globalThis, now } = {}) {
    this.#send = send;
    this.#timers = timers;
    this.#pace = new Pace(now);
  }

  /** Type text, or raw bytes; kept until a connection can carry it. */
  type(data) {
    this.#queue(data, null, false);
    this.#pump();
  }

  /**
   * Type a text that may be long. `head` and `tail` go around it, and when it is cancelled in the middle, the
   * tail still goes, so that a bracket that was opened is closed.
   */
  paste(text, { head = "", tail = "" } = {}) {
    const bytes = utf8.encode(text);
    const paste = new Paste(head.length + bytes.length + tail.length);
    this.#queue(head, paste, false);
    this.#queue(bytes, paste, false);
    this.#queue(tail, paste, true);
    this.#pump();
    return paste;
  }

  /** Send no more of this paste. */
  cancel(paste) {
    if (paste.ended) return;
    const begun = paste.sent > 0;
    this.#waiting = this.#waiting.filter((chunk) => chunk.paste !== paste || (begun && chunk.closing));
    paste.cancelled = true;
    paste.end();
    this.#pump();
  }

  /**
   * A connection is open and the server wants byte `next` next: send everything from there on. `taken`: what
   * lies below it waits nowhere any more. A position outside of what is kept (another life of the terminal)
   * starts anew, without the rest.
   */
  attached(next, taken = next) {
    this.#open = true;
    this.#pace.reset();
    if (next < this.#start || next > this.#end) {
      this.#restart(next);
      return;
    }
    this.#drop(next);
    this.#taken = taken;
    for (const { offset, payload } of this.#sent) {
      this.#pace.take(payload.length);
      this.#send(offset, payload);
    }
    this.#pump();
  }

  /** The program's side has taken everything below `offset`. */
  taken(offset) {
    if (offset <= this.#taken || offset > this.#end) return;
    this.#taken = offset;
    this.#drop(offset);
    this.#pump();
  }

  /** The connection is gone: hold back what is typed. */
  detached() {
    this.#open = false;
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Another life of the terminal: nothing typed for the one before may reach it. */
  forget() {
    this.detached();
    this.#restart(0);
  }

  #queue(data, paste, closing) {
    const bytes = typeof data === "string" ? utf8.encode(data) : data;
    for (let start = 0; start < bytes.length; ) {
      const end = chunkEnd(bytes, start);
      this.#waiting.push({ payload: bytes.subarray(start, end), paste, closing });
      start = end;
    }
  }

  #pump() {
    if (this.#timer !== null) return;
    let next = 0;
    for (; this.#open && next < this.#waiting.length; next += 1) {
      const { payload, paste } = this.#waiting[next];
      if (this.#end + payload.length - this.#taken > WINDOW) break;
      const wait = this.#pace.take(payload.length);
      if (wait > 0) {
        this.#timer = this.#timers.setTimeout(() => ((this.#timer = null), this.#pump()), wait);
        break;
      }
      this.#sent.push({ offset: this.#end, payload });
      this.#end += payload.length;
      this.#send(this.#end - payload.length, payload);
      if (paste && !paste.ended) paste.advance(payload.length);
    }
    if (next > 0) this.#waiting.splice(0, next);
  }

  #restart(offset) {
    const lost = new Set(this.#waiting.map(({ paste }) => paste).filter(Boolean));
    this.#waiting = [];
    this.#sent = [];
    this.#start = offset;
    this.#end = offset;
    this.#taken = offset;
    for (const paste of lost) {
      paste.lost = !paste.cancelled;
      paste.end();
    }
  }

  #drop(below) {
    this.#sent = this.#sent.flatMap(({ offset, payload }) => {
      if (offset + payload.length <= below) return [];
      if (offset >= below) return [{ offset, payload }];
      return [{ offset: below, payload: payload.subarray(below - offset) }];
    });
    this.#start = Math.max(this.#start, Math.min(below, this.#end));
  }
}
