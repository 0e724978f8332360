import assert from "node:assert/strict";
import { test } from "node:test";

import { about, words } from "../../static/js/lesson/place.js";
import { Presence } from "../../static/js/lesson/presence.js";
import { FakeTimers } from "./fakes.mjs";

function setUp() {
  const timers = new FakeTimers();
  const page = { visible: true };
  const said = [];
  const presence = new Presence((type) => said.push([type, timers.time]), { timers, visible: () => page.visible });
  return { timers, page, said, presence };
}

test("a visible page says so at once and every twenty seconds, and only while there is a sandbox", () => {
  const { timers, said, presence } = setUp();
  presence.changed();
  assert.deepEqual(said, []);
  presence.state = "ready";
  presence.state = "ready";
  timers.pass(45_000);
  assert.deepEqual(said, [["present", 0], ["present", 20_000], ["present", 40_000]]);
  presence.state = "ended";
  timers.pass(45_000);
  assert.equal(said.length, 3);
});

test("a hidden page says nothing until it is seen again", () => {
  const { timers, page, said, presence } = setUp();
  presence.state = "ready";
  page.visible = false;
  presence.changed();
  timers.pass(60_000);
  page.visible = true;
  presence.changed();
  assert.deepEqual(said, [["present", 0], ["present", 60_000]]);
});

test("how long something takes is said as people say it", () => {
  const said = { 1: "5 seconds", 12: "15 seconds", 119: "120 seconds", 120: "2 minutes", 400: "7 minutes", 7200: "2 hours", 14_400: "4 hours" };
  for (const [seconds, expected] of Object.entries(said)) assert.equal(about(Number(seconds)), expected);
});

test("a place in the queue is said in words", () => {
  assert.match(words({ place: 1, seconds: 30 }), /^You are next\. It takes about 30 seconds/);
  assert.match(words({ place: 12, seconds: null }), /^You are number 12 in the queue\. How long it takes depends/);
});
