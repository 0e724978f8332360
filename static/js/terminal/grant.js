/** Ask the learner whether a viewer may type; at most one question at a time, the others are refused. */
export async function decide(page, { name, viewer, say }) {
  const dialog = page.querySelector('[data-part="grant"]');
  if (dialog.open) {
    say("refuse", viewer);
    return;
  }
  dialog.querySelector('[data-part="grant-title"]').textContent = `${name || "A guest"} would like to type`;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  say(dialog.returnValue === "grant" ? "grant" : "refuse", viewer);
}
