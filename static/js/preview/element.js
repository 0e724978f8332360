/**
 * `<lab-preview port="8080">`: what listens on a port of the learner's sandbox, in a frame, below a slim bar.
 *
 * Attributes: `port`; changing it opens the other. `data-state` (read only) is `connecting`, `open`, `waiting` (nothing
 * listens yet; the frame looks again by itself), `ended` (the sandbox), `refused` or `failed`.
 * Method: `reload()`. Events: `preview-state` {state}, and `close-preview` {port} when its closing button is clicked,
 * which bubbles; without anybody who calls preventDefault(), the element removes itself.
 */
import { address } from "./address.js";

const WORDS = {
  connecting: "Opening…",
  waiting: "Nothing listens yet",
  ended: "The sandbox has ended",
  refused: "Cannot be shown",
};
/** The frame may be a whole page of its own origin, but never leads this page elsewhere. */
const ALLOWED = "allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads";

export class Preview extends HTMLElement {
  static observedAttributes = ["port"];
  #frame = null;
  #origin = null;
  #told = null;
  #asked = 0;
  #signedOut = 0;
  #hear = (event) => this.#heard(event);

  connectedCallback() {
    if (!this.#frame) this.#build();
    addEventListener("message", this.#hear);
    this.reload();
  }

  disconnectedCallback() {
    removeEventListener("message", this.#hear);
    this.#asked++;
  }

  attributeChangedCallback(_name, before, now) {
    if (this.isConnected && this.#frame && before !== now) this.reload();
  }

  get port() {
    return Number(this.getAttribute("port"));
  }

  /** Ask for an address anew and open it. */
  async reload() {
    const asked = ++this.#asked;
    this.#part("address").textContent = `localhost:${this.port}`;
    this.#part("tab").href = `/preview/${this.port}`;
    this.#frame.title = `Port ${this.port} of your sandbox`;
    this.#state("connecting");
    try {
      const { url, origin } = await address(this.port);
      if (asked !== this.#asked) return;
      this.#origin = origin;
      this.#told = null;
      this.#frame.src = url;
    } catch (error) {
      if (asked === this.#asked) this.#state("failed", error.message);
    }
  }

  focus(options) {
    this.#frame?.focus(options);
  }

  #build() {
    const bar = document.createElement("div");
    bar.className = "preview-bar";
    bar.innerHTML = `
      <button type="button" class="icon-button" data-do="reload" title="Load again" aria-label="Load again">↻</button>
      <span class="preview-address" data-part="address"></span>
      <span class="preview-words" data-part="words" role="status"></span>
      <a class="button quiet small" data-part="tab" target="_blank" rel="noopener">Open in a tab</a>
      <button type="button" class="icon-button" data-do="close" title="Close" aria-label="Close the preview">×</button>`;
    bar.querySelector('[data-do="reload"]').addEventListener("click", () => this.reload());
    bar.querySelector('[data-do="close"]').hidden = this.getAttribute("role") === "tabpanel"; // its tab closes it
    bar.querySelector('[data-do="close"]').addEventListener("click", () => this.#close());
    this.#frame = document.createElement("iframe");
    this.#frame.setAttribute("sandbox", ALLOWED);
    this.#frame.referrerPolicy = "no-referrer";
    this.#frame.allow = "fullscreen; clipboard-write";
    this.#frame.addEventListener("load", () => this.#loaded());
    this.append(bar, this.#frame);
  }

  /** The lab's own pages in the frame say what they are; any other is the program's. */
  #heard({ source, origin, data }) {
    if (source !== this.#frame.contentWindow || origin !== this.#origin || !data?.preview) return;
    this.#told = data.preview;
    if (this.#told !== "signed-out") this.#state(WORDS[this.#told] ? this.#told : "refused");
    else if (Date.now() - this.#signedOut > 60_000) {
      this.#signedOut = Date.now(); // the visit has expired: once more, with a fresh one
      this.reload();
    } else this.#state("refused");
  }

  #loaded() {
    if (!this.#origin) return;
    if (this.#told === null) this.#state("open");
    this.#told = null;
  }

  #close() {
    const event = new CustomEvent("close-preview", { bubbles: true, cancelable: true, detail: { port: this.port } });
    if (this.dispatchEvent(event)) this.remove();
  }

  #state(state, words = WORDS[state] ?? "") {
    this.dataset.state = state;
    this.#part("words").textContent = words;
    this.dispatchEvent(new CustomEvent("preview-state", { detail: { state } }));
  }

  #part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }
}

customElements.define("lab-preview", Preview);
