import assert from "node:assert/strict";
import { test } from "node:test";

import { INPUT, OUTPUT, decode, encode } from "../../static/js/codec.js";
import { Connection } from "../../static/js/terminal/connection.js";
import { FakeSocket, FakeTimers } from "./fakes.mjs";

const ATTACHED = { type: "attached", epoch: 5, offset: 0, replay: 0, input: 0, role: "writer" };

function setUp({ resume = null, tab = "" } = {}) {
  const sockets = [];
  const timers = new FakeTimers();
  const known = { resume };
  const connection = new Connection({
    url: "ws://lab/ws/terminal/key/main",
    size: () => ({ cols: 100, rows: 30 }),
    resume: () => known.resume,
    tab,
    open: (url, protocol) => sockets[sockets.push(new FakeSocket(url, protocol)) - 1],
    timers,
  });
  const states = [];
  const events = [];
  connection.addEventListener("state", ({ detail }) => states.push(detail));
  for (const name of ["attached", "detached", "output"]) {
    connection.addEventListener(name, ({ detail }) => events.push([name, detail]));
  }
  return { connection, sockets, timers, states, events, known, last: () => states.at(-1) };
}

function connected(options) {
  const lab = setUp(options);
  lab.connection.connect();
  lab.sockets[0].open();
  lab.sockets[0].receive(ATTACHED);
  return lab;
}

test("attaches first, with its size and a writer's name", () => {
  const { connection, sockets, states } = setUp();
  connection.connect();
  assert.equal(sockets[0].protocol, "lab.terminal.1");
  assert.deepEqual(sockets[0].sent, []);
  sockets[0].open();
  const [attach] = sockets[0].messages;
  assert.deepEqual({ ...attach, writer: null }, { type: "attach", version: 1, cols: 100, rows: 30, writer: null });
  assert.match(attach.writer, /^[0-9a-f]{24}$/);
  assert.deepEqual(states.map(({ state }) => state), ["connecting"]);
});

test("only a learner's word takes a terminal from another page, and only until it is had", () => {
  const { connection, sockets, timers, last } = setUp({ tab: "here" });
  connection.connect();
  sockets[0].open();
  assert.deepEqual([sockets[0].messages[0].tab, sockets[0].messages[0].take], ["here", undefined]);
  sockets[0].receive({ type: "error", code: 4409, message: "This terminal is open in another page or browser of yours." });
  sockets[0].end(4409);
  assert.deepEqual([last().state, last().message], ["taken", "This terminal is open in another page or browser of yours."]);
  timers.pass(60_000);
  assert.equal(sockets.length, 1, "it does not try again by itself");
  connection.connect({ take: true });
  sockets[1].open();
  assert.equal(sockets[1].messages[0].take, true);
  sockets[1].end(1006);
  timers.pass(2000);
  sockets[2].open();
  assert.equal(sockets[2].messages[0].take, true, "a loss in between does not undo the learner's word");
  sockets[2].receive(ATTACHED);
  sockets[2].end(1006);
  timers.pass(2000);
  sockets[3].open();
  assert.equal(sockets[3].messages[0].take, undefined, "an old word takes it a second time");
});

test("is connected when attached, and then carries input, acknowledgements and sizes", () => {
  const { connection, sockets, last } = connected();
  assert.equal(last().state, "connected");
  connection.sendInput(7, new Uint8Array([97]));
  connection.sendAck(12);
  connection.resize({ cols: 80, rows: 24 });
  const [input, ack] = sockets[0].frames.map((frame) => decode(frame));
  assert.deepEqual([input.type, input.epoch, input.offset, [...input.payload]], [INPUT, 5, 7, [97]]);
  assert.deepEqual([ack.epoch, ack.offset], [5, 12]);
  assert.deepEqual(sockets[0].messages.at(-1), { type: "resize", cols: 80, rows: 24 });
});

test("hands on output", () => {
  const { sockets, events } = connected();
  sockets[0].receive(encode(OUTPUT, 5, 2 ** 33, new Uint8Array([104, 105])));
  const [name, { offset, payload }] = events.at(-1);
  assert.deepEqual([name, offset, [...payload]], ["output", 2 ** 33, [104, 105]]);
});

test("a first attach is a fresh screen; one that continues where it was is not", () => {
  const { connection, sockets, timers, events, known } = connected();
  assert.equal(events.at(-1)[1].fresh, true);
  known.resume = { epoch: 5, received: 40 };
  sockets[0].end(1006);
  timers.pass(1000);
  sockets[1].open();
  const [attach] = sockets[1].messages;
  assert.deepEqual([attach.epoch, attach.received], [5, 40]);
  assert.equal(attach.writer, sockets[0].messages[0].writer);
  sockets[1].receive({ ...ATTACHED, offset: 40, replay: 60 });
  assert.equal(events.at(-1)[1].fresh, false);
  assert.equal(connection.state, "connected");
});

for (const [what, attached] of [
  ["another life of the terminal", { ...ATTACHED, epoch: 6, offset: 40 }],
  ["a ring that has moved on", { ...ATTACHED, offset: 90 }],
]) {
  test(`${what} is a fresh screen`, () => {
    const { connection, sockets, events } = setUp({ resume: { epoch: 5, received: 40 } });
    connection.connect();
    sockets[0].open();
    sockets[0].receive(attached);
    assert.equal(events.at(-1)[1].fresh, true);
  });
}

test("a lost connection is tried again with growing pauses, which a success ends", () => {
  const { sockets, timers, states, last } = connected();
  sockets[0].end(1006);
  const waits = [last().wait];
  for (let attempt = 1; attempt < 8; attempt += 1) {
    timers.pass(last().wait);
    assert.equal(last().state, "connecting");
    assert.equal(last().again, true);
    sockets[attempt].end(1006);
    waits.push(last().wait);
  }
  assert.equal(sockets.length, 8);
  waits.forEach((wait, index) => {
    const whole = Math.min(10_000, 250 * 1.5 ** index);
    assert.ok(wait >= whole / 2 && wait <= whole, `pause ${index} is ${wait}`);
  });
  timers.pass(10_000);
  sockets[8].open();
  sockets[8].receive(ATTACHED);
  sockets[8].end(4503);
  assert.ok(last().wait <= 250);
  assert.equal(states.filter(({ state }) => state === "connected").length, 2);
});

test("connecting by hand cuts the pause short, once", () => {
  const { connection, sockets, timers } = connected();
  sockets[0].end(1001);
  connection.connect();
  connection.connect();
  assert.equal(sockets.length, 2);
  timers.pass(60_000);
  assert.equal(sockets.length, 2);
});

for (const [code, state] of [[4400, "broken"], [4401, "denied"], [4404, "gone"], [4409, "taken"], [1000, "ended"]]) {
  test(`close code ${code} is ${state}, and not tried again`, () => {
    const { sockets, timers, last } = connected();
    sockets[0].end(code);
    assert.equal(last().state, state);
    timers.pass(60_000);
    assert.equal(sockets.length, 1);
  });
}

test("too much input is tried again, but not at once", () => {
  const { sockets, last } = connected();
  sockets[0].end(4429);
  assert.equal(last().state, "lost");
  assert.ok(last().wait >= 3000);
});

test("what the server says went wrong is said instead of the page's own words", () => {
  const { sockets, last } = connected();
  sockets[0].receive({ type: "error", code: 4404, message: "The sandbox was removed by the operator." });
  assert.deepEqual([last().state, last().message], ["gone", "The sandbox was removed by the operator."]);
});

test("an error is the end, though the close that should follow never comes", () => {
  const { sockets, timers, last, states } = connected();
  sockets[0].receive({ type: "error", code: 4503, message: "The terminal was interrupted." });
  assert.equal(last().state, "lost");
  assert.equal(sockets[0].closedWith, 1000);
  const count = states.length;
  sockets[0].end(4503);
  assert.equal(states.length, count);
  timers.pass(1000);
  assert.equal(sockets.length, 2);
});

test("an exit status survives a connection that breaks before it is closed", () => {
  const { sockets, timers, last } = connected();
  sockets[0].receive({ type: "exit", code: 3, offset: 10 });
  sockets[0].end(1006);
  assert.deepEqual([last().state, last().code], ["ended", 3]);
  timers.pass(60_000);
  assert.equal(sockets.length, 1);
});

test("a new shell after the end does not ask for the one that ended, not even after a loss", () => {
  const { connection, sockets, timers, known, last } = connected();
  known.resume = { epoch: 5, received: 40 };
  sockets[0].end(1000);
  connection.connect();
  sockets[1].open();
  sockets[1].end(1006);
  timers.pass(last().wait);
  sockets[2].open();
  for (const socket of sockets.slice(1)) assert.equal("epoch" in socket.messages[0], false);
  sockets[2].receive({ ...ATTACHED, epoch: 6 });
  known.resume = { epoch: 6, received: 1 };
  sockets[2].end(1006);
  timers.pass(last().wait);
  sockets[3].open();
  assert.equal(sockets[3].messages[0].epoch, 6);
});

test("a new shell after the end forgets the old exit status", () => {
  const { connection, sockets, last } = connected();
  sockets[0].receive({ type: "exit", code: 3, offset: 10 });
  sockets[0].end(1000);
  connection.connect();
  sockets[1].open();
  sockets[1].receive({ ...ATTACHED, epoch: 6 });
  sockets[1].end(1006);
  assert.equal(last().state, "lost");
});

for (const [what, data] of [
  ["a malformed frame", new Uint8Array([0, 1])],
  ["a frame of another epoch", encode(OUTPUT, 4, 0, new Uint8Array([1]))],
  ["a frame that only a client sends", encode(INPUT, 5, 0, new Uint8Array([1]))],
]) {
  test(`${what} ends the connection with 4400 and is not tried again`, (context) => {
    context.mock.method(console, "error", () => {});
    const { sockets, timers, last } = connected();
    sockets[0].receive(data);
    assert.equal(sockets[0].closedWith, 4400);
    assert.equal(last().state, "broken");
    timers.pass(60_000);
    assert.equal(sockets.length, 1);
  });
}

test("nothing is sent on a connection that is not there", () => {
  const { connection, sockets } = connected();
  const before = sockets[0].sent.length;
  sockets[0].end(1006);
  connection.sendAck(5);
  connection.sendInput(0, new Uint8Array([1]));
  assert.equal(sockets[0].sent.length, before);
});

test("after leaving, late events of the socket mean nothing", () => {
  const { connection, sockets, timers, states } = connected();
  connection.close();
  const count = states.length;
  sockets[0].receive(encode(OUTPUT, 5, 0, new Uint8Array([1])));
  sockets[0].end(1006);
  timers.pass(60_000);
  assert.equal(states.length, count);
  assert.equal(sockets.length, 1);
});
