/** What a pasted text holds, and how it goes to a program. */

/** More than this is asked about even where a program takes pastes as such. */
const LARGE = 512 * 1024;
const SHOWN_LINES = 6;
const SHOWN_WIDTH = 200;

// All but tab and the line's end. The terminal's own driver acts on some of them (Ctrl-C, Ctrl-Z) even inside a bracket.
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

const unixLines = (text) => text.replace(/\r\n?/g, "\n");

/**
 * @returns {{lines: number, controls: number, size: number}} lines as people count them, control characters, and
 *   characters in all
 */
export function inspect(text) {
  const plain = unixLines(text).replace(/\n$/, "");
  let lines = 1;
  for (let at = plain.indexOf("\n"); at >= 0; at = plain.indexOf("\n", at + 1)) lines += 1;
  return { lines, controls: text.match(CONTROLS)?.length ?? 0, size: text.length };
}

/** Why a person should be asked before this goes: "lines", "controls", "large", or null. */
export function reasonToAsk(text, { bracketed }) {
  const { lines, controls, size } = inspect(text);
  if (!bracketed && controls > 0) return "controls";
  if (!bracketed && lines > 1) return "lines";
  return size > LARGE ? "large" : null;
}

/**
 * The keys that a paste comes down to. In brackets it stays in them: control characters, of which Esc could end
 * them and Ctrl-C the program, are left out, and counted in `dropped`.
 */
export function prepare(text, { bracketed }) {
  const typed = unixLines(text).replaceAll("\n", "\r");
  if (!bracketed) return { head: "", text: typed, tail: "", dropped: 0 };
  const inside = typed.replace(CONTROLS, "");
  return { head: "\x1b[200~", text: inside, tail: "\x1b[201~", dropped: typed.length - inside.length };
}

/** The text on one line: a backslash before a line's end goes with it, other ends become a space each. */
export function oneLine(text) {
  return unixLines(text).trim().replace(/\s*\\\n\s*/g, " ").replace(/\s*\n\s*/g, " ");
}

/** The first lines for people to read, control characters made visible. */
export function preview(text) {
  const lines = unixLines(text.slice(0, SHOWN_LINES * SHOWN_WIDTH * 8)).split("\n").slice(0, SHOWN_LINES);
  const shown = lines.map((line) => {
    const cut = line.length > SHOWN_WIDTH ? `${line.slice(0, SHOWN_WIDTH)}…` : line;
    return cut.replace(CONTROLS, visible);
  });
  return shown.join("\n");
}

function visible(character) {
  const code = character.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 64)}`;
  return code === 0x7f ? "^?" : `\\x${code.toString(16)}`;
}

/** 3 lines, 1.2 MB: what a paste amounts to, in words. */
export function amount({ lines, size }) {
  const many = lines === 1 ? "one line" : `${lines.toLocaleString("en")} lines`;
  if (size < 10_000) return many;
  return `${many}, ${size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`}`;
}
