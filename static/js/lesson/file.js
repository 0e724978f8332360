import { keep, recall } from "../store.js";
import { indent, newLine, outdent } from "./indent.js";

const LOST = "The lab cannot be reached just now; try again in a moment.";
const LIMIT = 32_768;

/** A file of the step in an editor with line numbers: saved into the sandbox, and kept as the learner left it. */
export class FileEditor {
  #form;
  #area;
  #send;
  #draft;
  #saved = null;
  #sandbox = null;
  #leaving = false;
  #sending = false;

  /**
   * @param {HTMLFormElement} form
   * @param {(message: {block: string, value: string}) => boolean} send saves; false without a connection
   * @param {string} place names the step, for the draft in this browser
   */
  constructor(form, send, place) {
    this.#form = form;
    this.#area = form.querySelector("textarea");
    this.#send = send;
    this.#draft = `file ${place} ${this.id}`;
    this.#part("save").hidden = false;
    form.addEventListener("submit", (event) => (event.preventDefault(), this.save()));
    this.#part("back").addEventListener("click", () => this.#putBack());
    this.#area.addEventListener("input", () => this.#edited());
    this.#area.addEventListener("keydown", (event) => this.#key(event));
    this.#area.addEventListener("blur", () => (this.#leaving = false));
    const draft = recall(this.#draft);
    if (draft !== null) this.#area.value = draft;
    this.#show();
  }

  get id() {
    return this.#form.dataset.block;
  }

  /** The sandbox that is there now, or null. */
  set sandbox(key) {
    this.#sandbox = key;
    this.#show();
  }

  /** The channel's `file` message: what was saved last, by this page or another. */
  saved({ text, sandbox }) {
    const untouched = recall(this.#draft) === null;
    this.#sending = false;
    this.#saved = { text, sandbox };
    if (untouched && this.#area.value !== text) this.#area.value = text;
    if (this.#area.value === text) keep(this.#draft, null);
    this.#show();
  }

  /** It could not be saved; the sentence says why. */
  refused(message) {
    this.#sending = false;
    this.#show();
    this.#says("refused", message);
  }

  /** What was sent may have been lost, or was no good. Returns whether an answer was waited for. */
  failed(message = LOST) {
    const waiting = this.#sending;
    if (waiting) this.refused(message);
    return waiting;
  }

  save() {
    const value = this.#area.value;
    if (new TextEncoder().encode(value).length > LIMIT) {
      this.refused("A file may have 32 KiB here; make longer ones in the terminal.");
    } else if (!this.#send({ block: this.id, value })) {
      this.refused(LOST);
    } else {
      this.#sending = true;
      this.#says("sending", "Saving…");
    }
  }

  #part(name) {
    return this.#form.querySelector(`[data-part="${name}"]`);
  }

  #edited() {
    const changed = this.#area.value !== (this.#saved?.text ?? this.#area.defaultValue);
    keep(this.#draft, changed ? this.#area.value : null);
    this.#show();
  }

  #putBack() {
    this.#replace({ from: 0, to: this.#area.value.length, text: this.#area.defaultValue, start: 0, end: 0 });
  }

  #key(event) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const { value, selectionStart: start, selectionEnd: end } = this.#area;
    const plain = !ctrlKey && !metaKey && !altKey;
    const leaving = this.#leaving;
    this.#leaving = key === "Escape" || (leaving && key === "Shift");
    if (key.toLowerCase() === "s" && (ctrlKey || metaKey) && !altKey) {
      event.preventDefault();
      this.save();
    } else if (key === "Tab" && plain && !leaving) {
      event.preventDefault();
      this.#replace(shiftKey ? outdent(value, start, end, this.#unit) : indent(value, start, end, this.#unit));
    } else if (key === "Enter" && plain && !shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#replace(newLine(value, start, end));
    }
  }

  get #unit() {
    return /(^|\/)Makefile$|\.go$/.test(this.#form.dataset.path) ? "\t" : "  ";
  }

  /** Through the browser's own editing, so that Ctrl-Z takes it back. */
  #replace(change) {
    if (!change) return;
    this.#area.focus();
    this.#area.setSelectionRange(change.from, change.to);
    const done = change.text
      ? document.execCommand("insertText", false, change.text)
      : document.execCommand("delete");
    if (!done) {
      this.#area.setRangeText(change.text, change.from, change.to);
      this.#edited();
    }
    this.#area.setSelectionRange(change.start, change.end);
  }

  #show() {
    const { value, defaultValue } = this.#area;
    const lines = value.split("\n").length;
    this.#area.rows = lines;
    this.#part("lines").textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
    this.#part("back").hidden = value === defaultValue;
    if (this.#sending) return;
    if (this.#saved === null) this.#says("new", "Not saved yet");
    else if (value !== this.#saved.text) this.#says("changed", "Changed since it was saved");
    else if (this.#sandbox !== null && this.#saved.sandbox !== this.#sandbox) this.#says("new", "Not in this sandbox yet");
    else this.#says("saved", "Saved");
  }

  #says(state, words) {
    this.#form.dataset.state = state;
    if (this.#part("says").textContent !== words) this.#part("says").textContent = words;
  }
}
