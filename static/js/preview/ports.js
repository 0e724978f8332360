/**
 * `<lab-ports>`: says which ports are open in the sandbox, and offers to open them.
 *
 * Property: `ports`, a list of {port, published} as the lesson channel's `ports` message has it. A port that opens is
 * announced until it is dismissed or closes again, and not while it is among `beside`, the ports that are shown there.
 * Event: `open-preview` {port, where: "beside"}, which bubbles; "Open in a tab" is a plain link.
 */
export class Ports extends HTMLElement {
  #ports = [];
  #dismissed = new Set();
  #beside = [];

  set ports(ports) {
    this.#ports = ports;
    const open = new Set(ports.map(({ port }) => port));
    for (const port of this.#dismissed) if (!open.has(port)) this.#dismissed.delete(port);
    this.#show();
  }

  get ports() {
    return this.#ports;
  }

  set beside(ports) {
    if (String(ports) === String(this.#beside)) return;
    this.#beside = ports;
    this.#show();
  }

  connectedCallback() {
    this.setAttribute("role", "status");
    this.#show();
  }

  #show() {
    const shown = this.#ports.filter(({ port }) => !this.#dismissed.has(port) && !this.#beside.includes(port));
    this.hidden = shown.length === 0;
    this.replaceChildren(...shown.map((port) => this.#chip(port)));
  }

  #chip({ port }) {
    const chip = document.createElement("div");
    chip.className = "port-chip";
    chip.dataset.port = port;
    const words = document.createElement("span");
    words.textContent = `Port ${port} is open`;
    const beside = button("Open beside", "button small");
    beside.addEventListener("click", () => {
      this.dispatchEvent(new CustomEvent("open-preview", { bubbles: true, detail: { port, where: "beside" } }));
    });
    const tab = document.createElement("a");
    tab.className = "button quiet small";
    tab.textContent = "Open in a tab";
    Object.assign(tab, { href: `/preview/${port}`, target: "_blank", rel: "noopener" });
    const away = button("×", "icon-button");
    away.setAttribute("aria-label", `Do not mention port ${port}`);
    away.addEventListener("click", () => {
      this.#dismissed.add(port);
      this.#show();
    });
    chip.append(words, beside, tab, away);
    return chip;
  }
}

function button(text, look) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = look;
  made.textContent = text;
  return made;
}

customElements.define("lab-ports", Ports);
