import assert from "node:assert/strict";
import { test } from "node:test";
import { sentence } from "../../static/js/terminal/company.js";

const watching = (...names) => names.map((name) => ({ name, writes: false }));

test("says who watches, and who has the keyboard", () => {
  assert.equal(sentence([]), "");
  assert.equal(sentence(watching("Eve")), "Eve watches");
  assert.equal(sentence(watching("Eve", "")), "Eve, Guest watch");
  assert.equal(sentence(watching("A", "B", "C", "D", "E")), "A, B, C and 2 more watch");
  assert.equal(sentence([...watching("Eve"), { name: "Bob", writes: true }]), "Bob has the keyboard");
});
