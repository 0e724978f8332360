/**
 * When a step is checked by itself: at once when a prompt returns and then after growing pauses, because
 * `kubectl apply` returns before anything is true; and every 5 s of activity while a program runs. One check
 * at a time. Done ends it.
 */

const PAUSES = [1000, 2000, 4000, 8000];
const ACTIVITY = 5000;
/** After this long without an answer another check may be asked for. */
const ANSWER = 30_000;

export class Schedule {
  #check;
  #timers;
  #now;
  #next = PAUSES.length;
  #timer = null;
  #askedAt = -Infinity;
  #waiting = false;
  #again = false;
  #over = false;
  #tried = false;
  #returned = false;

  /** @param {() => boolean} check asks for one check; false when it could not be asked for */
  constructor(check, { timers = globalThis, now = () => performance.now() } = {}) {
    this.#check = check;
    this.#timers = timers;
    this.#now = now;
  }

  /**
   * Whether the checks after the last command are through, so that what they say is not about to change.
   * Never before a first command: nobody wants a hint for what they have not tried.
   */
  get settled() {
    return this.#returned && this.#next >= PAUSES.length && this.#timer === null && !this.#waiting;
  }

  /** Whether an answer is waited for. */
  get waiting() {
    return this.#waiting;
  }

  /** A command begins. */
  command() {
    this.#tried = true;
    this.#returned = false;
  }

  /** A prompt has returned. */
  prompt() {
    if (this.#over) return;
    this.#returned = this.#tried;
    this.#next = 0;
    this.#fire();
  }

  /** A program that runs in the foreground printed something. */
  activity() {
    if (this.#over || this.#timer !== null || this.#waiting) return;
    const rest = Math.max(0, this.#askedAt + ACTIVITY - this.#now());
    this.#timer = this.#timers.setTimeout(() => this.#fire(), rest);
  }

  /** A check has answered: done, not-yet or could-not. */
  answered(state) {
    if (state === "done") {
      this.stop();
      return;
    }
    if (this.#over || !this.#waiting) return;
    this.#waiting = false;
    if (this.#again) {
      this.#again = false;
      this.#fire();
    } else if (this.#next < PAUSES.length) {
      this.#timer = this.#timers.setTimeout(() => this.#fire(), PAUSES[this.#next++]);
    }
  }

  /** The answer, if one is waited for, may never come: go on as after a "not yet". */
  lost() {
    this.answered("lost");
  }

  /** Check no more. */
  stop() {
    this.#over = true;
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #fire() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting && this.#now() - this.#askedAt < ANSWER) {
      this.#again = true;
      return;
    }
    this.#askedAt = this.#now();
    this.#waiting = this.#check();
  }
}
