import assert from "node:assert/strict";
import test from "node:test";
import { announcement, asFigures, secondsLeft, startWatch } from "../../static/js/lib/clock.js";

test("the seconds left are rounded up and never negative", () => {
  assert.equal(secondsLeft(900, 0), 900);
  assert.equal(secondsLeft(900, 1), 900);
  assert.equal(secondsLeft(10, 9_001), 1);
  assert.equal(secondsLeft(10, 10_000), 0);
  assert.equal(secondsLeft(10, 99_000), 0);
});

test("a watch counts what has passed, however wrong the clock of the machine is", () => {
  for (const wrong of [0, -50 * 365 * 86_400_000, 7_200_000]) {
    let now = 0;
    const passed = startWatch(() => 40 + now, () => wrong + now);
    assert.equal(passed(), 0);
    now = 61_000;
    assert.equal(passed(), 61_000);
  }
});

test("a watch runs on through sleep and when the clock is set back", () => {
  let [steady, wall] = [0, 0];
  const passed = startWatch(() => steady, () => wall);
  [steady, wall] = [5_000, 605_000]; // ten minutes of sleep, in which the steady clock stood still
  assert.equal(passed(), 605_000);
  [steady, wall] = [6_000, -3_600_000]; // the clock of the machine is set back
  assert.equal(passed(), 6_000);
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
