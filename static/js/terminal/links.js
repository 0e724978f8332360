/** Opening addresses that a terminal shows: in a new tab that knows nothing of this page. */

function open(address) {
  const { protocol } = new URL(address);
  if (protocol === "http:" || protocol === "https:") window.open(address, "_blank", "noopener,noreferrer");
}

/** An address that is readable on the screen. */
export function openPlain(_event, address) {
  open(address);
}

/** A link whose text may say something else than where it leads (OSC 8): say where, and ask. */
export const hiddenLinks = {
  activate(_event, address) {
    if (window.confirm(`A program in your sandbox links to\n\n${address}\n\nOpen it in a new tab?`)) open(address);
  },
};
