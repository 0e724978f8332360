/**
 * The screen keyboard, which covers the page's foot where the browser does not make the page smaller: while it is
 * up and the terminal is typed into, the terminal fills what is left of the window.
 */

const KEYBOARD = 120; // px: no browser's own bar is as high, and no keyboard lower
const SMALL = 560; // px: what is left of a window when a keyboard has made it smaller

/** Watch for the element's sake; it gets `data-typing`, and the custom properties --seen-top and --seen-height. */
export function watchKeyboard(element, signal) {
  const seen = globalThis.visualViewport;
  const touch = matchMedia("(pointer: coarse)");
  if (!seen) return;

  const look = () => {
    const covered = innerHeight - seen.height > KEYBOARD || (innerHeight < SMALL && screen.height - innerHeight > 2 * KEYBOARD);
    const typing = touch.matches && seen.scale < 1.1 && covered && element.querySelector(".xterm-helper-textarea:focus") !== null;
    element.toggleAttribute("data-typing", typing && innerWidth < innerHeight * 2);
    if (!typing) return;
    element.style.setProperty("--seen-top", `${seen.offsetTop}px`);
    element.style.setProperty("--seen-height", `${seen.height}px`);
  };
  seen.addEventListener("resize", look, { signal });
  seen.addEventListener("scroll", look, { signal });
  element.addEventListener("focusin", look, { signal });
  element.addEventListener("focusout", () => setTimeout(look), { signal });
}
