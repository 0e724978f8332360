/**
 * How the terminals of a sandbox are arranged, as plain data that is never changed in place; what the server keeps
 * (docs/lesson-channel.md has its fields). Every function takes a layout and gives another, or the same when there is
 * nothing to change.
 *
 * @typedef {{name: string, title: string, pane: number, port?: number}} Tab
 * @typedef {{tabs: Tab[], shown: string[], direction: "row"|"column", share: number}} Layout
 */

export const TERMINALS = 8;
export const PREVIEWS = 4;
export const TITLE_LENGTH = 40;
const SHARES = [0.15, 0.85];

/** One terminal, and nothing else. */
export function initial() {
  return { tabs: [{ name: "main", title: "Terminal 1", pane: 0 }], shown: ["main"], direction: "row", share: 0.5 };
}

export const find = (layout, name) => layout.tabs.find((tab) => tab.name === name);
export const terminals = (layout) => layout.tabs.filter((tab) => tab.port === undefined);
export const inPane = (layout, pane) => layout.tabs.filter((tab) => tab.pane === pane);

/** Whether another tab of that kind fits. */
export function room(layout, port) {
  const count = terminals(layout).length;
  return port === undefined ? count < TERMINALS : layout.tabs.length - count < PREVIEWS;
}

/** The name and title of the next new terminal: the lowest number that is free and not in `taken`. */
export function next(layout, taken = []) {
  const used = (name) => taken.includes(name) || find(layout, name);
  let number = find(layout, "main") ? 2 : 1;
  const name = () => (number === 1 ? "main" : `t${number}`);
  while (used(name())) number++;
  return { name: name(), title: `Terminal ${number}` };
}

/** Add a tab to a pane, behind its others and in front of them all; one that is there is shown. */
export function add(layout, { name, title, port }, pane = 0) {
  if (find(layout, name)) return show(layout, name);
  if (!room(layout, port)) return layout;
  const tab = { name, title: clean(title) || name, pane: Math.min(pane, layout.shown.length - 1) };
  if (port !== undefined) tab.port = port;
  return show({ ...layout, tabs: [...layout.tabs, tab] }, name);
}

/** Bring a tab to the front of its pane. */
export function show(layout, name) {
  const tab = find(layout, name);
  if (!tab || layout.shown[tab.pane] === name) return layout;
  return { ...layout, shown: layout.shown.with(tab.pane, name) };
}

/** Take a tab away; its neighbour comes to the front, and an empty pane goes. The last terminal stays. */
export function close(layout, name) {
  const tab = find(layout, name);
  if (!tab || (tab.port === undefined && terminals(layout).length === 1)) return layout;
  return without(layout, tab, layout.tabs.filter((other) => other !== tab));
}

/** Call a tab something else; an empty title changes nothing. */
export function rename(layout, name, title) {
  const words = clean(title);
  const tab = find(layout, name);
  if (!tab || !words || words === tab.title) return layout;
  return { ...layout, tabs: layout.tabs.map((other) => (other === tab ? { ...tab, title: words } : other)) };
}

/** Put a tab into a pane, before another tab of it or at its end, and show it there. A pane that is left empty goes. */
export function move(layout, name, pane, before = null) {
  const tab = find(layout, name);
  if (!tab || pane > layout.shown.length - 1 || before === name) return layout;
  const others = layout.tabs.filter((other) => other !== tab);
  const at = before === null ? others.length : others.findIndex((other) => other.name === before);
  const moved = { ...tab, pane };
  const tabs = others.toSpliced(at < 0 ? others.length : at, 0, moved);
  const shown = layout.shown.with(pane, name);
  return pane === tab.pane ? { ...layout, tabs, shown } : without({ ...layout, shown }, tab, tabs);
}

/** Give a tab the second half, where it is not alone in the first. */
export function split(layout, name, direction) {
  const tab = find(layout, name);
  if (!tab || layout.shown.length === 2 || layout.tabs.length === 1) return layout;
  const rest = layout.tabs.filter((other) => other !== tab);
  const first = layout.shown[0] === name ? neighbour(layout.tabs, tab).name : layout.shown[0];
  const tabs = layout.tabs.map((other) => (rest.includes(other) ? other : { ...tab, pane: 1 }));
  return { ...layout, tabs, shown: [first, name], direction, share: 0.5 };
}

/** All tabs in one pane, with `front` in front. */
export function join(layout, front = layout.shown[0]) {
  if (layout.shown.length === 1) return layout;
  const tabs = [...inPane(layout, 0), ...inPane(layout, 1)].map((tab) => ({ ...tab, pane: 0 }));
  return { ...layout, tabs, shown: [front] };
}

/** Panes side by side become panes one above the other, and back. */
export function turn(layout) {
  return { ...layout, direction: layout.direction === "row" ? "column" : "row" };
}

/** Give the first pane another share of the room. */
export function resize(layout, share) {
  const [low, high] = SHARES;
  return { ...layout, share: Math.round(Math.min(high, Math.max(low, share)) * 1000) / 1000 };
}

/** What another page of the same learner has arranged, with the tabs in front that are in front here. */
export function merge(mine, theirs) {
  const shown = theirs.shown.map((name, pane) => mine.shown.find((own) => find(theirs, own)?.pane === pane) ?? name);
  return { ...theirs, shown };
}

/** A tab's title as it can be kept: one line of at most 40 characters. */
export function clean(title) {
  const line = title.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return [...line].slice(0, TITLE_LENGTH).join("").trim();
}

function neighbour(tabs, tab) {
  const same = tabs.filter((other) => other.pane === tab.pane);
  const at = same.indexOf(tab);
  return same[at + 1] ?? same[at - 1];
}

/** The layout with `tabs`, among which `tab` is no longer where it was. */
function without(layout, tab, tabs) {
  const beside = neighbour(layout.tabs, tab);
  if (beside) {
    const front = layout.shown[tab.pane] === tab.name ? beside.name : layout.shown[tab.pane];
    return { ...layout, tabs, shown: layout.shown.with(tab.pane, front) };
  }
  const shown = layout.shown.filter((_, pane) => pane !== tab.pane);
  return { ...layout, tabs: tabs.map((other) => ({ ...other, pane: 0 })), shown };
}
