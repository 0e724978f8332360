/**
 * A note that is saved while it is written: a moment after the last key, and when its page is left. Without script
 * its form has a button. Each saving names the version that this page has seen, so that what another window wrote
 * meanwhile is asked about, never overwritten.
 */

const QUIET = 700;
const AGAIN = 4000;

class Note extends HTMLElement {
  #timer = null;
  #busy = false;
  #saved = "";
  #theirs = null;

  connectedCallback() {
    this.#part("save").hidden = true;
    this.#saved = this.#text.value;
    this.#text.addEventListener("input", () => this.#later(QUIET));
    this.#text.addEventListener("blur", () => this.#save());
    this.#form.addEventListener("submit", (event) => (event.preventDefault(), this.#save()));
    this.#part("mine").addEventListener("click", () => this.#settle(this.#text.value));
    this.#part("other").addEventListener("click", () => this.#settle(this.#theirs.text));
    addEventListener("pagehide", this.#leave);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#leave);
    this.#leave();
  }

  /** What is written and not yet saved goes out while the page goes away. */
  #leave = () => {
    if (this.#changed && !this.#busy) this.#send(true).catch(() => {});
  };

  get #form() {
    return this.querySelector("form");
  }

  get #text() {
    return this.querySelector("textarea");
  }

  get #changed() {
    return this.#text.value !== this.#saved && !this.#theirs;
  }

  #part(name) {
    return this.querySelector(`[data-part="note-${name}"]`);
  }

  #say(words) {
    this.#part("status").textContent = words;
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), pause);
  }

  #send(leaving) {
    const body = new FormData(this.#form);
    return fetch(this.#form.action, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: leaving });
  }

  async #save() {
    clearTimeout(this.#timer);
    if (!this.#changed || this.#busy) return;
    this.#busy = true;
    const text = this.#text.value;
    this.#say("Saving…");
    try {
      const response = await this.#send(false);
      if (response.status === 409) this.#ask(await response.json());
      else if (response.status === 413) (this.#saved = text), this.#say((await response.json()).message);
      else if (!response.ok) throw new Error(`status ${response.status}`);
      else {
        this.#form.elements.version.value = (await response.json()).version;
        this.#saved = text;
        this.#say("Saved.");
      }
    } catch {
      this.#say("Not saved yet: the lab cannot be reached. It is tried again.");
      this.#later(AGAIN);
    } finally {
      this.#busy = false;
    }
    if (this.#changed && this.#text.value !== text) this.#later(QUIET);
  }

  /** Another window was quicker: the learner chooses. */
  #ask(theirs) {
    this.#theirs = theirs;
    this.#say(theirs.message);
    this.#part("mine").hidden = this.#part("other").hidden = false;
  }

  #settle(text) {
    this.#form.elements.version.value = this.#theirs.version;
    this.#saved = this.#theirs.text;
    this.#theirs = null;
    this.#part("mine").hidden = this.#part("other").hidden = true;
    this.#text.value = text;
    this.#say(this.#changed ? "" : "Saved.");
    this.#text.focus();
    this.#save();
  }
}

customElements.define("lab-note", Note);
