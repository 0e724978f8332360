/** Growing pauses between attempts to connect again. */

const FIRST = 250;
const LONGEST = 10_000;

/**
 * How long to wait before attempt number `attempt` (from 0), in milliseconds: 250 ms, half as much again
 * each time up to 10 s, of which up to a half is taken off by chance, so that a room of pages does not
 * return all at once.
 */
export function pause(attempt, random = Math.random) {
  const whole = Math.min(LONGEST, FIRST * 1.5 ** Math.min(attempt, 16));
  return Math.round(whole * (0.5 + random() / 2));
}
