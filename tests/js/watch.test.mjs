import assert from "node:assert/strict";
import { test } from "node:test";

import { choose } from "../../static/js/watch/tabs.js";

const arranged = (names, ...shown) => ({ tabs: names.map((name) => ({ name, title: name })), shown });
const at = (name, following = true) => ({ name, following });

test("who follows goes where the learner goes, in either pane", () => {
  const one = arranged(["main", "t2"], "main");
  assert.equal(choose(null, one, at("t2")), "main");
  assert.equal(choose(one, arranged(["main", "t2"], "t2"), at("main")), "t2");
  const two = arranged(["main", "t2", "t3"], "main", "t2");
  assert.equal(choose(two, arranged(["main", "t2", "t3"], "main", "t3"), at("main")), "t3");
  assert.equal(choose(two, two, at("t2")), "t2", "either pane is in front");
  assert.equal(choose(two, arranged(["main", "t2"], "main", "t2"), at("t2")), "t2", "a tab closed elsewhere");
});

test("who has chosen a terminal stays there as long as it is open", () => {
  const two = arranged(["main", "t2"], "main");
  assert.equal(choose(null, two, at("t2", false)), "t2");
  assert.equal(choose(two, arranged(["main", "t2", "t3"], "t3"), at("t2", false)), "t2");
  assert.equal(choose(two, arranged(["main"], "main"), at("t2", false)), "main");
});

test("where the learner has only a preview in front, the terminal stays, or is the first", () => {
  const before = arranged(["main", "t2"], "t2");
  assert.equal(choose(before, arranged(["main", "t2"]), at("t2")), "t2");
  assert.equal(choose(before, arranged(["main"]), at("t2")), "main");
});
