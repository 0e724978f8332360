import { showLines } from "../lines.js";
import { words } from "./place.js";

const PANELS = {
  none: { title: "Asking for your sandbox", message: "A computer of your own, with a real Docker engine in it." },
  waiting: {
    title: "The lab is still being prepared",
    message: "This happens once. You can read on; your sandbox starts by itself.",
  },
  building: {
    title: "Kubernetes is still being built",
    message: "This lesson needs it. This happens once: read on, and your sandbox starts by itself; lessons with Docker work meanwhile.",
  },
  other: { title: "You have another sandbox", button: "Start the one for this lesson", action: "claim" },
  queued: { title: "Waiting for a sandbox", button: "Stop waiting", action: "give-up" },
  left: { title: "You are no longer waiting", button: "Ask for a sandbox", action: "claim" },
  preparing: { title: "Preparing your sandbox", message: "" },
  failed: { title: "Your sandbox did not start", button: "Try again", action: "claim" },
  ended: {
    title: "Your sandbox has ended",
    message: "What you have finished in the lesson is kept.",
    button: "Start a fresh sandbox",
    action: "claim",
  },
  broken: {
    title: "The page and the lab no longer understand each other",
    message: "The lab was probably updated.",
    button: "Reload the page",
    action: "reload",
  },
  denied: {
    title: "This visit has expired",
    message: "The lab knows your sandbox by one cookie, which is missing. Open the lesson again from the list.",
    button: "All lessons",
    action: "home",
  },
  missing: { title: "This lesson is no longer there", button: "All lessons", action: "home" },
  refused: { title: "No sandbox just now", button: "Try again", action: "claim" },
};

/** The panel over the terminal that says what the sandbox is doing as long as it is not ready. */
export class Panel {
  #root;

  /** @param {HTMLElement} stage the section that holds terminal and panel */
  constructor(stage) {
    this.#root = stage.querySelector('[data-part="panel"]');
  }

  /** The channel's `sandbox` message, or {state: "refused"|"broken"|"denied"|"missing", message?}. */
  show({ state, message = "", steps = [], setup = null, queue = null }) {
    const cluster = setup?.what === "kubernetes";
    const panel = PANELS[state === "waiting" && cluster ? "building" : state];
    this.#root.hidden = !panel;
    this.#root.dataset.state = state;
    if (!panel) return;
    const part = (name) => this.#root.querySelector(`[data-part="panel-${name}"]`);
    const failed = state === "waiting" ? setup?.failed : null;
    part("title").textContent = failed ? (cluster ? "There is no Kubernetes for this lesson" : "Preparing the lab has failed") : panel.title;
    part("message").textContent = failed ?? (queue ? words(queue) : message || (panel.message ?? ""));
    const begun = state === "none" ? [{ name: "Asking for a place", state: "running" }] : steps;
    const prepared = begun.map((step) => ({ title: step.name, state: step.state }));
    showLines(part("steps"), state === "waiting" && setup ? setup.parts : prepared);
    part("action").hidden = !panel.button;
    part("action").textContent = panel.button ?? "";
    part("action").dataset.action = panel.action ?? "";
  }
}
