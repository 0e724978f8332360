import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.matchMedia = () => ({ matches: false });
const { typedText } = await import("../../static/js/lesson/run.js");

const block = (text, dataset = {}) => ({ dataset, querySelector: () => ({ textContent: text }) });

test("a command is typed as it stands, or by the command that runs it as another user", () => {
  assert.equal(typedText(block("ls -l")), "ls -l");
  assert.equal(typedText(block("id -un\necho \"it's $HOME\"", { user: "learner" })), "su - learner -c 'id -un\necho \"it'\\''s $HOME\"'");
});
