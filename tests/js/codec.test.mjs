import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ACK, FrameError, HEADER_BYTES, INPUT, OUTPUT, decode, encode } from "../../static/js/codec.js";

const golden = JSON.parse(readFileSync(new URL("../golden/frames.json", import.meta.url), "utf8"));
const TYPES = { OUTPUT, INPUT, ACK };

/** The bytes of a golden frame. */
function bytes({ hex, fill }) {
  const tail = fill ? fill.byte.repeat(fill.count) : "";
  return Uint8Array.from(Buffer.from(hex + tail, "hex"));
}

for (const entry of golden.valid) {
  test(`valid: ${entry.name}`, () => {
    const frame = bytes(entry);
    const payload = frame.slice(HEADER_BYTES);
    const fields = { type: TYPES[entry.type], epoch: entry.epoch, offset: entry.offset };
    const decoded = decode(frame);
    assert.deepEqual({ ...decoded, payload: [...decoded.payload] }, { ...fields, payload: [...payload] });
    assert.deepEqual(encode(fields.type, fields.epoch, fields.offset, payload), frame);
  });
}

for (const entry of golden.invalid) {
  test(`invalid: ${entry.name}`, () => {
    assert.throws(() => decode(bytes(entry)), (error) => error instanceof FrameError && error.reason === entry.reason);
  });
}

test("the golden frames cover every reason", () => {
  const reasons = new Set(golden.invalid.map((entry) => entry.reason));
  assert.deepEqual([...reasons].sort(), ["empty", "epoch", "offset", "oversized", "payload", "short", "type"]);
});

test("decodes an ArrayBuffer, as a WebSocket delivers it", () => {
  const { buffer } = encode(OUTPUT, 1, 5, new Uint8Array([104, 105]));
  assert.deepEqual([...decode(buffer).payload], [104, 105]);
});

test("decodes a view that does not start at its buffer's first byte", () => {
  const frame = encode(ACK, 4, 2 ** 40);
  const shifted = new Uint8Array(frame.length + 3);
  shifted.set(frame, 3);
  assert.deepEqual(decode(shifted.subarray(3)).offset, 2 ** 40);
});

for (const [name, fields, reason] of [
  ["epoch 0", [INPUT, 0, 0, new Uint8Array(1)], "epoch"],
  ["epoch 2^32", [INPUT, 2 ** 32, 0, new Uint8Array(1)], "epoch"],
  ["offset 2^53", [INPUT, 1, 2 ** 53, new Uint8Array(1)], "offset"],
  ["negative offset", [INPUT, 1, -1, new Uint8Array(1)], "offset"],
  ["fraction as offset", [INPUT, 1, 0.5, new Uint8Array(1)], "offset"],
  ["empty input", [INPUT, 1, 0], "empty"],
  ["oversized input", [INPUT, 1, 0, new Uint8Array(16385)], "oversized"],
  ["payload in an acknowledgement", [ACK, 1, 0, new Uint8Array(1)], "payload"],
  ["unknown type", [7, 1, 0], "type"],
]) {
  test(`refuses to encode: ${name}`, () => {
    assert.throws(() => encode(...fields), (error) => error instanceof FrameError && error.reason === reason);
  });
}
