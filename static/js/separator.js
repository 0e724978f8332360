const KEY_STEP = 0.02;

/**
 * A bar between two parts (`role="separator"`): dragged, or moved by the arrow keys, Home and End.
 *
 * @param {HTMLElement} bar
 * @param {object} about
 * @param {() => boolean} about.stacked whether the parts stand one above the other
 * @param {() => [number, number]} about.limits the smallest and largest share of the first part, 0 to 1
 * @param {() => number} about.share the share now
 * @param {(share: number) => void} about.move called on every move, also beyond the limits
 * @param {() => void} about.done called when a move is over
 * @param {() => {left: number, top: number, width: number, height: number}} about.box where both parts are
 */
export function separator(bar, { stacked, limits, share, move, done, box }) {
  bar.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    bar.dataset.dragged = "";
    const drag = ({ clientX, clientY }) => {
      const { left, top, width, height } = box();
      move(stacked() ? (clientY - top) / height : (clientX - left) / width);
    };
    const release = () => {
      bar.removeEventListener("pointermove", drag);
      delete bar.dataset.dragged;
      done();
    };
    bar.addEventListener("pointermove", drag);
    bar.addEventListener("lostpointercapture", release, { once: true });
  });
  bar.addEventListener("keydown", (event) => {
    const [low, high] = limits();
    const now = share();
    const places = {
      ArrowLeft: now - KEY_STEP,
      ArrowUp: now - KEY_STEP,
      ArrowRight: now + KEY_STEP,
      ArrowDown: now + KEY_STEP,
      Home: low,
      End: high,
    };
    if (!(event.key in places)) return;
    event.preventDefault();
    move(places[event.key]);
    done();
  });
}

/** Say where the bar stands, to those who cannot see it. */
export function tell(bar, share, stacked) {
  bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  bar.setAttribute("aria-orientation", stacked ? "horizontal" : "vertical");
}
