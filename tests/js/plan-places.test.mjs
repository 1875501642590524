import assert from "node:assert/strict";
import test from "node:test";

import { moneyText, nextPlace, pauseMs, rowEnd } from "../../static/js/lib/plan-places.js";

const grid = [];
for (const [y, row] of ["A", "B", "C"].entries()) {
  for (let x = 0; x < 4; x += 1) grid.push({ key: `${row}${x}`, x: x * 1829 + 900, y: y * 3000 + 400 });
}
const at = (key) => grid.find((place) => place.key === key);

test("arrows go to the nearest place in their direction", () => {
  assert.equal(nextPlace(grid, at("B1"), "ArrowRight").key, "B2");
  assert.equal(nextPlace(grid, at("B1"), "ArrowLeft").key, "B0");
  assert.equal(nextPlace(grid, at("B1"), "ArrowUp").key, "A1");
  assert.equal(nextPlace(grid, at("B1"), "ArrowDown").key, "C1");
});

test("at the edge an arrow stays", () => {
  assert.equal(nextPlace(grid, at("A0"), "ArrowUp"), null);
  assert.equal(nextPlace(grid, at("A0"), "ArrowLeft"), null);
});

test("every place can be reached by arrows", () => {
  const reached = new Set(["B2"]);
  const queue = ["B2"];
  while (queue.length) {
    const from = at(queue.pop());
    for (const arrow of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
      const next = nextPlace(grid, from, arrow);
      if (next && !reached.has(next.key)) {
        reached.add(next.key);
        queue.push(next.key);
      }
    }
  }
  assert.equal(reached.size, grid.length);
});

test("Home and End are the ends of the row", () => {
  assert.equal(rowEnd(grid, at("B1"), true, 380).key, "B3");
  assert.equal(rowEnd(grid, at("B1"), false, 380).key, "B0");
});

test("the pause is five seconds give or take one, and grows with failures", () => {
  assert.deepEqual([pauseMs(0, 0), pauseMs(0, 0.5), pauseMs(0, 1)], [4000, 5000, 6000]);
  assert.equal(pauseMs(1, 0.5), 10000);
  assert.equal(pauseMs(99, 0.5), 60000);
});

test("money has the digits of its currency", () => {
  assert.equal(moneyText(4500, "USD", "en-US"), "$45.00");
  assert.equal(moneyText(4500, "JPY", "en-US"), "¥4,500");
});
