/** xterm.js colours from the page's custom properties, so that the terminal follows light and dark. */

const COLOURS = [
  "background", "foreground", "cursor", "cursorAccent", "selectionBackground",
  "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  "brightBlack", "brightRed", "brightGreen", "brightYellow", "brightBlue", "brightMagenta", "brightCyan", "brightWhite",
];

const property = (name) => `--term-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The theme as the custom properties `--term-…` of this element say now. */
export function readTheme(element) {
  const probe = document.createElement("span");
  element.append(probe);
  const style = getComputedStyle(probe);
  const theme = {};
  for (const name of COLOURS) {
    probe.style.color = `var(${property(name)})`;
    theme[name] = style.color;
  }
  probe.remove();
  return theme;
}
