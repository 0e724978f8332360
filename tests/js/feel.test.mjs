import assert from "node:assert/strict";
import { test } from "node:test";

import { shortcut } from "../../static/js/terminal/keys.js";
import { webAddress } from "../../static/js/terminal/links.js";
import { Modifiers } from "../../static/js/terminal/modifiers.js";
import { amount, inspect, oneLine, prepare, preview, reasonToAsk } from "../../static/js/terminal/paste.js";
import { cleanTitle } from "../../static/js/terminal/title.js";
import { describe } from "../../static/js/terminal/words.js";

test("a paste is asked about where a program would take it for keys", () => {
  const plain = { bracketed: false };
  const bracketed = { bracketed: true };
  for (const harmless of ["ls", "ls\n", "ls\r\n", "a\tb"]) assert.equal(reasonToAsk(harmless, plain), null, harmless);
  assert.equal(reasonToAsk("a\nb", plain), "lines");
  assert.equal(reasonToAsk("a\nb", bracketed), null);
  assert.equal(reasonToAsk("a\x03b", plain), "controls");
  assert.equal(reasonToAsk("a\x9bb", plain), "controls");
  assert.equal(reasonToAsk("x".repeat(600_000), bracketed), "large");
  assert.deepEqual(inspect("a\r\nb\n\x1b"), { lines: 3, controls: 1, size: 6 });
});

test("nothing in a bracketed paste ends the bracket or interrupts the program", () => {
  const evil = "safe\x1b[201~\rrm -rf ~\r\x03\x1b[20\x1b[201~1~\x9b201~\x04";
  const { head, text, tail, dropped } = prepare(evil, { bracketed: true });
  assert.deepEqual([head, tail, dropped], ["\x1b[200~", "\x1b[201~", 6]);
  assert.doesNotMatch(text, /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/);
  assert.equal(text, "safe[201~\rrm -rf ~\r[20[201~1~201~");
});

test("without brackets what was agreed to goes as it is, with the return key for each line's end", () => {
  assert.deepEqual(prepare("a\r\nb\nc\x03", { bracketed: false }), { head: "", text: "a\rb\rc\x03", tail: "", dropped: 0 });
});

test("several lines become one", () => {
  assert.equal(oneLine("docker run \\\n    --rm \\\r\n  nginx\n"), "docker run --rm nginx");
  assert.equal(oneLine("\none\n\n  two\n"), "one two");
});

test("the first lines are shown, with control characters made visible", () => {
  assert.equal(preview("a\x03\x1b[0m\x7f\x9b\nb"), "a^C^[[0m^?\\x9b\nb");
  assert.equal(preview("x\n".repeat(100)).split("\n").length, 6);
  assert.ok(preview("y".repeat(100_000)).length < 300);
  assert.equal(amount({ lines: 1, size: 5 }), "one line");
  assert.equal(amount({ lines: 1200, size: 1_250_000 }), "1,200 lines, 1.3 MB");
});

const press = (key, modifiers = {}) => ({ type: "keydown", key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers });

test("Ctrl-C copies what is selected and otherwise belongs to the program", () => {
  const ctrl = { ctrlKey: true };
  assert.equal(shortcut(press("c", ctrl), { selected: true }), "copy");
  assert.equal(shortcut(press("c", ctrl), { selected: false }), null);
  assert.equal(shortcut(press("C", { ...ctrl, shiftKey: true }), { selected: false }), "copy");
  assert.equal(shortcut(press("c", { metaKey: true }), { selected: false }), "copy");
  assert.equal(shortcut(press("v", ctrl), { selected: false }), "paste");
});

test("find and font size have their keys, and no more than those are taken", () => {
  const ctrl = { ctrlKey: true };
  const found = (key, modifiers) => shortcut(press(key, modifiers), { selected: true });
  assert.equal(found("F", { ...ctrl, shiftKey: true }), "find");
  assert.equal(found("f", ctrl), null, "forward one character");
  assert.deepEqual(["+", "=", "-", "0"].map((key) => found(key, ctrl)), ["larger", "larger", "smaller", "usual"]);
  for (const key of ["Escape", "Tab", "a", "d", "r", "z", "ArrowUp"]) assert.equal(found(key, ctrl), null, key);
  assert.equal(found("v", { ...ctrl, altKey: true }), null);
  assert.equal(found("c", {}), null);
  assert.equal(shortcut({ ...press("c", ctrl), type: "keyup" }, { selected: true }), null);
});

test("Ctrl of the key row holds for one key, or until it is tapped again", () => {
  const row = new Modifiers();
  row.tap("ctrl", { quick: false });
  assert.deepEqual([row.apply("c"), row.apply("c")], ["\x03", "c"]);
  row.tap("ctrl", { quick: false });
  row.tap("ctrl", { quick: true });
  assert.equal(row.ctrl, "locked");
  assert.deepEqual([row.apply("a"), row.apply("["), row.apply(" ")], ["\x01", "\x1b", "\x00"]);
  row.tap("ctrl", { quick: false });
  assert.equal(row.apply("c"), "c");
  row.tap("ctrl", { quick: false });
  row.tap("ctrl", { quick: false }); // a second tap much later takes it back
  assert.equal(row.ctrl, "off");
});

test("Alt, both, and arrows", () => {
  const row = new Modifiers();
  row.tap("alt", { quick: false });
  assert.equal(row.apply("b"), "\x1bb");
  row.tap("alt", { quick: false });
  row.tap("ctrl", { quick: false });
  assert.equal(row.apply("\x1bOD"), "\x1b[1;7D");
  row.tap("ctrl", { quick: false });
  assert.equal(row.apply("\x1b[12;40R"), "\x1b[12;40R", "a terminal's answer is no key");
  assert.equal(row.apply("x"), "\x18");
});

test("a title is short, visible and goes one way", () => {
  assert.equal(cleanTitle("  vim:\tnotes.txt\n"), "vim:notes.txt");
  assert.equal(cleanTitle("a\u202etxt.exe\u2066\u200b\u0007b"), "atxt.exeb");
  assert.equal(cleanTitle("<b>&amp;"), "<b>&amp;");
  assert.equal(Array.from(cleanTitle("🐳".repeat(500))).length, 60);
});

test("only addresses of the web are opened", () => {
  assert.equal(webAddress("https://example.org/a?b").host, "example.org");
  for (const bad of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ssh://host", "nothing", ""]) {
    assert.equal(webAddress(bad), null, bad);
  }
});

test("states are said plainly", () => {
  assert.equal(describe({ state: "lost", message: "Gone.", wait: 2100 }).notice, "Gone. Trying again in 3 s.");
  assert.equal(describe({ state: "lost", wait: 10 }).short, "Resuming…");
  assert.equal(describe({ state: "connecting", again: true }).short, "Resuming…");
  assert.equal(describe({ state: "connected", readonly: true, guest: true }).short, "Watching, read only");
  assert.equal(describe({ state: "connected", guest: true }).short, "You have the keyboard");
  assert.deepEqual([describe({ state: "asleep" }).short, describe({ state: "asleep" }).action], ["Asleep", "wake"]);
  assert.match(describe({ state: "ended", code: 3 }).notice, /exit status 3.*Enter/);
  assert.equal(describe({ state: "ended", code: 3, readonly: true }).button, "");
  assert.match(describe({ state: "connected", readonly: true }).short, /read only/);
});
