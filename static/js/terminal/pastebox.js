import { answer } from "../dialog.js";
import { amount, inspect, oneLine, preview, reasonToAsk } from "./paste.js";

const LARGE_PASTE = 64 * 1024; // shows how far it is

const WHY = {
  lines: "The program takes each line as if you had typed it and pressed Enter.",
  controls: "It holds control characters (shown as ^C), which the program takes as keys.",
  large: "That is a lot for one paste. You can stop it while it goes.",
};

/** What pasting shows: the question before a paste that may surprise, and how far a long one is. */
export class PasteBox {
  #dialog;
  #progress;
  #say;
  #session = null;
  #going = null;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {HTMLElement} progress
   * @param {(words: string) => void} say
   */
  constructor(dialog, progress, say, signal) {
    this.#dialog = dialog;
    this.#progress = progress;
    this.#say = say;
    progress.querySelector("button").addEventListener("click", () => this.cancel(), { signal });
  }

  /** The session that pastes go to, or null. */
  set session(session) {
    this.#session = session;
    this.#going = null;
    this.#progress.hidden = true;
    if (this.#dialog.open) this.#dialog.close("");
  }

  /** Paste a text, after asking where that is wise. */
  async paste(text) {
    const session = this.#session;
    if (text === "" || !session?.writable || this.#dialog.open) return;
    const reason = reasonToAsk(text, { bracketed: session.view.bracketed });
    const answer = reason ? await this.#ask(text, reason) : "paste";
    if (session !== this.#session || !answer) return;
    this.#start(session, answer === "line" ? oneLine(text) : text);
  }

  /** Stop the paste that is under way; whether there was one. */
  cancel() {
    if (!this.#going) return false;
    this.#session.cancel(this.#going);
    return true;
  }

  async #ask(text, reason) {
    const dialog = this.#dialog;
    const about = inspect(text);
    const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
    part("paste-title").textContent = `Paste ${amount(about)}?`;
    part("paste-why").textContent = WHY[reason];
    const shown = preview(text);
    part("paste-text").textContent = shown;
    const more = about.lines - shown.split("\n").length;
    part("paste-more").textContent = more > 0 ? `and ${more.toLocaleString("en")} more` : "";
    part("paste-line").hidden = about.lines === 1;
    const chosen = await answer(dialog);
    this.#session?.focus();
    return chosen;
  }

  #start(session, text) {
    const { paste, dropped } = session.paste(text);
    if (dropped > 0) this.#say(`${dropped} control ${dropped === 1 ? "character was" : "characters were"} left out of the paste.`);
    if (paste.ended || paste.total < LARGE_PASTE) return;
    this.#going = paste;
    const show = () => this.#show(paste);
    paste.addEventListener("progress", show);
    paste.addEventListener("end", () => this.#ended(paste), { once: true });
    show();
  }

  #show(paste) {
    if (paste !== this.#going) return;
    const percent = Math.floor((paste.sent / paste.total) * 100);
    this.#progress.hidden = false;
    this.#progress.querySelector("progress").value = percent;
    this.#progress.querySelector("span").textContent = `Pasting… ${percent} %`;
  }

  #ended(paste) {
    if (paste !== this.#going) return;
    this.#going = null;
    this.#progress.hidden = true;
    if (paste.cancelled) this.#say("The rest of the paste was left out.");
    else if (paste.lost) this.#say("The terminal has started afresh; the rest of the paste is not in it.");
  }
}
