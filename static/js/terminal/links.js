import { answer } from "../dialog.js";

/** Addresses that a terminal shows open in a new tab that knows nothing of this page; http and https only. */

/** The address as a browser would open it, or null when it is none that may be opened. */
export function webAddress(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  return url.protocol === "http:" || url.protocol === "https:" ? url : null;
}

function open(url) {
  window.open(url.href, "_blank", "noopener,noreferrer");
}

/** An address that is readable on the screen. */
export function openPlain(_event, address) {
  const url = webAddress(address);
  if (url) open(url);
}

/** A link whose text may say something else than where it leads (OSC 8): say where, and ask. */
export async function openHidden(dialog, address) {
  const url = webAddress(address);
  if (!url) return;
  dialog.querySelector('[data-part="link-host"]').textContent = url.host;
  dialog.querySelector('[data-part="link-address"]').textContent = url.href;
  if ((await answer(dialog)) === "open") open(url);
}
