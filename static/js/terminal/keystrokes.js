/**
 * The keys that enter a command. At a prompt, what was half typed there is cleared first (to the end, a space,
 * then kill the line: on an empty one a shell would ring the bell). Several lines go in as one bracketed paste
 * where the program takes those: a shell then reads all of them before it runs the first, which could otherwise
 * swallow the rest as its input.
 *
 * @param {string} text one or more lines
 * @param {{atPrompt: boolean | null, bracketed: boolean}} shell
 */
export function keystrokes(text, { atPrompt, bracketed }) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  const clear = atPrompt ? "\x05 \x15" : "";
  if (lines.length === 1) return `${clear}${lines[0]}\r`;
  if (bracketed) return `${clear}\x1b[200~${lines.join("\r")}\x1b[201~\r`;
  return `${clear}${lines.map((line) => `${line}\r`).join("")}`;
}

const KEYS = { esc: "\x1b", tab: "\t", "c-c": "\x03", "c-d": "\x04", bar: "|", slash: "/", dash: "-", tilde: "~" };
const ARROWS = { up: "A", down: "B", right: "C", left: "D" };

/** What a key sends: esc, tab, c-c, c-d, bar, slash, dash, tilde, up, down, right, left. */
export function key(name, { application }) {
  if (name in ARROWS) return `\x1b${application ? "O" : "["}${ARROWS[name]}`;
  return KEYS[name];
}
