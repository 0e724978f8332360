/**
 * The terminal's own menu: on right-click, on a long press and on the button in its bar. Shift and right-click
 * gives the browser's.
 */

const EDGE = 8;

export class Menu {
  #root;
  #act;
  #state;
  #before = null;

  /**
   * @param {HTMLElement} root a popover with role menu, whose buttons say what they do in `data-do`
   * @param {{act: (what: string) => void, state: () => Record<string, {off?: boolean, on?: boolean, hidden?: boolean}>}} use
   */
  constructor(root, { act, state }, signal) {
    this.#root = root;
    this.#act = act;
    this.#state = state;
    root.addEventListener("click", ({ target }) => this.#chosen(target.closest("button")), { signal });
    root.addEventListener("keydown", (event) => this.#key(event), { signal });
    root.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    const outside = ({ target }) => this.shown && !root.contains(target) && this.close({ focus: false });
    document.addEventListener("pointerdown", outside, { capture: true, signal });
    addEventListener("resize", () => this.close({ focus: false }), { signal });
    addEventListener("blur", () => this.close({ focus: false }), { signal });
  }

  get shown() {
    return this.#root.matches(":popover-open");
  }

  /** Open at a place in the window, moved so that all of it is seen. */
  open(x, y) {
    if (!this.shown) this.#before = document.activeElement;
    const state = this.#state();
    for (const button of this.#buttons) {
      const { off = false, on, hidden = false } = state[button.dataset.do] ?? {};
      button.hidden = hidden;
      button.disabled = off;
      if (on !== undefined) button.setAttribute("aria-checked", String(on));
    }
    this.#root.showPopover();
    const { width, height } = this.#root.getBoundingClientRect();
    this.#root.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - width - EDGE))}px`;
    this.#root.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`;
    this.#buttons.find((button) => !button.disabled && !button.hidden)?.focus();
  }

  close({ focus = true } = {}) {
    if (!this.shown) return;
    this.#root.hidePopover();
    if (focus) this.#before?.focus({ preventScroll: true });
  }

  get #buttons() {
    return [...this.#root.querySelectorAll("button[data-do]")];
  }

  #chosen(button) {
    if (!button) return;
    if (!button.hasAttribute("data-stays")) this.close();
    this.#act(button.dataset.do);
  }

  #key(event) {
    const usable = this.#buttons.filter((button) => !button.disabled && !button.hidden);
    const at = usable.indexOf(document.activeElement);
    const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (go !== undefined) usable.at(go % usable.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
