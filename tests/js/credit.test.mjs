import assert from "node:assert/strict";
import { test } from "node:test";

import { Credit } from "../../static/js/terminal/credit.js";

function attached(offset = 0) {
  const sent = [];
  const credit = new Credit((position) => sent.push(position));
  credit.attached(offset, { fresh: true });
  sent.length = 0;
  return { credit, sent };
}

test("acknowledges when nothing waits to be parsed", () => {
  const { credit, sent } = attached();
  credit.arrived(10);
  assert.deepEqual(sent, []);
  credit.done(10);
  assert.deepEqual(sent, [10]);
});

test("acknowledges every 16 KiB while more waits, and not each small piece", () => {
  const { credit, sent } = attached();
  credit.arrived(100_000);
  for (let end = 1000; end <= 40_000; end += 1000) credit.done(end);
  assert.deepEqual(sent, [17_000, 34_000]);
});

test("never acknowledges the same position twice, nor goes back", () => {
  const { credit, sent } = attached(500);
  credit.arrived(600);
  credit.done(600);
  credit.done(600);
  assert.deepEqual(sent, [600]);
});

test("a resumed connection gets no acknowledgement below the point where it continues", () => {
  const { credit, sent } = attached();
  credit.arrived(50_000);
  credit.done(20_000);
  sent.length = 0;
  credit.attached(50_000, { fresh: false });
  credit.done(40_000);
  assert.deepEqual(sent, []);
  credit.done(50_000);
  assert.deepEqual(sent, [50_000]);
  credit.arrived(50_001);
  credit.done(50_001);
  assert.deepEqual(sent, [50_000, 50_001]);
});

test("received is what has arrived, parsed or not", () => {
  const { credit } = attached(7);
  credit.arrived(900);
  assert.equal(credit.received, 900);
  assert.equal(credit.parsed, 7);
});
