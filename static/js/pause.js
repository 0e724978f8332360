/** Growing pauses between attempts to connect again. */

const FIRST = 250;
const LONGEST = 10_000;

/**
 * How long to wait before attempt number `attempt` (from 0), in milliseconds: 250 ms, doubling up to
 * 10 s, of which a random half is taken off so that a room of pages does not return all at once.
 */
export function pause(attempt, random = Math.random) {
  const whole = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16));
  return Math.round(whole * (0.5 + random() / 2));
}
