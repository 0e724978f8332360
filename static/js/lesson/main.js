import "../terminal/element.js";
import { Channel } from "./channel.js";
import { Divider } from "./divider.js";
import { Navigation } from "./navigate.js";
import { Panel } from "./panel.js";
import { showProgress } from "./progress.js";
import { copyBlock, type } from "./run.js";
import { Step } from "./step.js";

const bench = document.querySelector(".bench");
const stage = document.getElementById("stage");
const terminal = stage.querySelector("lab-terminal");
const notice = stage.querySelector('[data-part="notice-sandbox"]');
const dialog = stage.querySelector('[data-part="reset"]');

const channel = new Channel();
const divider = new Divider(bench);
const panel = new Panel(stage);
let sandbox = { state: "none", key: null };
let step = null;

function enter(root) {
  step?.leave();
  step = new Step(root, channel);
  showRunButtons();
  channel.open(root.dataset.channel);
}

/** Run buttons work as long as there is a terminal to type into. */
function showRunButtons() {
  const off = terminal.state !== "connected";
  for (const button of document.querySelectorAll('[data-action="run"]')) {
    button.disabled = off;
    button.title = off ? "The terminal is not connected yet" : "Type this into the terminal";
  }
}

function showSandbox(message) {
  sandbox = message;
  if (message.state === "none") channel.send({ type: "claim" });
  panel.show(message);
  const ready = message.state === "ready";
  terminal.sandbox = ready ? message.key : null;
  terminal.inert = !ready;
  showNotice(null);
  stage.querySelector('lab-terminal [data-action="reset"]').hidden = !ready;
}

/** A sentence across the foot of the terminal; null takes it away. */
function showNotice(message) {
  notice.hidden = message === null;
  notice.querySelector('[data-part="notice-words"]').textContent = message;
}

function ask(type) {
  if (!channel.send({ type })) showNotice("The lab cannot be reached just now; try again in a moment.");
}

async function reset() {
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  if (dialog.returnValue === "reset") ask("reset");
}

const ACTIONS = {
  run: (button) => (divider.raise(), type(button, terminal)),
  copy: copyBlock,
  check: () => step.check(),
  solve: () => step.solve(),
  more: () => step.solve(),
  reset,
  claim: () => ask("claim"),
  home: () => location.assign("/"),
  reload: () => location.reload(),
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-action]");
  if (button) ACTIONS[button.dataset.action]?.(button);
});
document.addEventListener("blocks", showRunButtons);

// F6 goes back and forth between text and terminal, which takes every other key for itself.
addEventListener("keydown", (event) => {
  if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (stage.contains(document.activeElement)) document.getElementById("main").focus();
  else if (terminal.inert) stage.focus();
  else terminal.focus();
}, { capture: true });

terminal.addEventListener("terminal-state", showRunButtons);
terminal.addEventListener("command", () => step.command());
terminal.addEventListener("prompt", () => step.prompt());
terminal.addEventListener("activity", () => step.activity());

channel.addEventListener("sandbox", ({ detail }) => showSandbox(detail));
channel.addEventListener("engine", ({ detail }) => showNotice(detail.alive ? null : detail.message));
channel.addEventListener("check", ({ detail }) => step.result(detail));
channel.addEventListener("solution", ({ detail }) => step.solution(detail));
channel.addEventListener("progress", ({ detail }) => {
  showProgress(detail);
  step.progress(detail);
});
channel.addEventListener("lesson-changed", () => navigation.refresh());
channel.addEventListener("open", () => step.reopened());
channel.addEventListener("lost", () => step.failed());
channel.addEventListener("over", ({ detail }) => panel.show(detail));
channel.addEventListener("error", ({ detail: { message } }) => {
  if (step.failed(message)) return;
  if (sandbox.state === "ready") showNotice(message);
  else panel.show({ state: "refused", message });
});
addEventListener("online", () => channel.hurry());

const navigation = new Navigation(bench.dataset.lesson, enter);
enter(document.getElementById("step"));
