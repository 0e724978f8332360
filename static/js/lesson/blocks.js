import { FileEditor } from "./file.js";
import { Question } from "./question.js";

/** The questions and files of the step that is shown. */
export class Blocks {
  #questions;
  #files;

  /**
   * @param {HTMLElement} root the step
   * @param {(message: object) => boolean} send to the lab; false without a connection
   */
  constructor(root, send) {
    const { step, channel: place, blocks = "[]" } = root.dataset;
    const forms = (which) => [...root.querySelectorAll(`form[data-role]${which}`)];
    const named = (type) => (message) => send({ type, step, ...message });
    this.#questions = forms(':not([data-role="file"])').map((form) => new Question(form, named("answer")));
    this.#files = forms('[data-role="file"]').map((form) => new FileEditor(form, named("save"), place));
    JSON.parse(blocks).forEach((message) => this.receive(message));
  }

  /** How many questions are to be answered. */
  get open() {
    return this.#questions.filter((question) => !question.settled).length;
  }

  /** The sandbox that is there now, or null. */
  set sandbox(key) {
    for (const file of this.#files) file.sandbox = key;
  }

  /** A message of the channel about a block: `answer`, `file` or `block-refused`. */
  receive({ type, block, ...message }) {
    const found = [...this.#questions, ...this.#files].find((one) => one.id === block);
    if (type === "answer") found?.answered(message);
    else if (type === "file") found?.saved(message);
    else found?.refused(message.message);
  }

  /** What was sent cannot be had; the sentence says why. Returns whether an answer was waited for. */
  failed(message) {
    return [...this.#questions, ...this.#files].filter((block) => block.failed(message)).length > 0;
  }
}
