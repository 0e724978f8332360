/** The page of somebody who watches a learner's terminals. */
import { Channel } from "../lesson/channel.js";
import { keep, recall } from "../store.js";
import "../terminal/element.js";
import { choose } from "./tabs.js";

const ASKED = 10_000; // the server passes a request on no sooner again
const LOOK_AGAIN = 3000; // ms: the learner may open a new shell where one has ended

const main = document.getElementById("main");
const terminal = main.querySelector("lab-terminal");
const part = (name) => document.querySelector(`[data-part="${name}"]`);
const ask = part("ask");
const field = part("name");
const list = part("tabs");
const follow = part("follow");
let heard = null;
let again = null;

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
terminal.addEventListener("away", () => wait("The learner is away"));
terminal.addEventListener("role", () => {
  show();
  if (terminal.writes) terminal.focus();
});
terminal.addEventListener("terminal-state", ({ detail: { state } }) => {
  show();
  clearTimeout(again);
  if (state === "ended" || state === "gone") again = setTimeout(() => terminal.connect({ focus: false }), LOOK_AGAIN);
});

field.value = recall("viewer") ?? "";
field.addEventListener("change", () => {
  keep("viewer", field.value.trim());
  location.reload(); // the learner is told the new name as they were told the old one
});

/** Show the terminal of that name. */
function enter(name) {
  if (name === terminal.getAttribute("name") && terminal.sandbox !== null) return;
  terminal.sandbox = null;
  terminal.setAttribute("name", name);
  terminal.sandbox = main.dataset.key;
}

function showTabs() {
  const { tabs, shown } = heard;
  const links = tabs.map(({ name, title }) => {
    const link = document.createElement("a");
    link.href = `?terminal=${name}`;
    link.dataset.tab = name;
    link.textContent = title;
    if (name === terminal.getAttribute("name")) link.setAttribute("aria-current", "page");
    if (shown.includes(name)) {
      link.dataset.front = "";
      link.title = "In front at the learner's";
    }
    return link;
  });
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.tab : null;
  list.replaceChildren(...links);
  links.find((link) => link.dataset.tab === focused)?.focus();
}

list.addEventListener("click", (event) => {
  const name = event.target.closest("a")?.dataset.tab;
  if (!name || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  follow.checked = false; // who chooses a terminal means to stay there
  history.replaceState(null, "", `?terminal=${name}`);
  enter(name);
  showTabs();
});
follow.addEventListener("change", () => {
  history.replaceState(null, "", location.pathname);
  if (heard) arrange(heard);
});

/** The learner's tabs are like this now. */
function arrange(tabs) {
  enter(choose(heard, tabs, { name: terminal.getAttribute("name"), following: follow.checked }));
  heard = tabs;
  showTabs();
}

const channel = new Channel();
channel.addEventListener("tabs", ({ detail }) => arrange(detail));
follow.checked = !new URLSearchParams(location.search).has("terminal");
terminal.viewer = field.value.trim();
enter(main.dataset.name);
channel.open(list.dataset.channel);
addEventListener("online", () => channel.hurry());
