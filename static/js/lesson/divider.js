import { separator, tell } from "../separator.js";
import { keep, recall } from "../store.js";

const stacked = matchMedia("(max-width: 60rem)");
const LIMITS = { side: [0.25, 0.75], stacked: [0.08, 0.92] };

/**
 * The bar between text and terminal. Its position is the text's share in percent, kept in this browser, apart for
 * side by side and for stacked.
 */
export class Divider {
  #bar;
  #bench;
  #value = { side: 46, stacked: 56 };

  /** @param {HTMLElement} bench holds text, divider and stage; gets the custom property --split */
  constructor(bench) {
    this.#bench = bench;
    this.#bar = bench.querySelector(':scope > [role="separator"]');
    for (const mode of Object.keys(this.#value)) {
      const kept = Number.parseFloat(recall(`split-${mode}`) ?? "");
      if (Number.isFinite(kept)) this.#value[mode] = kept;
    }
    separator(this.#bar, {
      stacked: () => stacked.matches,
      limits: () => LIMITS[this.#mode],
      share: () => this.#value[this.#mode] / 100,
      move: (share) => this.#move(share * 100),
      done: () => this.#keep(),
      box: () => bench.getBoundingClientRect(),
    });
    stacked.addEventListener("change", () => this.#move(this.#value[this.#mode]));
    this.#move(this.#value[this.#mode]);
  }

  get #mode() {
    return stacked.matches ? "stacked" : "side";
  }

  /** On a small screen, bring the terminal up when it is all but hidden. */
  raise() {
    if (!stacked.matches || this.#value.stacked <= 70) return;
    this.#move(45);
    this.#keep();
  }

  #keep() {
    keep(`split-${this.#mode}`, String(this.#value[this.#mode]));
  }

  #move(value) {
    const [low, high] = LIMITS[this.#mode];
    const share = Math.round(Math.min(high * 100, Math.max(low * 100, value)) * 10) / 10;
    this.#value[this.#mode] = share;
    this.#bench.style.setProperty("--split", `${share}%`);
    tell(this.#bar, share / 100, stacked.matches);
  }
}
