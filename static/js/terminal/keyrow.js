/** The row of keys that a screen keyboard lacks. */

const DOUBLE = 400; // ms between two taps that lock a modifier
const FIRST_REPEAT = 400;
const REPEAT = 70;

export class KeyRow {
  #root;
  #press;
  #modifiers = null;
  #tapped = { name: "", at: 0 };
  #timer = null;
  #repeated = false; // the click that ends a long press is no further key
  #change = () => this.#show();

  /** @param {HTMLElement} root buttons with `data-key` (see keystrokes.js) or `data-modifier` (ctrl, alt) */
  constructor(root, press, signal) {
    this.#root = root;
    this.#press = press;
    root.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
      root.addEventListener(name, () => clearTimeout(this.#timer), { signal });
    }
    root.addEventListener("click", (event) => this.#clicked(event), { signal });
    root.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  /** The modifiers that the row shows and changes, or null. */
  set modifiers(modifiers) {
    this.#modifiers?.removeEventListener("change", this.#change);
    clearTimeout(this.#timer);
    this.#modifiers = modifiers;
    modifiers?.addEventListener("change", this.#change);
    this.#show();
  }

  /** A key of the row must not take the focus, and with it the screen keyboard, from the terminal. */
  #down(event) {
    event.preventDefault();
    this.#repeated = false;
    const key = event.target.closest("[data-repeat]")?.dataset.key;
    if (!key) return;
    const repeat = () => {
      this.#repeated = true;
      this.#press(key);
      this.#timer = setTimeout(repeat, REPEAT);
    };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(repeat, FIRST_REPEAT);
  }

  #clicked({ target, timeStamp }) {
    const button = target.closest("button");
    const { key, modifier } = button?.dataset ?? {};
    if (key && !this.#repeated) this.#press(key);
    if (!modifier) return;
    const quick = this.#tapped.name === modifier && timeStamp - this.#tapped.at < DOUBLE;
    this.#tapped = { name: modifier, at: timeStamp };
    this.#modifiers?.tap(modifier, { quick });
  }

  #show() {
    for (const button of this.#root.querySelectorAll("[data-modifier]")) {
      const state = this.#modifiers?.[button.dataset.modifier] ?? "off";
      button.setAttribute("aria-pressed", String(state !== "off"));
      button.dataset.held = state;
    }
  }
}
