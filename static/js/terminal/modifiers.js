/** The key row's Ctrl and Alt, which wait for the next key. Each is off, once (for one key) or locked. */

const NEXT = { off: "once", once: "locked", locked: "off" };
const ARROWS = /^\x1b[O[]([ABCDHF])$/;

export class Modifiers extends EventTarget {
  ctrl = "off";
  alt = "off";

  /** A tap: off → once → locked → off. A second tap that comes late means: off again. */
  tap(name, { quick }) {
    this[name] = this[name] === "once" && !quick ? "off" : NEXT[this[name]];
    this.dispatchEvent(new Event("change"));
  }

  get any() {
    return this.ctrl !== "off" || this.alt !== "off";
  }

  /** What a key sends with the modifiers that are on, of which those for one key go off. */
  apply(data) {
    if (!this.any || (data.length !== 1 && !ARROWS.test(data))) return data;
    const { ctrl, alt } = this;
    let sent = data;
    const arrow = ARROWS.exec(data);
    if (arrow) {
      sent = `\x1b[1;${1 + (alt === "off" ? 0 : 2) + (ctrl === "off" ? 0 : 4)}${arrow[1]}`;
    } else {
      if (ctrl !== "off") sent = control(sent);
      if (alt !== "off") sent = `\x1b${sent}`;
    }
    for (const name of ["ctrl", "alt"]) if (this[name] === "once") this[name] = "off";
    this.dispatchEvent(new Event("change"));
    return sent;
  }
}

/** Ctrl with a character, as keyboards send it; a character that has none stays. */
function control(character) {
  if (character === " ") return "\x00";
  if (character === "?") return "\x7f";
  if (character === "/" || character === "-") return "\x1f";
  const code = character.toUpperCase().charCodeAt(0);
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code - 0x40) : character;
}
