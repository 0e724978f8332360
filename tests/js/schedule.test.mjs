import assert from "node:assert/strict";
import { test } from "node:test";

import { Schedule } from "../../static/js/lesson/schedule.js";
import { FakeTimers } from "./fakes.mjs";

function setUp({ reachable = true } = {}) {
  const timers = new FakeTimers();
  const at = [];
  const lab = { timers, at, reachable };
  lab.schedule = new Schedule(() => (at.push(timers.time), lab.reachable), { timers, now: timers.now });
  /** Let time pass, with each check answered at once. */
  lab.pass = (milliseconds, answer = "not-yet") => {
    for (let spent = 0; spent < milliseconds; spent += 100) {
      const before = at.length;
      timers.pass(100);
      if (at.length > before) lab.schedule.answered(answer);
    }
  };
  return lab;
}

test("checks at once when a prompt returns, then after 1, 2, 4 and 8 seconds, then no more", () => {
  const { schedule, at, pass } = setUp();
  schedule.prompt();
  assert.deepEqual(at, [0]);
  schedule.answered("not-yet");
  pass(60_000);
  assert.deepEqual(at, [0, 1000, 3000, 7000, 15_000]);
});

test("done ends it for good", () => {
  const { schedule, at, pass, timers } = setUp();
  schedule.prompt();
  schedule.answered("done");
  pass(60_000);
  schedule.prompt();
  schedule.activity();
  pass(60_000);
  assert.deepEqual(at, [0]);
  assert.equal(timers.pending, 0);
});

test("done that somebody else found ends it too", () => {
  const { schedule, at } = setUp();
  schedule.answered("done");
  schedule.prompt();
  assert.deepEqual(at, []);
});

test("a new prompt begins anew", () => {
  const { schedule, at, pass } = setUp();
  schedule.prompt();
  schedule.answered("not-yet");
  pass(5000);
  schedule.prompt();
  schedule.answered("not-yet");
  pass(60_000);
  assert.deepEqual(at, [0, 1000, 3000, 5000, 6000, 8000, 12_000, 20_000]);
});

test("one check at a time: a prompt during a check is checked right after it", () => {
  const { schedule, at } = setUp();
  schedule.prompt();
  schedule.prompt();
  schedule.prompt();
  assert.equal(at.length, 1);
  schedule.answered("not-yet");
  assert.equal(at.length, 2);
});

test("an answer that never comes does not end checking", () => {
  const { schedule, at, timers } = setUp();
  schedule.prompt();
  timers.pass(31_000);
  schedule.prompt();
  assert.deepEqual(at, [0, 31_000]);
});

test("without a connection nothing is waited for", () => {
  const lab = setUp({ reachable: false });
  lab.schedule.prompt();
  lab.reachable = true;
  lab.schedule.prompt();
  assert.equal(lab.at.length, 2);
});

test("activity under a program is checked every five seconds at most", () => {
  const { schedule, at, pass } = setUp();
  for (let count = 0; count < 120; count += 1) {
    schedule.activity();
    pass(100);
  }
  assert.deepEqual(at, [0, 5000, 10_000]);
});

test("nothing has settled before the first command", () => {
  const { schedule, pass } = setUp();
  schedule.prompt();
  schedule.answered("not-yet");
  pass(60_000);
  assert.equal(schedule.settled, false);
});

test("things have settled when the last check after a command has been asked for", () => {
  const { schedule, pass } = setUp();
  schedule.command();
  schedule.prompt();
  schedule.answered("not-yet");
  pass(14_000);
  assert.equal(schedule.settled, false);
  pass(1500);
  assert.equal(schedule.settled, true);
  schedule.command();
  assert.equal(schedule.settled, false);
});
