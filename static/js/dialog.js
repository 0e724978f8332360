/**
 * Show a dialog and wait for its end.
 * @param {HTMLDialogElement} dialog with a form of method "dialog"
 * @returns {Promise<string>} the value of the button that ended it; "" for Escape
 */
export async function answer(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((ended) => {
    // `close` comes a moment after the dialog is gone, and a key pressed in between would overtake the answer.
    dialog.addEventListener("submit", ({ submitter }) => ended(submitter?.value ?? ""), { once: true });
    dialog.addEventListener("close", () => ended(dialog.returnValue), { once: true });
  });
}
