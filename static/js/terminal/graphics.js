import { WebglAddon } from "@xterm/addon-webgl";

let card = null;

/** Whether there is a graphics card worth using; asked once a page, since asking takes a context, too. */
function hasCard() {
  if (card !== null) return card;
  const probe = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  card = probe !== null;
  giveBack(probe);
  return card;
}

/** A page may have about sixteen contexts, and one that is merely forgotten counts until memory is tidied up. */
function giveBack(context) {
  context?.getExtension("WEBGL_lose_context")?.loseContext();
}

/**
 * Draws a terminal on the graphics card as long as it is seen; otherwise, and where there is no card or it is taken
 * away, xterm.js draws in the page.
 */
export class Graphics {
  #terminal;
  #renderer = null;

  /** @param {object} terminal xterm.js's, opened */
  constructor(terminal) {
    this.#terminal = terminal;
  }

  /** Whether the terminal can be seen now. */
  set seen(seen) {
    if (seen && !this.#renderer) this.#take();
    else if (!seen && this.#renderer) this.#leave();
  }

  #take() {
    if (!hasCard()) return;
    const renderer = new WebglAddon();
    renderer.onContextLoss(() => this.#leave());
    try {
      this.#terminal.loadAddon(renderer);
      this.#renderer = renderer;
    } catch {
      renderer.dispose();
    }
  }

  #leave() {
    const contexts = [...this.#terminal.element.querySelectorAll(".xterm-screen > canvas")].map((canvas) => canvas.getContext("webgl2"));
    this.#renderer.dispose();
    this.#renderer = null;
    contexts.forEach(giveBack);
  }
}
