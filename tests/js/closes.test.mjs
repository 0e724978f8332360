import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { meaning } from "../../static/js/terminal/closes.js";

test("the page connects again by itself only after those codes that the protocol says so of", () => {
  const guide = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| ([\d, ]{4,}) \|.*\| (.*) \|$/gm)];
  assert.ok(rows.length >= 8);
  for (const [, codes, advice] of rows) {
    for (const code of codes.split(", ")) {
      assert.equal(meaning(Number(code)).state === "lost", advice.includes("connect again"), code);
    }
  }
});
