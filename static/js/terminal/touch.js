/**
 * Fingers on the screen of a terminal, which xterm.js leaves to others: a swipe scrolls, a long press selects the
 * word below it and goes on selecting as the finger moves, a tap does what a click does.
 */

const LONG = 450; // ms
const SLOP = 9; // px that a finger may tremble
const WORD = /[\p{L}\p{N}_./:@%+~=-]/u;

export class Touch {
  #host;
  #view;
  #selected;
  #finger = null; // {x, y, moved, rest}
  #anchor = null; // {row, from, to} of the word where a selection began
  #timer = null;

  /**
   * @param {() => import("./view.js").View | undefined} view
   * @param {(x: number, y: number) => void} selected a long press has ended here
   */
  constructor(host, { view, selected }, signal) {
    this.#host = host;
    this.#view = view;
    this.#selected = selected;
    const on = (name, handler) => host.addEventListener(name, handler, { signal, passive: false, capture: true });
    on("touchstart", (event) => this.#start(event));
    on("touchmove", (event) => this.#move(event));
    on("touchend", (event) => this.#end(event));
    on("touchcancel", () => this.#forget());
  }

  #start(event) {
    this.#forget();
    if (event.touches.length !== 1 || !this.#view()) return;
    const { clientX: x, clientY: y } = event.touches[0];
    this.#finger = { x, y, moved: false, rest: 0 };
    this.#timer = setTimeout(() => this.#long(), LONG);
  }

  #move(event) {
    const finger = this.#finger;
    if (!finger) return;
    const { clientX: x, clientY: y } = event.touches[0];
    if (!this.#anchor && !finger.moved && Math.hypot(x - finger.x, y - finger.y) < SLOP) return;
    event.preventDefault();
    clearTimeout(this.#timer);
    if (this.#anchor) this.#extend(x, y);
    else this.#scroll(finger.y - y);
    Object.assign(finger, { x, y, moved: true });
  }

  #end(event) {
    const finger = this.#finger;
    const selecting = this.#anchor;
    this.#forget();
    if (!finger || (!selecting && !finger.moved)) return;
    event.preventDefault(); // no click: it would end the selection
    if (selecting) this.#selected(finger.x, finger.y);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#finger = null;
    this.#anchor = null;
  }

  #scroll(pixels) {
    const { terminal } = this.#view();
    const finger = this.#finger;
    const height = this.#cell().height;
    finger.rest += pixels;
    const lines = Math.trunc(finger.rest / height);
    if (lines === 0) return;
    finger.rest -= lines * height;
    if (terminal.buffer.active.type === "normal" && terminal.modes.mouseTrackingMode === "none") {
      terminal.scrollLines(lines);
      return;
    }
    // Programs that fill the screen scroll by themselves, by what a wheel would send them.
    const wheel = { deltaY: lines, deltaMode: WheelEvent.DOM_DELTA_LINE, clientX: finger.x, clientY: finger.y, bubbles: true };
    terminal.element.querySelector(".xterm-screen").dispatchEvent(new WheelEvent("wheel", { ...wheel, cancelable: true }));
  }

  #cell() {
    const { terminal } = this.#view();
    const screen = this.#host.querySelector(".xterm-screen").getBoundingClientRect();
    return { left: screen.left, top: screen.top, width: screen.width / terminal.cols, height: screen.height / terminal.rows };
  }

  #place(x, y) {
    const { terminal } = this.#view();
    const { left, top, width, height } = this.#cell();
    const within = (value, most) => Math.min(most - 1, Math.max(0, Math.floor(value)));
    return {
      column: within((x - left) / width, terminal.cols),
      row: within((y - top) / height, terminal.rows) + terminal.buffer.active.viewportY,
    };
  }

  #long() {
    const { column, row } = this.#place(this.#finger.x, this.#finger.y);
    const { terminal } = this.#view();
    const line = terminal.buffer.active.getLine(row);
    const is = (at) => WORD.test(line?.getCell(at)?.getChars() || " ");
    let [from, to] = [column, column + 1];
    if (is(column)) {
      while (from > 0 && is(from - 1)) from -= 1;
      while (to < terminal.cols && is(to)) to += 1;
    }
    this.#anchor = { row, from, to };
    terminal.select(from, row, to - from);
    navigator.vibrate?.(10);
  }

  #extend(x, y) {
    const { terminal } = this.#view();
    const { column, row } = this.#place(x, y);
    const index = (atRow, atColumn) => atRow * terminal.cols + atColumn;
    const anchor = { start: index(this.#anchor.row, this.#anchor.from), end: index(this.#anchor.row, this.#anchor.to) };
    const start = Math.min(anchor.start, index(row, column));
    const end = Math.max(anchor.end, index(row, column) + 1);
    terminal.select(start % terminal.cols, Math.floor(start / terminal.cols), end - start);
  }
}
