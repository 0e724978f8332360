/** One quiz or prediction of a step: its form, and what the lab says to the answer. */

const LOST = "The lab cannot be reached just now; try again in a moment.";
const SETTLED = ["right", "seen"];

export class Question {
  #form;
  #ask;
  #state = "open";

  /**
   * @param {HTMLFormElement} form
   * @param {(message: {block: string, value: unknown}) => boolean} ask sends an answer; false without a connection
   */
  constructor(form, ask) {
    this.#form = form;
    this.#ask = ask;
    this.#part("answer").hidden = false;
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#answer()));
    form.addEventListener("input", () => this.#edited());
  }

  get id() {
    return this.#form.dataset.block;
  }

  /** Whether there is nothing left to answer. */
  get settled() {
    return SETTLED.includes(this.#state);
  }

  /** The channel's `answer` message. */
  answered({ state, value, why = "", whys = {}, right = null, hint = "", truth = "", agrees = false }) {
    this.#state = state;
    this.#form.dataset.state = state;
    if (this.settled || !this.#touched) this.#fill(value);
    this.#touched = false;
    for (const note of this.#form.querySelectorAll("[data-why]")) {
      const said = whys[note.dataset.why] ?? "";
      note.innerHTML = said; // rendered and made safe by the lab
      note.hidden = said === "";
      note.toggleAttribute("data-right", right?.includes(Number(note.dataset.why)) ?? false);
    }
    for (const [index, box] of this.#boxes.entries()) {
      const mark = right?.includes(index) ? "right" : box.checked && state === "wrong" ? "wrong" : "";
      box.closest("label").dataset.mark = mark;
    }
    this.#says(state, agrees, hint);
    const told = state === "seen" ? truthLine(truth) : [];
    const note = this.#part("why");
    note.replaceChildren(...told, paragraph(why));
    note.hidden = told.length === 0 && why === "";
    this.#form.querySelector("fieldset").disabled = this.settled || state === "running";
    this.#part("answer").disabled = state === "running";
    this.#part("answer").hidden = this.settled;
  }

  /** What was sent is no answer, or cannot be taken now; the sentence says why. */
  refused(message) {
    this.#form.dataset.state = "refused";
    this.#part("says").textContent = message;
    this.#part("answer").disabled = false;
  }

  /** What was sent may have been lost, or was no good. Returns whether an answer was waited for. */
  failed(message = LOST) {
    const waiting = this.#form.dataset.state === "sending";
    if (waiting) this.refused(message);
    return waiting;
  }

  #touched = false;

  get #boxes() {
    return [...this.#form.querySelectorAll(".option input")];
  }

  #part(name) {
    return this.#form.querySelector(`[data-part="${name}"]`);
  }

  get #value() {
    const { kind } = this.#form.dataset;
    if (kind === "choices") return this.#boxes.flatMap((box, index) => (box.checked ? [index] : []));
    if (this.#boxes.length === 0) return this.#form.querySelector(".field").value;
    const chosen = this.#boxes.findIndex((box) => box.checked);
    return chosen < 0 ? null : chosen;
  }

  #fill(value) {
    const field = this.#form.querySelector(".field");
    if (field) field.value = value ?? "";
    const chosen = [value].flat();
    for (const [index, box] of this.#boxes.entries()) box.checked = chosen.includes(index);
  }

  #answer() {
    if (this.settled) return;
    if (!this.#ask({ block: this.id, value: this.#value })) {
      this.refused(LOST);
      return;
    }
    this.#touched = false;
    this.#form.dataset.state = "sending";
    this.#part("answer").disabled = true;
  }

  /** A wrong answer's explanation goes once another is being chosen. */
  #edited() {
    this.#touched = true;
    if (!["wrong", "refused", "could-not"].includes(this.#form.dataset.state)) return;
    this.#form.dataset.state = "open";
    this.#part("says").textContent = "";
    for (const label of this.#form.querySelectorAll(".option")) label.dataset.mark = "";
  }

  #says(state, agrees, hint) {
    const words = {
      right: "Right.",
      wrong: "Not yet.",
      running: "Looking into your sandbox…",
      seen: agrees ? "As you said." : "Not as you said, which is the better way to learn it.",
      "could-not": "Could not check.",
    }[state];
    const says = this.#part("says");
    says.textContent = words ?? "";
    if (hint) says.append(" ", span(hint));
    this.#form.toggleAttribute("data-agrees", agrees);
  }
}

function span(html) {
  const made = document.createElement("span");
  made.innerHTML = html; // rendered and made safe by the lab
  return made;
}

function paragraph(html) {
  const made = document.createElement("p");
  made.innerHTML = html; // rendered and made safe by the lab
  return made;
}

function truthLine(truth) {
  const made = document.createElement("p");
  made.className = "question-truth";
  const name = document.createElement("span");
  name.textContent = "In your sandbox:";
  const value = document.createElement("code");
  value.textContent = truth;
  made.append(name, " ", value);
  return [made];
}
