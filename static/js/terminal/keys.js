import { copy } from "../clipboard.js";

/**
 * Keys that mean the clipboard, as people expect them: with a selection Ctrl-C copies (and clears the
 * selection, so that the next one interrupts), Ctrl-Shift-C and Cmd-C copy, Ctrl-V, Ctrl-Shift-V and Cmd-V
 * paste: those are left to the browser, whose paste event xterm.js turns into a bracketed paste.
 *
 * @returns {boolean} whether xterm.js should handle the key itself
 */
export function clipboardKey(terminal, event) {
  if (event.type !== "keydown" || event.altKey) return true;
  const key = event.key.toLowerCase();
  const modified = event.ctrlKey !== event.metaKey;
  if (!modified || (key !== "c" && key !== "v")) return true;
  if (key === "v") return false;
  const asked = event.metaKey || event.shiftKey;
  if (!asked && !terminal.hasSelection()) return true;
  event.preventDefault();
  if (terminal.hasSelection()) {
    copy(terminal.getSelection());
    terminal.clearSelection();
  }
  return false;
}
