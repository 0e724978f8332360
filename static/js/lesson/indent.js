/**
 * What the keys do in a text of lines. Plain functions: each takes the text and the selection's ends, and gives
 * what to replace: `{from, to, text, start, end}`, the selection afterwards included; or null for nothing.
 */

const lineStart = (text, at) => text.lastIndexOf("\n", at - 1) + 1;

/** Tab: the lines of a selection, or the place of the caret, move to the right. */
export function indent(text, start, end, unit) {
  if (start === end || !text.slice(start, end).includes("\n")) {
    return { from: start, to: end, text: unit, start: start + unit.length, end: start + unit.length };
  }
  const from = lineStart(text, start);
  const to = text[end - 1] === "\n" ? end - 1 : end;
  const moved = text.slice(from, to).replaceAll(/^(?=.)/gm, unit);
  return { from, to, text: moved, start: from, end: from + moved.length };
}

/** Shift-Tab: the lines of the selection or the caret move to the left, as far as they can. */
export function outdent(text, start, end, unit) {
  const from = lineStart(text, start);
  let to = end > start && text[end - 1] === "\n" ? end - 1 : end;
  const rest = text.indexOf("\n", to);
  to = rest < 0 ? text.length : rest;
  const before = text.slice(from, to);
  const lead = unit === "\t" ? /^(\t| {1,4})/gm : /^( {1,2}|\t)/gm;
  const moved = before.replaceAll(lead, "");
  if (moved === before) return null;
  if (start === end) {
    const shift = before.match(new RegExp(lead.source))?.[0].length ?? 0;
    const at = Math.max(from, start - shift);
    return { from, to, text: moved, start: at, end: at };
  }
  return { from, to, text: moved, start: from, end: from + moved.length };
}

/** Enter: the new line begins where the one before did. */
export function newLine(text, start, end) {
  const lead = text.slice(lineStart(text, start), start).match(/^[ \t]*/)[0];
  const made = `\n${lead}`;
  return { from: start, to: end, text: made, start: start + made.length, end: start + made.length };
}
