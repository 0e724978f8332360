/** The page of somebody who watches a learner's terminals. */
import { keep, recall } from "../store.js";
import "../terminal/element.js";

const ASKED = 10_000; // the server passes a request on no sooner again

const main = document.getElementById("main");
const terminal = main.querySelector("lab-terminal");
const ask = document.querySelector('[data-part="ask"]');
const field = document.querySelector('[data-part="name"]');

function show() {
  ask.hidden = terminal.writes;
  if (terminal.state !== "connected") ask.disabled = true;
  else if (!ask.dataset.waiting) ask.disabled = false;
}

function wait(words) {
  ask.textContent = words;
  ask.disabled = true;
  clearTimeout(ask.timer);
  ask.dataset.waiting = "";
  ask.timer = setTimeout(() => {
    ask.textContent = "Ask to type";
    delete ask.dataset.waiting;
    show();
  }, ASKED);
}

ask.addEventListener("click", () => {
  terminal.say("ask");
  wait("Asked…");
});
terminal.addEventListener("refused", () => wait("Not now"));
terminal.addEventListener("role", () => {
  show();
  if (terminal.writes) terminal.focus();
});
terminal.addEventListener("terminal-state", show);

field.value = recall("viewer") ?? "";
field.addEventListener("change", () => {
  keep("viewer", field.value.trim());
  location.reload(); // the learner is told the new name as they were told the old one
});
terminal.viewer = field.value.trim();
terminal.setAttribute("name", main.dataset.name);
terminal.sandbox = main.dataset.key;
