/**
 * Which of the learner's terminals a page that watches should show.
 *
 * @typedef {{tabs: {name: string, title: string}[], shown: string[]}} Tabs `shown` are in front at the learner's
 *
 * @param {Tabs | null} before what was heard last
 * @param {Tabs} now
 * @param {{name: string, following: boolean}} here what the page shows, and whether it goes where the learner goes
 * @returns {string} a name; the same where there is no reason for another
 */
export function choose(before, now, { name, following }) {
  const there = now.tabs.some((tab) => tab.name === name);
  const fresh = now.shown.find((shown) => !before?.shown.includes(shown));
  if (following && fresh) return fresh;
  if (there && (!following || now.shown.includes(name))) return name;
  return now.shown[0] ?? (there ? name : now.tabs[0].name);
}
