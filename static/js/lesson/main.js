import { answer } from "../dialog.js";
import "../preview/element.js";
import "../preview/ports.js";
import { Watch } from "../preview/watch.js";
import "../terminal/element.js";
import { decide } from "../terminal/grant.js";
import { Workspace } from "../workspace/workspace.js";
import { CatchUp } from "./catchup.js";
import { Channel } from "./channel.js";
import { Divider } from "./divider.js";
import { Navigation } from "./navigate.js";
import { Notice } from "./notice.js";
import { Outline } from "./outline.js";
import { Panel } from "./panel.js";
import { Presence } from "./presence.js";
import { showProgress } from "./progress.js";
import { copyBlock, target, type } from "./run.js";
import { Share } from "./share.js";
import { Step } from "./step.js";

const bench = document.querySelector(".bench");
const stage = document.getElementById("stage");
const dialog = stage.querySelector('[data-part="reset"]');

const channel = new Channel();
const divider = new Divider(bench);
const panel = new Panel(stage);
const notice = new Notice(stage);
const presence = new Presence((type) => channel.send({ type }));
const share = new Share(stage);
const catchUp = new CatchUp((message) => channel.send(message));
new Outline();
const work = stage.querySelector('[data-part="workspace"]');
const workspace = new Workspace(work, (message) => channel.send(message));
const ports = stage.querySelector("lab-ports");
const watch = new Watch(() => sandbox.state === "ready" && channel.send({ type: "ports" }));
let sandbox = { state: "none", key: null };
let step = null;

function enter(root) {
  step?.leave();
  step = new Step(root, channel);
  step.sandbox = sandbox.state === "ready" ? sandbox.key : null;
  showRunButtons();
  channel.open(root.dataset.channel);
}

/** A run button works as long as there is a terminal to type into. */
function showRunButtons() {
  for (const button of document.querySelectorAll('[data-action="run"]')) {
    const on = workspace.ready(target(button));
    button.disabled = !on;
    const where = button.closest("[data-terminal]") ? `the terminal ${target(button)}` : "the terminal";
    button.title = on ? `Type this into ${where}` : "The terminal is not connected yet";
  }
}

function showSandbox(message) {
  sandbox = message;
  if (message.state === "none") channel.send({ type: "claim" });
  panel.show(message);
  const ready = message.state === "ready";
  const there = ready || message.state === "asleep";
  workspace.enter(there ? message.key : null, message.layout);
  workspace.hear(message.state);
  presence.state = message.state;
  step.sandbox = ready ? message.key : null;
  work.inert = !there;
  if (ready) watch.changed();
  else if (!there) ports.ports = [];
  notice.sandbox(message);
}

function ask(type, more = {}) {
  if (!channel.send({ type, ...more })) notice.say("The lab cannot be reached just now; try again in a moment.");
}

async function reset() {
  if ((await answer(dialog)) === "reset") ask("reset");
}

async function catchUpHere() {
  if (await catchUp.wanted()) ask("catch-up", { step: step.slug });
}

const ACTIONS = {
  "catch-up": catchUpHere,
  run: (button) => (divider.raise(), type(button, workspace)),
  copy: copyBlock,
  check: () => step.check(),
  solve: () => step.solve(),
  more: () => step.solve(),
  reset,
  claim: () => ask("claim"),
  "give-up": () => ask("give-up"),
  keep: () => ask("keep"),
  home: () => location.assign("/"),
  reload: () => location.reload(),
  share: () => share.open(sandbox.key),
  dismiss: () => notice.dismiss(),
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-action]");
  if (button) ACTIONS[button.dataset.action]?.(button);
});
document.addEventListener("blocks", showRunButtons);

// F6 goes back and forth between text and terminal, which takes every other key for itself; with Shift, to the tabs.
addEventListener("keydown", (event) => {
  if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey && !work.inert) workspace.focusTabs();
  else if (stage.contains(document.activeElement)) document.getElementById("main").focus();
  else if (work.inert) stage.focus();
  else workspace.focus();
}, { capture: true });

workspace.addEventListener("states", () => {
  showRunButtons();
  ports.beside = workspace.previews;
});
workspace.addEventListener("live", ({ detail }) => {
  step[detail.event]();
  if (detail.event === "activity") watch.activity();
  else watch.changed();
});
workspace.addEventListener("ask", ({ detail }) => decide(stage, detail));
workspace.addEventListener("message", ({ detail }) => notice.say(detail));

channel.addEventListener("sandbox", ({ detail }) => showSandbox(detail));
channel.addEventListener("engine", ({ detail: { alive, message } }) => (alive ? notice.hide() : notice.say(message, { reset: true })));
channel.addEventListener("ports", ({ detail }) => (ports.ports = detail.ports));
channel.addEventListener("layout", ({ detail: { key, layout } }) => workspace.arranged(key, layout));
channel.addEventListener("terminal-closed", ({ detail: { name } }) => workspace.closed(name));
channel.addEventListener("check", ({ detail }) => step.result(detail));
channel.addEventListener("solution", ({ detail }) => step.solution(detail));
for (const type of ["answer", "file", "block-refused"]) {
  channel.addEventListener(type, ({ detail }) => step.block(detail));
}
channel.addEventListener("catch-up", ({ detail }) => catchUp.show(detail));
channel.addEventListener("progress", ({ detail }) => {
  showProgress(detail);
  step.progress(detail);
});
channel.addEventListener("lesson-changed", () => navigation.refresh());
channel.addEventListener("open", () => (notice.hide(), step.reopened(), workspace.save()));
channel.addEventListener("lost", () => step.failed());
channel.addEventListener("over", ({ detail }) => panel.show(detail));
channel.addEventListener("error", ({ detail: { message } }) => {
  if (step.failed(message)) return;
  if (!work.inert) notice.say(message);
  else panel.show({ state: "refused", message });
});
// A published port is to be seen beside the terminals: {port, title?}.
document.addEventListener("open-preview", ({ detail: { port, title } }) => workspace.preview(port, title));
document.addEventListener("visibilitychange", () => (presence.changed(), document.hidden || watch.changed()));
for (const type of ["keydown", "pointerdown"]) addEventListener(type, () => workspace.wake(), { capture: true });
addEventListener("online", () => channel.hurry());
addEventListener("pagehide", () => workspace.save());

const navigation = new Navigation(bench.dataset.lesson, enter);
enter(document.getElementById("step"));
