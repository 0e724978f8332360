import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.matchMedia = () => ({ matches: false });
const { Step } = await import("../../static/js/lesson/step.js");

/** As much of a step's element as a Step touches. */
function setUp(slug = "10-one") {
  const parts = { status: {}, hint: { textContent: "", hidden: true } };
  const root = {
    dataset: { step: slug, counts: "", checked: "" },
    querySelector: (selector) => parts[selector.match(/data-part="([a-z]+)"/)?.[1]] ?? null,
    querySelectorAll: () => [],
    toggleAttribute(name, on) {
      assert.equal(name, "data-done");
      if (on) this.dataset.done = "";
      else delete this.dataset.done;
    },
  };
  const sent = [];
  const step = new Step(root, { send: (message) => (sent.push(message), true) });
  return { step, root, parts, sent };
}

test("a step that was done while the page was away is shown done when progress says so", () => {
  const { step, root, parts, sent } = setUp();
  step.command();
  step.prompt();
  assert.equal(sent.length, 1);
  step.progress({ done: ["20-two"], total: 2, lesson_done: false });
  assert.equal(step.done, false);
  step.progress({ done: ["10-one"], total: 2, lesson_done: false });
  assert.equal(step.done, true);
  assert.deepEqual([root.dataset.check, parts.status.textContent], ["done", "Done."]);
  step.prompt();
  assert.equal(sent.length, 1, "checked again although it is done");
});

test("after a lost connection an answer is not waited for any more", () => {
  const { step, sent } = setUp();
  step.prompt();
  step.prompt();
  assert.equal(sent.length, 1, "one at a time");
  step.reopened();
  assert.equal(sent.length, 2, "the second prompt is checked now");
  step.reopened();
  step.prompt();
  assert.equal(sent.length, 3);
  step.leave();
});

test("a solution that is asked for while there is no connection comes with the next one", () => {
  const { step, sent } = setUp();
  step.solve();
  assert.deepEqual(sent, [{ type: "solve", step: "10-one" }], "which may have been lost");
  step.reopened();
  assert.equal(sent.length, 2);
  step.failed("That was too much at once.");
  step.reopened();
  assert.equal(sent.length, 2, "refused, and so not asked for again");
});

test("what has to be done in a sandbox waits for one, and says so", () => {
  const { step, parts } = setUp();
  assert.equal(parts.status.textContent, "Waiting for your sandbox.");
  step.sandbox = "abc";
  assert.equal(parts.status.textContent, "Your turn.");
  step.sandbox = null;
  assert.equal(parts.status.textContent, "Waiting for your sandbox.");
  step.progress({ done: ["10-one"], total: 2, lesson_done: false });
  step.sandbox = "abc";
  assert.equal(parts.status.textContent, "Done.");
});

test("a file that was saved is checked, as if a command had done it", () => {
  const { step, sent } = setUp();
  step.block({ type: "file", step: "20-two", block: "f1", text: "x", sandbox: "abc" });
  assert.deepEqual(sent, [], "another step's");
  step.block({ type: "file", step: "10-one", block: "f1", text: "x", sandbox: "abc" });
  assert.deepEqual(sent, [{ type: "check", step: "10-one", asked: false }]);
  step.leave();
});
