/**
 * What the shell tells about itself (OSC 133, "semantic prompts"): A prompt begins, C a command
 * begins, D;status it ended. The tracker knows whether a prompt is waiting, and tells of live changes.
 */
export class Marks {
  #tell;
  #status = null;

  /** Whether the shell waits at its prompt; null as long as it has not said. */
  atPrompt = null;

  /** @param {(name: "prompt"|"command", detail: {status: number|null}) => void} tell called for live marks */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Another life of the terminal. */
  forget() {
    this.atPrompt = null;
    this.#status = null;
  }

  /** One mark's text, such as `A` or `D;1`; `live`: not from a replay. */
  mark(data, live) {
    const [kind, value] = data.split(";");
    if (kind === "A") {
      this.atPrompt = true;
      if (live) this.#tell("prompt", { status: this.#status });
    } else if (kind === "C") {
      this.atPrompt = false;
      this.#status = null;
      if (live) this.#tell("command", { status: null });
    } else if (kind === "D") {
      this.#status = /^\d+$/.test(value ?? "") ? Number(value) : null;
    }
  }
}
