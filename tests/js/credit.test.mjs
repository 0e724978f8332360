import assert from "node:assert/strict";
import { test } from "node:test";

import { Credit } from "../../static/js/terminal/credit.js";
import { FakeTimers } from "./fakes.mjs";

function attached(offset = 0) {
  const sent = [];
  const timers = new FakeTimers();
  const credit = new Credit((position) => sent.push(position), timers);
  credit.attached(offset, { fresh: true });
  sent.length = 0;
  return { credit, sent, timers };
}

test("acknowledges a moment after nothing waits to be parsed, once for all that was", () => {
  const { credit, sent, timers } = attached();
  for (const end of [10, 20, 30]) {
    credit.arrived(end);
    credit.done(end);
    timers.pass(5);
  }
  assert.deepEqual(sent, []);
  timers.pass(5);
  assert.deepEqual(sent, [30]);
  timers.pass(1000);
  assert.deepEqual([sent, timers.pending], [[30], 0]);
});

test("acknowledges at once when the program has ended, also what is parsed later", () => {
  const { credit, sent, timers } = attached();
  credit.arrived(30);
  credit.done(10);
  credit.ending();
  assert.deepEqual(sent, []);
  credit.done(30);
  assert.deepEqual(sent, [30]);
  timers.pass(100);
  assert.deepEqual(sent, [30]);
  const other = attached();
  other.credit.arrived(30);
  other.credit.done(30);
  other.credit.ending();
  assert.deepEqual(other.sent, [30]);
});

test("what waited to be acknowledged on a lost connection is not told to the next one", () => {
  const { credit, sent, timers } = attached();
  credit.arrived(30);
  credit.done(30);
  credit.arrived(50);
  credit.attached(50, { fresh: false });
  timers.pass(100);
  assert.deepEqual(sent, []);
  credit.done(50);
  timers.pass(100);
  assert.deepEqual(sent, [50]);
});

test("acknowledges every 16 KiB while more waits, and not each small piece", () => {
  const { credit, sent } = attached();
  credit.arrived(100_000);
  for (let end = 1000; end <= 40_000; end += 1000) credit.done(end);
  assert.deepEqual(sent, [17_000, 34_000]);
});

test("never acknowledges the same position twice, nor goes back", () => {
  const { credit, sent, timers } = attached(500);
  credit.arrived(600);
  credit.done(600);
  credit.done(600);
  timers.pass(100);
  assert.deepEqual(sent, [600]);
});

test("a resumed connection gets no acknowledgement below the point where it continues", () => {
  const { credit, sent, timers } = attached();
  credit.arrived(50_000);
  credit.done(20_000);
  sent.length = 0;
  credit.attached(50_000, { fresh: false });
  credit.done(40_000);
  timers.pass(100);
  assert.deepEqual(sent, []);
  credit.done(50_000);
  timers.pass(100);
  assert.deepEqual(sent, [50_000]);
  credit.arrived(50_001);
  credit.done(50_001);
  timers.pass(100);
  assert.deepEqual(sent, [50_000, 50_001]);
});

test("received is what has arrived, parsed or not", () => {
  const { credit } = attached(7);
  credit.arrived(900);
  assert.equal(credit.received, 900);
  assert.equal(credit.parsed, 7);
});
