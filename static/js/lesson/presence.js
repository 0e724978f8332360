/** Tells the lab now and then that the page is visible. A hidden page says nothing, so that the sandbox may sleep. */
const EVERY = 20_000;

export class Presence {
  #say;
  #timers;
  #visible;
  #timer = null;
  #live = false;

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
}
