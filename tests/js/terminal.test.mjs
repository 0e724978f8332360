import assert from "node:assert/strict";
import { test } from "node:test";

import { pause } from "../../static/js/pause.js";
import { key, keystrokes } from "../../static/js/terminal/keystrokes.js";
import { Marks } from "../../static/js/terminal/marks.js";
import { Replay } from "../../static/js/terminal/replay.js";
import { describe } from "../../static/js/terminal/words.js";

test("pauses grow from 250 ms to 10 s, half of it by chance", () => {
  assert.deepEqual([0, 1, 2, 9, 10, 1000].map((attempt) => pause(attempt, () => 1)), [250, 375, 563, 9611, 10_000, 10_000]);
  assert.equal(pause(1, () => 0), 188);
});

test("a replay is over only when its last byte is parsed", () => {
  const replay = new Replay();
  assert.equal(replay.active, false);
  replay.begin(100, -1);
  assert.equal(replay.active, true);
  replay.done(99);
  assert.equal(replay.active, true);
  replay.done(100);
  assert.equal(replay.active, false);
});

test("a fresh screen with nothing to replay waits for the reset itself", () => {
  const replay = new Replay();
  replay.begin(0, -1);
  assert.equal(replay.active, true);
  replay.done(0);
  assert.equal(replay.active, false);
});

test("a payload is split where old output ends", () => {
  const replay = new Replay();
  replay.begin(100, 90);
  const bytes = Uint8Array.from({ length: 20 }, (_, index) => index);
  assert.deepEqual(replay.split(90, bytes).map((part) => part.length), [10, 10]);
  assert.deepEqual(replay.split(80, bytes).map((part) => part.length), [20]);
  assert.deepEqual(replay.split(100, bytes).map((part) => part.length), [20]);
});

function marks() {
  const told = [];
  const tracker = new Marks((name, { status }) => told.push([name, status]));
  return { tracker, told };
}

test("a prompt tells of the status before it", () => {
  const { tracker, told } = marks();
  assert.equal(tracker.atPrompt, null);
  for (const mark of ["A", "B", "C", "D;2", "A"]) tracker.mark(mark, true);
  assert.deepEqual(told, [["prompt", null], ["command", null], ["prompt", 2]]);
  assert.equal(tracker.atPrompt, true);
});

test("a replayed prompt tells nothing, but is known", () => {
  const { tracker, told } = marks();
  tracker.mark("D;0", false);
  tracker.mark("A", false);
  assert.deepEqual(told, []);
  assert.equal(tracker.atPrompt, true);
  tracker.mark("C", false);
  assert.equal(tracker.atPrompt, false);
});

test("marks with strange contents do no harm", () => {
  const { tracker, told } = marks();
  for (const mark of ["", ";", "Z;1", "D;x;y", "P;k=i"]) tracker.mark(mark, true);
  assert.deepEqual(told, []);
});

test("a command is entered with the return key", () => {
  assert.equal(keystrokes("ls -l", { atPrompt: null, bracketed: false }), "ls -l\r");
  assert.equal(keystrokes("ls -l\n", { atPrompt: false, bracketed: true }), "ls -l\r");
});

test("at a prompt, what was half typed goes first", () => {
  assert.equal(keystrokes("ls", { atPrompt: true, bracketed: true }), "\x05 \x15ls\r");
});

test("several lines are one bracketed paste where that is understood", () => {
  const lines = "cat <<EOF\nhello\nEOF\n";
  assert.equal(keystrokes(lines, { atPrompt: null, bracketed: true }), "\x1b[200~cat <<EOF\rhello\rEOF\x1b[201~\r");
  assert.equal(keystrokes(lines, { atPrompt: null, bracketed: false }), "cat <<EOF\rhello\rEOF\r");
});

test("arrow keys follow the program's mode", () => {
  assert.equal(key("up", { application: false }), "\x1b[A");
  assert.equal(key("down", { application: true }), "\x1bOB");
  assert.equal(key("c-c", { application: true }), "\x03");
});

test("every state has words, and what ends it a button", () => {
  for (const state of ["idle", "connecting", "connected"]) assert.equal(describe({ state }).notice, "");
  for (const state of ["lost", "ended", "taken", "denied", "broken"]) {
    const words = describe({ state, message: "Because.", wait: 2000 });
    assert.ok(words.notice && words.button && words.action, state);
  }
  assert.match(describe({ state: "ended", code: 0 }).notice, /exit status 0/);
  assert.doesNotMatch(describe({ state: "ended", code: null }).notice, /status/);
});
