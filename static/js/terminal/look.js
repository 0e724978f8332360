import { keep, recall } from "../store.js";

/** How terminals look and read: chosen once, remembered, and the same for all of the page and of the browser's tabs. */

const SIZE = "terminal-size";
const READER = "terminal-reader";
const SMALLEST = 8;
const LARGEST = 32;

const usual = () => (matchMedia("(max-width: 50rem)").matches ? 12 : 14);

class Look extends EventTarget {
  constructor() {
    super();
    globalThis.addEventListener?.("storage", ({ key }) => {
      if (key === SIZE || key === READER) this.#changed();
    });
  }

  /** The font's size in CSS pixels. */
  get size() {
    const kept = Number(recall(SIZE));
    return kept >= SMALLEST && kept <= LARGEST ? kept : usual();
  }

  /** Larger (1), smaller (-1) or the usual size (0). */
  resize(direction) {
    const size = Math.min(LARGEST, Math.max(SMALLEST, this.size + direction));
    keep(SIZE, direction === 0 ? null : String(size));
    this.#changed();
  }

  /** Whether what is printed is also laid out for screen readers. */
  get reader() {
    return recall(READER) === "on";
  }

  set reader(on) {
    keep(READER, on ? "on" : null);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export const look = new Look();
