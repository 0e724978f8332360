/**
 * Show a dialog and wait for its end.
 * @param {HTMLDialogElement} dialog with a form of method "dialog"
 * @returns {Promise<string>} the value of the button that ended it; "" for Escape
 */
export async function answer(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  return dialog.returnValue;
}
