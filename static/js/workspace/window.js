/** The page of a terminal that has a window of its own; see windows.js for the page that opened it. */
import "../terminal/element.js";
import { decide } from "../terminal/grant.js";
import { typeInto } from "./typing.js";

const main = document.getElementById("main");
const { key, name } = main.dataset;
const terminal = main.querySelector("lab-terminal");
const channel = new BroadcastChannel(`terminals-${key}`);

const say = (message) => channel.postMessage({ from: name, ...message });
const sayState = () => say({ type: "event", event: "state", detail: { state: terminal.state, atPrompt: terminal.atPrompt } });

const ORDERS = {
  ask: sayState,
  close: () => window.close(),
  type: ({ text, interrupt }) => typeInto(terminal, text, interrupt),
  sleep: ({ asleep }) => (terminal.asleep = asleep),
  rename({ title }) {
    document.title = title;
    document.querySelector('[data-part="title"]').textContent = title;
  },
};

channel.addEventListener("message", ({ data }) => {
  if (data.to === name || data.to === null) ORDERS[data.type]?.(data);
});
for (const event of ["prompt", "command", "activity"]) {
  terminal.addEventListener(event, ({ detail }) => say({ type: "event", event, detail }));
}
terminal.addEventListener("terminal-state", sayState);
terminal.addEventListener("wake", () => say({ type: "wake" }));
terminal.addEventListener("ask", ({ detail }) => decide(main, { ...detail, terminal }));
const back = document.querySelector('[data-part="bring-back"]');
back.addEventListener("click", () => window.close());
// F6 goes back and forth, as on the lesson's page.
addEventListener("keydown", (event) => {
  if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (terminal.contains(document.activeElement)) back.focus();
  else terminal.focus();
}, { capture: true });
addEventListener("pagehide", () => say({ type: "gone" }));
addEventListener("pageshow", ({ persisted }) => persisted && sayState());

say({ type: "here" });
terminal.setAttribute("name", name);
terminal.sandbox = key;
terminal.focus();
