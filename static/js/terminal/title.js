/** The title that a program gives its terminal (OSC 0 and 2): shown as text, never trusted. */

const LONGEST = 60;
// Controls, and what is invisible or turns the direction of what is written.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** One short line of visible characters. */
export function cleanTitle(text) {
  const visible = text.slice(0, 4096).replace(HIDDEN, "").replace(/\s+/gu, " ").trim();
  const characters = Array.from(visible);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("")}…` : visible;
}
