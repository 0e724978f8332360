/**
 * Keys that mean the page rather than the program, as people expect them: with a selection Ctrl-C copies, without
 * one it interrupts; Ctrl-Shift-C and Cmd-C copy; Ctrl-V, Ctrl-Shift-V and Cmd-V paste; Ctrl-Shift-F and Cmd-F
 * find; Ctrl or Cmd with +, - and 0 change the font's size.
 *
 * @param {KeyboardEvent} event
 * @param {{selected: boolean}} terminal
 * @returns {"copy"|"paste"|"find"|"larger"|"smaller"|"usual"|null} null: the program's key
 */
export function shortcut(event, { selected }) {
  if (event.type !== "keydown" || event.altKey || event.ctrlKey === event.metaKey) return null;
  const asked = event.metaKey || event.shiftKey;
  switch (event.key.toLowerCase()) {
    case "c":
      return asked || selected ? "copy" : null;
    case "v":
      return "paste";
    case "f":
      return asked ? "find" : null;
    case "+":
    case "=":
      return "larger";
    case "-":
      return "smaller";
    case "0":
      return "usual";
    default:
      return null;
  }
}
