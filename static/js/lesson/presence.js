/**
 * Tells the lab that somebody is there: now and then while the page is visible, and by `wake` at the next key or click
 * while the sandbox sleeps. A hidden page says nothing, so that the sandbox may sleep.
 */
const EVERY = 20_000;
/** Between two calls to wake: the first may have been lost with its connection. */
const AGAIN = 2000;

export class Presence {
  #say;
  #timers;
  #visible;
  #timer = null;
  #live = false;
  #asleep = false;
  #woken = -Infinity;

  /** @param {(type: string) => void} say @param {{timers?, visible?: () => boolean}} options */
  constructor(say, { timers = globalThis, visible = () => !document.hidden } = {}) {
    this.#say = say;
    this.#timers = timers;
    this.#visible = visible;
  }

  /** What the sandbox is now: "ready" and "asleep" are worth telling about. */
  set state(state) {
    const live = state === "ready" || state === "asleep";
    const begun = live && !this.#live;
    this.#live = live;
    this.#asleep = state === "asleep";
    if (begun) this.changed();
  }

  /** The page is seen, or no longer. */
  changed() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#live || !this.#visible()) return;
    this.#say("present");
    this.#timer = this.#timers.setTimeout(() => this.changed(), EVERY);
  }

  /** A key was pressed, or something clicked, at that time in milliseconds. */
  acted(now) {
    if (!this.#asleep || now - this.#woken < AGAIN) return;
    this.#woken = now;
    this.#say("wake");
  }
}
