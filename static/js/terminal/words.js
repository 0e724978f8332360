/** What a terminal's state is called, said and offered. */

const short = {
  idle: "Not connected",
  connecting: "Connecting…",
  connected: "Connected",
  lost: "Resuming…",
  asleep: "Asleep",
  ended: "Shell ended",
  taken: "Open elsewhere",
  gone: "Sandbox ended",
  denied: "Not yours",
  broken: "Out of step",
};

function seconds(wait) {
  return Math.max(1, Math.ceil(wait / 1000));
}

/**
 * @param {{state: string, message?: string, code?: number|null, wait?: number, again?: boolean, readonly?: boolean, guest?: boolean}} detail
 *   `wait`: milliseconds from now; `guest`: the page of somebody who was let in to watch, who is `readonly` until they may write
 * @returns {{short: string, notice: string, action: string, button: string}} an empty notice: nothing to say;
 *   action: connect, take, wake, reload, home or empty
 */
export function describe({ state, message = "", code = null, wait = 0, again = false, readonly = false, guest = false }) {
  const words = { short: again ? short.lost : (short[state] ?? state), notice: message, action: "", button: "" };
  switch (state) {
    case "connected":
      if (readonly) return { ...words, short: "Watching, read only" };
      return guest ? { ...words, short: "You have the keyboard" } : words;
    case "connecting":
      return again ? { ...words, notice: "The connection was lost. Trying again now…" } : words;
    case "lost":
      return { ...words, notice: `${message} Trying again in ${seconds(wait)} s.`, action: "connect", button: "Try now" };
    case "asleep":
      return {
        ...words,
        notice: message || "Your sandbox sleeps until you need it. Press any key to wake it; everything is as you left it.",
        action: "wake",
        button: "Wake it",
      };
    case "ended":
      return {
        ...words,
        notice: `${code === null ? "The shell has ended." : `The shell has ended (exit status ${code}).`}${readonly ? "" : " Press Enter for a new one."}`,
        action: readonly ? "" : "connect",
        button: readonly ? "" : "Open a new shell",
      };
    case "taken":
      return { ...words, action: "take", button: "Use it here" };
    case "denied":
      return { ...words, action: "home", button: "Go to the start page" };
    case "broken":
      return { ...words, action: "reload", button: "Reload the page" };
    default:
      return words;
  }
}
