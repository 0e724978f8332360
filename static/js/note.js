/**
 * A note that is saved while it is written: a moment after the last key, and when its page is left. Without script
 * its form has a button. Each saving names the version that this page has seen, so that what another window wrote
 * meanwhile is asked about, never overwritten.
 */

const QUIET = 700;
const AGAIN = 4000;

class Note extends HTMLElement {
  #timer = null;
  #sending = null;
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

  /**
   * What is written and not yet saved goes out while the page goes away. After one that is still under way it names no
   * version: that one's is not known yet, and whichever of both comes second does no harm.
   */
  #leave = () => {
    if (!this.#changed || this.#text.value === this.#sending) return;
    if (this.#sending !== null) this.#form.elements.version.value = "";
    this.#send(true).catch(() => {});
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
    if (!this.#changed || this.#sending !== null) return;
    const text = this.#text.value;
    this.#sending = text;
    this.#say("Saving…");
    try {
      const response = await this.#send(false);
      if (response.status === 409) this.#ask(await response.json());
      else if (response.status === 413) (this.#saved = text), this.#say((await response.json()).message);
      else if (response.status === 403 || response.status === 404) {
        this.#saved = text;
        this.#say("Not saved: the lab has changed meanwhile. Copy the text, then load the page again.");
      } else if (!response.ok) throw new Error(`status ${response.status}`);
      else {
        this.#form.elements.version.value = (await response.json()).version;
        this.#saved = text;
        this.#say("Saved.");
      }
    } catch {
      this.#say("Not saved yet: the lab cannot be reached. It is tried again.");
      this.#later(AGAIN);
    } finally {
      this.#sending = null;
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
