/** What a terminal's state is called, said and offered. */

const short = {
  idle: "Not connected",
  connecting: "Connecting…",
  connected: "Connected",
  lost: "Connection lost",
  ended: "Shell ended",
  taken: "In another tab",
  gone: "Sandbox ended",
  denied: "Not yours",
  broken: "Out of step",
};

function seconds(wait) {
  return Math.max(1, Math.round(wait / 1000));
}

/**
 * @param {{state: string, message?: string, code?: number|null, wait?: number, again?: boolean}} detail
 * @returns {{short: string, notice: string, action: string, button: string}} an empty notice: nothing to say;
 *   action: connect, reload, home or empty
 */
export function describe({ state, message = "", code = null, wait = 0, again = false }) {
  const words = { short: again ? short.lost : (short[state] ?? state), notice: message, action: "", button: "" };
  switch (state) {
    case "connecting":
      return again ? { ...words, notice: "The connection was lost. Trying again now…" } : words;
    case "lost":
      return { ...words, notice: `${message} Trying again in ${seconds(wait)} s.`, action: "connect", button: "Try now" };
    case "ended":
      return {
        ...words,
        notice: code === null ? "The shell has ended." : `The shell has ended (exit status ${code}).`,
        action: "connect",
        button: "Open a new shell",
      };
    case "taken":
      return { ...words, action: "connect", button: "Use it here" };
    case "denied":
      return { ...words, action: "home", button: "Go to the start page" };
    case "broken":
      return { ...words, action: "reload", button: "Reload the page" };
    default:
      return words;
  }
}
