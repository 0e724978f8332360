import assert from "node:assert/strict";
import { test } from "node:test";

import { Sleep } from "../../static/js/workspace/sleep.js";
import { FakeTimers } from "./fakes.mjs";

function setUp() {
  const sent = [];
  const clock = new FakeTimers();
  const channel = { open: true };
  const sleep = new Sleep((message) => channel.open && sent.push(message) > 0, clock.now);
  return { sleep, sent, clock, channel };
}

test("a sandbox that is awake is not asked to wake", () => {
  const { sleep, sent } = setUp();
  sleep.wake();
  assert.equal(sleep.hear("ready"), false);
  sleep.wake();
  assert.deepEqual(sent, []);
});

test("of many keys one asks, and another once nothing has come of it", () => {
  const { sleep, sent, clock } = setUp();
  assert.equal(sleep.hear("asleep"), true);
  assert.equal(sleep.hear("asleep"), false, "said again it is no news");
  for (let key = 0; key < 5; key++) sleep.wake();
  assert.deepEqual(sent, [{ type: "wake" }]);
  clock.pass(4000);
  sleep.wake();
  assert.equal(sent.length, 2);
});

test("it may be woken at once when it has been awake in between", () => {
  const { sleep, sent } = setUp();
  sleep.hear("asleep");
  sleep.wake();
  assert.equal(sleep.hear("ready"), true);
  sleep.hear("asleep");
  sleep.wake();
  assert.equal(sent.length, 2);
});

test("what no connection carried counts as not asked", () => {
  const { sleep, sent, channel } = setUp();
  sleep.hear("asleep");
  channel.open = false;
  sleep.wake();
  channel.open = true;
  sleep.wake();
  assert.deepEqual(sent, [{ type: "wake" }]);
});
