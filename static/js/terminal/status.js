import { describe } from "./words.js";

const PATIENCE = 300; // ms: a loss that is over by then was none to speak of
const TICK = 1000;

/** What a terminal's bar and notice say of its state; a loss is said late, and the time to the next attempt counted down. */
export class Status {
  #part;
  #timer = null;
  #action = "";

  /** @param {(name: string) => HTMLElement} part */
  constructor(part) {
    this.#part = part;
  }

  /** What the notice's button does now: connect, take, wake, reload, home or empty. */
  get action() {
    return this.#action;
  }

  /** @param {object} detail see words.js; `wait` counts from now */
  show(detail) {
    clearTimeout(this.#timer);
    const passing = detail.state === "lost" || (detail.state === "connecting" && detail.again);
    const until = performance.now() + (detail.wait ?? 0);
    const say = () => {
      const wait = until - performance.now();
      this.#say(describe({ ...detail, wait: Math.max(0, wait) }), passing);
      if (detail.state === "lost" && wait > TICK) this.#timer = setTimeout(say, Math.min(TICK, wait - TICK + 1));
    };
    const shown = this.#part("notice").dataset.passing === "";
    if (passing && !shown) this.#timer = setTimeout(say, PATIENCE);
    else say();
  }

  #say({ short, notice, action, button }, passing) {
    this.#action = action;
    this.#set("state", short);
    this.#set("message", notice);
    this.#part("notice").hidden = notice === "";
    this.#part("notice").toggleAttribute("data-passing", passing);
    this.#part("notice").setAttribute("aria-live", passing ? "off" : "assertive"); // a countdown is not read out
    this.#set("action", button);
    this.#part("action").hidden = button === "";
  }

  /** Text that stays is not set again: some screen readers would say it again. */
  #set(name, text) {
    if (this.#part(name).textContent !== text) this.#part(name).textContent = text;
  }
}
