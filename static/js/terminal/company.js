/** Who else is at a terminal, said in its bar; the learner takes the keyboard back from there. */

const SHOWN = 3;

/** @param {{name: string, writes: boolean}[]} viewers */
export function sentence(viewers) {
  if (viewers.length === 0) return "";
  const names = viewers.map(({ name }) => name || "Guest");
  const writer = viewers.findIndex(({ writes }) => writes);
  if (writer >= 0) return `${names[writer]} has the keyboard`;
  const more = names.length - SHOWN;
  const said = names.slice(0, SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return `${said} ${names.length === 1 ? "watches" : "watch"}`;
}

export class Company {
  #part;

  /** @param {(name: string) => HTMLElement} part */
  constructor(part) {
    this.#part = part;
  }

  show(viewers) {
    this.#part("viewers").textContent = sentence(viewers);
    this.#part("viewers").hidden = viewers.length === 0;
    this.#part("take").hidden = !viewers.some(({ writes }) => writes);
  }
}
