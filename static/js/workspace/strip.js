import { TabButton } from "./tab.js";

const KIND = "application/x-lab-tab";

/**
 * The row of tabs above a pane. `actions` is told what the learner wants: `show(name)`, `close(name)`,
 * `rename(name, title)`, `move(name, before)`, and what the strip's own buttons say in `data-do`.
 */
export class Strip {
  #root;
  #list;
  #actions;
  #tabs = new Map();

  constructor(root, actions) {
    this.#root = root;
    this.#actions = actions;
    this.#list = root.querySelector('[role="tablist"]');
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("click", ({ target }) => {
      const what = target.closest("[data-do]")?.dataset.do;
      if (what) actions[what]();
    });
    this.#list.addEventListener("dragstart", (event) => {
      const name = event.target.closest?.("[data-tab]")?.dataset.tab;
      if (!name) return;
      event.dataTransfer.setData(KIND, name);
      event.dataTransfer.effectAllowed = "move";
    });
    accept(root, (name, event) => actions.move(name, this.#before(event)));
  }

  /** @param {object[]} tabs what TabButton.update takes, and `name` */
  show(tabs) {
    const names = new Set(tabs.map((tab) => tab.name));
    for (const [name, tab] of this.#tabs) {
      if (names.has(name)) continue;
      tab.root.remove();
      this.#tabs.delete(name);
    }
    tabs.forEach((about, index) => {
      const tab = this.#tabs.get(about.name) ?? this.#make(about.name);
      tab.update(about);
      if (this.#list.children[index] !== tab.root) this.#list.insertBefore(tab.root, this.#list.children[index] ?? null);
      if (about.shown && this.#root.dataset.front !== about.name) {
        this.#root.dataset.front = about.name;
        tab.root.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    });
  }

  /** Put the keyboard's focus on the tab in front. */
  focus() {
    this.#list.querySelector('[aria-selected="true"]')?.focus();
  }

  #make(name) {
    const tab = new TabButton(name, {
      show: () => this.#actions.show(name),
      close: () => this.#actions.close(name),
      rename: (title) => this.#actions.rename(name, title),
    });
    this.#tabs.set(name, tab);
    return tab;
  }

  #key(event) {
    const names = [...this.#list.children].map((tab) => tab.dataset.tab);
    const at = names.indexOf(event.target.closest("[data-tab]")?.dataset.tab);
    if (at < 0 || event.target.closest("button, input") || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = {
      ArrowRight: (at + 1) % names.length,
      ArrowLeft: (at - 1 + names.length) % names.length,
      Home: 0,
      End: names.length - 1,
    }[event.key];
    if (to !== undefined) {
      this.#actions.show(names[to], false);
      this.#tabs.get(names[to])?.button.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.#actions.show(names[at]);
    } else if (event.key === "F2") {
      this.#tabs.get(names[at]).edit();
    } else if (event.key === "Delete") {
      this.#actions.close(names[at]);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** The tab before which one that is let go here comes; null at the end. */
  #before({ clientX }) {
    const after = [...this.#list.children].find((tab) => {
      const { left, width } = tab.getBoundingClientRect();
      return clientX < left + width / 2;
    });
    return after?.dataset.tab ?? null;
  }
}

/** Let tabs be dropped on an element, unless one inside of it takes them; `dropped(name, event)` is told of each. */
export function accept(element, dropped) {
  const taken = (event) => {
    if (!event.dataTransfer.types.includes(KIND)) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const clear = () => document.querySelectorAll("[data-drop]").forEach((place) => delete place.dataset.drop);
  element.addEventListener("dragover", (event) => {
    if (!taken(event) || "drop" in element.dataset) return;
    clear();
    element.dataset.drop = "";
  });
  element.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!element.contains(relatedTarget)) delete element.dataset.drop;
  });
  element.addEventListener("dragend", clear);
  element.addEventListener("drop", (event) => {
    if (!taken(event)) return;
    clear();
    dropped(event.dataTransfer.getData(KIND), event);
  });
}
