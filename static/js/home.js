import { showLines } from "./lines.js";

/** How far set-up is, shown above the lessons until it is over. */

const LOOK_AGAIN = 1500;
const part = (name) => document.querySelector(`[data-part="${name}"]`);

async function look() {
  let setup = null;
  try {
    const response = await fetch("/setup.json", { cache: "no-store" });
    setup = (await response.json()).setup;
  } catch {
    return setTimeout(look, LOOK_AGAIN * 2);
  }
  part("setup").hidden = setup === null;
  if (setup === null) return undefined;
  showLines(part("setup-steps"), setup.parts);
  if (setup.failed) {
    part("setup-title").textContent = "Preparing the lab has failed";
    part("setup-message").textContent = setup.failed;
  }
  return setTimeout(look, LOOK_AGAIN);
}

look();
