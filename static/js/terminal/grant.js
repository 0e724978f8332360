import { answer } from "../dialog.js";

/**
 * Ask the learner whether a viewer of this terminal may type; at most one question at a time, the others are refused.
 * @param {Element} page holds the dialog
 * @param {{terminal: {say: (type: string, viewer: number) => void}, viewer: number, name: string}} asked
 */
export async function decide(page, { terminal, viewer, name }) {
  const dialog = page.querySelector('[data-part="grant"]');
  if (dialog.open) return terminal.say("refuse", viewer);
  dialog.querySelector('[data-part="grant-title"]').textContent = `${name || "A guest"} would like to type`;
  terminal.say((await answer(dialog)) === "grant" ? "grant" : "refuse", viewer);
}
