/** What each way a terminal's WebSocket ends means to the page (docs/protocol.md, close codes). */

const CLOSES = {
  1000: { state: "ended" },
  4400: { state: "broken", message: "The page and the lab no longer understand each other; reload the page." },
  4401: { state: "denied", message: "This terminal belongs to someone else, or your visit has expired." },
  4403: { state: "broken", message: "This sandbox has too many terminals open; end one with exit, then reload the page." },
  4404: { state: "gone", message: "This sandbox has ended." },
  4410: { state: "denied", message: "This link shows nothing any more; ask for a new one." },
  4409: { state: "taken", message: "You use this terminal in another page or browser now." },
  4429: { state: "lost", message: "That was too much input at once; the terminal takes a short break.", least: 3000 },
};

const LOST = { state: "lost", message: "The connection was lost." };

/**
 * @param {number} code the close event's code
 * @returns {{state: "ended"|"broken"|"denied"|"gone"|"taken"|"lost", message?: string, least?: number}}
 *   `lost` means: connect again, after at least `least` milliseconds.
 */
export function meaning(code) {
  return CLOSES[code] ?? LOST;
}
