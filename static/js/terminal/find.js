/** Finding text on the screen and in what has scrolled away: from the end upwards, as what is sought was printed lately. */

const hex = (rgb) => `#${rgb.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;

/** A custom property's colour, as #rrggbb, which is all that xterm.js takes here. */
function colour(element, name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const found = hex(getComputedStyle(probe).color);
  probe.remove();
  return found;
}

export class Find {
  #root;
  #field;
  #count;
  #view = null;
  #listener = null;

  /** @param {HTMLElement} root the bar: a field, a count, and buttons that say what they do in `data-find` */
  constructor(root, signal) {
    this.#root = root;
    this.#field = root.querySelector("input");
    this.#count = root.querySelector('[data-part="find-count"]');
    this.#field.addEventListener("input", () => this.#search("previous", true), { signal });
    root.addEventListener("click", ({ target }) => this.#clicked(target.closest("button")), { signal });
    root.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  /** The view to search, or null. */
  set view(view) {
    this.#listener?.dispose();
    this.#view = view;
    this.#root.hidden = true;
    this.#listener = view?.search.onDidChangeResults((found) => this.#show(found)) ?? null;
  }

  open() {
    if (!this.#view) return;
    const selected = this.#view.terminal.getSelection();
    if (selected && !selected.includes("\n")) this.#field.value = selected;
    this.#root.hidden = false;
    this.#field.focus();
    this.#field.select();
    this.#search("previous", true);
  }

  close() {
    this.#root.hidden = true;
    this.#view?.search.clearDecorations();
    this.#view?.focus();
  }

  /** Take the page's colours anew. */
  recolour() {
    if (!this.#root.hidden) this.#search("previous", true);
  }

  #key(event) {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && event.target === this.#field) this.#search(event.shiftKey ? "next" : "previous", false);
    else if (event.key.toLowerCase() === "f" && (event.metaKey || (event.ctrlKey && event.shiftKey))) this.#field.select();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #clicked(button) {
    const what = button?.dataset.find;
    if (what === "close") this.close();
    else if (what === "next" || what === "previous") this.#search(what, false);
    else if (what) {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      this.#view.search.clearDecorations(); // it would keep the matches of the other choice
      this.#search("previous", true);
    }
  }

  #pressed(what) {
    return this.#root.querySelector(`[data-find="${what}"]`).getAttribute("aria-pressed") === "true";
  }

  #search(direction, incremental) {
    const term = this.#field.value;
    const options = { caseSensitive: this.#pressed("case"), regex: this.#pressed("regex"), incremental };
    this.#field.removeAttribute("aria-invalid");
    if (options.regex && !compiles(term)) {
      this.#field.setAttribute("aria-invalid", "true");
      this.#count.textContent = "Not a pattern";
      return;
    }
    const host = this.#root;
    options.decorations = {
      matchBackground: colour(host, "--term-match"),
      matchOverviewRuler: colour(host, "--term-match"),
      activeMatchBackground: colour(host, "--term-match-active"),
      activeMatchColorOverviewRuler: colour(host, "--term-match-active"),
    };
    if (term === "") {
      this.#view.search.clearDecorations();
      this.#view.terminal.clearSelection();
      this.#count.textContent = "";
    } else if (direction === "next") this.#view.search.findNext(term, options);
    else this.#view.search.findPrevious(term, options);
  }

  #show({ resultIndex, resultCount }) {
    if (this.#root.hidden || this.#field.value === "") return;
    if (resultCount === 0) this.#count.textContent = "None";
    else this.#count.textContent = resultIndex < 0 ? `${resultCount}` : `${resultIndex + 1} of ${resultCount}`;
  }
}

function compiles(pattern) {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
