import { copy } from "../clipboard.js";

/** The blocks that a button types into the terminal, and the copy buttons on all code. */

const FEEDBACK = 1600;

function button(action, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.action = action;
  made.textContent = text;
  return made;
}

/** A run block such as the lesson's text has, for a command that comes later. */
export function runBlock(command) {
  const block = document.createElement("div");
  block.className = "run";
  block.dataset.run = "";
  const pre = document.createElement("pre");
  const code = document.createElement("code");
  code.textContent = command;
  pre.append(code);
  block.append(pre, button("run", "Run"));
  decorate(block);
  return block;
}

/** Give every code block inside `root` (or root itself) its copy button. */
export function decorate(root) {
  const blocks = root.matches?.(".run") ? [root] : root.querySelectorAll(".run, pre.code");
  for (const block of blocks) {
    if (block.querySelector('[data-action="copy"]')) continue;
    const made = button("copy", "Copy");
    made.title = "Copy";
    const run = block.querySelector('[data-action="run"]');
    if (run) run.before(made);
    else block.append(made);
  }
}

/** Say on a button what just happened, for a moment. */
export function flash(made, text, name) {
  made.kept ??= [...made.childNodes];
  made.replaceChildren(text);
  made.dataset.flash = name;
  clearTimeout(made.flashTimer);
  made.flashTimer = setTimeout(() => {
    made.replaceChildren(...made.kept);
    delete made.dataset.flash;
  }, FEEDBACK);
}

/** What a code block says, without its buttons. */
const textOf = (block) => block.querySelector("code").textContent;

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** What is typed for a run block: its text, or the command by which root runs it as another user. */
export function typedText(block) {
  const { user } = block.dataset;
  return user ? `su - ${user} -c ${quoted(textOf(block))}` : textOf(block);
}

/** The name of the terminal that a run block is for. */
export const target = (made) => made.closest("[data-run]").dataset.terminal ?? "main";

const SAYS = { typed: "Typed ✓", program: "Typed into the program", failed: "Not typed" };

/** Type a run block's command into its terminal, where the focus goes and the answer appears. */
export async function type(made, workspace) {
  const block = made.closest("[data-run]");
  const said = await workspace.type(target(made), typedText(block), block.hasAttribute("data-interrupt"));
  if (said !== "failed") block.dataset.typed = "";
  flash(made, SAYS[said], said === "failed" ? "failed" : "typed");
}

export async function copyBlock(made) {
  const copied = await copy(textOf(made.closest(".run, pre.code")));
  flash(made, copied ? "Copied" : "Not copied", copied ? "copied" : "failed");
}
