import { answer } from "../dialog.js";
import { showLines } from "../lines.js";

const TITLES = {
  running: "Catching up",
  done: "You are caught up",
  failed: "Catching up did not work",
  stopped: "Catching up was stopped",
};

/** The dialogs that ask whether to catch up, and show how far it is. */
export class CatchUp {
  #ask = document.getElementById("catch-up-ask");
  #dialog = document.getElementById("catch-up");
  #running = false;

  /** @param {(message: object) => boolean} send to the lab */
  constructor(send) {
    this.#part("stop").addEventListener("click", () => {
      this.#part("stop").disabled = true;
      send({ type: "stop" });
    });
    this.#part("close").addEventListener("click", () => this.#dialog.close());
  }

  /** Whether the learner wants it. */
  async wanted() {
    return (await answer(this.#ask)) === "catch-up";
  }

  /** The channel's `catch-up` message. How an earlier one ended is not told again. */
  show({ state, steps, message }) {
    const running = state === "running";
    if (!running && !this.#running) return;
    if (running && !this.#running) this.#part("stop").disabled = false;
    const begins = running !== this.#running;
    this.#running = running;
    this.#part("title").textContent = TITLES[state];
    this.#part("words").textContent = running
      ? "The lab does the earlier steps in a fresh sandbox for you."
      : message || "Your sandbox is as if you had done all the steps before this one.";
    showLines(this.#part("steps"), steps);
    this.#part("stop").hidden = !running;
    this.#part("close").hidden = running;
    if (begins && !this.#dialog.open) this.#dialog.showModal();
    if (!running) this.#part("close").focus();
  }

  #part(name) {
    return this.#dialog.querySelector(`[data-part="${name}"]`);
  }
}
