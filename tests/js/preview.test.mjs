import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { address } from "../../static/js/preview/address.js";
import { Watch } from "../../static/js/preview/watch.js";
import { FakeTimers } from "./fakes.mjs";

const real = globalThis.fetch;
afterEach(() => (globalThis.fetch = real));

function setUp() {
  const timers = new FakeTimers();
  const asked = [];
  const page = { seen: true };
  const watch = new Watch(() => asked.push(timers.time), { timers, seen: () => page.seen });
  return { timers, asked, page, watch };
}

test("asks soon after a command, then with growing pauses, then no more", () => {
  const { timers, asked, watch } = setUp();
  watch.changed();
  timers.pass(60_000);
  assert.deepEqual(asked, [300, 1300, 3300, 7300, 15_300]);
});

test("the next command starts over, and no question is asked twice", () => {
  const { timers, asked, watch } = setUp();
  watch.changed();
  timers.pass(1000);
  watch.changed();
  timers.pass(1000);
  assert.deepEqual(asked, [300, 1300]);
});

test("while something prints it asks every few seconds", () => {
  const { timers, asked, watch } = setUp();
  for (let step = 0; step < 100; step++) {
    watch.activity();
    timers.pass(100);
  }
  assert.deepEqual(asked, [4000, 8000]);
});

test("a page that nobody sees asks nothing, and goes on when it is seen", () => {
  const { timers, asked, page, watch } = setUp();
  page.seen = false;
  watch.changed();
  timers.pass(20_000);
  assert.deepEqual(asked, []);
  page.seen = true;
  watch.changed();
  timers.pass(300);
  assert.deepEqual(asked, [20_300]);
});

test("stopped, it asks no more until something happens", () => {
  const { timers, asked, watch } = setUp();
  watch.changed();
  timers.pass(300);
  watch.stop();
  timers.pass(60_000);
  assert.deepEqual(asked, [300]);
});

test("an address is asked for by POST, and never from a cache", async () => {
  const found = { url: "http://8080-key.localhost:8001/.lab-preview/enter?token=t", origin: "http://8080-key.localhost:8001" };
  globalThis.fetch = async (url, options) => {
    assert.deepEqual([url, options.method, options.cache], ["/preview/8080", "POST", "no-store"]);
    return { ok: true, json: async () => found };
  };
  assert.deepEqual(await address(8080), found);
});

test("what the lab says against it is the error's message", async () => {
  const message = "All 32 ports for previews are taken; try again when somebody has finished.";
  globalThis.fetch = async () => ({ ok: false, json: async () => ({ message }) });
  await assert.rejects(address(1), { message });
});

test("a lab that does not answer, or not in JSON, is told in a sentence", async () => {
  for (const answer of [
    async () => Promise.reject(new TypeError("Failed to fetch")),
    async () => ({ ok: false, json: async () => JSON.parse("<html>") }),
  ]) {
    globalThis.fetch = answer;
    await assert.rejects(address(1), { message: "The lab cannot be reached just now; try again in a moment." });
  }
});
