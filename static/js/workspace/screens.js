/**
 * What stands below the tabs: a `<lab-terminal>` or a `<lab-preview>` for each, or, for a terminal that has a window of
 * its own, a sentence that says so. All are children of one element and never moved in it, for a terminal that is moved
 * begins anew; which pane they are in is an attribute.
 *
 * Events (CustomEvent): `live` {name, event, detail} for `command`, `prompt` and `activity` of any terminal; `changed`
 * when a tab should look different; `ask` {name, viewer, terminal}: a viewer would like to type there (see terminal/grant.js);
 * `wake`: the learner wants a frozen sandbox to go on.
 */
export class Screens extends EventTarget {
  #root;
  #template;
  #awayTemplate;
  #byName = new Map();
  #key = null;
  #asleep = false;

  /** @param {HTMLElement} root has the templates `terminal` and `away` */
  constructor(root) {
    super();
    this.#root = root;
    this.#template = root.querySelector('template[data-part="terminal"]');
    this.#awayTemplate = root.querySelector('template[data-part="away"]');
  }

  get(name) {
    return this.#byName.get(name)?.element;
  }

  /** What the tab of that name should say: {state, mark, program}. */
  about(name) {
    const screen = this.#byName.get(name);
    if (!screen) return { state: null, mark: null, program: "" };
    const state = screen.away ? "away" : (screen.element.state ?? null);
    return { state, mark: screen.mark, program: screen.program };
  }

  /** Begin anew, for another sandbox or, with null, for none. */
  begin(key) {
    this.#key = key;
    for (const name of [...this.#byName.keys()]) this.#remove(name);
  }

  /**
   * Show these tabs, in these panes.
   *
   * @param {{name: string, pane: number, shown: boolean, away: boolean, idle: boolean, port?: number}[]} tabs `idle`:
   *   not to be connected until it is shown
   */
  show(tabs) {
    const names = new Set(tabs.map((tab) => tab.name));
    for (const name of [...this.#byName.keys()]) if (!names.has(name)) this.#remove(name);
    for (const tab of tabs) {
      const screen = this.#byName.get(tab.name) ?? this.#make(tab);
      this.#place(screen, tab);
    }
    // Only now, for a terminal that begins out of sight has the size of its pane all the same.
    for (const tab of tabs) {
      const screen = this.#byName.get(tab.name);
      if (tab.shown) screen.mark = null;
      screen.element.hidden = !tab.shown || tab.away;
      if (screen.words) screen.words.hidden = !tab.shown || !tab.away;
    }
  }

  /** Whether the sandbox is frozen. */
  set asleep(asleep) {
    this.#asleep = asleep;
    for (const { element } of this.#byName.values()) element.asleep = asleep;
  }

  /** Something happened in a terminal that is out of sight. */
  notice(name, mark) {
    const screen = this.#byName.get(name);
    if (!screen?.element.hidden || screen.away || screen.mark === mark || screen.mark === "bell") return;
    screen.mark = mark;
    this.#changed();
  }

  #make({ name, port }) {
    const element = port === undefined ? this.#terminal(name) : this.#preview(port);
    element.id = `screen-${name}`;
    element.classList.add("screen");
    element.role = "tabpanel";
    element.setAttribute("aria-labelledby", `tab-${name}`);
    element.dataset.screen = name;
    this.#root.append(element);
    const screen = { element, words: null, away: false, mark: null, program: "", ran: false };
    this.#byName.set(name, screen);
    if (port === undefined) this.#listen(name, screen);
    return screen;
  }

  #terminal(name) {
    const element = this.#template.content.cloneNode(true).querySelector("lab-terminal");
    element.setAttribute("name", name);
    return element;
  }

  #preview(port) {
    const element = document.createElement("lab-preview");
    element.setAttribute("sandbox", this.#key ?? "");
    element.setAttribute("port", String(port));
    return element;
  }

  #listen(name, screen) {
    const { element } = screen;
    const live = (event) => (detail) => {
      this.dispatchEvent(new CustomEvent("live", { detail: { name, event, detail: detail.detail } }));
    };
    for (const event of ["command", "prompt", "activity"]) element.addEventListener(event, live(event));
    element.addEventListener("terminal-state", () => this.#changed());
    element.addEventListener("activity", () => this.notice(name, "activity"));
    element.addEventListener("ask", ({ detail }) => {
      this.dispatchEvent(new CustomEvent("ask", { detail: { ...detail, terminal: element } }));
    });
    element.addEventListener("wake", () => this.dispatchEvent(new CustomEvent("wake")));
    // Who takes one terminal from another page of theirs means all that are open there.
    element.addEventListener("take", () => {
      for (const other of this.#byName.values()) if (other.element.state === "taken") other.element.take({ focus: false });
    });
    element.addEventListener("bell", () => this.notice(name, "bell"));
    element.addEventListener("command", () => (screen.ran = true));
    element.addEventListener("prompt", () => {
      if (screen.ran) this.notice(name, "activity"); // a prompt that is only drawn anew is nothing new
      screen.ran = false;
    });
    element.addEventListener("terminal-title", ({ detail }) => {
      screen.program = typeof detail === "string" ? detail : (detail?.title ?? "");
      this.#changed();
    });
  }

  #place(screen, { name, pane, shown, away, idle, port }) {
    const { element } = screen;
    element.dataset.pane = pane;
    screen.away = away;
    if (away && !screen.words) screen.words = this.#words(name);
    if (!away && screen.words) {
      screen.words.remove();
      screen.words = null;
    }
    if (screen.words) screen.words.dataset.pane = pane;
    if (port === undefined) {
      const wanted = !away && (shown || !idle || element.sandbox !== null);
      if (wanted) element.hidden = false;
      element.sandbox = wanted ? this.#key : null;
      element.asleep = this.#asleep;
    }
  }

  #words(name) {
    const words = this.#awayTemplate.content.cloneNode(true).firstElementChild;
    words.dataset.screen = name;
    this.#root.append(words);
    return words;
  }

  #remove(name) {
    const { element, words } = this.#byName.get(name);
    this.#byName.delete(name);
    element.remove();
    words?.remove();
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("changed"));
  }
}
