import { showLines } from "./lines.js";

/** How far set-up is, and what is built for Kubernetes after it, shown above the lessons until both are over. */

const LOOK_AGAIN = 1500;
const FAILED = { setup: "Preparing the lab has failed", kubernetes: "Kubernetes could not be built" };
const part = (name) => document.querySelector(`[data-part="${name}"]`);

function show(name, progress) {
  part(name).hidden = progress === null;
  if (progress === null) return;
  showLines(part(`${name}-steps`), progress.parts);
  if (progress.failed) {
    part(`${name}-title`).textContent = FAILED[name];
    part(`${name}-message`).textContent = progress.failed;
  }
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
