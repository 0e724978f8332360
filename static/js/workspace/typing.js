const LOOK_AGAIN = 50;
const PATIENCE = 20_000;
/** How long a connected shell that marks no prompt is waited for. */
const UNMARKED = 3000;

/**
 * Type a command into a terminal once it is connected and its shell has shown where it is.
 *
 * @param {HTMLElement} terminal a `<lab-terminal>`
 * @returns {Promise<"typed"|"program"|"failed">} `program`: something other than the shell reads it
 */
export async function typeInto(terminal, text, interrupt = false) {
  const now = () => performance.now();
  const end = now() + PATIENCE;
  let connected = Infinity;
  while (terminal.state !== "connected" || (terminal.atPrompt === null && now() < connected + UNMARKED)) {
    connected = terminal.state === "connected" ? Math.min(connected, now()) : Infinity;
    if (now() > end || !terminal.isConnected || terminal.state === "denied") return "failed";
    await new Promise((later) => setTimeout(later, LOOK_AGAIN));
  }
  if (interrupt) terminal.interrupt();
  const busy = terminal.atPrompt === false && !interrupt;
  terminal.type(text);
  return busy ? "program" : "typed";
}
