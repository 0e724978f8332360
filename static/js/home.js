import { showLines } from "./lines.js";

/** How far set-up is, and what is built for Kubernetes after it, shown above the lessons until both are over. */

const LOOK_AGAIN = 1500;
const FAILED = { setup: "Preparing the lab has failed", kubernetes: "Kubernetes could not be built" };
const part = (name) => document.querySelector(`[data-part="${name}"]`);
/** What the parts of the page say at first. */
const words = {};
for (const name of ["setup-title", "setup-message", "kubernetes-title", "kubernetes-message"]) words[name] = part(name).textContent;

function show(name, progress) {
  part(name).hidden = progress === null;
  if (progress === null) return;
  showLines(part(`${name}-steps`), progress.parts);
  say(`${name}-title`, progress.failed && FAILED[name]);
  say(`${name}-message`, progress.failed);
}

/** A sentence, or what stood there at first: it may be tried again. Words that stay are not read aloud once more. */
function say(name, sentence) {
  const said = sentence || words[name];
  if (part(name).textContent !== said) part(name).textContent = said;
}

async function look() {
  let found = null;
  try {
    const response = await fetch("/setup.json", { cache: "no-store" });
    found = await response.json();
  } catch {
    return setTimeout(look, LOOK_AGAIN * 2);
  }
  show("setup", found.setup);
  // While the lab itself is prepared, the page at this address knows of nothing else.
  show("kubernetes", found.kubernetes ?? null);
  return found.setup === null && !found.kubernetes ? undefined : setTimeout(look, LOOK_AGAIN);
}

look();
