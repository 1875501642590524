import assert from "node:assert/strict";
import { test } from "node:test";

import { isNewScan, tonesFor } from "../../static/js/lib/door-tones.js";

test("each answer sounds different, an unknown one not at all", () => {
  const heard = ["ok", "warn", "bad"].map((kind) => tonesFor(kind).map((tone) => tone.hertz).join());
  assert.equal(new Set(heard).size, 3);
  assert.deepEqual(tonesFor("other"), []);
});

test("the same code in front of the camera is read once, another one at once", () => {
  const last = { code: "AAA", at: 1000 };
  assert.equal(isNewScan("AAA", 2000, last), false);
  assert.equal(isNewScan("AAA", 6000, last), true);
  assert.equal(isNewScan("BBB", 1100, last), true);
});
