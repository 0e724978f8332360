import { Blocks } from "./blocks.js";
import { Schedule } from "./schedule.js";
import { decorate, runBlock } from "./run.js";

const SAYS = {
  watching: "Your turn.",
  early: "Waiting for your sandbox.",
  passed: "That is done; a question is still open.",
  running: "Checking…",
  "not-yet": "Not yet.",
  "could-not": "The check could not run.",
  done: "Done.",
};

const LOST = "The page has lost its connection to the lab and keeps trying; check again in a moment.";

/**
 * The step that is shown: its checks, hints and solution. `#step` is replaced on the way to another
 * step; a new Step is made for each.
 */
export class Step {
  #root;
  #channel;
  #schedule;
  #blocks;
  #asked = false;
  #commands = [];
  #solving = false; // the solution has been asked for, and has not come yet
  #sandbox = null;

  constructor(root, channel) {
    this.#root = root;
    this.#channel = channel;
    this.#schedule = new Schedule(() => this.#ask(false));
    this.#blocks = new Blocks(root, (message) => channel.send(message));
    decorate(root);
    for (const name of ["check", "solve", "catch-up"]) {
      const button = root.querySelector(`[data-action="${name}"]`);
      if (button) button.hidden = false;
    }
    if (this.done || this.passed || !this.checked) this.#schedule.stop();
    if (this.done) this.#show("done");
    else if (this.counts) this.#show(this.passed ? "passed" : "watching");
  }

  get slug() {
    return this.#root.dataset.step;
  }

  get checked() {
    return "checked" in this.#root.dataset;
  }

  /** Whether there is something to do here. */
  get counts() {
    return "counts" in this.#root.dataset;
  }

  /** Whether the check has passed, although a question may be open. */
  get passed() {
    return "passed" in this.#root.dataset;
  }

  get done() {
    return "done" in this.#root.dataset;
  }

  /** The page goes on to another step, and waits for no check of this one. */
  leave() {
    if (this.#schedule.waiting) this.#channel.send({ type: "leave", step: this.slug });
    this.#schedule.stop();
  }

  /** The sandbox that is there now, or null. */
  set sandbox(key) {
    this.#sandbox = key;
    this.#blocks.sandbox = key;
    if (this.#root.dataset.check === "watching") this.#say("watching");
  }

  /** The channel's messages about a question or a file. */
  block(message) {
    if (message.step !== this.slug) return;
    this.#blocks.receive(message);
    if (message.type === "file") this.#saved();
    if (!this.done && this.counts && this.#blocks.open === 0 && (this.passed || !this.checked)) this.#show("done");
  }

  /** A file of the step is in the sandbox: something was done there, as by a command. */
  #saved() {
    this.#schedule.command();
    this.#schedule.prompt();
  }

  /** A live command began in the terminal. */
  command() {
    this.#schedule.command();
  }

  /** A live prompt returned in the terminal. */
  prompt() {
    this.#schedule.prompt();
  }

  /** A program in the foreground printed something. */
  activity() {
    this.#schedule.activity();
  }

  /** The channel is open again: the answer to what was asked before may have been lost. */
  reopened() {
    this.#schedule.lost();
    this.#blocks.failed();
    if (this.#solving) this.solve();
  }

  /** The learner asks for a check. */
  check() {
    this.#asked = true;
    if (this.#ask(true)) this.#show("running");
    else this.failed(LOST);
  }

  /** What was asked for cannot be had; the sentence says why. Returns whether anything was asked for. */
  failed(message = LOST) {
    if (message !== LOST) this.#solving = false;
    if (this.#blocks.failed(message)) return true;
    if (!this.#asked) return false;
    this.#asked = false;
    this.#show("could-not", message);
    return true;
  }

  /** The learner asks to be shown how. */
  solve() {
    if (this.#commands.length > 0) return this.#reveal();
    this.#solving = true;
    return this.#channel.send({ type: "solve", step: this.slug });
  }

  /** The channel's `check` message. */
  result({ step, state, hint }) {
    if (step !== this.slug || !this.checked) return;
    if (state === "running") {
      this.#root.dataset.check = "running";
      return;
    }
    this.#schedule.answered(state);
    if (state === "done") {
      this.#root.dataset.passed = "";
      this.#show(this.#blocks.open === 0 ? "done" : "passed");
    } else if (state === "dropped") {
      this.#show("watching"); // another page of the learner has gone on while it ran
    } else if (this.#asked || this.#schedule.settled) {
      this.#show(state, hint);
    } else {
      this.#root.dataset.check = this.#root.querySelector('[data-part="hint"]').hidden ? "watching" : "not-yet";
    }
    this.#asked = false;
  }

  /** The channel's `progress` message. */
  progress({ done, lesson_done: over }) {
    if (!this.done && this.counts && done.includes(this.slug)) {
      this.#schedule.answered("done");
      this.#asked = false;
      this.#show("done");
    }
    if (over && this.done && !this.#root.querySelector('[rel="next"]')) {
      this.#root.querySelector('[data-part="status"]').textContent = "Done, and with it the whole lesson.";
    }
  }

  /** The channel's `solution` message. */
  solution({ step, commands }) {
    if (step !== this.slug || this.#commands.length > 0) return;
    this.#commands = [...commands];
    this.#solving = false;
    this.#root.querySelector('[data-part="solution"]').hidden = false;
    this.#reveal();
  }

  #reveal() {
    const shown = this.#root.querySelector('[data-part="commands"]');
    const command = this.#commands[shown.children.length];
    if (command === undefined) {
      shown.lastElementChild?.scrollIntoView({ block: "center", behavior: "smooth" });
      return;
    }
    const block = runBlock(command);
    shown.append(block);
    this.#root.querySelector('[data-action="more"]').hidden = shown.children.length === this.#commands.length;
    this.#root.dispatchEvent(new Event("blocks", { bubbles: true }));
    block.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  #ask(asked) {
    return this.#channel.send({ type: "check", step: this.slug, asked });
  }

  #show(state, hint = "") {
    const root = this.#root;
    root.dataset.check = state;
    root.toggleAttribute("data-done", state === "done");
    this.#say(state);
    const note = root.querySelector('[data-part="hint"]');
    note.textContent = state === "running" ? note.textContent : hint;
    note.hidden = note.textContent === "";
  }

  /** What a step that is done in the sandbox asks for has to wait until there is one. */
  #say(state) {
    const early = state === "watching" && this.checked && this.#sandbox === null;
    this.#root.querySelector('[data-part="status"]').textContent = SAYS[early ? "early" : state];
  }
}
