import assert from "node:assert/strict";
import { test } from "node:test";

import { typeInto } from "../../static/js/workspace/typing.js";

/** As much of a terminal as is typed into. */
function terminal(changes) {
  const typed = [];
  return { state: "connected", atPrompt: true, isConnected: true, typed, type: (text) => typed.push(text), interrupt: () => typed.push("^C"), ...changes };
}

test("a terminal at its prompt is typed into at once", async () => {
  const one = terminal();
  assert.equal(await typeInto(one, "ls"), "typed");
  assert.deepEqual(one.typed, ["ls"]);
});

test("a program is told of, unless it is interrupted first", async () => {
  const busy = terminal({ atPrompt: false });
  assert.equal(await typeInto(busy, "q"), "program");
  assert.equal(await typeInto(busy, "ls", true), "typed");
  assert.deepEqual(busy.typed, ["q", "^C", "ls"]);
});

test("a new terminal is waited for until its first prompt", async () => {
  const fresh = terminal({ state: "connecting", atPrompt: null });
  const typing = typeInto(fresh, "ls");
  setTimeout(() => (fresh.state = "connected"), 80);
  setTimeout(() => {
    assert.deepEqual(fresh.typed, [], "typed before the prompt");
    fresh.atPrompt = true;
  }, 250);
  assert.equal(await typing, "typed");
});

test("a terminal that is refused or closed is not waited for", async () => {
  assert.equal(await typeInto(terminal({ state: "denied" }), "ls"), "failed");
  assert.equal(await typeInto(terminal({ state: "connecting", isConnected: false }), "ls"), "failed");
});
