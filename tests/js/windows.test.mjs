import assert from "node:assert/strict";
import { mock, test } from "node:test";

const kept = new Map();
globalThis.localStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
const opened = [];
globalThis.window = { open: (...about) => (opened.push(about), blocked ? null : {}) };
let blocked = false;
/** BroadcastChannel of one process, delivered at once. */
const channels = new Set();
globalThis.BroadcastChannel = class extends EventTarget {
  constructor(name) {
    super();
    this.name = name;
    channels.add(this);
  }
  postMessage(data) {
    for (const other of channels) {
      if (other !== this && other.name === this.name) other.dispatchEvent(Object.assign(new Event("message"), { data }));
    }
  }
  close() {
    channels.delete(this);
  }
};
const { Windows } = await import("../../static/js/workspace/windows.js");

function setUp(key) {
  const windows = new Windows(key);
  const seen = [];
  for (const event of ["away", "back", "told"]) {
    windows.addEventListener(event, ({ detail }) => seen.push([event, detail.name, detail.event].filter(Boolean).join(" ")));
  }
  const other = new BroadcastChannel(`terminals-${key}`);
  const heard = [];
  other.addEventListener("message", ({ data }) => heard.push(data));
  return { windows, seen, other, heard, end: () => (windows.dispose(), other.close()) };
}

test("a window is away until it says that it is gone", () => {
  const { windows, seen, other, heard, end } = setUp("a");
  assert.equal(windows.open("t2", "/terminals/a/t2/"), true);
  assert.deepEqual([opened.at(-1)[0], windows.names], ["/terminals/a/t2/", ["t2"]]);
  other.postMessage({ from: "t2", type: "event", event: "prompt", detail: {} });
  windows.type("t2", "ls", true);
  assert.deepEqual(heard.at(-1), { to: "t2", type: "type", text: "ls", interrupt: true });
  other.postMessage({ from: "t2", type: "gone" });
  other.postMessage({ from: "t2", type: "gone" });
  assert.deepEqual([seen, windows.has("t2")], [["away t2", "told t2 prompt", "back t2"], false]);
  end();
});

test("a window that the browser forbids is not away", () => {
  const { windows, seen, end } = setUp("b");
  blocked = true;
  assert.equal(windows.open("t2", "/x"), false);
  blocked = false;
  assert.deepEqual([seen, windows.names], [[], []]);
  end();
});

test("a page that is loaded again knows its windows at once, and forgets those that do not answer", () => {
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  const first = setUp("c");
  first.windows.open("t2", "/x");
  first.windows.open("t3", "/x");
  first.end();
  const { windows, seen, other, end } = setUp("c");
  assert.deepEqual(windows.names, ["t2", "t3"]);
  other.postMessage({ from: "t3", type: "here" });
  mock.timers.tick(2000);
  assert.deepEqual([seen, windows.names], [["back t2"], ["t3"]]);
  mock.timers.tick(8000);
  assert.deepEqual(windows.names, [], "it has said nothing for eight seconds");
  end();
  mock.timers.reset();
});

test("bringing a window back closes it", () => {
  const { windows, seen, heard, end } = setUp("d");
  windows.open("t2", "/x");
  windows.close("t2");
  assert.deepEqual([heard.at(-1), seen], [{ to: "t2", type: "close" }, ["away t2", "back t2"]]);
  end();
});

test("a window hears that the sandbox sleeps, also one that comes later, and its key wakes it", () => {
  const { windows, other, heard, end } = setUp("e");
  let woken = 0;
  windows.addEventListener("wake", () => woken++);
  windows.sleep(true);
  assert.deepEqual(heard.at(-1), { to: null, type: "sleep", asleep: true });
  other.postMessage({ from: "t2", type: "here" });
  assert.deepEqual(heard.at(-1), { to: null, type: "sleep", asleep: true });
  other.postMessage({ from: "t2", type: "wake" });
  assert.equal(woken, 1);
  end();
});
