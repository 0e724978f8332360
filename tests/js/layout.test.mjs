import assert from "node:assert/strict";
import { test } from "node:test";

import * as model from "../../static/js/workspace/layout.js";

const names = (layout, pane = null) =>
  layout.tabs.filter((tab) => pane === null || tab.pane === pane).map((tab) => tab.name);

/** What the server demands of a layout, see sandbox/layout.py. */
function sound(layout) {
  const panes = layout.shown.length;
  assert.ok(panes === 1 || panes === 2);
  assert.equal(new Set(names(layout)).size, layout.tabs.length);
  assert.ok(layout.tabs.every(({ pane }) => pane >= 0 && pane < panes));
  layout.shown.forEach((name, pane) => assert.equal(model.find(layout, name)?.pane, pane, `${name} in ${pane}`));
  assert.ok(model.terminals(layout).length >= 1);
  return layout;
}

function many(count) {
  let layout = model.initial();
  while (layout.tabs.length < count) layout = sound(model.add(layout, model.next(layout)));
  return layout;
}

test("new terminals are numbered by the lowest number that is free", () => {
  const three = many(3);
  assert.deepEqual(three.tabs.map((tab) => tab.title), ["Terminal 1", "Terminal 2", "Terminal 3"]);
  const gap = model.close(three, "t2");
  assert.deepEqual(model.next(gap), { name: "t2", title: "Terminal 2" });
  assert.deepEqual(model.next(gap, ["t2"]), { name: "t4", title: "Terminal 4" });
  assert.equal(model.next(model.close(three, "main")).name, "main");
});

test("eight terminals fit, and four previews besides", () => {
  let layout = many(8);
  assert.equal(model.room(layout), false);
  assert.equal(model.add(layout, model.next(layout)), layout);
  for (let port = 80; port < 85; port++) layout = model.add(layout, { name: `port-${port}`, title: "x", port });
  assert.equal(sound(layout).tabs.length, 12);
  assert.equal(model.room(layout, 80), false);
});

test("a tab that is there is shown and not made again", () => {
  const layout = many(2);
  assert.deepEqual(layout.shown, ["t2"]);
  const shown = model.add(layout, { name: "main", title: "Other" });
  assert.deepEqual([shown.shown, shown.tabs], [["main"], layout.tabs]);
  assert.equal(model.show(shown, "main"), shown);
  assert.equal(model.show(shown, "nobody"), shown);
});

test("a closed tab's neighbour comes to the front, another's stays there", () => {
  const layout = model.show(many(3), "t2");
  assert.deepEqual(sound(model.close(layout, "t2")).shown, ["t3"]);
  assert.deepEqual(sound(model.close(model.show(layout, "t3"), "t3")).shown, ["t2"]);
  assert.deepEqual(sound(model.close(layout, "main")).shown, ["t2"]);
  const one = model.initial();
  assert.equal(model.close(one, "main"), one, "the last terminal was closed");
  const preview = model.add(one, { name: "port-80", title: "x", port: 80 });
  assert.equal(model.close(preview, "main"), preview, "a preview alone is no workspace");
  assert.deepEqual(names(model.close(preview, "port-80")), ["main"]);
});

test("titles are one line of at most 40 characters", () => {
  const layout = model.rename(many(2), "t2", "  a\nb\u0007c  ");
  assert.equal(model.find(layout, "t2").title, "a b c");
  assert.equal([...model.find(model.rename(layout, "t2", "😀".repeat(60)), "t2").title].length, 40);
  assert.equal(model.rename(layout, "t2", " \t"), layout);
  assert.equal(model.rename(layout, "t2", "a b c"), layout);
});

test("a split takes the tab that it is told, and leaves one behind", () => {
  const layout = sound(model.split(many(3), "t3", "column"));
  assert.deepEqual([names(layout, 0), names(layout, 1), layout.shown], [["main", "t2"], ["t3"], ["t2", "t3"]]);
  assert.equal(model.split(layout, "t2", "row"), layout, "it is split already");
  const one = model.initial();
  assert.equal(model.split(one, "main", "row"), one, "nothing would be left");
  assert.deepEqual(sound(model.split(many(2), "main", "row")).shown, ["t2", "main"]);
});

test("tabs go from pane to pane, and an empty pane goes", () => {
  const layout = model.split(many(3), "t3", "row");
  const two = sound(model.move(layout, "main", 1, "t3"));
  assert.deepEqual([names(two, 0), names(two, 1), two.shown], [["t2"], ["main", "t3"], ["t2", "main"]]);
  const right = sound(model.move(two, "t2", 1));
  assert.deepEqual([names(right), right.shown], [["main", "t3", "t2"], ["t2"]]);
  assert.deepEqual(sound(model.move(layout, "t3", 0, "main")).shown, ["t3"]);
  assert.deepEqual(names(model.move(layout, "t2", 0, "main")), ["t2", "main", "t3"]);
  assert.equal(model.move(layout, "t2", 0, "t2"), layout);
});

test("closing the last tab of a pane leaves the other alone", () => {
  const layout = model.split(many(3), "t3", "row");
  assert.deepEqual(sound(model.close(layout, "t3")).shown, ["t2"]);
  const first = model.move(layout, "main", 1);
  const left = sound(model.close(first, "t2"));
  assert.deepEqual([names(left, 0), left.shown], [["t3", "main"], ["main"]]);
});

test("one pane again", () => {
  const layout = model.split(many(3), "main", "row");
  assert.deepEqual(sound(model.join(layout, "main")).shown, ["main"]);
  assert.deepEqual(names(model.join(layout)), ["t2", "t3", "main"]);
});

test("shares stay where both panes can be used", () => {
  const layout = model.initial();
  assert.deepEqual([0, 0.5004, 2].map((share) => model.resize(layout, share).share), [0.15, 0.5, 0.85]);
  assert.equal(model.turn(layout).direction, "column");
  assert.equal(model.turn(model.turn(layout)).direction, "row");
});

test("another page's tabs come, what is in front here stays", () => {
  const mine = model.show(many(2), "main");
  const theirs = model.rename(many(3), "t2", "Logs");
  const merged = sound(model.merge(mine, theirs));
  assert.deepEqual([merged.shown, model.find(merged, "t2").title, merged.tabs.length], [["main"], "Logs", 3]);
  assert.deepEqual(sound(model.merge(mine, model.close(theirs, "main"))).shown, ["t3"]);
  assert.deepEqual(sound(model.merge(mine, model.split(theirs, "main", "row"))).shown, ["t3", "main"]);
});

test("no action changes a layout in place", () => {
  const freeze = (layout) => Object.freeze({ ...layout, tabs: Object.freeze(layout.tabs.map(Object.freeze)), shown: Object.freeze(layout.shown) });
  const layout = freeze(model.split(many(3), "t3", "row"));
  model.add(layout, model.next(layout), 1);
  model.move(layout, "main", 1);
  model.close(layout, "t3");
  model.join(layout);
  model.rename(layout, "main", "x");
});
