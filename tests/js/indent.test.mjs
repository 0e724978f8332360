import assert from "node:assert/strict";
import { test } from "node:test";

import { indent, newLine, outdent } from "../../static/js/lesson/indent.js";

/** What becomes of a text whose selection stands between two bars (one: the caret). */
function edit(change, marked, unit = "  ") {
  const start = marked.indexOf("|");
  const end = marked.lastIndexOf("|") - (marked.lastIndexOf("|") === start ? 0 : 1);
  const text = marked.replaceAll("|", "");
  const made = change(text, start, end, unit);
  if (made === null) return null;
  const after = text.slice(0, made.from) + made.text + text.slice(made.to);
  const bars = made.start === made.end ? "|" : `|${after.slice(made.start, made.end)}|`;
  return after.slice(0, made.start) + bars + after.slice(made.end);
}

test("Tab at the caret, and over a part of a line, types an indent", () => {
  assert.equal(edit(indent, "a|b"), "a  |b");
  assert.equal(edit(indent, "a|b|c"), "a  |c");
  assert.equal(edit(indent, "|x", "\t"), "\t|x");
});

test("Tab over several lines moves them, but no empty one and not the one after", () => {
  assert.equal(edit(indent, "a\nb|b\n\ncc|\nd"), "a\n|  bb\n\n  cc|\nd");
  assert.equal(edit(indent, "|a\nb\n|c"), "|  a\n  b|\nc");
});

test("Shift-Tab takes back as much as there is", () => {
  assert.equal(edit(outdent, "a\n    b|"), "a\n  b|");
  assert.equal(edit(outdent, " |b"), "|b");
  assert.equal(edit(outdent, "|  a\n b\nc|\nd"), "|a\nb\nc|\nd");
  assert.equal(edit(outdent, "ab|"), null);
  assert.equal(edit(outdent, "\ta|", "\t"), "a|");
});

test("Enter begins the new line where the one before did", () => {
  assert.equal(edit(newLine, "a:\n  b|c"), "a:\n  b\n  |c");
  assert.equal(edit(newLine, "|"), "\n|");
});
