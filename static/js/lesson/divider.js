import { keep, recall } from "../store.js";

const stacked = matchMedia("(max-width: 60rem)");
const LIMITS = { side: [25, 75], stacked: [8, 92] };
const KEY_STEP = 2;

/**
 * The bar between text and terminal: dragged, or moved by the arrow keys. Its position is the text's share
 * in percent, kept apart for side by side and for stacked.
 */
export class Divider {
  #bar;
  #bench;
  #value = { side: 46, stacked: 56 };

  /** @param {HTMLElement} bench holds text, divider and stage; gets the custom property --split */
  constructor(bench) {
    this.#bench = bench;
    this.#bar = bench.querySelector('[role="separator"]');
    for (const mode of Object.keys(this.#value)) {
      const kept = Number.parseFloat(recall(`split-${mode}`) ?? "");
      if (Number.isFinite(kept)) this.#value[mode] = kept;
    }
    this.#bar.addEventListener("pointerdown", (event) => this.#grab(event));
    this.#bar.addEventListener("keydown", (event) => this.#key(event));
    stacked.addEventListener("change", () => this.#move(this.#value[this.#mode]));
    this.#move(this.#value[this.#mode]);
  }

  get #mode() {
    return stacked.matches ? "stacked" : "side";
  }

  /** On a small screen, bring the terminal up when it is all but hidden. */
  raise() {
    if (stacked.matches && this.#value.stacked > 70) this.#set(45);
  }

  #grab(event) {
    event.preventDefault();
    const bar = this.#bar;
    bar.setPointerCapture(event.pointerId);
    bar.dataset.dragged = "";
    const drag = ({ clientX, clientY }) => {
      const box = this.#bench.getBoundingClientRect();
      const share = stacked.matches ? (clientY - box.top) / box.height : (clientX - box.left) / box.width;
      this.#move(share * 100);
    };
    const release = () => {
      bar.removeEventListener("pointermove", drag);
      delete bar.dataset.dragged;
      this.#keep();
    };
    bar.addEventListener("pointermove", drag);
    bar.addEventListener("lostpointercapture", release, { once: true });
  }

  #key(event) {
    const [low, high] = LIMITS[this.#mode];
    const now = this.#value[this.#mode];
    const places = {
      ArrowLeft: now - KEY_STEP,
      ArrowUp: now - KEY_STEP,
      ArrowRight: now + KEY_STEP,
      ArrowDown: now + KEY_STEP,
      Home: low,
      End: high,
    };
    if (!(event.key in places)) return;
    event.preventDefault();
    this.#set(places[event.key]);
  }

  #set(value) {
    this.#move(value);
    this.#keep();
  }

  #keep() {
    keep(`split-${this.#mode}`, String(this.#value[this.#mode]));
  }

  #move(value) {
    const [low, high] = LIMITS[this.#mode];
    const share = Math.round(Math.min(high, Math.max(low, value)) * 10) / 10;
    this.#value[this.#mode] = share;
    this.#bench.style.setProperty("--split", `${share}%`);
    this.#bar.setAttribute("aria-valuenow", String(Math.round(share)));
    this.#bar.setAttribute("aria-orientation", stacked.matches ? "horizontal" : "vertical");
  }
}
