/**
 * The name of this browser tab, the same after a reload, by which the server tells a page that comes back from another
 * page of the learner. A window that this page opens begins with a copy, so that it may go on where this page was.
 */

const NAME = "tab";

function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let name = null;

export function here() {
  if (name !== null) return name;
  try {
    name = sessionStorage.getItem(NAME) ?? random();
    sessionStorage.setItem(NAME, name);
  } catch {
    name = random(); // storage is blocked: as long as the page
  }
  return name;
}
