import { TITLE_LENGTH } from "./layout.js";

const SAYS = {
  activity: "something new was printed",
  bell: "it rang",
  connecting: "connecting",
  lost: "connection lost",
  ended: "shell ended",
  asleep: "asleep",
  taken: "used in another page",
  denied: "refused",
  broken: "out of step",
  away: "in its own window",
};

/**
 * One tab of a strip: a lamp, the title, and a button that closes it. `actions` is told what the learner
 * wants: `show`, `close`, `rename(title)`.
 */
export class TabButton {
  #actions;
  #title;
  #close;

  constructor(name, actions) {
    this.#actions = actions;
    this.root = document.createElement("div");
    this.root.className = "tab";
    this.root.role = "presentation";
    this.root.dataset.tab = name;
    this.root.draggable = true;
    this.button = document.createElement("div"); // Firefox lets nobody drag a button
    this.button.className = "tab-button";
    this.button.role = "tab";
    this.button.id = `tab-${name}`;
    this.button.setAttribute("aria-controls", `screen-${name}`);
    this.button.setAttribute("aria-keyshortcuts", "F2 Delete");
    const lamp = document.createElement("span");
    lamp.className = "tab-lamp";
    this.#title = document.createElement("span");
    this.#title.className = "tab-title";
    this.button.append(lamp, this.#title);
    this.#close = document.createElement("button");
    this.#close.type = "button";
    this.#close.className = "tab-close";
    this.#close.tabIndex = -1;
    this.#close.textContent = "×";
    this.root.append(this.button, this.#close);
    this.button.addEventListener("click", () => actions.show());
    this.button.addEventListener("dblclick", () => this.edit());
    this.#close.addEventListener("click", () => actions.close());
    this.root.addEventListener("auxclick", (event) => event.button === 1 && (event.preventDefault(), actions.close()));
    this.root.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault()); // no scrolling
  }

  /** Show title, state and mark (`activity`, `bell` or null); `closable`: whether it may be closed. */
  update({ title, shown, closable, state, mark, program, port }) {
    if (this.#title.textContent !== title) this.#title.textContent = title;
    const said = SAYS[mark] ?? SAYS[state] ?? "";
    this.button.setAttribute("aria-label", said ? `${title}, ${said}` : title);
    this.button.setAttribute("aria-selected", String(shown));
    this.button.tabIndex = shown ? 0 : -1;
    this.button.title = [program || title, said, "F2 renames"].filter(Boolean).join(" · ");
    this.#close.hidden = !closable;
    this.#close.setAttribute("aria-label", `Close ${title}`);
    this.#close.title = "Close";
    for (const [key, value] of Object.entries({ state, mark, port })) {
      if (value === null || value === undefined) delete this.root.dataset[key];
      else this.root.dataset[key] = value;
    }
  }

  /** Let the learner type another title: Enter or leaving keeps it, Escape does not. */
  edit() {
    if (this.root.querySelector("input")) return;
    const field = document.createElement("input");
    field.value = this.#title.textContent;
    field.maxLength = TITLE_LENGTH;
    field.className = "tab-field";
    field.setAttribute("aria-label", "Name of this tab");
    field.size = Math.max(8, field.value.length);
    let over = false;
    const end = (keep) => {
      if (over) return;
      over = true;
      const focused = document.activeElement === field;
      field.remove();
      this.button.hidden = false;
      this.root.draggable = true;
      if (keep) this.#actions.rename(field.value);
      if (focused) this.button.focus();
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") end(true);
      else if (event.key === "Escape") end(false);
    });
    field.addEventListener("blur", () => end(true));
    this.root.draggable = false;
    this.button.hidden = true;
    this.button.after(field);
    field.focus();
    field.select();
  }
}
