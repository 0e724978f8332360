import assert from "node:assert/strict";
import { test } from "node:test";

import { Input, latin1 } from "../../static/js/terminal/input.js";

const text = (bytes) => new TextDecoder().decode(bytes);

function setUp({ open = true } = {}) {
  const sent = [];
  const input = new Input((offset, payload) => sent.push([offset, payload]));
  if (open) input.attached(0);
  return { input, sent, said: () => sent.map(([offset, payload]) => [offset, text(payload)]) };
}

test("counts bytes, not characters", () => {
  const { input, said } = setUp();
  input.type("é");
  input.type("x");
  assert.deepEqual(said(), [[0, "é"], [2, "x"]]);
});

test("a long paste goes in chunks of 16 KiB at most, none lost", () => {
  const { input, sent } = setUp();
  const long = "0123456789".repeat(5000);
  input.type(long);
  assert.deepEqual(sent.map(([offset]) => offset), [0, 16_384, 32_768, 49_152]);
  assert.ok(sent.every(([, payload]) => payload.length <= 16_384));
  assert.equal(sent.map(([, payload]) => text(payload)).join(""), long);
});

test("what is typed while away is sent when the connection is back", () => {
  const { input, said } = setUp({ open: false });
  input.type("ls\r");
  assert.deepEqual(said(), []);
  input.attached(0);
  assert.deepEqual(said(), [[0, "ls\r"]]);
});

test("after a loss exactly what was not taken is sent again", () => {
  const { input, sent, said } = setUp();
  input.type("abc");
  input.type("defg");
  input.detached();
  input.type("h");
  sent.length = 0;
  input.attached(5);
  assert.deepEqual(said(), [[5, "fg"], [7, "h"]]);
});

test("nothing is sent again when everything was taken", () => {
  const { input, sent, said } = setUp();
  input.type("abc");
  input.detached();
  sent.length = 0;
  input.attached(3);
  assert.deepEqual(said(), []);
  input.type("d");
  assert.deepEqual(said(), [[3, "d"]]);
});

test("a position that cannot be served starts anew there instead of typing old keys", () => {
  const { input, sent, said } = setUp();
  input.type("rm -r");
  input.detached();
  sent.length = 0;
  input.attached(9);
  assert.deepEqual(said(), []);
  input.type("x");
  assert.deepEqual(said(), [[9, "x"]]);
});

test("another life of the terminal gets nothing that was typed for the one before", () => {
  const { input, sent, said } = setUp();
  input.detached();
  input.type("secret");
  input.forget();
  sent.length = 0;
  input.attached(0);
  input.type("a");
  assert.deepEqual(said(), [[0, "a"]]);
});

test("keeps no more than about 16 MiB of what was sent", () => {
  const { input, sent, said } = setUp();
  const chunk = "x".repeat(16_384);
  for (let count = 0; count < 1100; count += 1) input.type(chunk);
  input.detached();
  sent.length = 0;
  input.attached(0); // long gone: too old to be served
  assert.deepEqual(said(), []);
});

test("mouse reports are bytes, not UTF-8", () => {
  assert.deepEqual([...latin1("\x1b[M\xff")], [27, 91, 77, 255]);
});
