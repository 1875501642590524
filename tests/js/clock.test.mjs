import assert from "node:assert/strict";
import test from "node:test";
import { announcement, asFigures, secondsLeft } from "../../static/js/lib/clock.js";

test("the seconds left are rounded up and never negative", () => {
  assert.equal(secondsLeft(10_000, 9_001), 1);
  assert.equal(secondsLeft(10_000, 10_000), 0);
  assert.equal(secondsLeft(10_000, 99_000), 0);
});

test("figures read as minutes and seconds, with hours when there are any", () => {
  assert.equal(asFigures(0), "0:00");
  assert.equal(asFigures(738), "12:18");
  assert.equal(asFigures(59), "0:59");
  assert.equal(asFigures(3725), "1:02:05");
});

test("only a few moments are spoken", () => {
  const spoken = [...Array(601).keys()].filter((seconds) => announcement(seconds) !== "");
  assert.deepEqual(spoken, [0, 60, 120, 300]);
  assert.equal(announcement(60), "1 minute left.");
});
