/**
 * From step to step without leaving the page, so that the terminal stays as it is. Links to steps of this
 * lesson are fetched, and `#step` and `#dots` replaced; whatever goes wrong, the browser follows the link itself.
 */

const REPLACED = ["#step", "#dots"];

export class Navigation {
  #prefix;
  #entered;
  #wanted = 0;
  #shown = location.pathname;

  /**
   * @param {string} lesson the lesson's slug
   * @param {(step: HTMLElement) => void} entered called with the new `#step`
   */
  constructor(lesson, entered) {
    this.#prefix = `/lessons/${lesson}/`;
    this.#entered = entered;
    document.addEventListener("click", (event) => this.#click(event));
    addEventListener("popstate", () => this.#back());
  }

  /** Fetch the shown step again: its text has changed. */
  refresh() {
    return this.#go(location.href, false, true);
  }

  /** The browser goes through its history, in which a jump within the page is an entry too. */
  #back() {
    if (location.pathname === this.#shown) this.#wanted++;
    else this.#go(location.href, false);
  }

  #click(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.origin !== location.origin || !link.pathname.startsWith(this.#prefix) || link.hash) return;
    event.preventDefault();
    this.#go(link.href, true);
  }

  async #go(address, push, stay = false) {
    const wanted = ++this.#wanted;
    try {
      const ask = () => fetch(address, { headers: { Accept: "text/html" } });
      const response = await ask().catch(ask); // a changed network drops what is under way, once
      if (!response.ok) throw new Error(`status ${response.status}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (wanted !== this.#wanted) return;
      const fresh = REPLACED.map((selector) => page.querySelector(selector));
      if (fresh.includes(null)) throw new Error("not a step");
      if (push) history.pushState(null, "", response.url);
      const main = document.getElementById("main");
      const at = main.scrollTop;
      REPLACED.forEach((selector, index) => document.querySelector(selector).replaceWith(fresh[index]));
      document.title = page.title.trim();
      this.#shown = location.pathname;
      if (stay) main.scrollTop = at;
      else this.#greet(fresh[0]);
      this.#entered(fresh[0]);
    } catch {
      if (wanted === this.#wanted) location.assign(address);
    }
  }

  #greet(step) {
    document.getElementById("main").scrollTo(0, 0);
    const heading = step.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}
