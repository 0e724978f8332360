/** A sentence across the foot of the terminals. */
export class Notice {
  #root;

  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.#root = stage.querySelector('[data-part="notice-sandbox"]');
  }

  /** Say a sentence until it is taken away; `reset`: a fresh sandbox would help. */
  say(message, { reset = false } = {}) {
    this.#root.querySelector('[data-part="notice-words"]').textContent = message;
    this.#root.querySelector('[data-action="reset"]').hidden = !reset;
    this.#root.toggleAttribute("data-grave", reset);
    this.#root.hidden = false;
  }

  hide() {
    this.#root.hidden = true;
  }
}
