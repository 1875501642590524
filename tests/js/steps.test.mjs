import assert from "node:assert/strict";
import test from "node:test";
import { stepped, toCount } from "../../static/js/lib/steps.js";

test("what is no number counts as the fallback", () => {
  assert.equal(toCount("3"), 3);
  assert.equal(toCount(" 4.9 "), 4);
  assert.equal(toCount("", 2), 2);
  assert.equal(toCount("many", 1), 1);
  assert.equal(toCount("1e999", 7), 7);
});

test("counting stays inside its limits", () => {
  assert.equal(stepped(2, 1, 0, 10), 3);
  assert.equal(stepped(10, 1, 0, 10), 10);
  assert.equal(stepped(0, -1, 0, 10), 0);
  assert.equal(stepped(50, -1, 0, 10), 10);
});
