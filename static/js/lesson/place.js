const STEPS = [[3600, "hour"], [60, "minute"], [1, "second"]];

/** About how long so many seconds are, as one says it: "10 seconds", "3 minutes". */
export function about(seconds) {
  const [unit, name] = STEPS.find(([size]) => seconds >= 2 * size) ?? STEPS.at(-1);
  const rounded = name === "second" ? Math.max(5, Math.ceil(seconds / 5) * 5) : Math.round(seconds / unit);
  return `${rounded} ${name}${rounded === 1 ? "" : "s"}`;
}

/** The place in the queue, {place, seconds|null}, in words. */
export function words({ place, seconds }) {
  const where = place === 1 ? "You are next." : `You are number ${place} in the queue.`;
  const when = seconds === null ? "How long it takes depends on when somebody leaves." : `It takes about ${about(seconds)}, less when somebody leaves.`;
  return `${where} ${when} Your place is kept while this page is open.`;
}
