import { about } from "./place.js";

/** Minutes before its end that even who has read so is told again. */
const NEAR = 2;

/** A sentence across the foot of the terminals. */
export class Notice {
  #root;
  #mine = false;
  #dismissed = false;
  #expires = null;

  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.#root = stage.querySelector('[data-part="notice-sandbox"]');
  }

  /** Say a sentence until it is taken away; `reset`: a fresh sandbox would help; `keep`: the sandbox can be kept. */
  say(message, { reset = false, keep = false } = {}) {
    const words = this.#root.querySelector('[data-part="notice-words"]');
    if (words.textContent !== message) words.textContent = message; // or it would be read aloud once more
    this.#root.querySelector('[data-action="reset"]').hidden = !reset;
    this.#root.querySelector('[data-action="keep"]').hidden = !keep;
    this.#root.toggleAttribute("data-grave", reset);
    this.#mine = false;
    this.#root.hidden = false;
  }

  /** What the channel's `sandbox` message is to be told of: that it sleeps, or ends soon. The learner hears of an end
   * once, and again when it is near. What others have said stays as long as there is a sandbox. */
  sandbox({ state, expires = null }) {
    const soon = expires && about(expires * 60);
    if (!expires) this.#dismissed = false;
    this.#expires = expires;
    if (state === "asleep") {
      const until = soon ? ` It ends in ${soon}, unless you do.` : "";
      this.say(`Your sandbox is asleep, because you were away. Any key or click wakes it.${until}`, { keep: Boolean(expires) });
      this.#mine = true;
    } else if (expires && !(this.#dismissed && expires > NEAR)) {
      this.say(`Nobody has used this sandbox for long: it ends in ${soon}.`, { keep: true });
      this.#mine = true;
    } else if (this.#mine || state !== "ready") {
      this.hide();
    }
  }

  /** The learner has read it. */
  dismiss() {
    this.#dismissed = this.#expires !== null;
    this.hide();
  }

  hide() {
    this.#root.hidden = true;
  }
}
