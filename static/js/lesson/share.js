/** The learner's link by which others watch: made, copied, taken back. */
import { copy } from "../clipboard.js";
import { flash } from "./run.js";

export class Share {
  #dialog;
  #key = null;

  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.#dialog = stage.querySelector('[data-part="share"]');
    this.#part("make").addEventListener("click", () => this.#ask("POST"));
    this.#part("stop").addEventListener("click", () => this.#ask("DELETE"));
    this.#part("copy").addEventListener("click", async ({ currentTarget }) => {
      const copied = await copy(this.#part("link").value);
      flash(currentTarget, copied ? "Copied" : "Not copied", copied ? "copied" : "failed");
    });
  }

  /** @param {string} key the sandbox's */
  open(key) {
    this.#key = key;
    this.#show(null);
    this.#dialog.showModal();
    return this.#ask("GET");
  }

  #part(name) {
    return this.#dialog.querySelector(`[data-part="share-${name}"]`);
  }

  async #ask(method) {
    try {
      const answer = await fetch(`/share/${this.#key}`, { method });
      const { path = null, message } = await answer.json();
      this.#show(path, message);
    } catch {
      this.#show(null, "The lab cannot be reached just now; try again in a moment.");
    }
  }

  #show(path, message = "") {
    this.#part("row").hidden = path === null;
    this.#part("stop").hidden = path === null;
    this.#part("make").hidden = path !== null || message !== "";
    this.#part("link").value = path === null ? "" : new URL(path, location.href).href;
    this.#part("words").dataset.text ??= this.#part("words").textContent;
    this.#part("words").textContent = message || this.#part("words").dataset.text;
  }
}
