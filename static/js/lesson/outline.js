/** The outline of all lessons in a drawer. Without script, or when it cannot be fetched, its link leads to a page. */
export class Outline {
  #drawer = document.getElementById("drawer");

  constructor() {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-outline]");
      if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.#open(link.href);
    });
    this.#drawer.addEventListener("click", ({ target }) => {
      if (target === this.#drawer || target.closest("a")) this.#drawer.close(); // beside it, or on to a step
    });
  }

  async #open(address) {
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const list = page.getElementById("outline");
      if (!list) throw new Error("no outline");
      this.#show(list);
    } catch {
      location.assign(address);
    }
  }

  #show(list) {
    this.#drawer.querySelector('[data-part="outline"]').replaceChildren(list);
    const here = [...list.querySelectorAll("a")].find((link) => link.getAttribute("href") === location.pathname);
    here?.setAttribute("aria-current", "step");
    this.#drawer.showModal();
    here?.focus({ preventScroll: true });
    here?.scrollIntoView({ block: "center" });
  }
}
