import assert from "node:assert/strict";
import { test } from "node:test";

import { Input, latin1 } from "../../static/js/terminal/input.js";
import { FakeTimers } from "./fakes.mjs";

const text = (bytes) => new TextDecoder().decode(bytes);
const WINDOW = 65_536;

function setUp({ open = true } = {}) {
  const sent = [];
  const timers = new FakeTimers();
  const input = new Input((offset, payload) => sent.push([offset, payload]), { timers, now: timers.now });
  if (open) input.attached(0);
  const end = () => (sent.length ? sent.at(-1)[0] + sent.at(-1)[1].length : 0);
  return { input, sent, timers, end, said: () => sent.map(([offset, payload]) => [offset, text(payload)]) };
}

/** A program that takes all it gets, until there is nothing more. */
function drain({ input, timers, end }) {
  for (let before = -1; before !== end(); ) {
    before = end();
    input.taken(before);
    timers.pass(60_000);
  }
}

/** All bytes as the server puts them together: repeated ones once, none missing. */
function arrived(sent) {
  let bytes = Buffer.alloc(0);
  for (const [offset, payload] of sent) {
    assert.ok(offset <= bytes.length, `a gap before ${offset}`);
    bytes = Buffer.concat([bytes, payload.subarray(bytes.length - offset)]);
  }
  return bytes.toString();
}

test("counts bytes, not characters", () => {
  const { input, said } = setUp();
  input.type("é");
  input.type("x");
  assert.deepEqual(said(), [[0, "é"], [2, "x"]]);
});

test("a long text goes in chunks of 16 KiB at most, none lost", () => {
  const { input, sent } = setUp();
  const long = "0123456789".repeat(5000);
  input.type(long);
  assert.deepEqual(sent.map(([offset]) => offset), [0, 16_384, 32_768, 49_152]);
  assert.ok(sent.every(([, payload]) => payload.length <= 16_384));
  assert.ok(arrived(sent) === long);
});

test("no chunk ends within a character", () => {
  const lab = setUp();
  lab.input.type(`x${"€".repeat(30_000)}`);
  drain(lab);
  for (const [, payload] of lab.sent) assert.doesNotThrow(() => new TextDecoder("utf-8", { fatal: true }).decode(payload));
  assert.equal(arrived(lab.sent).length, 30_001);
});

test("no more is on its way than the program's side has room for", () => {
  const { input, end } = setUp();
  input.type("x".repeat(300_000));
  assert.equal(end(), WINDOW);
  input.taken(20_000);
  assert.equal(end(), WINDOW + 16_384);
  input.taken(10_000); // overtaken
  assert.equal(end(), WINDOW + 16_384);
});

test("no faster than the lab takes it", () => {
  const lab = setUp();
  const { input, timers, end } = lab;
  input.type("x".repeat(8_000_000));
  for (let round = 0; round < 1000; round += 1) input.taken(end());
  const burst = end();
  assert.ok(burst > 2_900_000 && burst <= 3 * 1024 * 1024, `${burst} at once`);
  for (let passed = 0; passed < 4000; passed += 10) {
    timers.pass(10);
    input.taken(end());
  }
  const rate = (end() - burst) / 4;
  assert.ok(rate > 400_000 && rate < 512 * 1024, `${rate} a second`);
  drain(lab);
  assert.equal(end(), 8_000_000);
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

test("a long text survives cuts at any point", () => {
  const long = Array.from({ length: 60_000 }, (_, number) => `${number}`).join(",");
  const timers = new FakeTimers();
  let server = "";
  let arriving = Infinity; // bytes until the cut
  const input = new Input(
    (offset, payload) => {
      const fresh = text(payload).slice(server.length - offset, server.length - offset + arriving);
      assert.ok(offset <= server.length || arriving === 0, "a gap");
      if (arriving > 0) server += fresh;
      arriving -= Math.min(arriving, fresh.length);
    },
    { timers, now: timers.now },
  );
  input.attached(0);
  input.type(long);
  for (let round = 1; server.length < long.length; round += 1) {
    assert.ok(round < 200, "it goes on");
    arriving = round * 1009;
    input.taken(server.length);
    timers.pass(1000);
    input.detached();
    arriving = Infinity;
    input.attached(server.length, Math.max(0, server.length - 40_000));
  }
  assert.ok(server === long);
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

test("a paste tells how far it is, and when it is through", () => {
  const lab = setUp();
  const paste = lab.input.paste("x".repeat(100_000), { head: "<<", tail: ">>" });
  let ends = 0;
  paste.addEventListener("end", () => (ends += 1));
  assert.ok(paste.sent > 0 && paste.sent <= WINDOW && paste.total === 100_004);
  drain(lab);
  assert.deepEqual([paste.sent, ends, paste.cancelled, paste.lost], [100_004, 1, false, false]);
  assert.ok(arrived(lab.sent) === `<<${"x".repeat(100_000)}>>`);
});

test("a paste that is stopped closes its bracket, and keys that waited behind it follow", () => {
  const lab = setUp();
  const paste = lab.input.paste("x".repeat(1_000_000), { head: "<<", tail: ">>" });
  lab.input.type("q");
  lab.input.cancel(paste);
  drain(lab);
  assert.match(arrived(lab.sent), /^<<x{10000,70000}>>q$/);
  assert.ok(paste.cancelled && paste.ended);
});

test("a paste that is stopped before it began leaves nothing", () => {
  const { input, said } = setUp({ open: false });
  input.cancel(input.paste("never", { head: "<<", tail: ">>" }));
  input.type("q");
  input.attached(0);
  assert.deepEqual(said(), [[0, "q"]]);
});

test("a paste is lost together with the terminal that it was for", () => {
  const { input } = setUp();
  const paste = input.paste("x".repeat(1_000_000));
  input.forget();
  assert.ok(paste.lost && paste.ended);
});

test("mouse reports are bytes, not UTF-8", () => {
  assert.deepEqual([...latin1("\x1b[M\xff")], [27, 91, 77, 255]);
});
