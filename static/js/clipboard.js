/**
 * Put text on the clipboard. Plain HTTP has no clipboard API; there the browser's older command copies
 * from a field nobody sees. Resolves to whether it worked.
 */
export async function copy(text) {
  if (navigator.clipboard && globalThis.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed here: fall through to the older way.
    }
  }
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return copied;
}

/** Whether a page may read the clipboard here at all; over plain HTTP only the browser's own paste key does. */
export const mayRead = () => Boolean(navigator.clipboard?.readText) && globalThis.isSecureContext;

/** What the clipboard holds as text, or null when the browser does not tell. */
export async function read() {
  if (!mayRead()) return null;
  try {
    return await navigator.clipboard.readText();
  } catch {
    return null;
  }
}
